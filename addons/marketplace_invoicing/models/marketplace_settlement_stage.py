import json
from collections import Counter
from datetime import timezone

from odoo import api, models
from odoo.fields import Command

from ..const import SETTLED_STATES

#: External reference of the record that keeps lines of no payout yet, by currency.
OPEN_ACCOUNT_REF = "open {currency}"
#: Facts that go on changing after the entry without touching it.
STATUS_FIELDS = (
    "status",
    "channel_status",
    "period_start",
    "period_end",
    "deposited_date",
    "bank_ref",
    "account_tail",
)
#: Facts that the entry stands for, and whether the channel has stated them.
MONEY_FIELDS = {
    "amount_total": "total_stated",
    "opening_balance": "opening_stated",
    "closing_balance": "closing_stated",
}
#: Facts about the currency, taken over together.
CURRENCY_FIELDS = ("currency_name", "currency_id", "header_currency", "lines_currency")
#: What makes two statements of a line the same line, whatever payout they are read in.
CONTENT_FIELDS = ("external_ref", "code", "amount", "posted_date")
#: Lines whose insertion is prepared at once.
LINE_BATCH = 5000
#: Names of differing lines that a message lists.
MOST_NAMED = 5


class MarketplaceSettlement(models.Model):
    """Staging: what files say of payouts, joined from whatever parts arrive."""

    _inherit = "marketplace.settlement"

    @api.model
    def _stage(self, channel, records, import_record=None):
        """Write parsed settlements to the staging tables.

        Head and lines of a payout may come in different files and pages, in any order, twice
        and overlapping: what is stated once counts, a line counts once by its reference. Lines
        of no payout are kept and move to theirs when a file says which it is. What is in the
        books is not changed any more; a statement that contradicts it becomes an issue.

        :param channel: `marketplace.channel` record
        :param records: list of `channels.settlement.ParsedSettlement`
        :param import_record: `marketplace.import` they come from
        :return: {"created" | "updated" | "unchanged": settlements, "failures": list of
            `channels.base.ParseFailure`, always empty}
        """
        groups = {}
        for record in records:
            groups.setdefault(self._get_staging_ref(record), []).append(record)
        settlements = self._get_by_external_ref(channel, groups)
        created = self._create_missing(channel, groups, settlements)
        waiting = self._get_waiting_lines(channel, records)
        updated = self._join_statements(groups, settlements, waiting)
        touched = self.browse([settlements[ref].id for ref in groups])
        if import_record:
            touched.import_ids = [Command.link(import_record.id)]
        self._drop_paid_out_lines(channel)
        self._continue_ledgers(channel, records, import_record)
        return {
            "created": created,
            "updated": updated - created,
            "unchanged": touched - created - updated,
            "failures": [],
        }

    @api.model
    def _join_statements(self, groups, settlements, waiting):
        """Join what is stated of settlements with what is known of them.

        :param groups: {reference: list of `channels.settlement.ParsedSettlement`}
        :param settlements: {reference: settlement}
        :param waiting: see :meth:`_take_over`
        :return: settlements of which anything new is said
        """
        currencies = self.env["marketplace.order"]._get_lookups()["currency"]
        updated = self.browse()
        vals_list = []
        for ref, statements in groups.items():
            if settlements[ref]._take_over(statements, currencies, waiting, vals_list):
                updated |= settlements[ref]
        for start in range(0, len(vals_list), LINE_BATCH):
            self.env["marketplace.settlement.line"].create(
                vals_list[start : start + LINE_BATCH]
            )
        return updated

    @api.model
    def _get_staging_ref(self, record):
        """Return the reference that a parsed settlement is kept by."""
        return record.external_ref or OPEN_ACCOUNT_REF.format(
            currency=record.currency or "?"
        )

    @api.model
    def _get_by_external_ref(self, channel, refs):
        settlements = self.search(
            [("channel_id", "=", channel.id), ("external_ref", "in", list(refs))]
        )
        return {settlement.external_ref: settlement for settlement in settlements}

    @api.model
    def _create_missing(self, channel, groups, settlements):
        """Create, empty, the settlements that are heard of for the first time.

        :param groups: {reference: list of `channels.settlement.ParsedSettlement`}
        :param settlements: {reference: known settlement}, completed by this
        :return: the new ones
        """
        missing = [ref for ref in groups if ref not in settlements]
        created = self.with_context(tracking_disable=True).create(
            [self._prepare_empty(channel, ref, groups[ref][0]) for ref in missing]
        )
        settlements.update(zip(missing, created, strict=True))
        return created

    @api.model
    def _prepare_empty(self, channel, ref, record):
        is_open_account = not record.external_ref
        name = ref
        if is_open_account:
            name = self.env._(
                "Not paid out yet, %(currency)s", currency=record.currency or "?"
            )
        return {
            "channel_id": channel.id,
            "external_ref": ref,
            "name": name,
            "format": record.format,
            "is_open_account": is_open_account,
            "status": "open" if is_open_account else "unknown",
        }

    def _take_over(self, records, currencies, waiting, vals_list):
        """Join statements of one settlement with what is known.

        :param records: list of `channels.settlement.ParsedSettlement`
        :param currencies: {ISO code: id}
        :param waiting: {content key: line} of the channel's lines that belong to no payout
        :param vals_list: gets the values of the lines to create
        :return: whether the statements say anything new
        """
        self.ensure_one()
        facts = self._get_new_facts(records, currencies)
        new, changed = self._compare_lines(records)
        if not (facts or new or changed):
            return False
        if self.state in SETTLED_STATES:
            self._note_changes(facts, new, changed)
            return True
        if new:
            facts["rows"] = self.rows + sum(record.rows for record in records)
        if new or changed or facts.keys() & MONEY_FIELDS.keys():
            facts.update(approval="none", approved_by_id=False)
        was_dropped = self.state == "cancelled" and self.status != "cancelled"
        self.write(facts)
        for line, values in changed:
            line.write(values)
        vals_list += self._prepare_lines(new, waiting)
        if not was_dropped:
            self._update_state(("exception", "ready", "cancelled"), "draft")
        return True

    # === FACTS OF THE HEAD ===

    def _get_new_facts(self, records, currencies):
        """Return the stated facts that differ from the known ones; the last one counts.

        What a statement leaves out never replaces what another said.
        """
        self.ensure_one()
        facts = {"parts": set(filter(None, (self.parts or "").split(",")))}
        for record in records:
            facts["parts"] |= record.parts
            facts.update(self._prepare_facts(record, currencies))
        facts["parts"] = ",".join(sorted(facts["parts"]))
        facts.update(self._get_currency_facts(records, currencies))
        if self.is_open_account:
            names = (*CURRENCY_FIELDS, "parts")
            facts = {name: facts[name] for name in names if name in facts}
        return {
            name: value
            for name, value in facts.items()
            if not self._is_same_fact(name, value)
        }

    def _is_same_fact(self, name, value):
        """Tell whether a field says already what ``value`` says."""
        self.ensure_one()
        known = self[name]
        if name == "currency_id":
            return known.id == value
        if isinstance(known, float) and self.currency_id:
            return not self.currency_id.compare_amounts(known, value)
        return known == value

    @api.model
    def _prepare_facts(self, record, currencies):
        """Return {field: value} of what the record states."""
        naive = self._naive
        values = {
            "channel_status": record.channel_status,
            "status": record.status if record.status != "unknown" else None,
            "period_start": naive(record.period_start),
            "period_end": naive(record.period_end),
            "deposited_date": naive(record.deposited_at),
            "bank_ref": record.bank_ref,
            "account_tail": record.account_tail,
            "is_period": record.is_period or None,
        }
        for name, flag in MONEY_FIELDS.items():
            amount = getattr(record, name)
            if name == "opening_balance" and record.opening_assumed:
                # The running ledger tells it, see _continue_ledgers.
                continue
            if amount is not None:
                values[name] = float(amount)
                values[flag] = True
        return {
            name: value for name, value in values.items() if value not in (None, "")
        }

    @api.model
    def _naive(self, moment):
        """Return an aware moment as Odoo stores it: UTC without time zone."""
        return moment and moment.astimezone(timezone.utc).replace(
            tzinfo=None, microsecond=0
        )

    # === LINES ===

    def _compare_lines(self, records):
        """Compare the stated lines with those that are known.

        :return: (list of `ParsedSettlementLine` that are new, list of (line, values that
            differ))
        """
        self.ensure_one()
        parsed_lines = {
            line.external_ref: line for record in records for line in record.lines
        }
        if not parsed_lines:
            return [], []
        known = {line.external_ref: line for line in self.line_ids}
        if self.is_open_account:
            known.update(self._find_paid_out(parsed_lines.values()))
        new, changed = [], []
        for ref, parsed in parsed_lines.items():
            line = known.get(ref)
            if line is None:
                new.append(parsed)
            elif line.settlement_id == self:
                values = line._get_differing(line._prepare_facts(parsed))
                if values:
                    changed.append((line, values))
        return new, changed

    def _find_paid_out(self, parsed_lines):
        """Return {reference: line} of lines in payouts of the channel that are these very lines."""
        self.ensure_one()
        Line = self.env["marketplace.settlement.line"]
        wanted = {
            Line._get_content_key(Line._prepare_facts(line)) for line in parsed_lines
        }
        lines = Line._search_in_payouts(self.channel_id, [key[0] for key in wanted])
        return {
            line.external_ref: line
            for line in lines
            if Line._get_content_key(line) in wanted
        }

    def _prepare_lines(self, parsed_lines, waiting):
        """Return the values of new lines; those that waited for a payout move here instead.

        :param waiting: see :meth:`_get_waiting_lines`
        """
        self.ensure_one()
        Line = self.env["marketplace.settlement.line"]
        vals_list = []
        for sequence, parsed in enumerate(parsed_lines, start=len(self.line_ids) + 1):
            values = {
                **Line._prepare_facts(parsed),
                "settlement_id": self.id,
                "sequence": sequence,
            }
            line = waiting.get(Line._get_content_key(values))
            if line and not self.is_open_account:
                # What one statement leaves out the other may have said.
                line.write({name: value for name, value in values.items() if value})
            else:
                vals_list.append({**values, "type": parsed.type})
        return vals_list

    @api.model
    def _get_waiting_lines(self, channel, records):
        """Return {content key: line} of lines that belong to no payout and are stated now."""
        Line = self.env["marketplace.settlement.line"]
        refs = {line.external_ref for record in records for line in record.lines}
        lines = Line._search_waiting(channel, [("external_ref", "in", list(refs))])
        return {Line._get_content_key(line): line for line in lines}

    @api.model
    def _drop_paid_out_lines(self, channel):
        """Take off the open account what is in a payout, too.

        Two workers may have read a page without and a page with the payout at once. A
        dispute is announced before its money moves: the line that moves it takes its place.
        """
        Line = self.env["marketplace.settlement.line"]
        waiting = Line._search_waiting(channel)
        if not waiting:
            return
        paid_out = Line._search_in_payouts(channel, waiting.mapped("external_ref"))
        keys = {Line._get_content_key(line) for line in paid_out}
        gone = waiting.filtered(lambda line: Line._get_content_key(line) in keys)
        gone |= (waiting - gone)._get_restated_refunds(paid_out)
        gone |= (waiting - gone)._hand_over_disputes()
        gone.unlink()

    # === AFTER POSTING ===

    def _note_changes(self, facts, new_lines, changed_lines):
        """Keep the status of a settlement that is in the books; say what its entry lacks."""
        self.ensure_one()
        self.write({name: facts[name] for name in STATUS_FIELDS if name in facts})
        messages = self._describe_money_changes(facts)
        messages += self._describe_currency_changes(facts)
        if facts.get("status") in ("failed", "cancelled"):
            self._note_failure()
        if new_lines:
            messages.append(self._describe_new_lines(new_lines))
        if changed_lines:
            messages.append(
                self.env._(
                    "Changed lines (%(count)s): %(names)s",
                    count=len(changed_lines),
                    names=", ".join(
                        line.external_ref
                        for line, _values in changed_lines[:MOST_NAMED]
                    ),
                )
            )
        if messages:
            self._add_issue(
                "settlement_changed",
                "; ".join(messages),
                severity="warning",
                payload=self._dump_lines(new_lines),
            )

    def _describe_money_changes(self, facts):
        """Return a message per amount that contradicts the entry.

        An amount that was not stated before, and that says what the lines came to, is taken
        over.
        """
        self.ensure_one()
        messages = []
        implied = {"amount_total": self.amount_payout}
        for name, flag in MONEY_FIELDS.items():
            if name not in facts:
                continue
            known = self[name] if self[flag] else implied.get(name, 0.0)
            if not self.currency_id.compare_amounts(known, facts[name]):
                self.write({name: facts[name], flag: True})
                continue
            messages.append(
                self.env._(
                    "%(field)s: the channel now says %(new)s, the entry was made for %(old)s",
                    field=self._fields[name]._description_string(self.env),
                    new=self.currency_id.format(facts[name]),
                    old=self.currency_id.format(known),
                )
            )
        return messages

    def _describe_new_lines(self, lines):
        self.ensure_one()
        total = float(sum(line.amount for line in lines if line.type != "transfer"))
        codes = Counter(line.code for line in lines).most_common(MOST_NAMED)
        return self.env._(
            "New lines (%(count)s, sum %(amount)s): %(codes)s",
            count=len(lines),
            amount=self.currency_id.format(total),
            codes=", ".join(code for code, _count in codes),
        )

    @api.model
    def _dump_lines(self, lines):
        """Return the lines that were not taken over as text, for the issue."""
        return json.dumps(
            [
                {
                    "where": line.where,
                    "external_ref": line.external_ref,
                    "type": line.type,
                    "code": line.code,
                    "amount": str(line.amount),
                    "order_ref": line.order_ref,
                }
                for line in lines
            ],
            indent=1,
        )
