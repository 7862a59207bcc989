from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class DunningPolicy(models.Model):
    """When a company reminds its customers, how often, and what stops it."""

    _name = "dunning.policy"
    _description = "Dunning Policy"
    _inherit = ["mail.thread"]
    _order = "company_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    is_company_default = fields.Boolean(
        "Default of the company",
        compute="_compute_is_company_default",
        help="Used for customers and invoices without a policy of their own.",
    )
    mode = fields.Selection(
        [("review", "A person reviews each notice"), ("automatic", "Automatic")],
        required=True,
        default="review",
        tracking=True,
        help="With review, a notice is sent only after somebody approved it. Automatic "
        "sends by itself; only the spot checks and levels that need approval wait.",
    )
    level_ids = fields.One2many("dunning.level", "policy_id", copy=True)
    minimum_amount = fields.Monetary(
        default=10.0,
        tracking=True,
        help="Customers who owe less than this get no notice. Amounts in other "
        "currencies count with their value in the books, unless a minimum of their own "
        "is given below.",
    )
    minimum_ids = fields.One2many("dunning.minimum", "policy_id", copy=True)
    customer_gap_days = fields.Integer(
        "Days between notices",
        default=3,
        help="A customer gets at most one notice per currency in this many days. Invoices "
        "that become due meanwhile wait for the next one.",
    )
    grouping = fields.Selection(
        [
            ("all", "One notice with all that is due"),
            ("highest", "Highest level only"),
        ],
        required=True,
        default="all",
        help="With one notice for all, its text is that of the highest level in it. With "
        "highest level only, invoices on lower levels wait for a later notice.",
    )
    unmatched_credit = fields.Selection(
        [
            ("block", "Wait until matched"),
            ("net", "Deduct, and send if enough is left"),
        ],
        "Unmatched payments and credits",
        required=True,
        default="block",
        help="What happens while a payment or credit note of the customer is not matched. "
        "A credit as high as what is due always stops the notice.",
    )
    bank_max_age_days = fields.Integer(
        "Bank data at most",
        default=5,
        help="No notice is sent while the last bank statement line is older than this "
        "many business days. 0 turns the check off.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Answers replies",
        required=True,
        default=lambda self: self.env.user,
        tracking=True,
        help="Customers' replies go to this person, who also owns holds and escalations.",
    )
    spot_check_percent = fields.Float(
        "Spot checks",
        default=5.0,
        help="Share of the notices that wait for a person even in automatic mode.",
    )
    holdout_percent = fields.Float(
        "Comparison group",
        help="Share of the customers who get no notices, so that reports can tell what "
        "the notices change.",
    )
    promise_max_days = fields.Integer(
        default=14,
        help="How far ahead a customer may promise to pay on the customer page.",
    )
    promise_max_count = fields.Integer(
        default=2, help="How often a customer may promise for the same invoice."
    )
    promise_min_percent = fields.Float(
        default=50.0,
        help="How much of what is open a customer has to promise at least. A smaller "
        "promise would hold reminders for all of it.",
    )
    paid_claim_max_count = fields.Integer(
        default=2,
        help="How often reminders rest because a customer says that the same invoice is "
        "paid.",
    )
    paid_claim_days = fields.Integer(
        default=7,
        help="How long reminders rest after a customer says that an invoice is paid.",
    )
    dispute_days = fields.Integer(
        default=30, help="How long reminders rest after a customer disputes an invoice."
    )
    link_valid_days = fields.Integer(
        default=30, help="How long the link to the customer page works."
    )
    charges_posting = fields.Selection(
        [("print", "Print only"), ("post", "Print and post")],
        required=True,
        default="print",
        help="Fees and interest are shown on the notice. Print and post also invoices "
        "them once the notice is sent.",
    )
    charge_journal_id = fields.Many2one(
        "account.journal", domain=[("type", "=", "sale")], check_company=True
    )
    send_from = fields.Float(default=9.0, help="In the customer's time zone.")
    send_to = fields.Float(default=17.0, help="In the customer's time zone.")
    send_weekends = fields.Boolean(help="Also send on Saturdays and Sundays.")
    respect_holidays = fields.Boolean(
        default=True, help="Send nothing on public holidays of the customer's country."
    )

    _percent_range = models.Constraint(
        "CHECK(spot_check_percent BETWEEN 0 AND 100"
        " AND holdout_percent BETWEEN 0 AND 100"
        " AND promise_min_percent BETWEEN 0 AND 100)",
        "A share lies between 0 and 100 percent.",
    )
    _days_positive = models.Constraint(
        "CHECK(customer_gap_days >= 0 AND bank_max_age_days >= 0"
        " AND promise_max_days >= 0 AND paid_claim_days >= 0 AND dispute_days >= 0"
        " AND link_valid_days > 0)",
        "Numbers of days cannot be negative.",
    )
    _paid_claim_max_count_positive = models.Constraint(
        "CHECK(paid_claim_max_count > 0)",
        "Customers may say at least once that an invoice is paid.",
    )
    _window = models.Constraint(
        "CHECK(send_from >= 0 AND send_to <= 24 AND send_from < send_to)",
        "The send window ends before it starts.",
    )

    @api.depends("company_id.dunning_policy_id")
    def _compute_is_company_default(self):
        for policy in self:
            policy.is_company_default = policy.company_id.dunning_policy_id == policy

    @api.constrains("mode", "level_ids")
    def _check_automatic(self):
        for policy in self:
            if policy.mode == "automatic" and not policy.level_ids:
                raise ValidationError(
                    self.env._("Policy %s has no levels to send.", policy.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        """A policy starts with the levels that most companies use."""
        if not self.env.context.get("dunning_no_default_levels"):
            for vals in vals_list:
                if "level_ids" not in vals:
                    vals["level_ids"] = [
                        fields.Command.create(level) for level in self._prepare_levels()
                    ]
        policies = super().create(vals_list)
        policies.level_ids._translate_default_names()
        return policies

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Notices say for ever by which policy they went."""
        domain = [("policy_id", "in", self.ids)]
        notice = self.env["dunning.notice"].sudo().search(domain, limit=1)
        if notice:
            raise UserError(
                self.env._(
                    "Notices were made by policy %s: archive it instead of deleting it.",
                    notice.policy_id.name,
                )
            )

    @api.model
    def _prepare_levels(self):
        """Values of the default levels: +7 friendly, +14 firm, +30 final, +45 a person."""

        def template(name):
            return self.env.ref(
                f"dunning_tiers.mail_template_{name}", raise_if_not_found=False
            )

        # In the source language: translations are added for all languages alike.
        names = (
            self.env["dunning.level"].with_context(lang="en_US")._get_default_names()
        )
        notices = [
            (7, 3, "friendly", {}),
            (14, 7, "firm", {}),
            (30, 10, "final", {"print_letter": True, "charge_interest": True}),
        ]
        levels = [
            {
                "name": names[tone],
                "days": days,
                "min_gap_days": gap,
                "tone": tone,
                "mail_template_id": (template(tone) or self.env["mail.template"]).id,
                **more,
            }
            for days, gap, tone, more in notices
        ]
        levels.append(
            {
                "name": names["escalation"],
                "days": 45,
                "min_gap_days": 10,
                "kind": "escalation",
                "tone": "final",
                "send_mail": False,
                "activity_note": self.env._(
                    "Letters have stopped: agree what happens."
                ),
            }
        )
        return levels

    def _get_minimum(self, currency):
        """Smallest amount worth a notice in the currency, or None when none is given."""
        self.ensure_one()
        own = self.minimum_ids.filtered(lambda minimum: minimum.currency_id == currency)
        if own:
            return own.amount
        return self.minimum_amount if currency == self.currency_id else None

    def action_switch_to_automatic(self):
        """Send without review from now on.

        :raises UserError: a level has nothing to say yet
        """
        for policy in self:
            silent = policy.level_ids.filtered(
                lambda level: (
                    level.kind == "notice"
                    and level.send_mail
                    and not level.mail_template_id
                )
            )
            if silent:
                raise UserError(
                    self.env._(
                        "Choose a mail template first for: %s",
                        ", ".join(silent.mapped("name")),
                    )
                )
        self.write({"mode": "automatic"})

    def action_switch_to_review(self):
        """Let a person look at each notice again."""
        self.write({"mode": "review"})

    def action_make_default(self):
        """Use the policy wherever no other is chosen."""
        self.ensure_one()
        self.check_access("write")
        # A dunning manager need not be allowed to change the company's other settings.
        self.company_id.sudo().dunning_policy_id = self
