"""What is done once for a batch comes to what core does record by record."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..const import PIPELINE
from .common import MarketplaceCommon


class _Undo(Exception):
    """Ends a savepoint."""


@tagged("post_install", "-at_install")
class TestBatch(MarketplaceCommon):
    def _prepare_sale(self, company, product):
        return {
            "partner_id": self.partner_a.id,
            "company_id": company.id,
            "order_line": [
                Command.create({"product_id": product.id, "price_unit": 10.0})
            ],
        }

    def _create_invoices(self, *days):
        return self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": self.partner_a.id,
                    "invoice_date": day,
                    "invoice_line_ids": [
                        Command.create({"name": "Bowl", "price_unit": 100.0})
                    ],
                }
                for day in days
            ]
        )

    # === COMPANIES ===

    def test_article_of_another_company_is_refused_in_a_batch(self):
        other = self.setup_other_company()["company"]
        own = self._create_article("OWN", "Own", company_id=self.company.id)
        sales = self.env["sale.order"].with_context(
            marketplace_batch=PIPELINE,
            allowed_company_ids=(self.company | other).ids,
        )
        sales.create([self._prepare_sale(self.company, own) for _number in range(2)])
        with self.assertRaisesRegex(UserError, "company inconsistencies"):
            # The first line links to the article rightly, the second does not.
            sales.create(
                [
                    self._prepare_sale(self.company, own),
                    self._prepare_sale(other, own),
                ]
            )

    def test_another_company_s_account_is_refused_in_a_batch(self):
        other = self.setup_other_company()
        account = other["default_account_revenue"]
        moves = self.env["account.move"].with_context(marketplace_batch=PIPELINE)
        with self.assertRaisesRegex(UserError, "company inconsistencies"):
            moves.create(
                {
                    "move_type": "entry",
                    "line_ids": [
                        Command.create({"account_id": account.id, "balance": 1.0}),
                        Command.create({"account_id": account.id, "balance": -1.0}),
                    ],
                }
            )

    # === NUMBERS ===

    def _get_names(self, drafts, **context):
        """Return the numbers that drafts get when they are posted, and undo it."""
        names = []
        try:
            with self.env.cr.savepoint():
                drafts.with_context(**context)._post()
                names = drafts.mapped("name")
                raise _Undo
        except _Undo:
            self.env.invalidate_all()
        return names

    def test_numbers_follow_a_format_that_changes_between_two_days_of_a_batch(self):
        monthly, yearly = self._create_invoices("2024-03-01", "2024-04-10")
        monthly.name, yearly.name = "INV/2024/03/0005", "SALE/2024/00007"
        (monthly | yearly).action_post()
        drafts = self._create_invoices(
            "2024-03-02", "2024-03-30", "2024-04-02", "2024-04-12"
        )
        expected = self._get_names(drafts)
        self.assertEqual(len({name[:4] for name in expected}), 2, expected)
        found = self._get_names(drafts, marketplace_batch=PIPELINE)
        self.assertEqual(found, expected)

    def test_numbers_of_a_batch_begin_anew_with_each_month_where_the_journal_does(self):
        first = self._create_invoices("2024-02-27")
        first.name = "INV/2024/02/0004"
        first.action_post()
        drafts = self._create_invoices(
            "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-31", "2024-04-01"
        )
        expected = self._get_names(drafts)
        self.assertIn("INV/2024/03/0002", expected)
        self.assertEqual(self._get_names(drafts, marketplace_batch=PIPELINE), expected)

    def test_invoices_are_numbered_before_payments_also_of_earlier_days(self):
        """Paid on 6 March and invoiced on 7 March: credit notes come before payments, too."""
        journals = []
        move_class = self.env.registry["account.move"]
        original = move_class._set_next_sequence

        def note(move):
            journals.append(move.journal_id)
            return original(move)

        self.patch(move_class, "_set_next_sequence", note)
        created = {"date_created_gmt": "2024-03-07T10:00:00"}
        self._import([self._woo_order(number, **created) for number in (33, 34)])
        sales, payments = self.channel.journal_id, self.channel.clearing_journal_id
        self.assertEqual(journals, [sales, sales, payments])

    # === RECONCILIATION ===

    def test_what_other_addons_do_with_paid_invoices_is_synchronized(self):
        seen = []
        move_class = self.env.registry["account.move"]
        original = move_class._invoice_paid_hook

        def note(moves):
            seen.append((moves.mapped("ref"), dict(moves.env.context)))
            return original(moves)

        self.patch(move_class, "_invoice_paid_hook", note)
        order = self._import_one(number=31)
        self.assertEqual(order.invoice_id.payment_state, "paid")
        refs, context = seen[-1]
        self.assertEqual(refs, [order.external_ref])
        self.assertFalse(context.get("skip_invoice_sync"))
        self.assertFalse(context.get("skip_invoice_line_sync"))

    # === POSTING ===

    def test_invoice_that_another_addon_keeps_in_draft_has_no_payment(self):
        """The addon has it approved first, say; the others of the batch go on."""
        move_class = self.env.registry["account.move"]
        original = move_class._post

        def post(moves, soft=True):
            return original(moves.filtered(lambda move: move.ref != "36"), soft)

        self.patch(move_class, "_post", post)
        orders = self._import([self._woo_order(n) for n in (35, 36, 37)]).order_ids
        held = orders.filtered(lambda order: order.external_ref == "36")
        self.assertEqual(held.state, "exception")
        self.assertEqual(self._open_codes(held), ["processing_error"])
        self.assertFalse(held.clearing_move_id)
        self.assertEqual((orders - held).mapped("state"), ["invoiced", "invoiced"])
        self.assertEqual(
            set((orders - held).invoice_id.mapped("payment_state")), {"paid"}
        )
        entries = self.env["account.move"].search(
            [("journal_id", "=", self.channel.clearing_journal_id.id)]
        )
        self.assertEqual(entries, (orders - held).clearing_move_id)
        # Whoever approves posts it: the order takes it as it is.
        original(held.invoice_ids)
        held.action_process()
        self.assertEqual(held.state, "invoiced")
        self.assertEqual(held.invoice_id.payment_state, "paid")

    # === TOTALS ===

    def test_line_that_differs_from_its_order_line_is_computed_by_itself(self):
        self.channel.invoice_trigger = "manual"
        order = self._import_one(number=32)
        order.with_context(marketplace_batch=PIPELINE)._draft_invoices()
        line = order.invoice_id.invoice_line_ids
        self.assertEqual((line.price_subtotal, line.price_total), (100.0, 115.0))
        line.with_context(marketplace_batch=PIPELINE).price_unit = 60.0
        self.assertEqual((line.price_subtotal, line.price_total), (60.0, 69.0))
