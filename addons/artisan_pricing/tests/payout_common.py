from odoo import Command

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .reward_common import RewardCommon


class PayoutCommon(RewardCommon, AccountTestInvoicingCommon):
    """Two makers, Candle Maker and Potter, who pay 15 % of what their products bring."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref(
            "account.group_account_manager"
        )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.scheme = cls._create_scheme({"value": 15})
        cls.company.artisan_commission_scheme_id = cls.scheme
        cls.all_makers = cls.maker | cls.other_maker
        cls.all_makers.maker_payout_when = "invoiced"

    @classmethod
    def _create_scheme(cls, *parts, **kwargs):
        return cls.env["artisan.commission.scheme"].create(
            {
                "name": "Scheme",
                "part_ids": [
                    Command.create({"name": "Commission", "code": "sales", **part})
                    for part in parts
                ],
                **kwargs,
            }
        )

    @classmethod
    def _create_sections(cls, mode, *sections):
        """Values of a part: (from, percent) each."""
        return {
            "kind": "sections",
            "mode": mode,
            "section_ids": [
                Command.create({"start": start, "rate": rate})
                for start, rate in sections
            ],
        }

    def _invoice(self, order, post=True, date="2026-08-10", **quantities):
        """The order's invoice: all of it, or quantities by the name of the product."""
        if order.state != "sale":
            order.action_confirm()
        order.order_line.product_id.invoice_policy = "order"
        invoice = order._create_invoices(final=True)
        invoice.invoice_date = date
        if quantities:
            for line in invoice.invoice_line_ids:
                if not line.sale_line_ids.is_reward_line:
                    line.quantity = quantities.get(line.product_id.name, 0)
        if post:
            invoice.action_post()
        return invoice

    def _create_direct_invoice(self, *amounts, move_type="out_invoice", **kwargs):
        """A posted invoice without an order: (product, quantity, price)."""
        invoice = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": self.partner.id,
                "invoice_date": "2026-08-10",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "quantity": quantity,
                            "price_unit": price,
                            "tax_ids": [],
                        }
                    )
                    for product, quantity, price in amounts
                ],
                **kwargs,
            }
        )
        invoice.action_post()
        return invoice

    def _reverse(self, invoice, post=True, date="2026-08-20", **quantities):
        """A credit note of an invoice: all of it, or quantities by product."""
        refund = invoice._reverse_moves([{"invoice_date": date, "date": date}])
        for line in refund.invoice_line_ids if quantities else ():
            line.quantity = quantities.get(line.product_id.name, 0)
        if post:
            refund.action_post()
        return refund

    def _get_entries(self, move):
        return self.env["artisan.payout.entry"].search([("move_id", "in", move.ids)])

    def _get_owed(self, *moves):
        """Product -> what its maker is owed for it."""
        owed = {}
        for move in moves:
            for entry in self._get_entries(move):
                owed.setdefault(entry.product_id, 0)
                owed[entry.product_id] += entry.amount
        currency = self.company.currency_id
        return {product: currency.round(amount) for product, amount in owed.items()}

    def _get_platform(self, *moves):
        """What the platform keeps: what customers pay less what makers get."""
        net = sum(move.amount_untaxed_signed for move in moves)
        owed = sum(self._get_owed(*moves).values())
        return self.company.currency_id.round(net - owed)

    def _get_rows(self, move):
        return [
            (entry.kind, entry.code or "", entry.amount, entry.platform_amount)
            for entry in self._get_entries(move).sorted("id")
        ]
