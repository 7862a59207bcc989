from odoo import models
from odoo.fields import Domain

from ..extension import is_extended

#: What core's rules of fiscal positions look at, and where they do.
DESTINATION = ("company", "country", "state", "zip", "vat", "business")
POSITION_METHODS = (
    "_get_fiscal_position",
    "_get_first_matching_fpos",
    "_get_fpos_validation_functions",
)


class MarketplaceOrder(models.Model):
    """Mapping: what an order means in our books."""

    _inherit = "marketplace.order"

    def _map(self):
        """Find products, tax liability and fiscal position, then the expected amounts."""
        for channel, orders in self.grouped("channel_id").items():
            orders = orders.with_company(channel.company_id)
            orders._map_products(channel)
            orders._map_liability(channel)
            orders._map_fiscal_position()
            orders._compute_expected()

    def _map_products(self, channel):
        Mapping = self.env["marketplace.product.mapping"]
        lines = self.line_ids
        index = Mapping._get_index(channel, {line._get_code() for line in lines})
        products = self.env["product.product"].union(*index.values())
        # Read at once what the lines will ask for product by product.
        products.mapped("display_name")
        products.mapped("taxes_id")
        found = lines.grouped(
            lambda line: index.get(line._get_code()) or line._get_product_by_kind()
        )
        for product, of_product in found.items():
            of_product.product_id = product
        unknown = lines.filtered(lambda line: not line.product_id)
        if unknown and channel.unknown_sku_policy == "placeholder":
            unknown.product_id = channel.placeholder_product_id
        elif unknown and channel.unknown_sku_policy == "create":
            self._create_products(channel, unknown)

    def _create_products(self, channel, lines):
        """Map unknown codes to the product they name, else to a new one."""
        first = {}
        for line in lines:
            first.setdefault(line._get_code(), line)
        by_code = self.env["marketplace.product.mapping"]._suggest_products(
            channel, lines
        )
        missing = {code: line for code, line in first.items() if code not in by_code}
        products = self.env["product.product"].create(
            [line._prepare_product() for line in missing.values()]
        )
        by_code.update(zip(missing, products, strict=True))
        self.env["marketplace.product.mapping"].create(
            [
                {
                    "channel_id": channel.id,
                    "code": code,
                    "title": first[code].title,
                    "product_id": product.id,
                }
                for code, product in by_code.items()
            ]
        )
        for line in lines:
            line.product_id = by_code[line._get_code()]

    def _map_liability(self, channel):
        """Decide the unknown liabilities by the rules that a person made for the channel."""
        rules = self.env["marketplace.tax.rule"]._get_index(channel)
        general = rules.get(self.env["res.country"], "unknown")
        decided = {}
        for order in self:
            rule = rules.get(order.country_id, general)
            for line in order.line_ids:
                is_open = line.liability == "unknown" and line.tax
                liability = rule if is_open else line._get_stated_liability()
                decided.setdefault(liability, []).append(line.id)
        for liability, ids in decided.items():
            self.env["marketplace.order.line"].browse(ids).liability_applied = liability

    def _map_fiscal_position(self):
        """Set what core's own rules give for the destination; one look-up per destination.

        A fiscal position that a person gave the buyer's contact wins, as it does in core.
        """
        positions = {}
        parts = self._get_deciding_parts()
        customers = self._get_known_customers()
        for order in self:
            given = customers[order].property_account_position_id
            if given:
                order.fiscal_position_id = given
                continue
            key = tuple(order._get_destination()[part] for part in parts)
            if key not in positions:
                positions[key] = order._find_fiscal_position()
            order.fiscal_position_id = positions[key]

    def _get_known_customers(self):
        """Return {order: contact of its buyer}, empty for buyers seen for the first time."""
        customers = {}
        for channel, orders in self.grouped("channel_id").items():
            keys = {order: order._get_buyer_key() for order in orders}
            index = self.env["marketplace.partner.mapping"]._get_index(
                channel, set(keys.values()) - {""}
            )
            none = self.env["res.partner"]
            for order, key in keys.items():
                partner = index.get(key, none) if key else channel.anonymous_partner_id
                customers[order] = partner.with_company(order.company_id)
        return customers

    def _get_deciding_parts(self):
        """Return the parts of a destination that can tell fiscal positions apart here.

        Nearly every order has a zip code of its own, and few companies rules for them.
        """
        company = self.company_id
        Position = self.env["account.fiscal.position"].with_company(company)
        if is_extended(Position, *POSITION_METHODS):
            return DESTINATION
        positions = Position.search(
            Domain(Position._check_company_domain(company))
            & Domain("auto_apply", "=", True)
        )
        unused = set()
        if not positions.filtered(lambda rule: rule.zip_from and rule.zip_to):
            unused.add("zip")
        if not (positions.state_ids | positions.country_group_id.exclude_state_ids):
            unused.add("state")
        return [part for part in DESTINATION if part not in unused]

    def _get_destination(self):
        """Return what core's fiscal position rules depend on, by the names of DESTINATION."""
        self.ensure_one()
        address = (self.buyer or {}).get("shipping") or {}
        return {
            "company": self.company_id.id,
            "country": self.country_id.id,
            "state": address.get("state") or "",
            "zip": address.get("zip") or "",
            "vat": self._get_valid_vat(),
            "business": self.is_business,
        }

    def _find_fiscal_position(self):
        self.ensure_one()
        FiscalPosition = self.env["account.fiscal.position"].with_company(
            self.company_id
        )
        if not self.country_id:
            return FiscalPosition
        destination = self._get_destination()
        partner = self.env["res.partner"].new(
            {
                "country_id": destination["country"],
                "state_id": self._find_state(destination["state"]).id,
                "zip": destination["zip"],
                "vat": destination["vat"],
                "is_company": destination["business"],
            }
        )
        return FiscalPosition._get_fiscal_position(partner)

    def _find_state(self, name):
        """Return the state of the delivery country by code or name."""
        self.ensure_one()
        if not name or not self.country_id:
            return self.env["res.country.state"]
        name = name.lower()
        for state in self.country_id.state_ids:
            if name in ((state.code or "").lower(), state.name.lower()):
                return state
        return self.env["res.country.state"]
