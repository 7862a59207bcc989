"""What a company shows to an authority: gathered once, for paper and for a spreadsheet."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date, format_datetime

from ..engine.masking import FLOOR, mask

#: Fields whose changes are changes of the law as the company applies it.
TRACKED = ("age.rule", "age.policy")


@dataclass(slots=True)
class Section:
    """A table of the pack.

    :param code: identifies the section
    :param header: heads of the columns
    :param rows: cells as text, as many as there are heads
    """

    code: str
    title: str
    header: list[str]
    rows: list[list[str]] = field(default_factory=list)
    note: str = ""


class AgeEvidence(models.AbstractModel):
    """The due-diligence pack of a company for some days.

    It names no buyer: documents and numbers lead an officer to them who has a reason.
    """

    _name = "age.evidence"
    _description = "Age Evidence"

    @api.model
    def _collect(self, company, start, end):
        """All sections for the days from ``start`` to ``end``, both included.

        :return: list of :class:`Section`; reads what the user may read
        """
        zone = pytz.timezone(company.partner_id.tz or self.env.user.tz or "UTC")
        begin = _to_utc(zone, start)
        after = _to_utc(zone, end + timedelta(days=1))
        scope = Domain("company_id", "=", company.id)
        within = Domain("date", ">=", begin) & Domain("date", "<", after)
        checks = self.env["age.check"].search(scope & within, order="id")
        incidents = self.env["age.incident"].search(scope & within, order="number")
        return [
            self._get_policies(company),
            self._get_rules(checks, start, end),
            self._get_months(checks, "verdict", "checks", self.env._("Checks")),
            self._get_refusals(scope, start, end),
            self._get_months(incidents, "kind", "counts", self.env._("Incidents")),
            self._get_incidents(company, incidents),
            self._get_overrides(scope, begin, after),
            self._get_changes(company, begin, after),
            self._get_exemptions(scope, start, after),
        ]

    # === WHAT WAS IN FORCE === #

    def _get_policies(self, company):
        policies = self.env["age.policy"].search([("company_id", "=", company.id)])
        section = Section(
            "policies",
            self.env._("Policies"),
            [
                self.env._("Policy"),
                self.env._("Age without a known rule"),
                self.env._("Weakest proof"),
                self.env._("Proofs count for days"),
                self.env._("Mixed baskets"),
                self.env._("Two persons"),
                self.env._("Steps"),
            ],
        )
        for policy in policies:
            section.rows.append(
                [
                    policy.name,
                    str(policy.fallback_age),
                    _label(policy, "min_assurance"),
                    str(policy.proof_valid_days or self.env._("no end")),
                    _label(policy, "mixed_baskets"),
                    self.env._("yes") if policy.four_eyes else self.env._("no"),
                    ", ".join(policy.step_ids.provider_id.mapped("name")),
                ]
            )
        return section

    def _get_rules(self, checks, start, end):
        rules = (
            self.env["age.rule"]
            .with_context(active_test=False)
            .search(
                (
                    Domain("country_id", "in", checks.country_id.ids)
                    & Domain("active", "=", True)
                    & (Domain("date_from", "=", False) | Domain("date_from", "<=", end))
                    & (Domain("date_to", "=", False) | Domain("date_to", ">=", start))
                )
                | Domain("id", "in", checks.rule_id.ids)
            )
        )
        return Section(
            "rules",
            self.env._("Rules in force where goods were sold to"),
            [
                self.env._("Rule"),
                self.env._("From"),
                self.env._("Until"),
                self.env._("Strength"),
                self.env._("Known how"),
                self.env._("Source"),
                self.env._("Seen on"),
            ],
            [
                [
                    rule.display_name,
                    self._day(rule.date_from),
                    self._day(rule.date_to),
                    _strength(rule),
                    _label(rule, "confidence"),
                    rule.source or "",
                    self._day(rule.seen_on),
                ]
                for rule in rules
            ],
        )

    # === WHAT HAPPENED === #

    def _get_months(self, records, name, code, title):
        """How many there were of each kind in each month; small numbers are masked."""
        labels = dict(records._fields[name]._description_selection(self.env))
        counts = Counter(
            (record.date.strftime("%Y-%m"), record[name]) for record in records
        )
        months = sorted({month for month, _kind in counts})
        kinds = [kind for kind in labels if any(counts[m, kind] for m in months)]
        return Section(
            code,
            self.env._("%s by month", title),
            [self.env._("Month"), *(labels[kind] for kind in kinds)],
            [
                [month, *(mask(counts[month, kind]) for kind in kinds)]
                for month in months
            ],
            self.env._("Numbers below %s are not told.", FLOOR),
        )

    def _get_refusals(self, scope, start, end):
        refusals = self.env["age.refusal"].search(
            scope & Domain("day", ">=", start) & Domain("day", "<=", end),
            order="day, id",
        )
        return Section(
            "refusals",
            self.env._("Refusals register"),
            [
                self.env._("No."),
                self.env._("Day"),
                self.env._("Not born on or before"),
                self.env._("Withdrawn on"),
            ],
            [
                [
                    str(refusal.id),
                    self._day(refusal.day),
                    self._day(refusal.bound_date),
                    self._day(refusal.withdrawn_on),
                ]
                for refusal in refusals
            ],
        )

    def _get_incidents(self, company, incidents):
        ledger = self.env["age.incident"]
        result = ledger._verify_chains(company)[company]
        return Section(
            "incidents",
            self.env._("Incidents"),
            [
                self.env._("No."),
                self.env._("Date"),
                self.env._("Kind"),
                self.env._("Document"),
                self.env._("Where"),
                self.env._("Decision"),
                self.env._("Actor"),
                self.env._("Note"),
                self.env._("Hash"),
            ],
            [
                [
                    str(incident.number),
                    self._moment(incident.date),
                    _label(incident, "kind"),
                    incident.document or "",
                    _label(incident, "gate"),
                    _label(incident, "verdict"),
                    incident.user_id.name or "",
                    incident.note or "",
                    incident.digest,
                ]
                for incident in incidents
            ],
            ledger._describe_chain(company, result),
        )

    def _get_overrides(self, scope, begin, after):
        overrides = self.env["age.override"].search(
            scope
            & Domain("requested_on", ">=", begin)
            & Domain("requested_on", "<", after),
            order="id",
        )
        return Section(
            "overrides",
            self.env._("Overrides"),
            [
                self.env._("Document"),
                self.env._("Asked on"),
                self.env._("Asked by"),
                self.env._("Approved on"),
                self.env._("Approved by"),
                self.env._("State"),
                self.env._("Reason"),
            ],
            [
                [
                    override._get_document().name or "",
                    self._moment(override.requested_on),
                    override.requested_by_id.name or "",
                    self._moment(override.approved_on),
                    override.approved_by_id.name or "",
                    _label(override, "state"),
                    override.reason,
                ]
                for override in overrides
            ],
        )

    def _get_changes(self, company, begin, after):
        """Changes of rules and of the company's policies, as the chatter has them."""
        values = (
            self.env["mail.tracking.value"]
            .sudo()
            .search(
                Domain("mail_message_id.model", "in", TRACKED)
                & Domain("mail_message_id.date", ">=", begin)
                & Domain("mail_message_id.date", "<", after),
                order="id",
            )
        )
        names = self._get_changed(company, values.mail_message_id)
        section = Section(
            "changes",
            self.env._("Changes of rules and policies"),
            [
                self.env._("Date"),
                self.env._("By"),
                self.env._("Rule or policy"),
                self.env._("What"),
                self.env._("Before"),
                self.env._("After"),
            ],
        )
        formatted = {item["id"]: item for item in values._tracking_value_format()}
        for value in values:
            message = value.mail_message_id
            name = names.get((message.model, message.res_id))
            if name:
                shown = formatted[value.id]
                section.rows.append(
                    [
                        self._moment(message.date),
                        message.author_id.name or "",
                        name,
                        shown["fieldInfo"]["changedField"],
                        _text(shown["oldValue"]),
                        _text(shown["newValue"]),
                    ]
                )
        return section

    def _get_changed(self, company, messages):
        """{(model, id): name} of what the messages are about, without other companies'."""
        ids = defaultdict(set)
        for message in messages:
            ids[message.model].add(message.res_id)
        names = {}
        for model in TRACKED:
            records = self.env[model].with_context(active_test=False)
            for record in records.search([("id", "in", list(ids[model]))]):
                if model == "age.rule" or record.company_id == company:
                    names[model, record.id] = record.display_name
        return names

    def _get_exemptions(self, scope, start, after):
        exemptions = self.env["age.exemption"].search(
            scope
            & Domain("approved_on", "<", after)
            & (Domain("valid_until", "=", False) | Domain("valid_until", ">=", start)),
            order="id",
        )
        return Section(
            "exemptions",
            self.env._("Exempt businesses"),
            [
                self.env._("Business"),
                self.env._("Evidence"),
                self.env._("Until"),
                self.env._("Asked by"),
                self.env._("Approved on"),
                self.env._("Approved by"),
                self.env._("State"),
            ],
            [
                [
                    exemption.partner_id.display_name,
                    exemption.evidence,
                    self._day(exemption.valid_until),
                    exemption.requested_by_id.name or "",
                    self._moment(exemption.approved_on),
                    exemption.approved_by_id.name or "",
                    _label(exemption, "state"),
                ]
                for exemption in exemptions
            ],
        )

    # === WORDS === #

    def _day(self, day):
        return format_date(self.env, day, date_format="yyyy-MM-dd") if day else ""

    def _moment(self, moment):
        if not moment:
            return ""
        return format_datetime(self.env, moment, dt_format="yyyy-MM-dd HH:mm:ss")


def _to_utc(zone, day):
    """The beginning of a local day, as the database has it."""
    local = zone.localize(datetime.combine(day, time.min))
    return fields.Datetime.to_datetime(local.astimezone(pytz.utc).replace(tzinfo=None))


def _label(record, name):
    labels = dict(record._fields[name]._description_selection(record.env))
    return labels.get(record[name], "")


def _strength(rule):
    parts = [
        f"> {rule.abv_gt:g} %" if rule.abv_gt else "",
        f"≤ {rule.abv_lte:g} %" if rule.abv_lte else "",
        _label(rule, "distilled"),
    ]
    return ", ".join(filter(None, parts))


def _text(value):
    return "" if value in (False, None) else str(value)
