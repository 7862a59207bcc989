from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError


class DunningCollectionWizard(models.TransientModel):
    """Hands a customer over to collection: from then on nothing is sent."""

    _name = "dunning.collection.wizard"
    _description = "Hand to Collection"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one("res.partner", "Customer", required=True)
    agency_id = fields.Many2one(
        "res.partner",
        "Handed to",
        help="The collection agency or lawyer. It is not written to.",
    )
    reason = fields.Text(required=True)
    user_id = fields.Many2one(
        "res.users",
        "Who hands it over",
        required=True,
        default=lambda self: self.env.user,
        help="Gets an activity with the list of what to hand over.",
    )
    date_deadline = fields.Date(
        "Until",
        required=True,
        default=lambda self: fields.Date.add(
            self.env.company._get_dunning_today(), days=7
        ),
    )
    line_ids = fields.Many2many(
        "account.move.line", string="Open items", compute="_compute_line_ids"
    )

    @api.depends("partner_id", "company_id")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = self.env["account.move.line"].search(
                [
                    ("partner_id.commercial_partner_id", "=", wizard.partner_id.id),
                    ("company_id", "=", wizard.company_id.id),
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                ],
                order="date_maturity, id",
            )

    def action_hand_over(self):
        """Stop everything for the customer and list what has to be handed over.

        :return: action that opens the hold
        """
        self.ensure_one()
        if not self.line_ids:
            raise UserError(
                self.env._("%s owes nothing.", self.partner_id.display_name)
            )
        statement = self._render_statement()
        hold = self._create_hold()
        self._close_escalations()
        hold.message_post(body=statement)
        self._plan_hand_over(hold, statement)
        self._log_on_partner(hold)
        return hold._get_records_action()

    def _create_hold(self):
        """The hold that keeps the customer out of reminders, open notices included."""
        return self.env["dunning.hold"].create(
            {
                "partner_id": self.partner_id.id,
                "company_id": self.company_id.id,
                "kind": "collection",
                "reason": self.reason,
                "user_id": self.user_id.id,
            }
        )

    def _close_escalations(self):
        self.env["dunning.notice"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("kind", "=", "escalation"),
                ("escalation_closed", "=", False),
                ("state", "=", "sent"),
            ]
        ).action_close_escalation()

    def _render_statement(self):
        """The open items and the notices that were sent, as a note (Markup)."""
        notices = self.env["dunning.notice"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("kind", "=", "notice"),
                ("state", "=", "sent"),
            ],
            order="date, id",
        )
        return self.env["ir.qweb"]._render(
            "dunning_tiers.dunning_collection_statement",
            {"wizard": self, "lines": self.line_ids, "notices": notices},
        )

    def _plan_hand_over(self, hold, statement):
        summary = (
            self.env._("Hand over to %s", self.agency_id.display_name)
            if self.agency_id
            else self.env._("Hand over to collection")
        )
        hold.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.date_deadline,
            summary=summary,
            note=statement,
            user_id=self.user_id.id,
        )

    def _log_on_partner(self, hold):
        self.partner_id._message_log(
            body=Markup("<p>{}</p>").format(
                self.env._(
                    "Handed to collection by %(user)s: %(hold)s. No reminders any more.",
                    user=self.env.user.name,
                    hold=hold._get_html_link(),
                )
            )
        )
