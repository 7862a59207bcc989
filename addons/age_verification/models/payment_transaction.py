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
            order = transaction._age_get_paid_order()
            if order and order._age_hold_if_needed("payment"):
                held |= transaction
        return super(PaymentTransaction, self - held)._check_amount_and_confirm_order()

    def _age_get_paid_order(self):
        """The order that core would confirm now: a single one, with enough paid."""
        self.ensure_one()
        order = self.sale_order_ids
        if len(order) != 1 or order.state not in ("draft", "sent"):
            return order.browse()
        return order.filtered(lambda order: order._is_confirmation_amount_reached())

    def _age_get_returned(self):
        """What of this payment goes back to who paid, or has gone.

        Core links a refund to its payment only: the order's amount paid knows none.
        """
        self.ensure_one()
        if self.state not in ("authorized", "done"):
            return 0.0
        return -sum(
            child.amount
            for child in self.child_transaction_ids
            if child.operation == "refund"
            and child.state in ("pending", "done")
            and not child.sale_order_ids
        )

    def _post_process(self):
        """Override: an invoice that has to wait stays a draft, the payment is done."""
        transactions = self.with_context(age_hold_silently=True)
        return super(PaymentTransaction, transactions)._post_process()
