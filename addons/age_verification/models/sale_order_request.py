from odoo import fields, models
from odoo.exceptions import ValidationError

from .age_request import WAITING


class SaleOrder(models.Model):
    """Asking the buyers of orders for proof of age."""

    _inherit = "sale.order"

    age_request_ids = fields.One2many(
        "age.request", "order_id", groups="age_verification.group_age_user"
    )
    age_held_by = fields.Selection(
        selection_add=[("disowned", "The buyer says they did not order")]
    )

    def _action_confirm(self):
        """Override: buyers of mixed orders are asked for what still waits."""
        result = super()._action_confirm()
        waiting = self.filtered(lambda order: order._get_age_verdict().refused)
        waiting.sudo()._age_ask_buyer()
        return result

    def _is_age_asked(self):
        """Whether the order, or a line of it, waits for what its buyer can prove."""
        self.ensure_one()
        if self.state == "cancel" or self.is_age_disowned:
            return False
        codes = self._get_age_verdict().refused_codes
        return bool(codes) and codes <= WAITING

    def _get_age_refusal(self):
        """Override: what somebody did not order is not confirmed."""
        if self.is_age_disowned:
            return self.env._(
                "%(order)s: %(buyer)s says that this was not ordered by them.",
                order=self.name,
                buyer=self.partner_id.display_name,
            )
        return super()._get_age_refusal()

    def _age_check_payable(self):
        """Refuse that quotations are paid whose buyers may not have what is in them.

        The attempt is kept as evidence. A confirmed order's rest is owed in any case.

        :raises ValidationError: to be read by the buyer
        """
        quotations = self.filtered(lambda order: order.state in ("draft", "sent"))
        refused = quotations.filtered(lambda order: order._get_age_refusal())
        if not refused:
            return
        verdicts = refused._age_judge("payment")
        order = refused[0]
        codes = verdicts[order].refused_codes
        if order.is_age_disowned or codes - WAITING:
            raise ValidationError(
                self.env._(
                    "%s cannot be paid: please get in touch with us.", order.name
                )
            )
        # Not the link to the proof itself: this error undoes what makes it.
        raise ValidationError(
            self.env._(
                "%(order)s cannot be paid yet. Please prove your age first: %(link)s",
                order=order.name,
                link=f"{order.get_base_url()}{order.get_portal_url()}",
            )
        )

    def _is_age_due(self, verdict):
        """Override: what somebody did not order waits for a person."""
        if self.is_age_disowned:
            return False
        return self.age_held_by == "disowned" or super()._is_age_due(verdict)

    def _age_release(self):
        """Override: what was disowned, and that is cleared up, is where it was before:
        nobody had confirmed it."""
        if self.age_held_by == "disowned" and not self.is_age_disowned:
            self._age_unhold()
            return
        super()._age_release()
