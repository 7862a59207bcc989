import json

from odoo.exceptions import UserError

from .common import MarketplaceCommon


class TestImport(MarketplaceCommon):
    """Receiving, staging and updating: the same file twice, changed orders, bad files."""

    def test_same_file_again_is_the_same_import(self):
        first = self._import([self._woo_order(1)])
        again = self._import([self._woo_order(1)])
        self.assertEqual(first, again)
        self.assertEqual(len(first.order_ids.invoice_ids), 1)

    def test_same_order_in_another_file_is_unchanged(self):
        self._import([self._woo_order(1)])
        record = self._import([self._woo_order(1), self._woo_order(2)])
        self.assertRecordValues(
            record,
            [
                {
                    "created_count": 1,
                    "updated_count": 0,
                    "unchanged_count": 1,
                    "state": "done",
                }
            ],
        )

    def test_changed_order_before_invoicing_is_updated(self):
        order = self._import_one(lines=[("NONE", 1, "10.00", "1.50")])
        self.assertEqual(order.state, "exception")
        record = self._import(
            [self._woo_order(1, date_modified_gmt="2024-03-07T10:00:00")]
        )
        self.assertEqual(record.updated_count, 1)
        self.assertEqual(order.state, "invoiced")
        self.assertAlmostEqual(order.invoice_id.amount_total, 115.0)
        self.assertEqual(len(order.line_ids), 1)

    def test_older_statement_changes_nothing(self):
        order = self._import_one(date_modified_gmt="2024-03-09T10:00:00")
        record = self._import(
            [
                self._woo_order(
                    1, status="cancelled", date_modified_gmt="2024-03-01T10:00:00"
                )
            ]
        )
        self.assertEqual(record.unchanged_count, 1)
        self.assertEqual((order.state, order.status), ("invoiced", "open"))

    def test_changed_order_after_invoicing_raises_an_issue_and_keeps_the_invoice(self):
        order = self._import_one()
        self._import(
            [
                self._woo_order(
                    1,
                    lines=[("BOWL", 2, "200.00", "30.00")],
                    date_modified_gmt="2024-03-07T10:00:00",
                )
            ]
        )
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(self._open_codes(order), ["changed_after_invoice"])
        self.assertAlmostEqual(order.amount_total, 115.0)
        self.assertEqual(len(order.invoice_ids), 1)

    def test_new_status_after_invoicing_is_no_issue(self):
        order = self._import_one()
        self._import(
            [
                self._woo_order(
                    1, status="completed", date_modified_gmt="2024-03-07T10:00:00"
                )
            ]
        )
        self.assertEqual((order.state, order.status), ("invoiced", "done"))
        self.assertFalse(order.issue_ids)

    def test_changed_order_before_invoice_replaces_the_confirmed_sale_order(self):
        self.channel.invoice_trigger = "shipped"
        order = self._import_one()
        first = order.sale_order_id
        self.assertEqual((order.state, first.state), ("ordered", "sale"))
        self._import(
            [
                self._woo_order(
                    1,
                    lines=[("SPOON", 1, "20.00", "3.00")],
                    status="completed",
                    date_modified_gmt="2024-03-07T10:00:00",
                )
            ]
        )
        self.assertEqual(first.state, "cancel")
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertAlmostEqual(order.invoice_id.amount_total, 23.0)

    def test_truncated_file_is_rejected_with_place_and_writes_nothing(self):
        content = json.dumps([self._woo_order(1), self._woo_order(2)]).encode()[:-200]
        record = self._import(content)
        self.assertEqual(record.state, "rejected")
        self.assertRegex(record.error, "(?i)json")
        self.assertFalse(
            self.env["marketplace.order"].search([("channel_id", "=", self.channel.id)])
        )

    def test_unreadable_record_is_an_issue_and_its_neighbours_are_invoiced(self):
        bad = self._woo_order(2, total="ten")
        record = self._import([self._woo_order(1), bad, self._woo_order(3)])
        self.assertEqual(record.order_ids.mapped("state"), ["invoiced"] * 2)
        self.assertRecordValues(record, [{"state": "done", "failure_count": 1}])
        issue = record.issue_ids
        self.assertEqual(issue.code, "unreadable")
        self.assertIn("total: not a decimal", issue.message)

    def test_corrected_record_is_read_again_and_invoiced(self):
        record = self._import([self._woo_order(1), self._woo_order(2, total="ten")])
        issue = record.issue_ids
        with self.assertRaisesRegex(UserError, "not a decimal"):
            issue.action_read_again()
        issue.payload = issue.payload.replace('"ten"', '"115.00"')
        issue.action_read_again()
        self.assertEqual(issue.state, "resolved")
        self.assertEqual(record.order_ids.mapped("state"), ["invoiced"] * 2)

    def test_corrected_copy_of_the_data_is_replayed_and_the_original_stays(self):
        order = self._import_one(lines=[("BOWLL", 1, "100.00", "15.00")])
        received = order.payload
        order.action_edit_payload()
        order.payload_edited = order.payload_edited.replace("BOWLL", "BOWL")
        order.action_replay()
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(order.payload, received)

    def test_replay_of_another_order_is_refused(self):
        order = self._import_one(lines=[("NONE", 1, "100.00", "15.00")])
        order.payload_edited = json.dumps(self._woo_order(99))
        with self.assertRaisesRegex(UserError, "another order"):
            order.action_replay()

    def test_replay_of_an_invoiced_order_is_refused(self):
        order = self._import_one()
        with self.assertRaisesRegex(UserError, "in the books"):
            order.action_edit_payload()
        with self.assertRaisesRegex(UserError, "in the books"):
            order.action_replay()

    def test_file_of_another_platform_is_rejected(self):
        record = self._import({"orders": [{"id": 1, "line_items": [], "name": "#1"}]})
        self.assertEqual(record.state, "rejected")
        self.assertTrue(record.error)

    def test_ten_thousand_lines_make_one_order(self):
        lines = [("BOWL", 1, "1.00", "0.15")] * 10_000
        self.channel.review_mode = "review"
        order = self._import_one(lines=lines)
        self.assertEqual(len(order.line_ids), 10_000)
        self.assertRecordValues(order, [{"state": "ready", "amount_computed": 11500.0}])
