from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..engine import rule_diff
from .age_rule_import import UNREADABLE, get_digest


def get_subject(rule):
    """Place and products of a rule."""
    states = frozenset(rule.state_ids.mapped("code"))
    return rule.country_id.id, states, rule.class_id.id


class AgeRuleImportLine(models.TransientModel):
    """What a file says about one rule."""

    _name = "age.rule.import.line"
    _description = "Line of an Import of Rules"
    _order = "number, id"

    import_id = fields.Many2one(
        "age.rule.import", required=True, index=True, ondelete="cascade"
    )
    number = fields.Integer("Row", readonly=True)
    status = fields.Selection(
        [
            (rule_diff.NEW, "New"),
            (rule_diff.SUCCESSOR, "New law"),
            (rule_diff.CHANGED, "Changed"),
            (rule_diff.ENDED, "Ended"),
            (rule_diff.UNCHANGED, "Unchanged"),
            (UNREADABLE, "Unreadable"),
        ],
        required=True,
        readonly=True,
    )
    is_taken = fields.Boolean("Take")
    digest = fields.Char(readonly=True)
    rule_id = fields.Many2one("age.rule", "Present rule", readonly=True)
    place = fields.Char(readonly=True)
    products = fields.Char(readonly=True)
    asks = fields.Char(readonly=True)
    since = fields.Char("In force", readonly=True)
    source = fields.Char(readonly=True)
    changes = fields.Char(readonly=True)

    @api.model
    def _prepare_lines(self, lines, differences):
        """Values of the lines of an import.

        :param lines: :class:`engine.rule_file.Line` of the file
        :param differences: :class:`engine.rule_diff.Difference`, those of the readable
            lines first
        """
        readable = [line for line in lines if line.row]
        rows = [difference.row for difference in differences if difference.row]
        rules = self.env["age.rule"]._prepare_rules(rows)
        standing = self._get_standing(rules)
        values = [
            self._prepare_line(difference, rule, line.number, standing)
            for difference, rule, line in zip(
                differences, rules, readable, strict=False
            )
        ]
        values += [
            self._prepare_missing(difference) for difference in differences[len(rows) :]
        ]
        return values + [self._prepare_error(line) for line in lines if line.error]

    @api.model
    def _get_standing(self, rules):
        """Rules in force from today on, by what they are about whatever the strength."""
        today = self.env.company._get_age_today()
        about = Domain("country_id", "in", list({rule["country_id"] for rule in rules}))
        about &= Domain("class_id", "in", list({rule["class_id"] for rule in rules}))
        about &= Domain("date_to", "=", False) | Domain("date_to", ">=", today)
        return self.env["age.rule"].search(about).grouped(get_subject)

    @api.model
    def _prepare_line(self, difference, rule, number, standing):
        rule = self.env["age.rule"].new(rule)
        changed = difference.status != rule_diff.UNCHANGED
        restored = ("active", False, True) in difference.changes
        return {
            **self._describe_rule(rule),
            "number": number,
            "status": difference.status,
            "is_taken": changed and not restored,
            "digest": get_digest(difference) if changed else False,
            "rule_id": difference.key,
            "changes": self._describe_changes(difference)
            if difference.status != rule_diff.NEW
            else self._describe_others(standing.get(get_subject(rule), ())),
        }

    @api.model
    def _prepare_missing(self, difference):
        """A rule that a complete file does not have."""
        rule = self.env["age.rule"].browse(difference.key)
        if difference.ends_on:
            changes = self.env._(
                "Not in the file: ends on %s", format_date(self.env, difference.ends_on)
            )
        else:
            changes = self.env._("Not in the file and not begun: is archived")
        return {
            **self._describe_rule(rule),
            "status": difference.status,
            "is_taken": False,
            "digest": get_digest(difference),
            "rule_id": rule.id,
            "changes": changes,
        }

    @api.model
    def _prepare_error(self, line):
        return {
            "number": line.number,
            "status": UNREADABLE,
            "changes": self.env["age.rule"]._describe_error(line),
        }

    # === WORDS === #

    @api.model
    def _describe_rule(self, rule):
        start = rule.date_from and format_date(self.env, rule.date_from)
        end = rule.date_to and format_date(self.env, rule.date_to)
        names = [rule.class_id.name, rule.band]
        return {
            "place": ", ".join(dict.fromkeys([rule.country_id.name, rule.place])),
            "products": ", ".join(filter(None, names)),
            "asks": rule.asks,
            "since": f"{start or '…'} – {end or '…'}" if start or end else False,
            "source": rule.source,
        }

    @api.model
    def _describe_changes(self, difference):
        """Each fact that changes with its old and its new value."""
        words = [
            self.env._(
                "%(fact)s: %(old)s → %(new)s",
                fact=self._describe_fact(name),
                old=self._describe_value(name, old),
                new=self._describe_value(name, new),
            )
            for name, old, new in difference.changes
        ]
        if difference.status == rule_diff.SUCCESSOR:
            day = format_date(self.env, difference.ends_on)
            words.append(self.env._("the present rule ends on %s", day))
        return "; ".join(words)

    @api.model
    def _describe_others(self, rules):
        """The rules beside which a new one of another strength would stand."""
        words = [
            self.env._("%(strength)s: %(asks)s", strength=rule.band, asks=rule.asks)
            if rule.band
            else rule.asks
            for rule in rules
        ]
        return self.env._("Beside %s", "; ".join(words)) if words else False

    @api.model
    def _describe_fact(self, name):
        return self.env["age.rule"]._fields[name]._description_string(self.env)

    @api.model
    def _describe_value(self, name, value):
        field = self.env["age.rule"]._fields[name]
        if field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        if not value:
            return self.env._("nothing")
        if field.type == "selection":
            return dict(field._description_selection(self.env))[value]
        if field.type == "date":
            return format_date(self.env, value)
        return str(value)
