import math

from odoo import fields
from odoo.fields import Domain
from odoo.http import request

from ..change_targets import ListPrice, TierValue
from ..models.artisan_change_request import OPEN
from ..models.res_partner_limits import NO
from .maker_portal import MakerPortal, maker_route


class MakerProducts(MakerPortal):
    """A maker's products, with their prices."""

    # === ROUTES === #

    @maker_route("/products", "/products/page/<int:page>")
    def maker_products(self, page=1, filterby="all", search="", **kwargs):
        maker = self._get_maker()
        filters = self._get_product_filters()
        filterby = filterby if filterby in filters else "all"
        domain = self._get_products(maker) & Domain(filters[filterby]["domain"])
        search = self._read_text(search)
        if search:
            domain &= Domain("name", "ilike", search)
        args = {"filterby": filterby, "search": search}
        pager = self._get_pager("product.template", domain, "/products", page, args)
        products = self._search("product.template", domain, pager["offset"])
        values = {
            "products": products,
            "rules": maker._get_maker_price_rules(products, request.env.companies),
            "pager": pager,
            "searchbar_filters": filters,
            "filterby": filterby,
            "searchbar_inputs": {
                "name": {"input": "name", "label": request.env._("Search by name")}
            },
            "search_in": "name",
            "search": search,
            "default_url": "/my/maker/products",
            "page_name": "maker_products",
        }
        return self._render("artisan_pricing.portal_maker_products", maker, values)

    @maker_route("/products/<int:product_id>")
    def maker_product(self, product_id, said=None, **kwargs):
        maker = self._get_maker()
        product = self._find("product.template", product_id, maker)
        return self._render_product(maker, product, said=said)

    @maker_route("/products/<int:product_id>/image")
    def maker_product_image(self, product_id, **kwargs):
        product = self._find("product.template", product_id, self._get_maker())
        stream = request.env["ir.binary"]._get_image_stream_from(product, "image_256")
        return stream.get_response()

    @maker_route("/products/<int:product_id>/price", methods=["POST"])
    def maker_propose_price(self, product_id, **kwargs):
        maker = self._get_maker()
        product = self._find("product.template", product_id, maker)
        return self._propose(maker, product, ListPrice(product), kwargs)

    @maker_route("/products/<int:product_id>/tiers/<int:tier_id>", methods=["POST"])
    def maker_propose_tier(self, product_id, tier_id, **kwargs):
        maker = self._get_maker()
        product = self._find("product.template", product_id, maker)
        rules = self._get_rules(maker, product)
        tiers = request.env["artisan.price.tier"].sudo()
        tiers = tiers.concat(*(rule.price_model_id.tier_ids for rule in rules))
        tier = tiers.filtered(lambda tier: tier.id == tier_id)
        if not tier:
            raise request.not_found()
        return self._propose(maker, product, TierValue(tier), kwargs)

    # === HELPERS === #

    def _get_product_filters(self):
        return {
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
            "on_sale": {
                "label": request.env._("On sale"),
                "domain": Domain("sale_ok", "=", True),
            },
            "off_sale": {
                "label": request.env._("Not on sale"),
                "domain": Domain("sale_ok", "=", False),
            },
        }

    def _get_rules(self, maker, product):
        companies = request.env.companies
        return maker._get_maker_price_rules(product, companies)[product]

    def _propose(self, maker, product, target, typed):
        """Take a form's number. Nothing else of the form is written anywhere."""
        changes = request.env["artisan.change.request"].sudo()
        made = changes

        def propose():
            nonlocal made
            made = changes._propose_price(
                target,
                self._read_text(typed.get("value")),
                self._read_seen(typed.get("seen")),
                self._read_text(typed.get("reason")),
                self._read_day(typed.get("date_effective")),
            )

        error = self._try(propose)
        if error:
            problem = {"record": target.record, "typed": typed}
            return self._render_product(maker, product, error=error, problem=problem)
        return self._go_to(f"/products/{product.id}", made.state)

    def _read_seen(self, seen):
        """The number that the page showed, or one that is no price."""
        try:
            number = float(seen)
        except (TypeError, ValueError):
            return -1.0
        return number if math.isfinite(number) else -1.0

    def _render_product(self, maker, product, said=None, error=None, problem=None):
        now = fields.Datetime.now()
        ladders = [
            {
                "model": rule.price_model_id,
                "pricelist": rule.pricelist_id,
                "tiers": [
                    (tier, self._get_example(rule, tier, product, now))
                    for tier in rule.price_model_id.tier_ids
                ],
            }
            for rule in self._get_rules(maker, product)
        ]
        tiers = [tier.id for ladder in ladders for tier, _price in ladder["tiers"]]
        mine = Domain("maker_id", "=", maker.id)
        changes = self._search(
            "artisan.change.request",
            mine
            & (
                Domain("product_tmpl_id", "=", product.id)
                | Domain("tier_id", "in", tiers)
            ),
        )
        values = {
            "product": product,
            "ladders": ladders,
            "changes": changes,
            "open_changes": {
                change.product_tmpl_id or change.tier_id: change
                for change in changes
                if change.state in OPEN
            },
            "permission": maker._get_maker_permission("list_price"),
            "NO": NO,
            "error": error,
            "problem": problem or {},
            "page_name": "maker_product",
        }
        return self._render("artisan_pricing.portal_maker_product", maker, values, said)

    def _get_example(self, rule, tier, product, now):
        """What a unit of the product costs from a tier on, in the price model's currency."""
        quantity = max(tier.min_quantity, 1)
        return rule._compute_price(
            product, quantity, product.uom_id, now, currency=tier.currency_id
        )
