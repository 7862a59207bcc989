from odoo import api, fields, models
from odoo.fields import Domain

#: Types whose lines are booked to the account of a fee mapping.
MAPPED_TYPES = ("fee", "adjustment")
#: Codes of the lines that an imbalance names.
LARGEST_SUMS = 5


class MarketplaceSettlement(models.Model):
    """Checks: what speaks against booking a settlement.

    Each check looks at a recordset of one channel and returns findings; nothing raises.
    """

    _inherit = "marketplace.settlement"

    @api.model
    def _get_issue_checks(self):
        """Return the names of the checks, in the order a reviewer would read them.

        An addon adds a check by extending this list and defining the method. It takes a
        recordset of one channel and returns a list of :meth:`_finding`.
        """
        return [
            "_check_configuration",
            "_check_currency",
            "_check_currencies_agree",
            "_check_originals",
            "_check_status",
            "_check_total",
            "_check_imbalance",
            "_check_period_balance",
            "_check_duplicate",
            "_check_unknown_fee",
            "_check_gap",
            "_check_payments",
        ]

    def _check(self):
        """Bring the issues up to date and sort the settlements into ready and exception."""
        Issue = self.env["marketplace.issue"]
        for channel, settlements in self.grouped("channel_id").items():
            settlements = settlements.with_company(channel.company_id)
            findings = [
                finding
                for name in self._get_issue_checks()
                for finding in getattr(settlements, name)()
            ]
            Issue._sync(channel, settlements, findings)
            settlements._close_gaps(channel)
        blocked = Issue.search(
            [
                ("settlement_id", "in", self.ids),
                ("state", "=", "open"),
                ("severity", "=", "blocking"),
            ]
        ).settlement_id
        blocked._update_state(("draft",), "exception")
        passed = self - blocked
        passed.filtered(
            lambda settlement: (
                settlement.approval == "none"
                and settlement.channel_id._needs_approval(settlement.external_ref)
            )
        ).approval = "needed"
        passed._update_state(("draft",), "ready")

    def _finding(self, code, message, key="", severity="blocking", suggestion=None):
        """Return one finding of a check on this settlement.

        :param key: what settlements with the same cause have in common; they share one card
        :param suggestion: suggested `account.account`
        """
        self.ensure_one()
        return {
            "record": self,
            "code": code,
            "key": key[:250],
            "message": message,
            "severity": severity,
            "suggestion": suggestion or self.env["account.account"],
        }

    def _get_sums(self, field_name, domain=()):
        """Return {value of the field: sum of the lines}, largest first.

        :param field_name: "type" or "code" of the lines
        """
        self.ensure_one()
        groups = self.env["marketplace.settlement.line"]._read_group(
            Domain("settlement_id", "=", self.id) & Domain(list(domain)),
            [field_name],
            ["amount:sum"],
        )
        groups.sort(key=lambda group: -abs(group[1]))
        return dict(groups)

    def _format(self, amount):
        """Return an amount as people read it, also where the currency is unknown."""
        self.ensure_one()
        if self.currency_id:
            return self.currency_id.format(amount)
        return f"{amount:,.2f} {self.currency_name or ''}".strip()

    # === CHECKS ===

    def _check_configuration(self):
        channel = self.channel_id
        missing = [
            name
            for name in ("clearing_account_id", "clearing_journal_id")
            if not channel[name]
        ]
        reserves = self.browse()
        if not channel.reserve_account_id:
            reserves = self.filtered(lambda s: "reserve" in s._get_sums("type"))
        findings = []
        for settlement in self if missing else reserves:
            names = missing + ["reserve_account_id"] * (settlement in reserves)
            labels = [
                channel._fields[name]._description_string(self.env) for name in names
            ]
            message = self.env._(
                "Missing on the channel: %(names)s", names=", ".join(labels)
            )
            findings.append(settlement._finding("configuration", message))
        return findings

    def _check_currency(self):
        findings = []
        for settlement in self:
            code = settlement.currency_name or ""
            if settlement.currency_id and settlement._has_rate():
                continue
            if not code:
                message = self.env._("The channel does not say which currency")
            elif settlement.currency_id and not settlement.currency_id.active:
                message = self.env._("%(currency)s is not active", currency=code)
            else:
                message = self.env._("No exchange rate for %(currency)s", currency=code)
            findings.append(
                settlement._finding("currency_without_rate", message, key=code)
            )
        return findings

    def _has_rate(self):
        """Tell whether the currency is ours, or active with a rate on the day of the payout."""
        self.ensure_one()
        company = self.company_id
        if self.currency_id == company.currency_id:
            return True
        date = (self.deposited_date or self.period_end or fields.Datetime.now()).date()
        rates = self.currency_id.rate_ids.filtered(
            lambda rate: (
                (not rate.company_id or rate.company_id == company.root_id)
                and rate.name <= date
            )
        )
        return self.currency_id.active and bool(rates)

    def _check_status(self):
        """Keep payouts that failed out of the books until their money is known to be back."""
        lost = self.filtered(lambda settlement: settlement.status == "failed")
        return [
            settlement._finding(
                "settlement_failed",
                self.env._(
                    "The channel says this payout did not arrive: %(status)s",
                    status=settlement.channel_status or settlement.status,
                ),
            )
            for settlement in lost - lost._filter_returned()
        ]

    def _check_total(self):
        message = self.env._(
            "Neither a total nor a transfer to the bank tells what was paid out"
        )
        return [
            settlement._finding("settlement_without_total", message)
            for settlement in self
            if not settlement.total_stated
            and not settlement.is_period
            and "transfer" not in settlement._get_sums("type")
        ]

    def _check_imbalance(self):
        """Refuse what its lines do not explain to the cent, with what a person looks at first."""
        findings = []
        for settlement in self - self._filter_unconfirmed():
            if (settlement.currency_id or settlement.company_currency_id).is_zero(
                settlement.imbalance
            ):
                continue
            sums = settlement._get_sums("code", [("type", "!=", "transfer")])
            named = [
                f"{code} {settlement._format(amount)}"
                for code, amount in list(sums.items())[:LARGEST_SUMS]
            ]
            message = self.env._(
                "The lines come to %(lines)s, the payout with its balances to %(payout)s: "
                "%(difference)s is not explained. Largest sums: %(sums)s",
                lines=settlement._format(settlement.lines_amount),
                payout=settlement._format(
                    settlement.lines_amount + settlement.imbalance
                ),
                difference=settlement._format(settlement.imbalance),
                sums=", ".join(named) or self.env._("no lines"),
            )
            findings.append(
                settlement._finding(
                    "settlement_imbalance", message, key=settlement.external_ref
                )
            )
        return findings

    def _check_unknown_fee(self):
        """Name every code whose account nobody has chosen; one cause per code."""
        codes = self.env["marketplace.settlement.line"]._read_group(
            [("settlement_id", "in", self.ids), ("type", "in", MAPPED_TYPES)],
            ["settlement_id", "code"],
            ["__count", "amount:sum"],
        )
        Mapping = self.env["marketplace.fee.mapping"]
        channel = self.channel_id
        index = Mapping._get_index(channel, {code for _s, code, _n, _a in codes})
        unknown = [
            group
            for group in codes
            if group[1] not in index or not index[group[1]].account_id
        ]
        suggestions = Mapping._suggest_accounts(
            channel, {group[1] for group in unknown}
        )
        return [
            settlement._finding(
                "unknown_fee",
                self.env._(
                    "No account for %(code)s; lines: %(count)s, sum: %(amount)s",
                    code=code or self.env._("lines without code"),
                    count=count,
                    amount=settlement._format(amount),
                ),
                key=code or "",
                suggestion=suggestions.get(code),
            )
            for settlement, code, count, amount in unknown
        ]

    # === CHECKS AGAINST OTHER SETTLEMENTS ===

    def _others_domain(self):
        """Return the payouts of the channel and currency besides this one."""
        self.ensure_one()
        return (
            Domain("channel_id", "=", self.channel_id.id)
            & Domain("id", "!=", self.id)
            & Domain("currency_name", "=", self.currency_name)
            & Domain("is_open_account", "=", False)
            & Domain("state", "!=", "cancelled")
            & Domain("status", "not in", ("failed", "cancelled"))
        )

    def _check_gap(self):
        """Say where the account does not go on from where the one before left off.

        It does not stop the entry, which ties out by itself: a settlement in between was
        not imported, or the channel says so itself.
        """
        findings = []
        for settlement in self.filtered("opening_stated"):
            previous = settlement._get_previous()
            if not previous or not settlement.currency_id.compare_amounts(
                previous.closing_balance, settlement.opening_balance
            ):
                continue
            message = self.env._(
                "Begins with %(opening)s, but %(previous)s ended with %(closing)s",
                opening=settlement._format(settlement.opening_balance),
                previous=previous.name,
                closing=settlement._format(previous.closing_balance),
            )
            findings.append(
                settlement._finding(
                    "settlement_gap",
                    message,
                    key=settlement.external_ref,
                    severity="warning",
                )
            )
        return findings

    def _get_previous(self):
        """Return the settlement before this one, if it states how it ended."""
        self.ensure_one()
        begin = self.period_start or self.period_end or self.deposited_date
        if not begin:
            return self.browse()
        previous = self.search(
            self._others_domain() & Domain("period_end", "<=", begin),
            order="period_end desc, id desc",
            limit=1,
        )
        return previous.filtered("closing_stated")

    def _close_gaps(self, channel):
        """Resolve the gaps of other settlements that these ones fill."""
        issues = self.env["marketplace.issue"].search(
            [
                ("channel_id", "=", channel.id),
                ("code", "=", "settlement_gap"),
                ("state", "=", "open"),
                ("settlement_id", "not in", self.ids),
            ]
        )
        still = {finding["record"] for finding in issues.settlement_id._check_gap()}
        issues.filtered(lambda issue: issue.settlement_id not in still)._close(
            "resolved"
        )
