from dataclasses import replace
from decimal import Decimal

from odoo import api, fields, models

from ..const import SETTLED_STATES

#: Platforms whose formats tell of the same settlement in lines of their own; of all others a
#: line is the same line in every file.
SOURCES_APART = ("amazon",)
#: Amounts that a message names.
MOST_NAMED = 5


class MarketplaceSettlement(models.Model):
    """Settlements that two sources tell of: one is booked, the other one compared.

    The lines of both are never added up. The source that first explains the payout stays; of
    the other the amounts are kept, and where their sums differ an issue says so.
    """

    _inherit = "marketplace.settlement"

    lines_source = fields.Char(
        string="Source of the Lines",
        readonly=True,
        help="Which report the lines are from. Another one that tells of the same "
        "settlement is compared with it, and not booked.",
    )
    other_lines = fields.Json(
        readonly=True,
        copy=False,
        help="{source: {reference of a line: [type, code, amount]}} of what is compared.",
    )

    # === STAGING ===

    def _take_over(self, records, currencies, waiting, vals_list):
        """Override: lines of a second source are kept apart."""
        self.ensure_one()
        by_source = {}
        for record in records:
            source = self._get_source(record.format) if record.lines else None
            by_source.setdefault(source, []).append(record)
        is_new = False
        for source, group in by_source.items():
            if source and source != self._get_lines_source(source):
                is_new |= self._note_other_lines(source, self._get_facts_of(group))
                if self._explains_more(group):
                    self._change_source(source)
                else:
                    by_source[source] = [
                        replace(
                            record, lines=(), parts=record.parts - {"lines"}, rows=0
                        )
                        for record in group
                    ]
                    continue
            if source and self.lines_source != source:
                self.lines_source = source
        joined = [record for group in by_source.values() for record in group]
        return super()._take_over(joined, currencies, waiting, vals_list) or is_new

    @api.model
    def _stage(self, channel, records, import_record=None):
        """Override: compare what two sources say, once the lines are there."""
        result = super()._stage(channel, records, import_record)
        touched = result["created"] | result["updated"]
        touched.filtered("other_lines")._compare_sources()
        return result

    @api.model
    def _get_source(self, file_format):
        """Return what formats have in common whose lines are the same lines."""
        platform, _dot, rest = (file_format or "").partition(".")
        if platform not in SOURCES_APART:
            return platform
        return f"{platform}.{rest.partition('.')[0]}"

    def _get_lines_source(self, default):
        """Return the source of the lines that are there, else the default."""
        self.ensure_one()
        if not self.line_ids:
            return default
        return self.lines_source or self._get_source(self.format)

    def _explains_more(self, records):
        """Tell whether statements explain a payout that its lines do not explain yet.

        What is in the books stays.
        """
        self.ensure_one()
        if self.state in SETTLED_STATES:
            return False
        is_complete = (
            not self.is_waiting
            and (self.total_stated or "transfer" in self.line_ids.mapped("type"))
            and (self.currency_id or self.company_currency_id).is_zero(self.imbalance)
        )
        return not is_complete and any(record.balances for record in records)

    def _change_source(self, source):
        """Set the lines aside, as those of the source come instead.

        What a person said of their orders goes on for lines of the same reference.
        """
        self.ensure_one()
        lines = self.line_ids
        former = self._get_lines_source(source)
        self._note_other_lines(
            former,
            {
                line.external_ref: [line.stated_type, line.code or "", str(line.amount)]
                for line in lines
            },
        )
        others = dict(self.other_lines)
        others.pop(source, None)
        self.other_lines = others
        lines.unlink()
        self.invalidate_recordset(["line_ids"])

    @api.model
    def _get_facts_of(self, records):
        return {
            line.external_ref: [line.type, line.code, str(line.amount)]
            for record in records
            for line in record.lines
        }

    def _note_other_lines(self, source, facts):
        """Keep what a source says; return whether it is new."""
        self.ensure_one()
        known = (self.other_lines or {}).get(source, {})
        if not facts or known | facts == known:
            return False
        self.other_lines = {**(self.other_lines or {}), source: {**known, **facts}}
        return True

    # === COMPARISON ===

    @api.model
    def _get_issue_checks(self):
        """Override: what a second source says is compared."""
        return [*super()._get_issue_checks(), "_check_sources"]

    def _check_sources(self):
        """Say where a second source comes to other sums."""
        return [
            settlement._finding(
                "settlement_sources",
                message,
                key=settlement.external_ref,
                severity="warning",
            )
            for settlement in self.filtered("other_lines")
            if (message := settlement._describe_other_sums())
        ]

    def _compare_sources(self):
        """Bring the issue of settlements up to date that no check looks at any more."""
        for settlement in self.filtered(lambda s: s.state in SETTLED_STATES):
            message = settlement._describe_other_sums()
            if message:
                settlement._add_issue(
                    "settlement_sources",
                    message,
                    key=settlement.external_ref,
                    severity="warning",
                )
            else:
                settlement.issue_ids.filtered(
                    lambda issue: (
                        issue.code == "settlement_sources" and issue.state == "open"
                    )
                )._close("resolved")

    def _describe_other_sums(self):
        """Return a message for the types of amounts that do not come to the same sum."""
        self.ensure_one()
        mine = self._sum_by_type(
            [line.stated_type, line.code or "", str(line.amount)]
            for line in self.line_ids
        )
        messages = []
        for report, facts in (self.other_lines or {}).items():
            sums = self._describe_sums(mine, self._sum_by_type(facts.values()))
            if sums:
                messages.append(
                    self.env._(
                        "%(report)s says otherwise: %(sums)s", report=report, sums=sums
                    )
                )
        return "; ".join(messages)

    def _describe_sums(self, mine, theirs):
        """Return what differs between two results of :meth:`_sum_by_type`."""
        self.ensure_one()
        labels = dict(self.line_ids._fields["type"]._description_selection(self.env))
        nothing = (Decimal(), [])
        messages = []
        for kind in sorted(mine.keys() | theirs.keys()):
            here, codes = mine.get(kind, nothing)
            there, other_codes = theirs.get(kind, nothing)
            if here != there:
                messages.append(
                    self.env._(
                        "%(type)s %(theirs)s instead of %(mine)s (%(codes)s)",
                        type=labels.get(kind, kind),
                        theirs=self._format(float(there)),
                        mine=self._format(float(here)),
                        codes=", ".join((other_codes or codes)[:MOST_NAMED]),
                    )
                )
        return "; ".join(messages)

    def _sum_by_type(self, facts):
        """Return {type: (sum, codes)}, transfers left out.

        :param facts: iterable of [type, code, amount as text]
        """
        sums, codes = {}, {}
        for kind, code, amount in facts:
            if kind != "transfer":
                value = Decimal(amount).quantize(Decimal("0.000001"))
                sums[kind] = sums.get(kind, Decimal()) + value
                codes.setdefault(kind, set()).add(code)
        return {kind: (total, sorted(codes[kind])) for kind, total in sums.items()}
