from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

#: What is approved: it stays as it was afterwards.
APPROVED = {"partner_id", "company_id", "evidence", "attachment_ids", "valid_until"}
#: What follows from asking and deciding, and is not written by hand.
DECIDED = {"state", "requested_by_id", "approved_by_id", "approved_on", "contact_ids"}


class AgeExemption(models.Model):
    """A business that buys to sell on: it needs no proof of age, but evidence of that.

    Being marked as a company is not enough; somebody has to look at the licence, and it
    takes two: one brings the evidence, another one approves. The exemption is that of the
    business itself and of the contacts it had then. Whoever becomes its contact later is
    covered when an officer says so, as anybody may edit contacts.
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
    contact_ids = fields.Many2many(
        "res.partner",
        "age_exemption_contact_rel",
        "exemption_id",
        "partner_id",
        "Confirmed contacts",
        readonly=True,
        copy=False,
        help="Who may order for the business: its contacts when it was approved, and those "
        "that an officer has confirmed since.",
    )
    new_contact_ids = fields.Many2many(
        "res.partner",
        string="Contacts to confirm",
        compute="_compute_new_contact_ids",
        help="Contacts of the business that the exemption does not cover.",
    )
    valid_until = fields.Date(tracking=True, help="Empty: until it is withdrawn.")
    state = fields.Selection(
        [("draft", "To approve"), ("approved", "Approved"), ("withdrawn", "Withdrawn")],
        required=True,
        default="draft",
        readonly=True,
        tracking=True,
        copy=False,
    )
    requested_by_id = fields.Many2one(
        "res.users", "Asked by", readonly=True, copy=False
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_on = fields.Datetime(readonly=True, copy=False)

    @api.depends("partner_id", "contact_ids")
    def _compute_new_contact_ids(self):
        for exemption in self:
            contacts = exemption._get_contacts()
            exemption.new_contact_ids = contacts - exemption.contact_ids

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
        """Override: who asks is who is logged in, and nobody begins with an approval."""
        if not self.env.su:
            # Said, not left out: what is left out comes from the caller's context.
            undecided = dict.fromkeys(DECIDED, False) | {
                "state": "draft",
                "requested_by_id": self.env.uid,
            }
            vals_list = [vals | undecided for vals in vals_list]
        exemptions = super().create(
            [{"requested_by_id": self.env.uid, **vals} for vals in vals_list]
        )
        exemptions._adopt_attachments()
        return exemptions

    def write(self, vals):
        """Override: only who asks words the evidence, and only until it is decided."""
        if not self.env.su:
            self._check_write(vals)
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._adopt_attachments()
        return result

    def _check_write(self, vals):
        if DECIDED & vals.keys():
            raise AccessError(self.env._("Approve or withdraw exemptions instead."))
        if not APPROVED & vals.keys():
            return
        if any(exemption.state != "draft" for exemption in self):
            raise AccessError(
                self.env._(
                    "What was approved stays as it was: withdraw it and ask for a new one."
                )
            )
        if self.requested_by_id - self.env.user:
            raise AccessError(self.env._("The evidence is that of who asked."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if any(exemption.state != "draft" for exemption in self):
            raise UserError(self.env._("Exemptions that were decided are evidence."))

    def _adopt_attachments(self):
        """Make the papers the exemption's own.

        Who approves has to read them, and they must not change with another record.
        """
        for exemption in self:
            exemption.attachment_ids.check_access("read")
            exemption._adopt_from(exemption, self.env.user)

    def _adopt_from(self, holder, owner):
        """Move or copy what a record has attached, as far as its owner may read it.

        :param holder: the exemption or one of its messages
        """
        home = {"res_model": self._name, "res_id": self.id}
        papers = holder.sudo().attachment_ids
        strange = papers.filtered(
            lambda paper: (paper.res_model, paper.res_id) != tuple(home.values())
        )
        strange = strange.with_user(owner)._filtered_access("read").sudo()
        loose = strange.filtered(
            lambda paper: not paper.res_id and paper.create_uid == owner
        )
        loose.write(home)
        elsewhere = strange - loose
        if elsewhere:
            kept = papers - elsewhere + elsewhere.copy(home)
            holder.sudo().attachment_ids = [Command.set(kept.ids)]

    # === ACTIONS === #

    def action_approve(self):
        """Let the business order without proof of age. Not for who asked for it.

        :raises AccessError: the user is no officer, or asked for it
        """
        self._check_officer()
        if not self.env.su and self.env.user in self.requested_by_id:
            raise AccessError(
                self.env._("It takes two: somebody else has to decide about this.")
            )
        self._lock_in("draft")
        for exemption in self.sudo():
            for message in exemption.message_ids:
                exemption._adopt_from(message, message.create_uid)
            exemption.write(
                {
                    "state": "approved",
                    "approved_by_id": self.env.uid,
                    "approved_on": fields.Datetime.now(),
                    "contact_ids": [Command.set(exemption._get_contacts().ids)],
                }
            )
        self.env["age.gate"]._wake_up()

    def action_confirm_contacts(self):
        """Cover the contacts that the business has now as well."""
        self._check_officer()
        self._lock_in("approved")
        for exemption in self.sudo():
            contacts = exemption.new_contact_ids
            if contacts:
                exemption.contact_ids += contacts
                exemption._message_log(
                    body=self.env._(
                        "%(officer)s has confirmed contacts: %(contacts)s",
                        officer=self.env.user.name,
                        contacts=", ".join(contacts.mapped("display_name")),
                    )
                )
        self.env["age.gate"]._wake_up()

    def action_withdraw(self):
        """It no longer counts, also for what is confirmed and not invoiced."""
        self._check_officer()
        self.sudo().write({"state": "withdrawn"})
        self.env["age.gate"]._wake_up_judging()

    @api.model
    def _drop_renamed(self, contacts, reason):
        """Who has become somebody else is not exempt until it is looked at again.

        :param contacts: ``res.partner``, businesses and contacts of businesses
        :param reason: why, for the note
        """
        exemptions = self.sudo().search(
            Domain("state", "=", "approved")
            & (
                Domain("partner_id", "in", contacts.ids)
                | Domain("contact_ids", "in", contacts.ids)
            )
        )
        for exemption in exemptions:
            exemption._drop_contacts(contacts, reason)
        if exemptions:
            self.env["age.gate"]._wake_up_judging()

    def _drop_contacts(self, contacts, reason):
        if self.partner_id in contacts:
            self.state = "withdrawn"
            self._message_log(body=self.env._("No longer exempt: %s", reason))
            return
        dropped = self.contact_ids & contacts
        self.contact_ids -= dropped
        self._message_log(
            body=self.env._(
                "Contacts that are no longer covered: %(contacts)s. %(reason)s",
                contacts=", ".join(dropped.mapped("display_name")),
                reason=reason,
            )
        )

    def _lock_in(self, state):
        """Two who decide at once wait for each other.

        :raises UserError: something is not in the state
        """
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        if any(exemption.state != state for exemption in self):
            raise UserError(self.env._("This was decided already, or is not yet."))

    def _check_officer(self):
        self.check_access("write")
        if not self.env.user.has_group("age_verification.group_age_officer"):
            raise AccessError(self.env._("Only age officers decide about exemptions."))

    # === WHO IS EXEMPT === #

    def _get_contacts(self):
        """The contacts of the business, but for companies of their own."""
        self.ensure_one()
        business = self.partner_id
        return business.search(
            Domain("commercial_partner_id", "=", business.id)
            & Domain("id", "!=", business.id)
        )

    def _get_covered(self):
        """The business and its confirmed contacts, as far as they are that still."""
        self.ensure_one()
        business = self.partner_id
        if not business.is_company:
            return business.browse()
        contacts = self.contact_ids.filtered(
            lambda contact: contact.commercial_partner_id == business
        )
        return business + contacts

    @api.model
    def _get_for(self, people, companies):
        """(buyer, company) -> last days of the buyer's exemptions, None for no end."""
        exemptions = self.sudo().search_fetch(
            (
                Domain("partner_id", "in", people.ids)
                | Domain("contact_ids", "in", people.ids)
            )
            & Domain("company_id", "in", companies.ids)
            & Domain("state", "=", "approved")
        )
        found = defaultdict(list)
        for exemption in exemptions:
            for buyer in exemption._get_covered():
                found[buyer, exemption.company_id].append(exemption.valid_until or None)
        return found
