import json

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import MarketplaceCommon

LATER = {"date_modified_gmt": "2024-03-09T10:00:00"}


class RefundCommon(MarketplaceCommon):
    """Orders of 115.00 (100.00 and 15 % tax), and what goes back of them."""

    def _woo_refund(self, number, amount, order=1, lines=(), **kwargs):
        """Return a WooCommerce refund in the documented shape.

        :param lines: (line of the order, quantity, net total, tax), positive
        """
        href = f"https://shop.example.com/wp-json/wc/v3/orders/{order}"
        return {
            "id": number,
            "date_created_gmt": "2024-03-08T12:00:00",
            "amount": amount,
            "reason": "Broken",
            "refunded_by": 1,
            "refunded_payment": True,
            "meta_data": [],
            "line_items": [
                {
                    "id": 900 + position,
                    "name": "Article",
                    "quantity": -quantity,
                    "total": f"-{net}",
                    "total_tax": f"-{tax}",
                    "taxes": [],
                    "sku": "",
                    "meta_data": [
                        {"id": 1, "key": "_refunded_item_id", "value": str(position)}
                    ],
                }
                for position, quantity, net, tax in lines
            ],
            "_links": {"up": [{"href": href}]},
            **kwargs,
        }

    def _refund(self, *refunds, name="refunds.json"):
        return self._import(list(refunds), name=name)

    def _get_refunds(self, order=None):
        domain = [("order_id", "=", order.id)] if order else []
        return self.env["marketplace.refund"].search(
            [("channel_id", "=", self.channel.id), *domain], order="id"
        )


