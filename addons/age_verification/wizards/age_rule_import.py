import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..engine import rule_diff

UNREADABLE = "unreadable"


class AgeRuleImport(models.TransientModel):
    """A file of rules beside those that stand: nothing is written before it is seen."""

    _name = "age.rule.import"
    _description = "Import Rules"

    state = fields.Selection(
        [("upload", "File"), ("compare", "Compare")], default="upload", required=True
    )
    origin = fields.Selection(
        [
            ("upload", "A file of my own"),
            ("delivered", "The rules that come with this version"),
        ],
        "Compare with",
        default="upload",
        required=True,
    )
    file = fields.Binary(help="CSV or XLSX, with the columns of an export.")
    filename = fields.Char()
    is_complete = fields.Boolean(
        "Has all rules of its countries",
        help="Propose to end, as of yesterday, the rules of these countries that the file "
        "does not have.",
    )
    line_ids = fields.One2many("age.rule.import.line", "import_id")
    new_line_ids = fields.One2many(
        "age.rule.import.line", "import_id", domain=[("status", "=", rule_diff.NEW)]
    )
    changed_line_ids = fields.One2many(
        "age.rule.import.line",
        "import_id",
        domain=[("status", "in", (rule_diff.CHANGED, rule_diff.SUCCESSOR))],
    )
    ended_line_ids = fields.One2many(
        "age.rule.import.line", "import_id", domain=[("status", "=", rule_diff.ENDED)]
    )
    unchanged_line_ids = fields.One2many(
        "age.rule.import.line",
        "import_id",
        domain=[("status", "=", rule_diff.UNCHANGED)],
    )
    unreadable_line_ids = fields.One2many(
        "age.rule.import.line", "import_id", domain=[("status", "=", UNREADABLE)]
    )
    new_count = fields.Integer(compute="_compute_counts")
    changed_count = fields.Integer(compute="_compute_counts")
    ended_count = fields.Integer(compute="_compute_counts")
    unchanged_count = fields.Integer(compute="_compute_counts")
    unreadable_count = fields.Integer(compute="_compute_counts")

    @api.depends("line_ids.status")
    def _compute_counts(self):
        for wizard in self:
            for name in ("new", "changed", "ended", "unchanged", "unreadable"):
                wizard[f"{name}_count"] = len(wizard[f"{name}_line_ids"])

    @api.depends("filename", "origin")
    def _compute_display_name(self):
        for wizard in self:
            upload = wizard.origin == "upload"
            name = wizard.filename if upload else self.env._("Delivered rules")
            wizard.display_name = name or self.env._("Import Rules")

    # === ACTIONS === #

    def action_compare(self):
        """Show what the file would change.

        :raises UserError: there is no file, or it is no table of rules
        """
        self.ensure_one()
        lines, differences = self._read()
        Line = self.env["age.rule.import.line"]
        values = Line._prepare_lines(lines, differences)
        if self.origin == "delivered":
            # What stands may have been corrected by a person: that is not lost unseen.
            for line in values:
                line["is_taken"] &= line["status"] != rule_diff.CHANGED
        commands = [Command.create(line) for line in values]
        self.write({"line_ids": [Command.clear(), *commands], "state": "compare"})
        return self._reopen()

    def action_back(self):
        self.write({"line_ids": [Command.clear()], "state": "upload"})
        return self._reopen()

    def action_take_all(self):
        self.line_ids.filtered("digest").is_taken = True
        return self._reopen()

    def action_take_none(self):
        self.line_ids.is_taken = False
        return self._reopen()

    def action_apply(self):
        """Take the lines that are ticked.

        :raises UserError: none is ticked, or the rules changed since they were compared
        """
        self.ensure_one()
        taken = set(self.line_ids.filtered("is_taken").mapped("digest")) - {False}
        if not taken:
            raise UserError(self.env._("Tick what to take first."))
        _lines, differences = self._read()
        chosen = [d for d in differences if get_digest(d) in taken]
        if len(chosen) != len(taken):
            raise UserError(
                self.env._("The rules have changed meanwhile. Compare them again.")
            )
        rules = self.env["age.rule"]._apply_differences(chosen)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "age_verification.age_rule_action"
        )
        action["domain"] = [("id", "in", rules.ids)]
        action["context"] = {"active_test": False}
        action["target"] = "main"
        return action

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Rules"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "main",
        }

    # === READING === #

    def _read(self):
        """Lines of the file, and what they would change."""
        Rule = self.env["age.rule"]
        lines = Rule._read_file(self._get_content())
        is_complete = self.is_complete and self.origin == "upload"
        return lines, Rule._compare(lines, is_complete)

    def _get_content(self):
        if self.origin == "delivered":
            return self.env["age.rule"]._get_delivered()
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        return base64.b64decode(self.file)


def get_digest(difference):
    """What identifies a difference: another state of the rules gives another one."""
    return hashlib.sha256(repr(difference).encode()).hexdigest()
