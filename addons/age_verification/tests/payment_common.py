from odoo import Command

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import AgeCommon


class AgePaymentCommon(AgeCommon, AccountPaymentCommon):
    """Orders that are paid online."""

    def _pay(self, order, state="done"):
        """A payment of an order, once core has seen to it.

        :return: the transaction
        """
        transaction = self._create_transaction(
            flow="direct",
            amount=order.amount_total,
            currency_id=order.currency_id.id,
            partner_id=order.partner_id.id,
            sale_order_ids=[Command.set(order.ids)],
            reference=order.name,
            state=state,
        )
        transaction._post_process()
        return transaction

    def _refund(self, transaction, amount=None, state="done"):
        """A refund of a payment, as core makes it and the provider answers."""
        refund = transaction._create_child_transaction(
            amount or transaction.amount, is_refund=True
        )
        refund.state = state
        return refund