class TestRefund(RefundCommon):
    """From what was given back to a posted credit note."""

    def test_returned_piece_is_credited_with_its_tax(self):
        """3 pieces for 300.00 and 45.00 tax; one came back: 100.00 and 15.00."""
        order = self._import_one(lines=[("BOWL", 3, "300.00", "45.00")])
        self._refund(self._woo_refund(7, "115.00", lines=[(1, 1, "100.00", "15.00")]))
        refund = self._get_refunds(order)
        self.assertRecordValues(
            refund,
            [{"state": "credited", "amount": 115.0, "amount_to_credit": 115.0}],
        )
        note = refund.credit_move_id
        self.assertRecordValues(
            note,
            [
                {
                    "move_type": "out_refund",
                    "state": "posted",
                    "reversed_entry_id": order.invoice_id.id,
                    "marketplace_order_id": order.id,
                    "amount_untaxed": 100.0,
                    "amount_tax": 15.0,
                    "amount_total": 115.0,
                    "invoice_date": fields.Date.to_date("2024-03-08"),
                }
            ],
        )
        self.assertRecordValues(
            note.invoice_line_ids,
            [
                {
                    "product_id": self.bowl.id,
                    "quantity": 1.0,
                    "tax_ids": self.tax.ids,
                    "account_id": order.invoice_id.invoice_line_ids.account_id.id,
                }
            ],
        )
        self.assertEqual(order.sale_order_id.order_line.qty_invoiced, 2.0)
        self.assertEqual(order.amount_credited, 115.0)

    def test_refund_of_the_order_data_is_credited_once(self):
        stated = {"refunds": [{"id": 7, "reason": "", "total": "-23.00"}]}
        order = self._import_one()
        self._import([self._woo_order(1, **stated, **LATER)])
        refund = self._get_refunds(order)
        self.assertEqual(refund.mapped("state"), ["credited"])
        # 23.00 = 20.00 and 15 % of it
        self.assertAlmostEqual(refund.credit_move_id.amount_tax, 3.0)
        self._import([self._woo_order(1, **stated, status="completed", **LATER)])
        self._refund(self._woo_refund(7, "23.00"))
        self.assertEqual(self._get_refunds(order), refund)
        self.assertEqual(
            order.invoice_ids.filtered(lambda m: m.move_type == "out_refund"),
            refund.credit_move_id,
        )
        self.assertEqual(order.open_issue_count, 0)

    def test_refund_of_all_reverses_the_invoice_line_by_line(self):
        order = self._import_one(
            lines=[("BOWL", 1, "100.00", "15.00"), ("SPOON", 2, "33.33", "5.00")]
        )
        self._refund(self._woo_refund(7, "153.33"))
        note = self._get_refunds(order).credit_move_id
        self.assertEqual(note.amount_total, order.invoice_id.amount_total)
        self.assertEqual(note.amount_tax, order.invoice_id.amount_tax)
        self.assertEqual(
            note.invoice_line_ids.mapped("quantity"),
            order.invoice_id.invoice_line_ids.mapped("quantity"),
        )
        self.assertEqual(order.sale_order_id.order_line.mapped("qty_invoiced"), [0, 0])

    def test_refund_before_the_order_waits_for_it(self):
        record = self._refund(self._woo_refund(7, "23.00"))
        self.assertEqual(record.state, "done")
        refund = self._get_refunds()
        self.assertRecordValues(refund, [{"state": "waiting", "order_ref": "1"}])
        order = self._import_one()
        self.assertRecordValues(refund, [{"state": "credited", "order_id": order.id}])

    def test_refund_before_the_invoice_waits_for_it(self):
        order = self._import_one(date_paid_gmt=None)
        self._refund(self._woo_refund(7, "23.00"))
        refund = self._get_refunds(order)
        self.assertEqual((order.state, refund.state), ("ordered", "waiting"))
        self._import([self._woo_order(1, **LATER)])
        self.assertEqual((order.state, refund.state), ("invoiced", "credited"))

    def test_order_refunded_whole_before_the_invoice_is_invoiced_and_credited(self):
        order = self._import_one(
            status="refunded", refunds=[{"id": 7, "reason": "", "total": "-115.00"}]
        )
        self.assertEqual(order.state, "invoiced", order.issue_ids.mapped("message"))
        self.assertRecordValues(
            self._get_refunds(order), [{"external_ref": "7", "state": "credited"}]
        )
        moves = order.invoice_ids
        self.assertEqual(
            sorted(moves.mapped("move_type")), ["out_invoice", "out_refund"]
        )
        self.assertEqual(sum(moves.mapped("amount_total_signed")), 0.0)

    def test_several_refunds_end_at_zero_to_the_cent(self):
        """Thirds of 115.00 that do not divide: 38.33, 38.33 and 38.34."""
        order = self._import_one()
        self._refund(
            self._woo_refund(7, "38.33"),
            self._woo_refund(8, "38.33"),
            self._woo_refund(9, "38.34"),
        )
        refunds = self._get_refunds(order)
        self.assertEqual(refunds.mapped("state"), ["credited"] * 3)
        notes = refunds.credit_move_id
        self.assertAlmostEqual(sum(notes.mapped("amount_total")), 115.0)
        # 38.33 / 1.15 = 33.3304 and 38.34 / 1.15 = 33.3391
        self.assertAlmostEqual(sum(notes.mapped("amount_tax")), 15.0)
        self.assertEqual(order.amount_credited, 115.0)

    def test_refund_names_the_files_that_told_of_it_and_no_others(self):
        order = self._import_one()
        first = self._refund(self._woo_refund(7, "38.33"))
        second = self._refund(
            self._woo_refund(7, "38.33"), self._woo_refund(8, "38.33"), name="more.json"
        )
        refunds = self._get_refunds(order)
        self.assertEqual(refunds.mapped("external_ref"), ["7", "8"])
        self.assertEqual(refunds[0].import_ids, first | second)
        self.assertEqual(refunds[1].import_ids, second)

    def test_more_than_was_invoiced_is_for_a_person(self):
        order = self._import_one()
        self._refund(self._woo_refund(7, "100.00"), self._woo_refund(8, "15.01"))
        first, second = self._get_refunds(order)
        self.assertEqual((first.state, second.state), ("credited", "exception"))
        self.assertEqual(second.issue_ids.mapped("code"), ["over_refund"])
        self.assertIn("15.00", second.issue_ids.message)
        self.assertFalse(second.credit_move_id)
        second.action_drop()
        self.assertEqual(second.state, "cancelled")
        self.assertEqual(second.issue_ids.state, "resolved")

    def test_credit_note_by_hand_counts_as_given_back(self):
        order = self._import_one()
        by_hand = order.invoice_id._reverse_moves([{"date": "2024-03-07"}])
        by_hand.action_post()
        self._refund(self._woo_refund(7, "23.00"))
        self.assertEqual(
            self._get_refunds(order).issue_ids.mapped("code"), ["over_refund"]
        )

    def test_money_is_told_apart_from_lines_that_say_more(self):
        order = self._import_one(lines=[("BOWL", 2, "200.00", "30.00")])
        self._refund(self._woo_refund(7, "57.50", lines=[(1, 1, "100.00", "15.00")]))
        refund = self._get_refunds(order)
        self.assertRecordValues(
            refund.credit_move_id, [{"amount_untaxed": 50.0, "amount_tax": 7.5}]
        )
        said = refund.message_ids.filtered(lambda m: "115.00" in (m.body or ""))
        self.assertIn("57.50", said.body)

    def test_refund_of_money_only_leaves_the_sale_order_invoiced(self):
        order = self._import_one(lines=[("BOWL", 2, "200.00", "30.00")])
        self._refund(self._woo_refund(7, "11.50", lines=[(1, 0, "10.00", "1.50")]))
        note = self._get_refunds(order).credit_move_id
        self.assertAlmostEqual(note.amount_untaxed, 10.0)
        self.assertEqual(note.invoice_line_ids.product_id, self.bowl)
        self.assertEqual(order.sale_order_id.order_line.qty_invoiced, 2.0)

    def test_goodwill_is_spread_over_the_taxes_of_the_invoice(self):
        """115.00 with 15 % and 20.00 without: 13.50 is 11.50 and 2.00."""
        self._map(
            self.channel,
            self._create_article("BOOK", "Book", taxes_id=[Command.clear()]),
        )
        order = self._import_one(
            lines=[("BOWL", 1, "100.00", "15.00"), ("BOOK", 1, "20.00", "0.00")]
        )
        self._refund(self._woo_refund(7, "13.50"))
        note = self._get_refunds(order).credit_move_id
        self.assertRecordValues(
            note.invoice_line_ids.sorted("price_total"),
            [
                {"price_total": 2.0, "tax_ids": []},
                {"price_total": 11.5, "tax_ids": self.tax.ids},
            ],
        )

    def test_pending_refund_is_not_credited(self):
        shopify = self._create_channel("Own shop", "shopify")
        self.env["marketplace.refund"]._stage(shopify, [])
        record = (
            self.env["marketplace.refund"]
            .sudo()
            .create(
                {
                    "channel_id": shopify.id,
                    "external_ref": "1",
                    "order_ref": "9",
                    "amount": 1.0,
                    "is_done": False,
                }
            )
        )
        record._process()
        self.assertEqual(record.state, "waiting")

    def test_refund_without_order_waits_for_a_person_who_names_it(self):
        order = self._import_one()
        self._refund(self._woo_refund(7, "23.00", _links={}), name="refunds.json")
        refund = self._get_refunds()
        self.assertEqual(refund.state, "exception")
        self.assertEqual(refund.issue_ids.code, "refund_without_order")
        refund.order_id = order
        self.assertEqual(refund.state, "credited")
        self.assertEqual((refund.order_ref, refund.issue_ids.state), ("1", "resolved"))
        with self.assertRaises(UserError):
            refund.order_id = False

    def test_number_in_the_files_name_is_the_order(self):
        order = self._import_one(number=723)
        self._refund(
            self._woo_refund(7, "23.00", _links={}), name="order-723-refunds.json"
        )
        self.assertEqual(self._get_refunds(order).state, "credited")

    def test_larger_amount_of_the_same_reference_is_a_further_refund(self):
        order = self._import_one()
        for amount in ("-10.00", "-15.00", "-15.00"):
            stated = [{"id": 7, "reason": "", "total": amount}]
            self._import([self._woo_order(1, refunds=stated, note=amount, **LATER)])
        self.assertEqual(
            [(r.external_ref, r.amount) for r in self._get_refunds(order)],
            [("7", 10.0), ("7/2", 5.0)],
        )
        self.assertAlmostEqual(order.amount_credited, 15.0)

    def test_smaller_amount_after_crediting_is_pointed_at(self):
        order = self._import_one()
        self._refund(self._woo_refund(7, "23.00"))
        self._refund(self._woo_refund(7, "20.00"))
        refund = self._get_refunds(order)
        self.assertEqual(refund.amount, 23.0)
        self.assertEqual(refund.issue_ids.mapped("code"), ["refund_changed"])

    def test_cancelled_after_the_invoice_is_credited_when_approved(self):
        order = self._import_one()
        self._import([self._woo_order(1, status="cancelled", **LATER)])
        refund = self._get_refunds(order)
        self.assertRecordValues(
            refund,
            [
                {
                    "origin": "rest",
                    "state": "ready",
                    "approval": "needed",
                    "amount": 115.0,
                }
            ],
        )
        refund.action_approve()
        self.assertEqual(refund.state, "credited")
        self.assertEqual(refund.credit_move_id.amount_total, 115.0)
        self.assertEqual(self._open_codes(order), [])

    def test_cancelled_and_refunded_in_part_leaves_the_rest_to_a_person(self):
        order = self._import_one()
        self._import(
            [
                self._woo_order(
                    1,
                    status="cancelled",
                    refunds=[{"id": 7, "reason": "", "total": "-15.00"}],
                    **LATER,
                )
            ]
        )
        self.assertEqual(
            [(r.origin, r.amount, r.state) for r in self._get_refunds(order)],
            [("order", 15.0, "credited"), ("rest", 100.0, "ready")],
        )

    def test_refund_file_takes_the_place_of_the_status(self):
        """All was refunded, and only then a file says how: one credit note."""
        order = self._import_one(status="refunded")
        rest = self._get_refunds(order)
        self.assertEqual((rest.origin, rest.state), ("rest", "credited"))
        self._refund(self._woo_refund(7, "115.00"))
        self.assertEqual(self._get_refunds(order), rest)
        self.assertEqual(rest.external_ref, "7")

    def test_refund_of_the_marketplaces_own_money_is_not_credited(self):
        order = self._import_one()
        refund = (
            self.env["marketplace.refund"]
            .sudo()
            .create(
                {
                    "channel_id": self.channel.id,
                    "order_ref": "1",
                    "external_ref": "7",
                    "amount": 23.0,
                    "marketplace_amount": 11.5,
                }
            )
        )
        refund._process()
        self.assertEqual(refund.order_id, order)
        self.assertAlmostEqual(refund.credit_move_id.amount_total, 11.5)
        theirs = refund.copy(
            {"order_ref": "1", "external_ref": "8", "marketplace_amount": 23.0}
        )
        theirs._process()
        self.assertEqual((theirs.state, theirs.credit_move_id.id), ("cancelled", False))

    def test_refund_in_another_currency_is_for_a_person(self):
        self.setup_other_currency("CHF", rates=[("2024-01-01", 2.0)])
        self._import_one()
        refund = (
            self.env["marketplace.refund"]
            .sudo()
            .create(
                {
                    "channel_id": self.channel.id,
                    "order_ref": "1",
                    "external_ref": "7",
                    "amount": 23.0,
                    "currency_name": "CHF",
                }
            )
        )
        refund._process()
        self.assertEqual(refund.issue_ids.mapped("code"), ["refund_currency"])

    def test_closed_period_moves_the_credit_note_to_the_first_open_day(self):
        order = self._import_one()
        self.company.sudo().fiscalyear_lock_date = "2024-03-31"
        self._refund(self._woo_refund(7, "23.00"))
        note = self._get_refunds(order).credit_move_id
        self.assertEqual(note.date, fields.Date.to_date("2024-04-01"))

    def test_cancelled_credit_note_is_made_anew(self):
        order = self._import_one()
        self._refund(self._woo_refund(7, "23.00"))
        refund = self._get_refunds(order)
        first, entry = refund.credit_move_id, refund.clearing_move_id
        first.button_draft()
        first.button_cancel()
        self.assertEqual(refund.state, "exception")
        refund.issue_ids.cause_id.action_recheck()
        self.assertEqual(refund.state, "credited", refund.issue_ids.mapped("message"))
        self.assertNotEqual(refund.credit_move_id, first)
        self.assertEqual(refund.clearing_move_id, entry)
        self.assertEqual(refund.credit_move_id.amount_residual, 0.0)
        self.assertEqual(order.amount_credited, 23.0)


