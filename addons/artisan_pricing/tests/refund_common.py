from odoo import Command

from .bundle_common import BundleCommon


class RefundCommon(BundleCommon):
    """Refunds of goods by the wizard."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        accountant = cls.env.ref("account.group_account_invoice")
        cls.env.user.group_ids |= accountant
        (cls.parts | cls.product).invoice_policy = "order"

    def _invoice(self, order):
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        return invoice

    def _ask(self, invoice, quantities=None):
        """The wizard, with product -> quantity that comes back."""
        action = invoice.action_refund_goods()
        wizard = self.env["artisan.refund"].browse(action["res_id"])
        for line in wizard.line_ids:
            line.quantity = (quantities or {}).get(line.move_line_id.product_id, 0)
        return wizard

    def _refund(self, invoice, quantities, post=False):
        wizard = self._ask(invoice, quantities)
        amount = wizard.amount
        credit = wizard._make_credit_note()
        self.assertAlmostEqual(credit.amount_untaxed, amount)
        if post:
            credit.action_post()
        return credit

    def _refund_rest(self, invoice):
        wizard = self._ask(invoice)
        wizard.action_fill_all()
        return wizard._make_credit_note()

    def _take_off(self, percent, **kwargs):
        self.env["loyalty.program"].create(
            {
                "name": "Promotion",
                "program_type": "promotion",
                "trigger": "auto",
                "rule_ids": [Command.create({"minimum_qty": 1})],
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount": percent,
                            "discount_applicability": "order",
                            **kwargs,
                        }
                    )
                ],
            }
        )

    def _claim(self, order):
        order._update_programs_and_rewards()
        for coupon, rewards in order._get_claimable_rewards().items():
            order._apply_program_reward(rewards, coupon)

    def _amounts(self, credit):
        return {
            line.product_id: line.price_subtotal for line in credit.invoice_line_ids
        }
