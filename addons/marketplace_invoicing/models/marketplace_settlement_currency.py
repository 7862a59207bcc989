from odoo import fields, models

#: A conversion by the channel that is further away from our rate of the day than this is not
#: believed: channels take some per cent, rates move some more.
MAX_RATE_DIFFERENCE = 0.10
#: Lines or orders that a message names.
MOST_NAMED = 5


class MarketplaceSettlement(models.Model):
    """In which currency a payout is, and whether conversions that a file states are credible."""

    _inherit = "marketplace.settlement"

    header_currency = fields.Char(
        readonly=True, help="As the payout's head was stated last."
    )
    lines_currency = fields.Char(
        readonly=True, help="As the lines were stated; several where files disagree."
    )

    # === STAGING ===

    def _get_currency_facts(self, records, currencies):
        """Return {field: value} of the currency, whatever part arrives first.

        Lines count before the head. Neither replaces the other silently: where they differ,
        :meth:`_check_currencies_agree` keeps the payout out of the books. A head may be
        corrected by another one, lines are what they were read as.

        :param records: list of `channels.settlement.ParsedSettlement`
        :param currencies: {ISO code: id}
        """
        self.ensure_one()
        head, lines = self._get_stated_currencies()
        for record in records:
            if record.currency and "header" in record.parts:
                head = record.currency
            if record.currency and "lines" in record.parts:
                lines.add(record.currency)
        name = head
        if lines:
            name = self.currency_name if len(lines) > 1 else next(iter(lines))
        facts = {
            "currency_name": name or min(lines, default=False),
            "header_currency": head,
            "lines_currency": ",".join(sorted(lines)),
        }
        facts["currency_id"] = currencies.get(facts["currency_name"])
        return {key: value for key, value in facts.items() if value}

    def _get_stated_currencies(self):
        """Return the head's currency, and the set of those of the lines."""
        self.ensure_one()
        lines = set(filter(None, (self.lines_currency or "").split(",")))
        head, parts = self.header_currency, (self.parts or "").split(",")
        if not (head or lines) and self.currency_name:
            # Staged before the two were told apart.
            head = self.currency_name if "header" in parts else False
            lines = {self.currency_name} if "lines" in parts else set()
        return head, lines

    def _describe_currency_changes(self, facts):
        """Return a message for what is in the books and is now stated in another currency."""
        self.ensure_one()
        stated = set((facts.get("lines_currency") or "").split(","))
        stated = {*stated, facts.get("header_currency") or ""} - {
            "",
            self.currency_name,
        }
        if not stated:
            return []
        return [
            self.env._(
                "The channel now says %(new)s, the entry was made in %(old)s",
                new=", ".join(sorted(stated)),
                old=self.currency_name,
            )
        ]

    # === CHECKS ===

    def _check_currencies_agree(self):
        """Refuse a payout whose files disagree about the currency of the money."""
        findings = []
        for settlement in self:
            head, lines = settlement._get_stated_currencies()
            if len({head, *lines} - {False, ""}) < 2:
                continue
            message = self.env._(
                "The payout is stated in %(head)s, its lines in %(lines)s",
                head=head or "?",
                lines=", ".join(sorted(lines)),
            )
            findings.append(
                settlement._finding(
                    "settlement_currency", message, key=settlement.external_ref
                )
            )
        return findings

    def _check_originals(self):
        """Doubt conversions that our rate of the day or the order's open amount contradict."""
        findings = []
        for settlement in self:
            lines = settlement.line_ids.filtered(
                lambda line: line._has_original() and line.type != "transfer"
            )
            if not lines:
                continue
            ref = settlement.external_ref
            for key, messages in (
                (f"{ref} rate", lines._describe_odd_rates()),
                (f"{ref} amount", lines._describe_odd_originals()),
            ):
                if messages:
                    text = "; ".join(messages[:MOST_NAMED])
                    more = " …" if len(messages) > MOST_NAMED else ""
                    findings.append(
                        settlement._finding("settlement_rate", text + more, key=key)
                    )
        return findings


class MarketplaceSettlementLine(models.Model):
    """What a line was converted from, as the channel says."""

    _inherit = "marketplace.settlement.line"

    def _has_original(self):
        """Tell whether the line says what it was converted from."""
        self.ensure_one()
        return bool(
            self.original_amount
            and self.original_currency
            and self.original_currency != self.currency_id.name
        )

    def _get_original_currency(self):
        """Return the active currency that the line names, empty where there is none."""
        return self.env["res.currency"].search(
            [("name", "in", list(set(self.mapped("original_currency"))))]
        )

    def _describe_odd_rates(self):
        """Return a message per line whose conversion is far from our rate of its day."""
        currencies = self._get_original_currency().grouped("name")
        messages, rates = [], {}
        for line in self.filtered(lambda x: x.original_currency in currencies):
            currency = currencies[line.original_currency]
            settlement = line.settlement_id
            day = settlement._get_line_day(line)
            if (currency, day) not in rates:
                rates[currency, day] = self.env["res.currency"]._get_conversion_rate(
                    currency, line.currency_id, line.company_id, day
                )
            expected = line.original_amount * rates[currency, day]
            allowed = abs(expected) * MAX_RATE_DIFFERENCE + line.currency_id.rounding
            if abs(line.amount - expected) <= allowed:
                continue
            messages.append(
                self.env._(
                    "%(original)s converted to %(amount)s for %(order)s; at our rate of "
                    "%(day)s it is %(expected)s",
                    original=currency.format(line.original_amount),
                    amount=line.currency_id.format(line.amount),
                    order=line.order_ref or line.external_ref,
                    day=day,
                    expected=line.currency_id.format(expected),
                )
            )
        return messages

    def _describe_odd_originals(self):
        """Return a message per order that is open by another amount than what was converted.

        What was given back counts or not, as its credit note may still be to come.
        """
        self._match_to_orders()
        lines = self.filtered(
            lambda line: line.order_id and line.type in ("sale", "refund")
        )
        residuals = lines.order_id._get_clearing_residuals()
        messages = []
        for order, group in lines.grouped("order_id").items():
            residual = residuals.get(order.id)
            sales = group.filtered(lambda line: line.type == "sale")
            if not residual or not sales or group._is_open_by(residual):
                continue
            messages.append(
                self.env._(
                    "%(order)s is open by %(open)s, the channel converted %(stated)s",
                    order=order.name,
                    open=residual["currency"].format(float(residual["amount"])),
                    stated=residual["currency"].format(
                        sum(sales.mapped("original_amount"))
                    ),
                )
            )
        return messages

    def _is_open_by(self, residual):
        """Tell whether these lines of one order come to what it is open by, as converted.

        :param residual: see `marketplace.order._get_clearing_residuals`
        """
        currency = residual["currency"]
        if set(self.mapped("original_currency")) != {currency.name}:
            # Nothing to compare: not the currency of what is open.
            return True
        sales = self.filtered(lambda line: line.type == "sale")
        allowed = self.order_id.channel_id.rounding_tolerance + currency.rounding / 2
        return any(
            abs(sum(lines.mapped("original_amount")) - float(residual["amount"]))
            <= allowed
            for lines in (sales, self)
        )
