from odoo import Command, fields
from odoo.tests import freeze_time

from .common import MarketplaceCommon


class TestDrafts(MarketplaceCommon):
    """What happens to draft invoices that a worker made and did not come to post."""

    def _make_draft(self, **values):
        """Return an order with the draft invoice that a killed worker leaves."""
        order = self._import_one(date_paid_gmt=None, **values).sudo()
        self.assertEqual(order.state, "ordered")
        order.invoice_requested = True
        order._prepare_documents()
        self.assertEqual(order.invoice_id.state, "draft")
        self.env.flush_all()
        # Here all is one transaction; the worker's was an earlier one.
        for table, ids in (
            ("account_move", order.invoice_id.ids),
            ("account_move_line", order.invoice_id.line_ids.ids),
        ):
            self.env.cr.execute(
                f"UPDATE {table} SET create_date = '2024-03-06', write_date = '2024-03-06' "  # noqa: S608
                "WHERE id = ANY(%s)",
                [ids],
            )
        self.env.invalidate_all()
        return order

    def test_draft_of_a_killed_worker_is_posted(self):
        order = self._make_draft()
        draft = order.invoice_id
        self.assertFalse(draft.name)
        order._process()
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertEqual(order.invoice_ids, draft)
        self.assertEqual(draft.state, "posted")

    def test_draft_that_was_edited_goes_to_review_and_is_replaced(self):
        order = self._make_draft()
        draft = order.invoice_id
        draft.write(
            {
                "invoice_line_ids": [
                    Command.update(draft.invoice_line_ids[0].id, {"name": "Gift"})
                ]
            }
        )
        order._process()
        self.assertEqual(order.state, "exception")
        self.assertEqual(self._open_codes(order), ["draft_edited"])
        self.assertEqual(draft.state, "draft")
        order.action_process()
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertEqual(draft.state, "cancel")
        self.assertNotEqual(order.invoice_id, draft)
        self.assertEqual(self._open_codes(order), [])

    def test_edited_line_alone_goes_to_review_too(self):
        order = self._make_draft()
        order.invoice_id.invoice_line_ids[0].name = "Gift"
        self.env.flush_all()
        order._process()
        self.assertEqual(self._open_codes(order), ["draft_edited"])

    def test_edited_draft_that_is_posted_by_hand_is_the_invoice(self):
        order = self._make_draft()
        draft = order.invoice_id
        draft.ref = "By hand"
        order._process()
        draft.action_post()
        order.action_process()
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertEqual(order.invoice_ids, draft)

    def test_draft_that_is_posted_by_hand_is_the_invoice(self):
        order = self._make_draft()
        draft = order.invoice_id
        draft.action_post()
        order._process()
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertEqual(order.invoice_ids, draft)

    def test_draft_that_was_deleted_goes_to_review_and_is_made_anew(self):
        order = self._make_draft()
        order.invoice_id.unlink()
        self.assertEqual(order.state, "exception")
        self.assertEqual(self._open_codes(order), ["invoice_cancelled"])
        order.action_process()
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertEqual(len(order.invoice_ids), 1)

    def test_draft_that_was_cancelled_goes_to_review(self):
        order = self._make_draft()
        order.invoice_id.button_cancel()
        self.assertEqual(order.state, "exception")
        self.assertEqual(self._open_codes(order), ["invoice_cancelled"])

    def test_draft_of_yesterday_is_made_anew_where_invoices_are_dated_today(self):
        self.channel.invoice_date_policy = "today"
        with freeze_time("2024-03-10 12:00:00"):
            order = self._make_draft()
        draft = order.invoice_id
        with freeze_time("2024-03-11 12:00:00"):
            order._process()
            self.assertFalse(draft.exists())
            self.assertEqual(order.state, "ordered")
            order._process()
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        date = fields.Date.to_date("2024-03-11")
        self.assertEqual(order.invoice_id.invoice_date, date)

    def test_order_that_changes_while_its_invoice_is_a_draft_gets_another(self):
        order = self._make_draft()
        draft = order.invoice_id
        address = {**self._woo_order(1)["shipping"], "postcode": "97202"}
        later = {"date_modified_gmt": "2024-03-07T10:00:00", "date_paid_gmt": None}
        self._import([self._woo_order(1, shipping=address, **later)])
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertEqual(draft.state, "cancel")
        self.assertEqual(order.issue_ids, order.issue_ids.browse())

    def test_order_cancelled_while_its_invoice_is_a_draft_stays_so(self):
        order = self._make_draft()
        draft = order.invoice_id
        order.action_cancel()
        self.assertEqual(order.state, "cancelled")
        self.assertEqual(draft.state, "cancel")
        self.assertEqual(self._open_codes(order), [])
