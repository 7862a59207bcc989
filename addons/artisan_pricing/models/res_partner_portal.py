from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    maker_story = fields.Html(
        "Story",
        compute="_compute_maker_story",
        groups="artisan_pricing.group_artisan_user",
        sanitize=False,  # cleaned when it was written
        help="What customers read on their invoices: the maker's note for all products, or "
        "else the first one.",
    )

    @api.depends_context("lang", "allowed_company_ids")
    def _compute_maker_story(self):
        for partner in self:
            notes = self.env["artisan.content"]
            if partner.is_maker and partner._origin:
                notes = partner._origin._get_maker_notes(self.env.companies)
            partner.maker_story = notes[:1].text

    def action_open_maker_story(self):
        """The texts of this maker on invoices."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "artisan_pricing.artisan_content_action"
        )
        return action | {
            "domain": [("maker_id", "=", self.id)],
            "context": {"default_maker_id": self.id, "default_kind": "note"},
        }

    # What a maker sees in the portal. The domains are all there is between one maker and
    # another: portal users have no rights on products, price models and orders of others.

    def _get_maker_domain(self, companies):
        """Records of this maker, also those that all companies share.

        :param companies: ``res.company`` that the maker deals with in this session
        """
        self.ensure_one()
        return Domain("maker_id", "=", self.id) & Domain(
            "company_id", "in", [False, *companies.ids]
        )

    def _get_maker_notes(self, companies):
        """The maker's own texts on invoices, those for all products first."""
        notes = self.env["artisan.content"].search(
            self._get_maker_domain(companies) & Domain("kind", "=", "note")
        )
        return notes.sorted(
            lambda note: (
                bool(note.product_tmpl_ids or note.categ_id or note.partner_tag_ids),
                note.sequence,
                note.id,
            )
        )

    def _get_maker_price_rules(self, products, companies):
        """The rules of pricelists that put this maker's tiers to use today.

        :param products: ``product.template`` of the maker
        :return: {product: [rule for each price model]}
        """
        models_used = self.env["artisan.price.model"].search(
            self._get_maker_domain(companies)
        )
        now = fields.Datetime.now()
        rules = models_used.item_ids.filtered(
            lambda rule: (
                rule.pricelist_id.active
                and rule.pricelist_id.company_id <= companies
                and (not rule.date_start or rule.date_start <= now)
                and (not rule.date_end or rule.date_end >= now)
                and rule._is_in_force(now)
            )
        )
        found = {}
        for product in products:
            applying = rules.filtered(
                lambda rule, product=product: rule._is_applicable_for(
                    product, float("inf")
                )
            )
            by_model = applying.grouped("price_model_id").values()
            found[product] = [same[:1] for same in by_model]
        return found

    def _get_maker_line_domain(self, companies):
        """Lines of this maker's products on confirmed orders."""
        self.ensure_one()
        return (
            (
                Domain("sold_maker_id", "=", self.id)
                | Domain("sold_maker_id", "=", False)
                & Domain("product_id.product_tmpl_id.maker_id", "=", self.id)
            )
            & Domain("state", "=", "sale")
            & Domain("company_id", "in", companies.ids)
            & Domain("display_type", "=", False)
            & Domain("is_downpayment", "=", False)
            & Domain("product_id.type", "!=", "combo")
        )

    def _get_maker_statement_domain(self, companies):
        """Statements that this maker may read: those confirmed."""
        return self._get_maker_domain(companies) & Domain(
            "state", "in", ("confirmed", "billed")
        )
