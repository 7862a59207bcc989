from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine import ladder

TONES = [
    ("courtesy", "Courtesy"),
    ("friendly", "Friendly"),
    ("firm", "Firm"),
    ("final", "Final"),
]


class DunningLevel(models.Model):
    """One step of a policy: when it is reached and what it does."""

    _name = "dunning.level"
    _description = "Dunning Level"
    _order = "policy_id, days, id"
    _check_company_auto = True

    policy_id = fields.Many2one(
        "dunning.policy", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    days = fields.Integer(
        "Days past due",
        required=True,
        help="The level is reached this many days after the due date. A negative number "
        "makes a courtesy notice before it, which is passed over once the invoice is "
        "overdue.",
    )
    min_gap_days = fields.Integer(
        "Days since last level",
        default=7,
        help="At least this many days after the notice of the level before, even when "
        "notices were not sent for a while.",
    )
    kind = fields.Selection(
        [("notice", "Notice to the customer"), ("escalation", "Hand to a person")],
        required=True,
        default="notice",
        help="A notice goes to the customer. An escalation sends nothing: it gives a "
        "person an activity, and letters to this customer stop until it is closed.",
    )
    tone = fields.Selection(
        TONES,
        required=True,
        default="friendly",
        help="What the text may say. Courts, lawyers and collection agencies may be named "
        "in a final notice only.",
    )
    mail_template_id = fields.Many2one(
        "mail.template", domain=[("model", "=", "dunning.notice")], ondelete="set null"
    )
    send_mail = fields.Boolean("E-mail", default=True)
    print_letter = fields.Boolean(
        "Letter",
        help="Also makes a letter to print. Customers without an e-mail address then get "
        "the letter alone.",
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        help="Also plan this activity for a person, a call for instance.",
    )
    activity_user_id = fields.Many2one(
        "res.users",
        "Activity owner",
        help="Who does it. When empty, the person who answers the customer's replies.",
    )
    activity_days = fields.Integer("Deadline in days", default=3)
    activity_note = fields.Char("What to do", translate=True)
    fee_amount = fields.Monetary(
        "Fee", currency_field="company_currency_id", help="Added to the notice's total."
    )
    charge_interest = fields.Boolean(
        help="Show statutory interest for late payment, with its calculation."
    )
    charge_compensation = fields.Boolean(
        help="Show the fixed compensation that the law gives businesses."
    )
    attach_invoices = fields.Boolean(
        default=True, help="Attach the PDF of each invoice in the notice."
    )
    needs_approval = fields.Boolean(
        help="Notices of this level wait for a person even in automatic mode."
    )

    _days_uniq = models.UniqueIndex(
        "(policy_id, days) WHERE active",
        "Two levels of a policy cannot start on the same day.",
    )
    _gap_positive = models.Constraint(
        "CHECK(min_gap_days >= 0)", "The days since the last level cannot be negative."
    )
    _fee_positive = models.Constraint(
        "CHECK(fee_amount >= 0)", "A fee cannot be negative."
    )

    @api.constrains("kind", "days", "active", "tone", "policy_id")
    def _check_order(self):
        """Levels climb: tones never soften, and an escalation is the last."""
        ranks = {code: rank for rank, (code, _label) in enumerate(TONES)}
        for policy in self.policy_id:
            levels = policy.level_ids.sorted("days")
            if any(level.kind == "escalation" for level in levels[:-1]):
                raise ValidationError(
                    self.env._(
                        "Policy %s: nothing can follow an escalation.", policy.name
                    )
                )
            notices = levels.filtered(lambda level: level.kind == "notice")
            tones = [ranks[level.tone] for level in notices]
            if tones != sorted(tones):
                raise ValidationError(
                    self.env._(
                        "Policy %s: a later level cannot have a softer tone.",
                        policy.name,
                    )
                )

    @api.constrains("kind", "send_mail", "print_letter", "mail_template_id")
    def _check_does_something(self):
        for level in self.filtered(lambda level: level.kind == "notice"):
            if not (level.send_mail or level.print_letter):
                raise ValidationError(
                    self.env._("Level %s sends neither mail nor letter.", level.name)
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Notices say for ever on which level they went."""
        domain = [("level_id", "in", self.ids)]
        notice = self.env["dunning.notice"].sudo().search(domain, limit=1)
        if notice:
            raise UserError(
                self.env._(
                    "Notices were made on level %s: archive it instead of deleting it.",
                    notice.level_id.name,
                )
            )

    def _as_ladder(self):
        """The levels as the engine wants them, in ascending order of their days."""
        return tuple(
            ladder.Level(
                key=level.id,
                days=level.days,
                min_gap_days=level.min_gap_days,
                is_escalation=level.kind == "escalation",
            )
            for level in self.sorted("days")
        )
