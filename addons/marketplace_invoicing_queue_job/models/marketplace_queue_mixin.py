from odoo import SUPERUSER_ID, api, models

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

        Each step of the queue is committed by itself, as the job function allows: numbers are
        given by one worker at a time, and a job that was killed loses one step and runs again.

        :param int number: which of the parallel jobs
        :param list stuck_ids: records that these jobs found before and that could not move
        :return: what came of it, in words
        :raises RetryableJobError: another worker was faster, time and again
        """
        size = self._get_number("batch_size", BATCH_SIZE)
        left, stuck = size, set(stuck_ids)

        def go_on(done):
            nonlocal left
            left -= done
            return left > 0

        try:
            count = self._process_queue(batch_size=size, on_batch=go_on, stuck=stuck)
        except RACE_ERRORS as error:
            raise RetryableJobError(str(error)) from error
        if count:
            self._enqueue_batch(number, sorted(stuck))
        else:
            # Refunds wait for orders, payouts for both.
            for name in PIPELINES[PIPELINES.index(self._name) + 1 :][:1]:
                self.env[name]._enqueue_batch(number, [])
        return self.env._("%s processed", count)

    @api.model
    def _get_number(self, name, default):
        """Return a setting, at least 1."""
        parameters = self.env["ir.config_parameter"].sudo()
        value = parameters.get_param(PARAMETER % name) or ""
        return max(1, int(value)) if value.isdecimal() else default
