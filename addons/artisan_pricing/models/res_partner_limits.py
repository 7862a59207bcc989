from odoo import api, fields, models

NO, APPROVAL, FREE = "no", "approval", "free"

_PERMISSIONS = [
    (NO, "No"),
    (APPROVAL, "With approval"),
    (FREE, "At once"),
]
_MANAGER = "artisan_pricing.group_artisan_manager"


class ResPartner(models.Model):
    _inherit = "res.partner"

    maker_story_permission = fields.Selection(
        _PERMISSIONS,
        string="May change the story",
        default=APPROVAL,
        copy=False,
        help="Whether the maker changes the own texts on invoices in the portal.",
    )
    maker_price_permission = fields.Selection(
        _PERMISSIONS,
        string="May change prices",
        default=APPROVAL,
        copy=False,
        help="Whether the maker changes list prices and tiers in the portal.",
    )
    maker_max_increase = fields.Float(
        "Largest rise",
        default=50,
        copy=False,
        help="In percent, per change. What is changed at once within a day counts "
        "together. 0 allows no rise.",
    )
    maker_max_decrease = fields.Float(
        "Largest cut",
        default=50,
        copy=False,
        help="In percent, per change. What is changed at once within a day counts "
        "together. 0 allows no cut.",
    )

    maker_agent_ids = fields.Many2many(
        "res.partner",
        "artisan_maker_agent_rel",
        "maker_id",
        "agent_id",
        "May act for the maker",
        domain="[('commercial_partner_id', '=', id), ('id', '!=', id)]",
        copy=False,
        help="Contacts of the maker with a login: they see and change in the portal what "
        "the maker may. The maker's own login needs no mention; any other contact below the "
        "maker sees nothing of it, but for the maker's bills, which Odoo shows to all "
        "contacts of a company. Who is no contact of the maker any more does not act for "
        "them either, and after coming back only once named anew.",
    )

    _maker_limits = models.Constraint(
        "CHECK(maker_max_increase >= 0 AND maker_max_decrease >= 0"
        " AND maker_max_decrease < 100)",
        "The largest rise is 0 % or more, the largest cut from 0 to under 100 %.",
    )

    def _get_maker_permission(self, kind):
        """Whether this maker may change something of a kind: no, with approval, at once.

        :param kind: of ``artisan.change.request``
        """
        self.ensure_one()
        # Limits are the manager's to set; that they are obeyed does not depend on who acts.
        maker = self.sudo()
        if not maker.is_maker or not maker.active:
            return NO
        is_story = kind == "story"
        permission = (
            maker.maker_story_permission if is_story else maker.maker_price_permission
        )
        return permission or APPROVAL

    @api.model
    def _get_current_maker(self):
        """The maker whom the current user acts for, as superuser; empty if none.

        That a contact is below a maker is not enough: who edits contacts could put any
        there, the own one as well. The rules of portal users say the same.
        """
        user = self.env.user.sudo()
        maker = user.partner_id.commercial_partner_id.filtered("is_maker")
        if user._is_public() or user.partner_id not in maker | maker.maker_agent_ids:
            return maker.browse()
        return maker

    def _get_change_approver(self, company):
        """Whose activity it is to decide about this maker's changes: the salesperson, if
        they may, or else a manager of the company."""
        self.ensure_one()
        managers = self.env.ref(_MANAGER).sudo().all_user_ids
        managers = managers.filtered(
            lambda user: (
                user.active
                and not user.share
                and user.commercial_partner_id != self
                and (not company or company in user.company_ids)
            )
        )
        people = managers.filtered(lambda user: not user._is_superuser())
        seller = self.sudo().user_id
        return seller if seller in people else (people or managers).sorted("id")[:1]
