from datetime import timedelta
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import LazyTranslate, file_open

from ..engine import rule_diff, rule_file, rule_row
from ..rule_finder import (
    UNKNOWN_CLASS,
    UNKNOWN_COUNTRY,
    UNKNOWN_STATE,
    RuleFinder,
    join_codes,
)

_lt = LazyTranslate(__name__)

DELIVERED = "age_verification/data/age_rules.csv"
FILE_ERRORS = {
    rule_file.TOO_LARGE: _lt("The file is too large for a table of rules."),
    rule_file.NOT_A_TABLE: _lt("The file is neither CSV nor XLSX."),
    rule_file.NO_HEADER: _lt(
        "The first row of the file must name the columns, country and product_class among "
        "them. Export the present rules for an example."
    ),
    rule_file.WRONG_COLUMN: _lt(
        'The column "%(value)s" is unknown or there twice. Export the present rules for an '
        "example."
    ),
}
REPEATED = "repeated"
ROW_ERRORS = {
    rule_row.MISSING: _lt("%(column)s is missing."),
    rule_row.INVALID: _lt('%(column)s: "%(value)s" cannot be read.'),
    rule_row.NOT_USED: _lt("%(column)s does not go with this kind of rule."),
    rule_row.NO_COLUMN: _lt('"%(value)s" stands under no column.'),
    rule_row.WRONG_ORDER: _lt("%(column)s comes before the beginning."),
    UNKNOWN_COUNTRY: _lt('There is no country "%(value)s".'),
    UNKNOWN_STATE: _lt('The country has no state "%(value)s".'),
    UNKNOWN_CLASS: _lt('There is no product class "%(value)s".'),
    REPEATED: _lt("Row %(value)s of the file is about the same, from the same day."),
}


class AgeRule(models.Model):
    """Rules from files and into files."""

    _inherit = "age.rule"

    # === OUT === #

    def _as_rows(self):
        """The rules as :class:`engine.rule_row.RuleRow`, states as their codes."""
        return [rule._as_row() for rule in self]

    def _as_row(self):
        self.ensure_one()
        return rule_row.RuleRow(
            country=self.country_id.code,
            state=join_codes(self.state_ids.mapped("code")),
            product_class=self.class_id.code,
            kind=self.kind,
            min_age=self.min_age if self._needs_age() else None,
            born_before=self.kind == "cohort" and self.born_before or None,
            abv_gt=_strength(self.abv_gt),
            abv_lte=_strength(self.abv_lte),
            distilled=self.distilled or "",
            date_from=self.date_from or None,
            date_to=self.date_to or None,
            needs_delivery_check=self.needs_delivery_check,
            confidence=self.confidence,
            seen_on=self.seen_on or None,
            source=self.source.strip(),
            note=(self.note or "").strip(),
        )

    # === IN === #

    @api.model
    def _read_file(self, content):
        """Lines of a file of rules, their places and classes checked.

        :param bytes content: CSV or XLSX
        :return: :class:`engine.rule_file.Line`; states of their rows are written as codes
        :raises UserError: the file is no table of rules
        """
        try:
            lines = rule_file.read(content)
        except rule_file.RuleFileError as error:
            # A lazy text takes no arguments when it is translated.
            sentence = self.env._(FILE_ERRORS[error.code])
            raise UserError(sentence % {"value": error.value}) from error
        finder = RuleFinder(self.env, [line.row for line in lines if line.row])
        return _without_repeats([finder.check(line) for line in lines])

    @api.model
    def _get_delivered(self):
        """The rules that come with this version, as a file."""
        with file_open(DELIVERED, "rb") as stream:
            return stream.read()

    @api.model
    def _compare(self, lines, is_complete=False):
        """What the lines of a file would change.

        :param lines: :class:`engine.rule_file.Line`
        :param is_complete: rules of the file's countries that it does not have end
        :return: :class:`engine.rule_diff.Difference`, first those of the readable lines
        """
        rows = [line.row for line in lines if line.row]
        today = self.env.company._get_age_today()
        known = self._get_known({row.country for row in rows})
        return rule_diff.compare(
            known, rows, today - timedelta(days=1) if is_complete else None
        )

    @api.model
    def _get_known(self, countries):
        rules = self.with_context(active_test=False).search(
            Domain("country_id.code", "in", sorted(countries)), order="date_from, id"
        )
        return [
            rule_diff.Known(rule.id, row, rule.active)
            for rule, row in zip(rules, rules._as_rows(), strict=True)
        ]

    @api.model
    def _apply_differences(self, differences):
        """Create, change and end rules.

        :param differences: :class:`engine.rule_diff.Difference` to take
        :return: the rules that were created, changed or ended
        """
        touched = self.browse()
        added = [d.row for d in differences if d.status in ADDING]
        for difference in differences:
            rule = self.browse(difference.key or ())
            values = _prepare_change(difference)
            if values:
                rule.write(values)
                touched |= rule
        return touched | self.create(self._prepare_rules(added))

    @api.model
    def _prepare_rules(self, rows):
        """Values of new rules."""
        finder = RuleFinder(self.env, rows)
        return [finder.prepare_rule(row) for row in rows]

    @api.model
    def _load_delivered(self):
        """Create the delivered rules that are about nothing that stands.

        Runs when the addon is installed. Rules that a person has changed stay as they are;
        what a later version brings is compared and taken by a person.
        """
        lines = self._read_file(self._get_delivered())
        unreadable = [line for line in lines if line.error]
        if unreadable:
            raise UserError(self._describe_error(unreadable[0]))
        differences = self._compare(lines)
        silent = self.with_context(tracking_disable=True)
        silent._apply_differences([d for d in differences if d.status == rule_diff.NEW])

    @api.model
    def _describe_error(self, line):
        """Why a line is not read, in a sentence."""
        error = line.error
        sentence = self.env._(ROW_ERRORS[error.code])
        return sentence % {"column": error.column, "value": error.value}


ADDING = (rule_diff.NEW, rule_diff.SUCCESSOR)
#: Facts of rows whose field is named differently or empty in another way.
EMPTY = {"min_age": 0}


def _prepare_change(difference):
    """Values that a difference writes on the rule that stands."""
    if difference.status == rule_diff.SUCCESSOR:
        return {"date_to": difference.ends_on}
    if difference.status == rule_diff.ENDED and not difference.row:
        if difference.ends_on:
            return {"date_to": difference.ends_on}
        return {"active": False}
    if difference.status in (rule_diff.CHANGED, rule_diff.ENDED):
        return {
            name: EMPTY.get(name, False) if value is None else value
            for name, _old, value in difference.changes
        }
    return {}


def _without_repeats(lines):
    """The lines, those that repeat or contradict an earlier one with an error."""
    readable = [line for line in lines if line.row]
    repeats = rule_diff.find_repeats([line.row for line in readable])
    errors = {
        readable[position].number: rule_row.RowError(
            REPEATED, "country", readable[first].number
        )
        for position, first in repeats.items()
    }
    return [
        rule_file.Line(line.number, error=errors[line.number])
        if line.number in errors
        else line
        for line in lines
    ]


def _strength(value):
    return Decimal(str(round(value, 2))).normalize() if value else None
