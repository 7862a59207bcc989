from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """Override: a paid order whose buyer is not of age is held, not thrown.

        Raising here would leave money without an order: the payment would stay without
        post-processing for ever.
        """
        held = self.browse()
        for transaction in self:
            orders = transaction.sale_order_ids.filtered(
                lambda order: order.state in ("draft", "sent")
            )
            if orders and orders._age_hold_if_needed("payment"):
                held |= transaction
        return super(PaymentTransaction, self - held)._check_amount_and_confirm_order()

    def _post_process(self):
        """Override: an invoice that has to wait stays a draft, the payment is done."""
        transactions = self.with_context(age_hold_silently=True)
        return super(PaymentTransaction, transactions)._post_process()
