from odoo import api, fields, models

from ..access import check_changed, check_chosen

#: Chosen by dunning users.
DUNNING_FIELDS = ("dunning_policy_id", "dunning_user_id")


class ResPartner(models.Model):
    _inherit = "res.partner"

    dunning_policy_id = fields.Many2one(
        "dunning.policy",
        "Dunning policy",
        company_dependent=True,
        check_company=True,
        copy=False,
        help="Used for this customer instead of the company's policy.",
    )
    dunning_user_id = fields.Many2one(
        "res.users",
        "Answers dunning replies",
        company_dependent=True,
        copy=False,
        help="Answers this customer's replies instead of the policy's person.",
    )
    dunning_hold_ids = fields.One2many("dunning.hold", "partner_id")
    dunning_notice_ids = fields.One2many("dunning.notice", "partner_id")
    # Everybody opens customers, and few may read notices.
    dunning_notice_count = fields.Integer(
        compute="_compute_dunning_notice_count", compute_sudo=True
    )

    @api.depends_context("allowed_company_ids")
    def _compute_dunning_notice_count(self):
        domain = [
            ("partner_id", "in", self.ids),
            ("company_id", "in", self.env.companies.ids),
        ]
        counts = dict(
            self.env["dunning.notice"]._read_group(domain, ["partner_id"], ["__count"])
        )
        for partner in self:
            partner.dunning_notice_count = counts.get(partner, 0)

    @api.model_create_multi
    def create(self, vals_list):
        """Override: dunning users choose policy and person."""
        check_chosen(self.env, DUNNING_FIELDS, vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """Override: a corrected address has not bounced; dunning fields are guarded."""
        check_changed(self, DUNNING_FIELDS, vals)
        if "email" in vals:
            changed = self.filtered(
                lambda partner: (
                    partner.message_bounce and partner.email != vals["email"]
                )
            )
            changed.message_bounce = 0
        return super().write(vals)

    def action_open_dunning_notices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dunning_tiers.dunning_notice_action"
        )
        domain = [("partner_id", "=", self.commercial_partner_id.id)]
        return {**action, "domain": domain, "context": {}}

    def action_hold_dunning(self):
        """Open a new hold for everything of the customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hold reminders"),
            "res_model": "dunning.hold",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_id": self.commercial_partner_id.id},
        }

    def action_hand_to_collection(self):
        self.ensure_one()
        return self._open_dunning_wizard("dunning_collection_wizard_action")

    def action_propose_writeoff(self):
        self.ensure_one()
        return self._open_dunning_wizard("dunning_writeoff_wizard_action")

    def _open_dunning_wizard(self, name):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"dunning_tiers.{name}")
        context = {"default_partner_id": self.commercial_partner_id.id}
        return {**action, "context": context}
