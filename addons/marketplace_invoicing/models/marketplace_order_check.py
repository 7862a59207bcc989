from functools import partial

from stdnum import get_cc_module
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError as StdnumError

from odoo import api, fields, models
from odoo.fields import Domain

#: VAT prefixes that are no ISO country codes: Greece, Northern Ireland.
VAT_PREFIXES = {"EL": "GR", "XI": "GB"}


class MarketplaceOrder(models.Model):
    """Checks: what speaks against an order.

    Each check looks at a recordset of one channel and returns findings; nothing raises.
    """

    _inherit = "marketplace.order"

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
