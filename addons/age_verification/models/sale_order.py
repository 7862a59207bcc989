import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

from ..facts import Basket
from ..on_the_way import get_on_the_way, on_the_way
from .age_request import WAITING

_logger = logging.getLogger(__name__)

#: What decides about the age that is asked for, beside the lines.
JUDGED_FIELDS = {"partner_id", "partner_shipping_id"}
#: Orders whose change is judged when all of it is written, in the cursor.
CHANGING = "age_verification.changing"


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "age.gated"]

    age_check_ids = fields.One2many("age.check", "order_id")
    age_held_by = fields.Selection(
        [
            ("request", "A person asked for proof"),
            ("confirm", "Confirmed together with others"),
            ("payment", "Paid online"),
            ("change", "Changed after it was confirmed"),
        ],
        readonly=True,
        copy=False,
    )
    age_verdict = fields.Selection(
        selection=lambda self: self.env["age.check"]._fields["verdict"].selection,
        string="Age",
        compute="_compute_age_verdict",
        help="Whether the buyer may have these products, as of today.",
    )
    age_message = fields.Text(compute="_compute_age_verdict")

    # === JUDGING === #

    def _get_age_baskets(self):
        """The orders as :class:`facts.Basket`, by the law of today."""
        return [
            Basket(
                record=order,
                company=order.company_id,
                person=order.partner_id,
                place=order.partner_shipping_id or order.partner_id,
                day=order.company_id._get_age_today(),
                goods=order._get_age_goods(),
                order=order,
            )
            for order in self
        ]

    def _get_age_goods(self):
        """What the order hands over, as (line, product) pairs; not what comes back."""
        return tuple(
            (line, product)
            for line in self.order_line
            if line._is_age_sold()
            for product in line._get_age_products()
        )

    @api.depends(
        "state",
        "partner_id",
        "partner_shipping_id",
        "order_line.product_id",
        "order_line.product_uom_qty",
    )
    def _compute_age_verdict(self):
        gate = self.env["age.gate"].sudo()
        for order, verdict in self._get_age_verdicts().items():
            order.age_verdict = verdict.worst
            order.age_message = gate._describe(verdict)

    # === GATE: CONFIRMATION === #

    def action_confirm(self):
        """Override: all orders are judged at once, before any is confirmed.

        Of many, those that have to wait are held and the others go on; of one, core says
        why it does not.
        """
        self.check_access("write")  # judging leaves traces, before core looks at rights
        with self._age_remember(self._age_judge("confirm")):
            held = self._age_hold_some() if len(self) > 1 else self.browse()
            going = self - held
            return super(SaleOrder, going).action_confirm() if going else True

    def _age_hold_some(self):
        """Hold those of the orders that would be refused, and tell the user."""
        held = self.filtered(
            lambda order: order.state in ("draft", "sent") and order._get_age_refusal()
        )
        held._age_hold("confirm")
        self._age_tell_held(held)
        return held

    def _confirmation_error_message(self):
        """Override: no order is confirmed whose buyer may not have what is in it."""
        return super()._confirmation_error_message() or self._get_age_refusal()

    def _get_age_refusal(self):
        """Why the order may not be confirmed, or False."""
        gate = self.env["age.gate"].sudo()
        verdict = self._get_age_verdict()
        if self._is_age_settled(verdict):
            return False
        values = {"order": self.name, "why": gate._describe(verdict)}
        if verdict.refused_codes - WAITING:
            return self.env._("%(order)s is not confirmed.\n%(why)s", **values)
        return self.env._(
            "%(order)s is not confirmed.\n%(why)s\n\nAsk for proof of age: the order is "
            "held and goes on by itself when the buyer has proved it.",
            **values,
        )

    def _is_age_settled(self, verdict):
        """Override: all is proved, or the policy lets the rest wait for itself."""
        if verdict.is_allowed:
            return True
        refused = verdict.refused
        lines = {line.line for line in refused}
        some_are_free = any(
            line not in lines and not line._is_delivery()
            for line, _product in verdict.basket.goods
        )
        return some_are_free and all(
            line.judgement.verdict in WAITING and line.policy.mixed_baskets == "lines"
            for line in refused
        )

    # === HOLD AND RELEASE === #

    def _prepare_age_hold(self, held_by):
        """Override: remember what has held it, which says how it goes on."""
        return {**super()._prepare_age_hold(held_by), "age_held_by": held_by}

    def _age_hold_if_needed(self, held_by):
        """Hold the orders that may not be confirmed.

        :return: whether any of them is held
        """
        orders = self.sudo()
        verdicts = orders._age_judge(held_by)
        held = orders.filtered(lambda order: not self._is_age_settled(verdicts[order]))
        held._age_hold(held_by)
        return bool(held)

    def _is_age_over(self):
        """Override: nobody waits for what was cancelled."""
        return self.state == "cancel"

    def _is_age_due(self, verdict):
        """Override: who asked for the whole order's proof does not go on with a part."""
        if self.age_held_by == "request":
            return verdict.is_allowed
        return super()._is_age_due(verdict)

    def _get_age_user(self):
        """Override: the salesperson."""
        return self.user_id

    def _age_release(self):
        """Override: confirm the order, and invoice it where that is wanted."""
        self.ensure_one()
        verdict = self._get_age_verdict()
        if not self._is_age_due(verdict):
            return
        held_by = self.age_held_by
        self._age_unhold()
        self._message_log(body=self.env["age.gate"]._describe_release(verdict))
        if held_by == "change" or self.state not in ("draft", "sent"):
            return
        if held_by == "payment":
            self._age_confirm_paid()
        elif held_by == "request" and self._is_age_offer():
            self._age_tell_offer()
        else:
            self.with_context(send_email=True).action_confirm()
        if self.state == "sale":
            self._age_invoice_isolated(verdict)

    def _is_age_offer(self):
        """Whether the buyer has yet to accept it: to sign what was sent, or to pay.

        A draft is the seller's own. Nobody has been asked to sign it.
        """
        is_unsigned = self.require_signature and not self.signature
        if self.state == "sent" and is_unsigned:
            return True
        return self.amount_total > 0 and not self._is_age_money_there()

    def _age_tell_offer(self):
        """It goes on as the quotation that it was when somebody asked for the proof."""
        self._age_give_task(
            self.env._("Follow up on the quotation: the buyer's age is proved"),
            self.env._("The buyer has yet to sign or pay it, and can do so now."),
        )

    def _age_confirm_paid(self):
        """What the payment would have done, if the money is still there."""
        paid = self.transaction_ids.filtered(
            lambda transaction: transaction.state in ("authorized", "done")
        )
        if self._is_age_money_there():
            paid._check_amount_and_confirm_order()
        if self.state != "sale":
            self._message_log(
                body=self.env._("Not confirmed: what was paid is not there any more.")
            )

    def _age_invoice_isolated(self, verdict):
        """Invoice what goes on, where payment or policy say so; a failure is a task."""
        try:
            with self.env.cr.savepoint():
                self._age_invoice(verdict)
        except UserError as error:
            self.invalidate_recordset()
            self._age_give_task(
                self.env._("Not invoiced after the proof of age"), str(error)
            )

    def _age_invoice(self, verdict):
        paid = self.transaction_ids.filtered(lambda tx: tx.state == "done")
        automatic = self.env["ir.config_parameter"].get_param("sale.automatic_invoice")
        if paid and automatic == "True":
            paid._invoice_sale_orders()
            self.invoice_ids.filtered(lambda move: move.state == "draft").action_post()
        elif verdict.strictest and verdict.strictest.policy.invoice_on_release:
            self._create_invoices(final=True)._post(soft=True)

    def action_open_age_checks(self):
        """Override: what was decided about the order, and its invoices."""
        checks = self.age_check_ids | self.invoice_ids.age_check_ids
        return checks._get_records_action(name=self.env._("Age Checks"))

    # === CHANGES === #

    def write(self, vals):
        """Override: what changes after the proof is judged again.

        :raises UserError: an order that has to wait is written to be confirmed, past the
            button
        """
        if vals.get("state") == "sale":
            self._check_age_before_confirmation()
        elif vals.get("state") == "cancel":
            # Who brings it back does not want it to go on by itself.
            self.filtered("age_held_since")._age_unhold()
        if not ({"order_line"} | JUDGED_FIELDS) & vals.keys():
            return super().write(vals)
        confirmed = self.filtered(lambda order: order.state == "sale")
        places = {order: order.partner_shipping_id for order in confirmed}
        # Several lines may change: they are judged once, afterwards.
        with on_the_way(self, CHANGING):
            result = super().write(vals)
        self.filtered(lambda order: order.state == "sale")._age_judge_change(places)
        return result

    def _check_age_before_confirmation(self):
        quotations = self.filtered(lambda order: order.state != "sale")
        with self._age_remember(quotations._get_age_verdicts()):
            refusals = [order._get_age_refusal() for order in quotations]
        if any(refusals):
            raise UserError("\n\n".join(filter(None, refusals)))

    def _age_judge_lines(self):
        """Judge again the orders whose lines have changed by themselves."""
        confirmed = self.filtered(lambda order: order.state == "sale")
        (confirmed - get_on_the_way(self, CHANGING))._age_judge_change({})

    def _age_judge_change(self, places):
        """Hold what is not covered any more, and note a new destination.

        :param places: {order: its delivery address before the change}
        """
        verdicts = self._age_judge("change")
        refused = self.filtered(
            lambda order: not order._is_age_settled(verdicts[order])
        )
        moved = refused.filtered(
            lambda order: (
                places.get(order, order.partner_shipping_id)
                != order.partner_shipping_id
            )
        )
        gate = self.env["age.gate"].sudo()
        self.env["age.incident"]._record(
            [
                gate._prepare_incident(line.basket, "destination", "change", line)
                for line in (verdicts[order].refused[0] for order in moved)
            ]
        )
        refused._age_hold("change")

    @api.model
    def _cron_judge_again(self):
        """Orders that are not invoiced yet, by the law of the day and as things are now.

        Every night, and soon after an address or a product has changed. What may go on
        leaves no trace; what may not is held, and from then on waits for its proof.
        """
        orders = self.search(
            Domain("state", "=", "sale")
            & Domain("invoice_status", "!=", "invoiced")
            & Domain("age_held_since", "=", False)
            & self._get_age_restricted_domain()
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(orders))
        for ids in split_every(200, orders.ids):
            batch = self.browse(ids)
            for order, verdict in batch._get_age_verdicts().items():
                is_open = any(line.line._is_age_open() for line in verdict.refused)
                if is_open and not order._is_age_settled(verdict):
                    order._age_hold_isolated()
            if not cron._commit_progress(len(batch)):
                break

    @api.model
    def _get_age_restricted_domain(self):
        """Orders with something restricted, or that were judged before. Hook."""
        restricted = "order_line.product_id.age_class_id.is_restricted"
        return Domain(restricted, "=", True) | Domain("age_check_ids", "!=", False)

    def _age_hold_isolated(self):
        """Hold a confirmed order; a failure does not keep others from being held."""
        try:
            with self.env.cr.savepoint():
                self._age_judge("daily")
                self._age_hold("change")
        except Exception:
            _logger.exception("age gate: %s is not held", self)
            self.env.invalidate_all(flush=False)

    # === INVOICING === #

    def _create_invoices(self, grouped=False, final=False, date=None):
        """Override: all orders are judged at once, before their lines are looked at."""
        with self._age_remember(self._get_age_verdicts()):
            return super()._create_invoices(grouped, final, date)

    def _get_invoiceable_lines(self, final=False):
        """Override: lines that wait for a proof are not invoiced, the others are."""
        lines = super()._get_invoiceable_lines(final)
        verdict = self._get_age_verdict()
        waiting = self.env["sale.order.line"].union(
            # What came back is credited, whoever bought it.
            *(line.line for line in verdict.refused if line.line.qty_to_invoice > 0)
        )
        if waiting and self._is_age_settled(verdict):
            lines -= waiting
        return lines

    # === PORTAL === #

    def _has_to_be_paid(self):
        """Override: nobody pays for what they may not have yet."""
        return super()._has_to_be_paid() and not self._get_age_refusal()

    def _has_to_be_signed(self):
        """Override: a signature would confirm the order."""
        return super()._has_to_be_signed() and not self._get_age_refusal()
