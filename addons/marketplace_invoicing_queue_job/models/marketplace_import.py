from odoo import SUPERUSER_ID, models

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.job import identity_exact

#: Seconds until a job looks again whether another worker has done with its import.
LOCKED_SECONDS = 30


class MarketplaceImport(models.Model):
    _inherit = "marketplace.import"

    def _enqueue(self):
        """Override: a job for each file; one that waits already is not queued again."""
        for record in self:
            # As the scheduler would; the person who imports needs no rights on documents.
            env = self.env(
                user=SUPERUSER_ID, context={"company_id": record.sudo().company_id.id}
            )
            description = self.env._("Import %s", record.name)
            job = record.with_env(env).with_delay(
                description=description, identity_key=identity_exact
            )
            job._job_run()

    def _job_run(self):
        """Stage the file as a job; other jobs process what it holds.

        It commits batch by batch, as its job function allows: whoever is killed loses one batch,
        and the next attempt finds the rest unchanged.

        :raises RetryableJobError: another worker has this import, or was faster
        """
        record = self.exists()
        if record.filtered_domain(self._to_run_domain()):
            if not record.try_lock_for_update():
                # Its worker may have been killed, so this is no reason to give up.
                raise RetryableJobError(
                    self.env._("Another worker has this import"),
                    seconds=LOCKED_SECONDS,
                    ignore_retry=True,
                )
            record._run_or_reject(process=False)
            if record.filtered_domain(self._to_run_domain()):
                raise RetryableJobError(self.env._("Another worker was faster"))
        # Also where a killed attempt came just as far as this.
        if record.state == "done":
            self.env["marketplace.order"]._enqueue()
