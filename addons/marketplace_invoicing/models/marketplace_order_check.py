from functools import partial

from stdnum import get_cc_module
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError as StdnumError

from odoo import api, fields, models
from odoo.fields import Domain

from ..extension import is_extended

#: VAT prefixes that are no ISO country codes: Greece, Northern Ireland.
VAT_PREFIXES = {"EL": "GR", "XI": "GB"}
#: What core's rules of fiscal positions look at, and where they do.
DESTINATION = ("company", "country", "state", "zip", "vat", "business")
POSITION_METHODS = (
    "_get_fiscal_position",
    "_get_first_matching_fpos",
    "_get_fpos_validation_functions",
)


class MarketplaceOrder(models.Model):
    """Mapping and checks: what an order means in our books, and what speaks against it.

    Each check looks at a recordset of one channel and returns findings; nothing raises.
    """

    _inherit = "marketplace.order"

    # === MAPPING ===

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
        return self.country_id.state_ids.filtered(
            lambda state: (
                name.lower() in ((state.code or "").lower(), state.name.lower())
            )
        )[:1]

    # === EXPECTED AMOUNTS ===

    def _compute_expected(self):
        """Let core compute what the invoice would total, and the rounding that remains."""
        for order in self:
            order.amount_to_invoice = order._get_amount_to_invoice()
            order.rounding_amount = 0.0
            if not order._is_computable():
                order.amount_computed = order.tax_computed = 0.0
                continue
            order._set_computed(order._get_core_totals())
            order._round_difference()

    def _set_computed(self, totals):
        self.ensure_one()
        self.amount_computed, self.tax_computed = totals

    def _get_amount_to_invoice(self):
        """Return the channel's total without the tax that the marketplace owes.

        Where the file has no total, the sum of what it says of the lines.
        """
        self.ensure_one()
        if not self.total_stated:
            return sum(line._get_own_total() for line in self.line_ids)
        if not self.total_includes_marketplace_tax:
            return self.amount_total
        return self.amount_total - self._get_collected_tax()

    def _get_collected_tax(self):
        """Return the tax that the marketplace collected, after the tax rules."""
        self.ensure_one()
        on_lines = sum(line._get_marketplace_tax() for line in self.line_ids)
        return on_lines + self.order_marketplace_tax

    def _is_computable(self):
        """Tell whether core can compute the order: currency and all products are known."""
        self.ensure_one()
        return bool(self.currency_id) and all(
            line.product_id for line in self.line_ids if line._is_invoiced()
        )

    def _round_difference(self):
        """Plan a rounding line where the difference is within the channel's tolerance."""
        self.ensure_one()
        difference = self._get_total_difference()
        channel = self.channel_id
        if (
            self.currency_id.is_zero(difference)
            or not channel.rounding_account_id
            or self.currency_id.compare_amounts(
                abs(difference), channel.rounding_tolerance
            )
            > 0
        ):
            return
        self.rounding_amount = difference
        # Where the tax of the rounding line itself crosses half a cent, the line goes without.
        for taxed in (True, False):
            self.is_rounding_taxed = taxed
            self._set_computed(self._get_core_totals())
            if self.currency_id.is_zero(self._get_total_difference()):
                return

    def _get_total_difference(self):
        """Return channel minus computed, in the order's currency.

        0 where the file states neither a total nor a tax and says that its prices are net: the
        tax is then ours to add.
        """
        self.ensure_one()
        net_only = not any(
            line.tax_stated or line.tax_included != "no" for line in self.line_ids
        )
        if not self.total_stated and net_only:
            return 0.0
        return self.currency_id.round(self.amount_to_invoice - self.amount_computed)

    def _get_core_totals(self):
        """Return (total, tax) as `sale.order` will compute them for these lines."""
        self.ensure_one()
        AccountTax = self.env["account.tax"]
        base_lines = [
            self._prepare_base_line(values) for values in self._prepare_sale_lines()
        ]
        AccountTax._add_tax_details_in_base_lines(base_lines, self.company_id)
        AccountTax._round_base_lines_tax_details(base_lines, self.company_id)
        totals = AccountTax._get_tax_totals_summary(
            base_lines, self.currency_id, self.company_id
        )
        return totals["total_amount_currency"], totals["tax_amount_currency"]

    def _prepare_base_line(self, sale_line):
        """Return core's tax base line for values of :meth:`_prepare_sale_lines`."""
        self.ensure_one()
        taxes = [command[2] for command in sale_line["tax_ids"]]
        return self.env["account.tax"]._prepare_base_line_for_taxes_computation(
            {},
            tax_ids=self.env["account.tax"].browse(taxes[0]),
            quantity=sale_line["product_uom_qty"],
            price_unit=sale_line["price_unit"],
            product_id=self.env["product.product"].browse(sale_line["product_id"]),
            currency_id=self.currency_id,
            rate=1.0,
        )

    def _prepare_sale_lines(self):
        """Return the values of all sale order lines, the rounding line last."""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line._is_invoiced())
        values = [line._prepare_sale_line() for line in lines]
        if self.rounding_amount:
            values.append(self._prepare_rounding_line(lines))
        return values

    def _prepare_rounding_line(self, lines):
        """Return the rounding line, taxed like the order's largest line."""
        self.ensure_one()
        product = self.env.ref("marketplace_invoicing.product_rounding")
        largest = lines.sorted(lambda line: abs(line.amount))[-1:]
        taxes = self.env["account.tax"]
        if largest and self.is_rounding_taxed:
            taxes = largest._get_taxes()
        return {
            "sequence": 10000,
            "product_id": product.id,
            "product_uom_id": product.uom_id.id,
            "name": self.env._("Rounding difference"),
            "product_uom_qty": 1.0,
            "price_unit": largest._get_price_unit(
                self.rounding_amount, True, 1.0, taxes, product
            ),
            "technical_price_unit": 0.0,
            "discount": 0.0,
            "tax_ids": [fields.Command.set(taxes.ids)],
            "is_marketplace_rounding": True,
        }

    # === CHECKS ===

    @api.model
    def _get_issue_checks(self):
        """Return the names of the checks, in the order a reviewer would read them.

        An addon adds a check by extending this list and defining the method. It takes a
        recordset of one channel and returns a list of :meth:`_finding`.
        """
        return [
            "_check_configuration",
            "_check_unknown_sku",
            "_check_tax_liability",
            "_check_missing_country",
            "_check_currency",
            "_check_negative_total",
            "_check_total_difference",
            "_check_tax_difference",
            "_check_invalid_vat",
            "_check_duplicate",
            "_check_closed_period",
            "_check_correction",
        ]

    def _check(self):
        """Bring the issues up to date and sort the orders into ready and exception."""
        Issue = self.env["marketplace.issue"]
        for channel, orders in self.grouped("channel_id").items():
            orders = orders.with_company(channel.company_id)
            findings = [
                finding
                for name in self._get_issue_checks()
                for finding in getattr(orders, name)()
            ]
            Issue._sync(channel, orders, findings)
        blocked = Issue.search(
            [
                ("order_id", "in", self.ids),
                ("state", "=", "open"),
                ("severity", "=", "blocking"),
            ]
        ).order_id
        blocked._update_state(("draft",), "exception")
        for order in self - blocked:
            needs = order.approval != "approved" and order.channel_id._needs_approval(
                order.external_ref
            )
            if needs and order.approval == "none":
                order.approval = "needed"
        (self - blocked)._update_state(("draft",), "ready")

    def _finding(self, code, message, key="", severity="blocking", product=None):
        """Return one finding of a check on this order.

        :param key: what orders with the same cause have in common; they share one card
        :param product: suggested `product.product`
        """
        self.ensure_one()
        return {
            "record": self,
            "code": code,
            "key": key[:250],
            "message": message,
            "severity": severity,
            "suggestion": product or self.env["product.product"],
        }

    def _check_configuration(self):
        channel = self.channel_id
        missing = [
            channel._fields[name]._description_string(self.env)
            for name in ("journal_id", "shipping_product_id", "charge_product_id")
            if not channel[name]
        ]
        if not missing:
            return []
        message = self.env._(
            "Missing on the channel: %(names)s", names=", ".join(missing)
        )
        return [order._finding("configuration", message) for order in self]

    def _check_unknown_sku(self):
        unknown = self.line_ids.filtered(lambda line: not line.product_id)
        if not unknown:
            return []
        suggestions = self.env["marketplace.product.mapping"]._suggest_products(
            self.channel_id, unknown
        )
        findings = {}
        for line in unknown:
            code = line._get_code()
            message = self.env._("No product for %(code)s", code=code)
            findings[line.order_id, code] = line.order_id._finding(
                "unknown_sku", message, key=code, product=suggestions.get(code)
            )
        return list(findings.values())

    def _check_tax_liability(self):
        findings = []
        for order in self:
            unknown = order.line_ids.filtered(
                lambda line: line.liability_applied == "unknown"
            )
            if unknown:
                message = self.env._(
                    "The channel states a tax of %(tax)s and not who owes it (%(evidence)s)",
                    tax=round(sum(unknown.mapped("tax")), 2),
                    evidence=unknown[0].evidence,
                )
                key = order.country_id.code or ""
                findings.append(
                    order._finding("tax_liability_unknown", message, key=key)
                )
        return findings

    def _check_missing_country(self):
        message = self.env._("No delivery country: the taxes cannot be decided")
        return [
            order._finding("missing_country", message)
            for order in self
            if not order.country_id and not order._is_tax_all_collected()
        ]

    def _is_tax_all_collected(self):
        self.ensure_one()
        lines = self.line_ids
        return bool(lines) and all(
            line.liability_applied == "marketplace" for line in lines
        )

    def _check_currency(self):
        findings = []
        for order in self:
            code = order.currency_name or ""
            if order.currency_id and order._has_rate():
                continue
            if not code:
                message = self.env._("The channel does not say which currency")
            elif order.currency_id and not order.currency_id.active:
                message = self.env._("%(currency)s is not active", currency=code)
            else:
                message = self.env._("No exchange rate for %(currency)s", currency=code)
            findings.append(order._finding("currency_without_rate", message, key=code))
        return findings

    def _has_rate(self):
        """Tell whether the currency is ours, or active with a rate on the invoice date."""
        self.ensure_one()
        company = self.company_id
        if self.currency_id == company.currency_id:
            return True
        rates = self.currency_id.rate_ids.filtered(
            lambda rate: (
                (not rate.company_id or rate.company_id == company.root_id)
                and rate.name <= self._get_invoice_date()
            )
        )
        return self.currency_id.active and bool(rates)

    def _check_negative_total(self):
        return [
            order._finding(
                "negative_total",
                self.env._(
                    "The total of %(total)s is negative", total=order.amount_total
                ),
            )
            for order in self
            if order.amount_to_invoice < 0 or order.amount_computed < 0
        ]

    def _is_comparable(self):
        """Tell whether there is a computed total to compare with the channel's.

        Without a country, or while nobody knows whose a tax is, every figure would differ: that
        is one finding, not three.
        """
        self.ensure_one()
        return (
            self._is_computable()
            and "unknown" not in self.line_ids.mapped("liability_applied")
            and not self._is_country_missing()
        )

    def _is_country_missing(self):
        """Tell whether the taxes wait for a country; a person may accept to do without."""
        self.ensure_one()
        return (
            not self.country_id
            and not self._is_tax_all_collected()
            and not self.issue_ids.filtered(
                lambda issue: (
                    issue.code == "missing_country" and issue.state == "accepted"
                )
            )
        )

    def _check_total_difference(self):
        findings = []
        for order in self:
            difference = order._is_comparable() and order._get_total_difference()
            if not difference:
                continue
            message = self.env._(
                "The channel says %(channel)s, the lines come to %(computed)s",
                channel=order.currency_id.format(order.amount_to_invoice),
                computed=order.currency_id.format(order.amount_computed),
            )
            findings.append(order._finding("total_difference", message))
        return findings

    def _check_tax_difference(self):
        findings = []
        for order in self:
            stated = order._is_comparable() and order._get_stated_tax()
            if stated is False or stated is None:
                continue
            difference = abs(stated - order.tax_computed)
            tolerance = order.channel_id.tax_tolerance
            if order.currency_id.compare_amounts(difference, tolerance) <= 0:
                continue
            message = self.env._(
                "The channel says tax %(channel)s, we compute %(computed)s",
                channel=order.currency_id.format(stated),
                computed=order.currency_id.format(order.tax_computed),
            )
            key = order.country_id.code or ""
            findings.append(order._finding("tax_difference", message, key=key))
        return findings

    def _get_stated_tax(self):
        """Return the tax that the channel says we owe, or None when it does not say.

        What it says of lines whose tax the marketplace owes tells nothing of the other lines.
        """
        self.ensure_one()
        ours = self.line_ids.filtered(
            lambda line: line._is_invoiced() and line.liability_applied != "marketplace"
        )
        stated = (ours or self.line_ids).filtered("tax_stated")
        if stated:
            return sum(line._get_seller_tax() for line in stated)
        if self.tax_stated:
            return self.amount_tax - self.marketplace_tax
        return None

    def _check_invalid_vat(self):
        findings = []
        for order in self.filtered("buyer_vat"):
            if not order._get_valid_vat():
                message = self.env._(
                    "%(number)s is not a valid VAT number", number=order.buyer_vat
                )
                findings.append(
                    order._finding("invalid_vat", message, key=order.buyer_vat)
                )
        return findings

    def _get_valid_vat(self):
        """Return the buyer's VAT number if form and check digits are right, else ""."""
        self.ensure_one()
        number = self.buyer_vat or ""
        country = self.country_id.code or ""
        return number if number and self._is_valid_vat(number, country) else ""

    @api.model
    def _is_valid_vat(self, number, country_code):
        """Check form and check digits (python-stdnum).

        A number of a country whose rule nobody knows passes when it has five digits at least.

        :param country_code: ISO code for numbers without a prefix
        """
        if eu_vat.is_valid(number):
            return True
        prefix = number[:2].upper()
        if prefix.isalpha():
            country_code = VAT_PREFIXES.get(prefix, prefix)
            if not self.env["res.country"].search_count(
                [("code", "=", country_code)], limit=1
            ):
                return False
        if country_code.lower() in eu_vat.MEMBER_STATES:
            return False
        module = get_cc_module(country_code.lower(), "vat") if country_code else None
        if not module:
            return sum(char.isdigit() for char in number) >= 5
        candidates = {number, number.upper().removeprefix(prefix)}
        return any(
            self._validates(partial(module.validate, value)) for value in candidates
        )

    @api.model
    def _validates(self, validate):
        try:
            validate()
        except StdnumError:
            return False
        return True

    def _check_duplicate(self):
        """Find the same order on another channel, or keyed in by hand before."""
        refs = self.mapped("external_ref")
        others = self.search(
            Domain("company_id", "=", self.company_id.id)
            & Domain("external_ref", "in", refs)
            & Domain("channel_id", "!=", self.channel_id.id)
            & Domain("channel_id.platform", "=", self.channel_id.platform)
            & Domain("state", "!=", "cancelled")
        ).mapped("external_ref")
        by_hand = self.env["sale.order"].search(
            Domain("company_id", "=", self.company_id.id)
            & Domain("marketplace_order_id", "=", False)
            & Domain("client_order_ref", "in", refs)
            & Domain("state", "!=", "cancel")
        )
        documents = {order.client_order_ref: order.name for order in by_hand}
        findings = []
        for order in self:
            ref = order.external_ref
            if ref in others:
                message = self.env._(
                    "Order %(ref)s is on another channel, too", ref=ref
                )
            elif ref in documents:
                message = self.env._(
                    "Sale order %(name)s has the same reference", name=documents[ref]
                )
            else:
                continue
            findings.append(order._finding("duplicate", message))
        return findings

    def _check_closed_period(self):
        findings = []
        violations = {}
        for order in self:
            date = order._get_invoice_date()
            if date not in violations:
                violations[date] = order.company_id._get_violated_lock_dates(
                    date, True, order.channel_id.journal_id
                )
            if violations[date]:
                message = self.env._(
                    "%(date)s lies in a closed period", date=fields.Date.to_string(date)
                )
                key = fields.Date.to_string(date)[:7]
                findings.append(order._finding("closed_period", message, key=key))
        return findings

    def _check_correction(self):
        """Stop where the channel changed an order after a person had corrected its data."""
        message = self.env._(
            "The channel sent new data after a correction; the correction is not applied"
        )
        return [
            order._finding("correction_overtaken", message)
            for order in self
            if order.is_correction_overtaken
        ]