class TestRefundReview(RefundCommon):
    """Who decides, and who may not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reviewer, cls.user = (
            new_test_user(
                cls.env, login, f"marketplace_invoicing.group_marketplace_{login}"
            )
            for login in ("reviewer", "user")
        )

    def test_channel_in_review_credits_what_a_reviewer_approves(self):
        self.channel.review_mode = "review"
        order = self._import_one()
        order.action_approve()
        self._refund(self._woo_refund(7, "23.00"))
        refund = self._get_refunds(order)
        self.assertEqual((refund.state, refund.approval), ("ready", "needed"))
        refund.with_user(self.reviewer).action_approve()
        self.assertEqual(refund.state, "credited")
        self.assertEqual(refund.approved_by_id, self.reviewer)
        with self.assertRaises(UserError):
            refund.action_approve()

    def test_user_sees_refunds_and_decides_nothing(self):
        order = self._import_one()
        self._refund(self._woo_refund(7, "23.00"))
        refund = self._get_refunds(order).with_user(self.user)
        self.assertEqual(refund.amount, 23.0)
        for action in (
            refund.action_approve,
            refund.action_drop,
            refund.action_process,
            refund.unlink,
            lambda: refund.write({"amount": 1.0}),
            lambda: refund.copy({"external_ref": "9"}),
        ):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base"):
                action()

    def test_reviewer_changes_no_fact(self):
        self._import_one()
        self._refund(self._woo_refund(7, "23.00"))
        with self.assertRaises(AccessError):
            self._get_refunds().with_user(self.reviewer).write({"amount": 1.0})

    def test_refund_of_another_company_is_invisible(self):
        self._import_one()
        self._refund(self._woo_refund(7, "23.00"))
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "stranger",
            "marketplace_invoicing.group_marketplace_reviewer",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        found = self.env["marketplace.refund"].with_user(stranger).search([])
        self.assertFalse(found & self._get_refunds())

    def test_nobody_ties_a_credit_note_to_a_refund(self):
        order = self._import_one()
        self._refund(self._woo_refund(7, "23.00"))
        with self.assertRaises(AccessError):
            order.invoice_id.with_user(self.reviewer).write(
                {"marketplace_refund_id": self._get_refunds().id}
            )


class TestRefundMoney(RefundCommon):
    """The credit note's receivable against the account the channel pays out from."""

    def test_clearing_account_loses_what_was_given_back(self):
        order = self._import_one()
        self._refund(self._woo_refund(7, "23.00"))
        refund = self._get_refunds(order)
        self.assertEqual(refund.credit_move_id.amount_residual, 0.0)
        self.assertRecordValues(
            refund.clearing_move_id.line_ids.sorted("balance"),
            [
                {
                    "account_id": self.channel.clearing_account_id.id,
                    "name": "1",
                    "balance": -23.0,
                    "reconciled": False,
                },
                {
                    "account_id": refund.credit_move_id.line_ids.filtered(
                        lambda line: line.display_type == "payment_term"
                    ).account_id.id,
                    "name": "1",
                    "balance": 23.0,
                    "reconciled": True,
                },
            ],
        )
        self.assertEqual(
            refund.clearing_move_id.date, fields.Date.to_date("2024-03-08")
        )
        # What the channel still owes for the order: 115.00 - 23.00.
        lines = (order.clearing_move_id | refund.clearing_move_id).line_ids.filtered(
            lambda line: line.account_id == self.channel.clearing_account_id
        )
        self.assertAlmostEqual(sum(lines.mapped("balance")), 92.0)

    def test_unpaid_invoice_is_settled_by_its_credit_note(self):
        self.channel.invoice_trigger = "order"
        order = self._import_one(payment_method="bacs", date_paid_gmt=None)
        self._import(
            [
                self._woo_order(
                    1,
                    payment_method="bacs",
                    date_paid_gmt=None,
                    status="cancelled",
                    **LATER,
                )
            ]
        )
        refund = self._get_refunds(order)
        refund.action_approve()
        self.assertFalse(refund.clearing_move_id)
        self.assertEqual(order.invoice_id.amount_residual, 0.0)
        self.assertEqual(refund.credit_move_id.amount_residual, 0.0)

    def test_buyer_who_paid_us_directly_is_owed_the_refund(self):
        self.channel.invoice_trigger = "order"
        order = self._import_one(payment_method="bacs", date_paid_gmt=None)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=order.invoice_id.ids
        ).create({})._create_payments()
        self._refund(self._woo_refund(7, "23.00"))
        note = self._get_refunds(order).credit_move_id
        self.assertEqual(note.amount_residual, 23.0)

    def test_foreign_currency_is_cleared_to_the_cent(self):
        """23.00 CHF at 3 CHF each: 7.67 off the clearing account."""
        self.setup_other_currency("CHF", rates=[("2024-01-01", 3.0)])
        order = self._import_one(currency="CHF")
        self._refund(self._woo_refund(7, "23.00"))
        refund = self._get_refunds(order)
        self.assertEqual(refund.credit_move_id.amount_residual, 0.0)
        clearing = refund.clearing_move_id.line_ids.filtered("credit")
        self.assertRecordValues(clearing, [{"amount_currency": -23.0, "credit": 7.67}])

    def test_queries_do_not_grow_with_refunds_of_a_file_as_loops_would(self):
        orders = self._import([self._woo_order(n) for n in range(1, 7)]).order_ids
        self.assertEqual(set(orders.mapped("state")), {"invoiced"})
        content = json.dumps(
            [self._woo_refund(n, "23.00", order=n) for n in range(1, 7)]
        )
        self._import(content.encode())
        refunds = self._get_refunds()
        self.assertEqual(refunds.mapped("state"), ["credited"] * 6)
        self.assertEqual(len(refunds.clearing_move_id), 1)
