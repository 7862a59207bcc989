from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain

from odoo.addons.marketplace_invoicing.const import RACE_ERRORS
from odoo.addons.marketplace_invoicing.models.marketplace_import import PIPELINES
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import identity_exact

#: System parameters of this addon, with what counts where one is missing or no number.
PARAMETER = "marketplace_invoicing_queue_job.%s"
PARALLEL_JOBS = 2
BATCH_SIZE = 100


class MarketplaceQueueMixin(models.AbstractModel):
    _inherit = "marketplace.queue.mixin"

    @api.model
    def _enqueue(self):
        """Override: several jobs at once process what waits, and what follows from it."""
        for number in range(1, self._get_number("parallel_jobs", PARALLEL_JOBS) + 1):
            self._enqueue_batch(number, [])

    @api.model
    def _enqueue_batch(self, number, stuck_ids):
        """Queue the job of one batch, unless the very same waits already.

        :param int number: which of the parallel jobs
        :param list stuck_ids: as of `_job_process_batch`
        """
        # The queue is nobody's: like the scheduler, whoever filled it and in whichever company.
        env = self.env(user=SUPERUSER_ID, context={"company_id": False})
        description = self.env._(
            "Process %(records)s, worker %(number)s",
            records=self.env["ir.model"]._get(self._name).name,
            number=number,
        )
        queue = env[self._name].with_delay(
            description=description, identity_key=identity_exact
        )
        queue._job_process_batch(number, stuck_ids)

    @api.model
    def _job_process_batch(self, number, stuck_ids):
        """Process one batch as a job; queue the job of the next, or of the next pipeline.

        All is one transaction with the job's own state: a job that was killed, or that another
        worker was faster than, has done nothing and runs again.

        :param int number: which of the parallel jobs
        :param list stuck_ids: records that these jobs found before and that could not move
        :return: what came of it, in words
        :raises RetryableJobError: another worker was faster
        """
        domain = self._to_process_domain() & Domain("id", "not in", stuck_ids)
        size = self._get_number("batch_size", BATCH_SIZE)
        try:
            batch, stuck = self._process_batch(domain, size, self._may_job_retry())
        except RACE_ERRORS as error:
            raise RetryableJobError(str(error)) from error
        if batch:
            self._enqueue_batch(number, stuck_ids + stuck.ids)
        else:
            # Refunds wait for orders, payouts for both.
            for name in PIPELINES[PIPELINES.index(self._name) + 1 :][:1]:
                self.env[name]._enqueue_batch(number, [])
        return self.env._("%s processed", len(batch))

    @api.model
    def _may_job_retry(self):
        """Tell whether the job that runs is tried again after an error that passes."""
        uuid = self.env.context.get("job_uuid")
        job = self.env["queue.job"].search([("uuid", "=", uuid)]) if uuid else None
        # The attempt that is under way is not counted yet.
        return bool(job) and job.retry + 1 < job.max_retries

    @api.model
    def _get_number(self, name, default):
        """Return a setting, at least 1."""
        parameters = self.env["ir.config_parameter"].sudo()
        value = parameters.get_param(PARAMETER % name) or ""
        return max(1, int(value)) if value.isdecimal() else default
