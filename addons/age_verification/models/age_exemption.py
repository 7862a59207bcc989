from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain


class AgeExemption(models.Model):
    """A business that buys to sell on: it needs no proof of age, but evidence of that.

    Being marked as a company is not enough; somebody has to look at the licence.
    """

    _name = "age.exemption"
    _description = "Age Exemption"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner",
        "Business",
        required=True,
        index=True,
        domain="[('is_company', '=', True)]",
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    evidence = fields.Char(
        required=True,
        tracking=True,
        help="What shows it: number of the licence or of the register, where it was seen.",
    )
    attachment_ids = fields.Many2many("ir.attachment", bypass_search_access=True)
    valid_until = fields.Date(tracking=True, help="Empty: until it is withdrawn.")
    state = fields.Selection(
        [("draft", "To approve"), ("approved", "Approved"), ("withdrawn", "Withdrawn")],
        required=True,
        default="draft",
        readonly=True,
        tracking=True,
        copy=False,
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_on = fields.Datetime(readonly=True, copy=False)

    @api.constrains("partner_id")
    def _check_partner(self):
        for exemption in self:
            if not exemption.partner_id.is_company:
                raise ValidationError(
                    self.env._(
                        "Only a business can be exempt: %s",
                        exemption.partner_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Override: nobody begins with an approval."""
        if not self.env.su:
            decided = ("state", "approved_by_id", "approved_on")
            vals_list = [
                {name: vals[name] for name in vals if name not in decided}
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        """Override: what was approved is not changed afterwards, only withdrawn."""
        if not self.env.su:
            fixed = {"state", "approved_by_id", "approved_on"} & vals.keys()
            approved = self.filtered(lambda exemption: exemption.state != "draft")
            if fixed or (approved and {"partner_id", "company_id"} & vals.keys()):
                raise AccessError(self.env._("Approve or withdraw exemptions instead."))
        return super().write(vals)

    def action_approve(self):
        """Let the business order without proof of age."""
        self.check_access("write")
        self._check_officer()
        self.sudo().write(
            {
                "state": "approved",
                "approved_by_id": self.env.uid,
                "approved_on": fields.Datetime.now(),
            }
        )
        self.env["age.gate"]._wake_up()

    def action_withdraw(self):
        self.check_access("write")
        self._check_officer()
        self.sudo().write({"state": "withdrawn"})

    def _check_officer(self):
        if not self.env.user.has_group("age_verification.group_age_officer"):
            raise AccessError(self.env._("Only age officers decide about exemptions."))

    @api.model
    def _get_for(self, people, companies):
        """(commercial entity, company) -> last days of its exemptions, None for no end."""
        entities = people.commercial_partner_id
        exemptions = self.sudo().search_fetch(
            Domain("partner_id.commercial_partner_id", "in", entities.ids)
            & Domain("company_id", "in", companies.ids)
            & Domain("state", "=", "approved")
        )
        found = defaultdict(list)
        for exemption in exemptions:
            entity = exemption.partner_id.commercial_partner_id
            found[entity, exemption.company_id].append(exemption.valid_until or None)
        return found
