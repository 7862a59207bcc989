from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

from ..engine import judging
from ..facts import Basket

#: What decides about the age that is asked for.
JUDGED_FIELDS = {"order_line", "partner_id", "partner_shipping_id"}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    age_check_ids = fields.One2many("age.check", "order_id")
    age_held_since = fields.Datetime(
        "Held for age since",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="It goes on by itself when the buyer has proved to be of age.",
    )
    age_held_by = fields.Selection(
        [
            ("request", "A person asked for proof"),
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
        """The orders as :class:`facts.Basket`, by the law of today.

        What was paid in advance is not goods; what is returned is not sold.
        """
        return [
            Basket(
                record=order,
                company=order.company_id,
                person=order.partner_id,
                place=order.partner_shipping_id or order.partner_id,
                day=order.company_id._get_age_today(),
                goods=tuple(
                    (line, line.product_id)
                    for line in order.order_line
                    if line.product_id
                    and not line.display_type
                    and not line.is_downpayment
                    and line.product_uom_qty > 0
                ),
                order=order,
            )
            for order in self
        ]

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
        """Override: all orders are judged at once, before any is confirmed."""
        verdicts = self.env["age.gate"].sudo()._judge_and_record(self, "confirm")
        orders = self.with_context(age_verdicts=verdicts)
        return super(SaleOrder, orders).action_confirm()

    def _confirmation_error_message(self):
        """Override: no order is confirmed whose buyer may not have what is in it."""
        return super()._confirmation_error_message() or self._get_age_refusal()

    def _get_age_refusal(self):
        """Why the order may not be confirmed, or False."""
        gate = self.env["age.gate"].sudo()
        verdict = self._get_age_verdict()
        if self._is_age_settled(verdict):
            return False
        return self.env._(
            "%(order)s is not confirmed.\n%(why)s\n\nAsk for proof of age: the order is "
            "held and goes on by itself when the buyer has proved it.",
            order=self.name,
            why=gate._describe(verdict),
        )

    def _get_age_verdicts(self):
        """{order: :class:`facts.Verdict`}, judged at once."""
        verdicts = self.env["age.gate"].sudo()._judge(self.sudo()._get_age_baskets())
        return dict(zip(self, verdicts, strict=True))

    def _get_age_verdict(self):
        """The verdict of one order, which may have been judged with others just now."""
        self.ensure_one()
        judged = self.env.context.get("age_verdicts", {})
        return judged.get(self) or self._get_age_verdicts()[self]

    def _is_age_settled(self, verdict):
        """Whether the order may be confirmed: all is proved, or the rest waits."""
        if verdict.is_allowed:
            return True
        waits = {judging.UNPROVED, judging.EXPIRED, judging.WEAK}
        refused = verdict.refused
        some_are_free = len(refused) < len(verdict.basket.goods)
        return some_are_free and all(
            line.judgement.verdict in waits and line.policy.mixed_baskets == "lines"
            for line in refused
        )

    # === HOLD AND RELEASE === #

    def action_age_request(self):
        """Hold the orders and ask their buyers for proof of age."""
        self.check_access("write")
        verdicts = self.env["age.gate"].sudo()._judge_and_record(self, "request")
        asked = self.filtered(lambda order: not verdicts[order].is_allowed)
        if not asked:
            raise UserError(self.env._("Nothing here needs a proof of age."))
        asked._age_hold("request")

    def _age_hold(self, held_by):
        """Keep the orders until their buyers have proved their age, and ask for it."""
        new = self.filtered(lambda order: not order.age_held_since)
        new.sudo().write(
            {"age_held_since": fields.Datetime.now(), "age_held_by": held_by}
        )
        for order in new:
            order._message_log(body=self.env._("Held until the buyer's age is proved."))
        self._age_ask_buyer()

    def _age_hold_if_needed(self, held_by):
        """Hold the orders that may not be confirmed.

        :return: whether any of them is held
        """
        orders = self.sudo()
        verdicts = self.env["age.gate"].sudo()._judge_and_record(orders, held_by)
        held = orders.filtered(lambda order: not self._is_age_settled(verdicts[order]))
        held._age_hold(held_by)
        return bool(held)

    def _age_ask_buyer(self):
        """Ask for proof of age, in the way of the policy. Hook."""

    def _age_release(self):
        """Go on with a held order when its buyer may have what is in it."""
        self.ensure_one()
        verdict = self._get_age_verdict()
        # Who asked for the whole order's proof does not go on with a part of it.
        if not (
            verdict.is_allowed
            if self.age_held_by == "request"
            else self._is_age_settled(verdict)
        ):
            return
        held_by = self.age_held_by
        self.write({"age_held_since": False, "age_held_by": False})
        self._message_log(body=self.env["age.gate"]._describe_release(verdict))
        if held_by == "change" or self.state not in ("draft", "sent"):
            return
        if held_by == "payment":
            self._age_confirm_paid()
        else:
            self.with_context(send_email=True).action_confirm()
        if self.state == "sale":
            self._age_invoice_isolated(verdict)

    def _age_confirm_paid(self):
        """What the payment would have done, if the money is still there."""
        paid = self.transaction_ids.filtered(
            lambda transaction: transaction.state in ("authorized", "done")
        )
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
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Not invoiced after the proof of age"),
                note=str(error),
                user_id=self.user_id.id or self.env.uid,
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
        """What was decided about the order, and its invoices."""
        checks = self.age_check_ids | self.invoice_ids.age_check_ids
        return checks._get_records_action(name=self.env._("Age Checks"))

    # === CHANGES === #

    def write(self, vals):
        """Override: what changes after the proof is judged again."""
        confirmed = self.browse()
        if JUDGED_FIELDS & vals.keys():
            confirmed = self.filtered(lambda order: order.state == "sale")
            before = {order: order.partner_shipping_id for order in confirmed}
        result = super().write(vals)
        if confirmed:
            confirmed._age_judge_change(before)
        return result

    def _age_judge_change(self, places):
        """Hold what is not covered any more, and note a new destination."""
        gate = self.env["age.gate"].sudo()
        verdicts = gate._judge_and_record(self.sudo(), "change")
        for order, verdict in verdicts.items():
            if self._is_age_settled(verdict):
                continue
            if (
                places.get(order, order.partner_shipping_id)
                != order.partner_shipping_id
            ):
                self.env["age.incident"]._record(
                    [
                        gate._prepare_incident(
                            verdict.basket,
                            "destination",
                            "change",
                            verdict.refused[0],
                        )
                    ]
                )
            order._age_hold("change")

    @api.model
    def _cron_judge_again(self):
        """Every night: orders that are not invoiced yet, by the law of the day."""
        orders = self.search(
            Domain("state", "=", "sale")
            & Domain("invoice_status", "!=", "invoiced")
            & Domain("age_check_ids", "!=", False)
            & Domain("age_held_since", "=", False)
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(orders))
        for ids in split_every(200, orders.ids):
            batch = self.browse(ids)
            verdicts = self.env["age.gate"]._judge_and_record(batch, "daily")
            for order, verdict in verdicts.items():
                if not order._is_age_settled(verdict):
                    order._age_hold("change")
            if not cron._commit_progress(len(batch)):
                break

    # === INVOICING === #

    def _create_invoices(self, grouped=False, final=False, date=None):
        """Override: all orders are judged at once, before their lines are looked at."""
        orders = self.with_context(age_verdicts=self._get_age_verdicts())
        return super(SaleOrder, orders)._create_invoices(grouped, final, date)

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
