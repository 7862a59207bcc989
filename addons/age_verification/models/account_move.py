from odoo import fields, models
from odoo.exceptions import UserError

from ..facts import Basket


class AccountMove(models.Model):
    _inherit = "account.move"

    age_check_ids = fields.One2many("age.check", "move_id")
    age_held_since = fields.Datetime(
        "Held for age since",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="It is posted by itself when the buyer has proved to be of age.",
    )

    # === JUDGING === #

    def _get_age_baskets(self):
        """The invoices as :class:`facts.Basket`, by the law of the day they are issued.

        That is the day of posting, whatever date they bear: a date in the past would bring
        back a former law and not know of the proof the invoice has waited for, one in the
        future would let somebody pass who is not of age yet.

        A down payment has no product: the order's lines are what it is for.
        """
        # At once: each invoice looks only at its own lines later.
        self.invoice_line_ids.sale_line_ids.mapped("order_id.partner_id")
        return [move._get_age_basket() for move in self]

    def _get_age_basket(self):
        lines = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        orders = lines.sale_line_ids.order_id
        goods = [
            (line, line.product_id)
            for line in lines
            if line.product_id and not any(line.sale_line_ids.mapped("is_downpayment"))
        ]
        advance = lines.sale_line_ids.filtered("is_downpayment").order_id
        goods += [
            (line, line.product_id)
            for line in advance.order_line
            if line.product_id and not line.display_type and not line.is_downpayment
        ]
        return Basket(
            record=self,
            company=self.company_id,
            person=orders[:1].partner_id or self.partner_id,
            place=self.partner_shipping_id or self.partner_id,
            day=self.company_id._get_age_today(),
            goods=tuple(goods),
            order=orders[:1],
        )

    # === GATE === #

    def _post(self, soft=True):
        """Override: no sale is invoiced whose buyer may not have what was sold.

        The one place that the button, the scheduled posting, automatic invoices and down
        payments have in common. Credit notes are never held: money goes back.

        :raises UserError: a person posts an invoice that has to wait
        """
        held = self._age_find_held()
        if held and not soft and not self.env.context.get("age_hold_silently"):
            raise UserError("\n\n".join(held.values()))
        waiting = self.browse([move.id for move in held])
        waiting._age_hold()
        return super(AccountMove, self - waiting)._post(soft)

    def _age_find_held(self):
        """{invoice: why it has to wait}, decisions recorded."""
        sales = self.filtered(
            lambda move: (
                move.state == "draft"
                and move.move_type in ("out_invoice", "out_receipt")
            )
        )
        if not sales:
            return {}
        gate = self.env["age.gate"].sudo()
        verdicts = gate._judge_and_record(sales.sudo(), "invoice")
        return {
            move: self.env._(
                "%(invoice)s is not posted.\n%(why)s",
                invoice=move.display_name,
                why=gate._describe(verdict),
            )
            for move, verdict in verdicts.items()
            if not verdict.is_allowed
        }

    def _age_hold(self):
        """Keep the invoices as drafts until the age is proved, and ask for it."""
        new = self.filtered(lambda move: not move.age_held_since)
        if new:
            new.sudo().age_held_since = fields.Datetime.now()
            for move in new:
                move._message_log(
                    body=self.env._("Held until the buyer's age is proved.")
                )
        self._age_ask_buyer()

    def _age_ask_buyer(self):
        """Ask for proof of age, in the way of the policy. Hook."""

    def action_age_request(self):
        """Hold the invoices and ask their buyers for proof of age."""
        self.check_access("write")
        held = self._age_find_held()
        if not held:
            raise UserError(self.env._("Nothing here needs a proof of age."))
        self.browse([move.id for move in held])._age_hold()

    def action_open_age_checks(self):
        """What was decided about the invoice."""
        return self.age_check_ids._get_records_action(name=self.env._("Age Checks"))

    def _age_release(self):
        """Post a held invoice when its buyer may have what was sold."""
        self.ensure_one()
        verdict = self.env["age.gate"]._judge(self._get_age_baskets())[0]
        if not verdict.is_allowed:
            return
        self.age_held_since = False
        if self.state == "draft":
            self._message_log(body=self.env["age.gate"]._describe_release(verdict))
            self._post(soft=True)

    def _get_alerts(self):
        """Override: say why the invoice waits."""
        alerts = super()._get_alerts()
        if self.state == "draft" and self.is_sale_document(include_receipts=True):
            gate = self.env["age.gate"].sudo()
            verdict = gate._judge(self.sudo()._get_age_baskets())[0]
            if not verdict.is_allowed and self.move_type != "out_refund":
                alerts["age_verification"] = {
                    "level": "warning",
                    "message": gate._describe(verdict),
                    "action_text": self.env._("Ask for proof of age"),
                    "action_call": ("account.move", "action_age_request", self.ids),
                }
        return alerts
