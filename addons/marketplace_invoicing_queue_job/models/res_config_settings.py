from odoo import fields, models

from .marketplace_queue_mixin import BATCH_SIZE, PARALLEL_JOBS, PARAMETER


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    marketplace_parallel_jobs = fields.Integer(
        string="Parallel Jobs",
        config_parameter=PARAMETER % "parallel_jobs",
        default=PARALLEL_JOBS,
        help="How many jobs share the orders, refunds or payouts that wait. How many of them "
        "run at once is limited by the capacity of the queue channel root.marketplace.",
    )
    marketplace_job_batch_size = fields.Integer(
        string="Records per Job",
        config_parameter=PARAMETER % "batch_size",
        default=BATCH_SIZE,
        help="How many orders, refunds or payouts a job processes before the next one takes "
        "over. Fewer, where jobs take longer than the server's limit_time_real.",
    )
