import base64
import json
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.marketplace_invoicing.tests.common import MarketplaceCommon
from odoo.addons.marketplace_invoicing.wizards import marketplace_import_wizard_line
from odoo.addons.queue_job.controllers.main import RunJobController
from odoo.addons.queue_job.exception import FailedJobError, RetryableJobError
from odoo.addons.queue_job.job import Job

from ..hooks import uninstall_hook


class TestMarketplaceJobs(MarketplaceCommon):
    """Jobs are run as the controller of queue_job runs them, each in a cursor of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = cls.env(user=SUPERUSER_ID)
        cls.orders = cls.env["marketplace.order"]

    def _receive(self, *numbers):
        record, _is_new = self.env["marketplace.import"]._receive(
            self.channel,
            "orders.json",
            json.dumps([self._woo_order(number) for number in numbers]).encode(),
        )
        return record

    def _stage(self, *numbers):
        """Return orders that wait for the pipeline."""
        record = self._receive(*numbers)
        record._run(process=False)
        return record.order_ids

    def _jobs(self, *states):
        """Return our jobs in the order in which they were queued."""
        domain = [("model_name", "=like", "marketplace.%")]
        if states:
            domain.append(("state", "in", states))
        return self.root["queue.job"].search(domain, order="id")

    def _run_job(self, job):
        """Run a job in a cursor of its own; what it raises is raised.

        Without the controller's handling of errors, whose rollback would also undo what it
        had written through yet another cursor: here these are one transaction.
        """
        self.env.flush_all()
        try:
            with self.enter_registry_test_mode(), self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                running = Job.load(env, job.uuid)
                running.set_started()
                running.store()
                RunJobController._try_perform_job(env, running)
        finally:
            self.env.invalidate_all()

    def _run_all_jobs(self):
        """Run jobs until none waits; return how many there were."""
        count = 0
        while jobs := self._jobs("pending"):
            self._run_job(jobs[0])
            count += 1
            self.assertLess(count, 50, "jobs queue each other without end")
        return count

    def _set(self, **values):
        for name, value in values.items():
            self.root["ir.config_parameter"].set_param(
                f"marketplace_invoicing_queue_job.{name}", value
            )

    def test_long_file_is_imported_by_a_job_in_the_channel_of_marketplaces(self):
        content = json.dumps([self._woo_order(1), self._woo_order(2)]).encode()
        attachment = self.env["ir.attachment"].create(
            {"name": "orders.json", "datas": base64.b64encode(content)}
        )
        wizard = self.env["marketplace.import.wizard"].create(
            {
                "channel_id": self.channel.id,
                "attachment_ids": [Command.set(attachment.ids)],
            }
        )
        with patch.object(marketplace_import_wizard_line, "SYNCHRONOUS_LIMIT", 1):
            wizard.action_import()
        record = self.env["marketplace.import"].search(
            [("channel_id", "=", self.channel.id)]
        )
        self.assertEqual(record.state, "pending")
        job = self._jobs()
        self.assertRecordValues(
            job,
            [
                {
                    "model_name": "marketplace.import",
                    "channel": "root.marketplace",
                    "state": "pending",
                    "company_id": self.company.id,
                }
            ],
        )
        self.assertEqual(job.records.ids, record.ids)
        self._run_all_jobs()
        self.assertEqual(record.state, "done")
        self.assertEqual(record.order_ids.mapped("state"), ["invoiced"] * 2)
        self.assertEqual(set(self._jobs().mapped("state")), {"done"})

    def test_same_import_is_queued_once(self):
        record = self._receive(1)
        record.action_run()
        record.action_run()
        self.assertEqual(len(self._jobs()), 1)

    def test_staged_orders_are_shared_by_two_jobs(self):
        self._receive(1, 2, 3).action_run()
        self._run_job(self._jobs())
        jobs = self._jobs("pending")
        self.assertEqual(jobs.mapped("model_name"), ["marketplace.order"] * 2)
        self.assertEqual([job.args for job in jobs], [[1, []], [2, []]])
        self.assertEqual(jobs.mapped("channel"), ["root.marketplace"] * 2)
        self.assertFalse(jobs.company_id, "a queue is of all companies")

    def test_each_job_takes_one_batch_and_queues_the_next(self):
        orders = self._stage(1, 2, 3)
        self._set(parallel_jobs="1", batch_size="2")
        self.orders._enqueue()
        self._run_job(self._jobs("pending"))
        self.assertEqual(
            orders.sorted("id").mapped("state"), ["invoiced", "invoiced", "draft"]
        )
        # The rest, an empty look, then one look each for refunds and payouts.
        self.assertEqual(self._run_all_jobs(), 4)
        self.assertEqual(orders.mapped("state"), ["invoiced"] * 3)
        self.assertEqual(
            self._jobs().mapped("model_name"),
            ["marketplace.order"] * 3
            + ["marketplace.refund", "marketplace.settlement"],
        )

    def test_job_that_runs_twice_invoices_once(self):
        order = self._stage(1)
        self._set(parallel_jobs="1")
        self.orders._enqueue()
        job = self._jobs("pending")
        self._run_job(job)
        invoice = order.invoice_id
        self.assertTrue(invoice)
        job.requeue()
        self._run_job(job)
        self.assertEqual(order.invoice_ids, invoice)

    def test_import_that_was_killed_before_its_orders_were_queued_queues_them(self):
        record = self._receive(1)
        record.action_run()
        record._run(process=False)
        self._run_all_jobs()
        self.assertEqual(record.order_ids.state, "invoiced")

    def test_unreadable_file_is_rejected_and_its_job_is_done(self):
        record, _is_new = self.env["marketplace.import"]._receive(
            self.channel, "orders.json", b'{"neither": "orders"'
        )
        record.action_run()
        self.assertEqual(self._run_all_jobs(), 1)
        self.assertEqual(record.state, "rejected")
        self.assertTrue(record.error)

    def test_deleted_import_leaves_its_job_nothing_to_do(self):
        record = self._receive(1)
        record.action_run()
        record.sudo().unlink()
        self.assertEqual(self._run_all_jobs(), 1)
        self.assertEqual(self._jobs().state, "done")

    def test_import_of_another_worker_is_waited_for_and_costs_no_attempt(self):
        record = self._receive(1)
        record.action_run()
        job = self._jobs()
        taken = patch.object(
            self.env.registry["marketplace.import"],
            "try_lock_for_update",
            lambda imports, **_kwargs: imports.browse(),
        )
        with taken, self.assertRaises(RetryableJobError) as caught:
            self._run_job(job)
        self.assertTrue(caught.exception.ignore_retry)
        self.assertEqual(caught.exception.seconds, 30)
        self._run_all_jobs()
        self.assertEqual(record.order_ids.state, "invoiced")

    def _patch_step(self, action):
        """Replace what takes up new orders."""
        return patch.object(
            self.env.registry["marketplace.order"], "_prepare_documents", action
        )

    def test_step_that_another_worker_got_ahead_of_is_tried_again_at_once(self):
        orders = self._stage(1, 2)
        self._set(parallel_jobs="1")
        self.orders._enqueue()
        prepare = self.env.registry["marketplace.order"]._prepare_documents
        attempts = []

        def lose_the_race(records):
            prepare(records)
            attempts.append(records.ids)
            if len(attempts) < 3:
                raise SerializationFailure

        with self._patch_step(lose_the_race):
            self._run_job(self._jobs("pending"))
        self.assertEqual(attempts, [orders.sorted("id").ids] * 3)
        self.assertEqual(orders.mapped("state"), ["invoiced"] * 2)
        self.assertEqual(len(orders.invoice_ids), 2)

    def test_job_whose_step_is_always_overtaken_has_done_nothing_and_runs_again(self):
        orders = self._stage(1, 2)
        self._set(parallel_jobs="1")
        self.orders._enqueue()
        job = self._jobs("pending")
        prepare = self.env.registry["marketplace.order"]._prepare_documents

        def lose_the_race(records):
            prepare(records)
            raise SerializationFailure

        with self._patch_step(lose_the_race):
            with self.assertRaises(RetryableJobError) as caught:
                self._run_job(job)
        self.assertFalse(caught.exception.ignore_retry)
        self.assertEqual(orders.mapped("state"), ["draft"] * 2)
        self.assertFalse(orders.invoice_ids)
        self.assertEqual(self._jobs("pending"), job)
        again = Job.load(self.root, job.uuid)
        again.retry = 1
        self.assertIn(again._get_retry_seconds(), range(1, 6), "of the job function")
        self._run_all_jobs()
        self.assertEqual(orders.mapped("state"), ["invoiced"] * 2)

    def test_race_lost_in_the_last_attempt_fails_the_job_and_the_scheduler_goes_on(
        self,
    ):
        order = self._stage(1)
        self._set(parallel_jobs="1")
        self.orders._enqueue()
        job = self._jobs("pending")
        job.retry = job.max_retries - 1

        def lose_the_race(_records):
            raise SerializationFailure

        with self._patch_step(lose_the_race), self.assertRaises(FailedJobError):
            self._run_job(job)
        self.assertEqual(order.state, "draft")
        with self.enter_registry_test_mode():
            self.env.ref(
                "marketplace_invoicing.ir_cron_process_marketplace_order"
            ).method_direct_trigger()
        self.assertEqual(order.state, "invoiced")

    def test_conflict_that_stays_is_the_records_own_in_the_last_attempt_only(self):
        self._stage(1)
        self._set(parallel_jobs="1")
        self.orders._enqueue()
        seen = []

        def look(records):
            seen.append(records.env.context["marketplace_retry_unique"])
            if len(seen) < 5:
                raise SerializationFailure

        with self._patch_step(look):
            self._run_job(self._jobs("pending"))
        self.assertEqual(seen, [True] * 4 + [False])

    def test_orders_that_cannot_move_are_looked_at_once_by_each_of_the_jobs(self):
        orders = self._stage(1, 2, 3)
        self._set(batch_size="2")
        self.orders._enqueue()
        seen = []
        with self._patch_step(lambda records: seen.extend(records.ids)):
            self._run_all_jobs()
        self.assertEqual(sorted(seen), sorted(orders.ids * 2))

    def test_number_of_jobs_follows_the_settings(self):
        self.root["res.config.settings"].create(
            {"marketplace_parallel_jobs": 3, "marketplace_job_batch_size": 7}
        ).execute()
        self.orders._enqueue()
        self.assertEqual([job.args[0] for job in self._jobs()], [1, 2, 3])
        self.assertEqual(self.orders._get_number("batch_size", 100), 7)

    def test_unusable_settings_count_as_the_default_or_as_one(self):
        for value, expected in (("many", 2), ("", 2), ("-3", 2), ("0", 1), ("4", 4)):
            with self.subTest(value=value):
                self._set(parallel_jobs=value)
                self.assertEqual(self.orders._get_number("parallel_jobs", 2), expected)

    def test_user_without_rights_on_jobs_queues_an_import_and_sees_no_job(self):
        user = new_test_user(
            self.env,
            login="marketplace_job_user",
            groups="marketplace_invoicing.group_marketplace_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        record = self._receive(1)
        record.with_user(user).action_run()
        self.assertEqual(self._jobs().user_id.id, SUPERUSER_ID)
        with self.assertRaises(AccessError):
            self.env["queue.job"].with_user(user).search([])
        self._run_all_jobs()
        self.assertEqual(record.order_ids.state, "invoiced")

    def test_uninstalling_cancels_what_waits(self):
        self._receive(1).action_run()
        self.orders._enqueue()
        uninstall_hook(self.root)
        self.assertEqual(self._jobs().mapped("state"), ["cancelled"] * 3)
