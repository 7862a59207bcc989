from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..debts import read_debts
from ..facts import Facts

STEPS = ("first", "second", "final", "escalation")


class DunningStartWizard(models.TransientModel):
    """Everything that has to be known before the first proposal, on one page.

    Makes the company's policy, or adapts the one that it has.
    """

    _name = "dunning.start.wizard"
    _description = "Start Dunning"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    policy_id = fields.Many2one("dunning.policy", compute="_compute_policy_id")
    has_own_ladder = fields.Boolean(compute="_compute_policy_id")
    user_id = fields.Many2one(
        "res.users",
        "Who answers replies?",
        required=True,
        compute="_compute_from_policy",
        store=True,
        precompute=True,
        readonly=False,
        help="Customers' replies go to this person, who also owns holds and escalations.",
    )
    first_days = fields.Integer(
        "Friendly reminder",
        compute="_compute_from_policy",
        store=True,
        precompute=True,
        readonly=False,
    )
    second_days = fields.Integer(
        "Second reminder",
        compute="_compute_from_policy",
        store=True,
        precompute=True,
        readonly=False,
    )
    final_days = fields.Integer(
        "Final notice",
        compute="_compute_from_policy",
        store=True,
        precompute=True,
        readonly=False,
    )
    escalation_days = fields.Integer(
        "A person calls",
        compute="_compute_from_policy",
        store=True,
        precompute=True,
        readonly=False,
    )
    minimum_amount = fields.Monetary(
        "Not worth a reminder below",
        compute="_compute_from_policy",
        store=True,
        precompute=True,
        readonly=False,
        help="Customers who owe less than this get no notice.",
    )
    template_ids = fields.Many2many(
        "mail.template", string="Texts", compute="_compute_template_ids"
    )
    journal_ids = fields.Many2many(
        "account.journal",
        string="Customers pay here",
        domain="[('type', '=', 'bank'), ('company_id', '=', company_id)]",
        compute="_compute_journal_ids",
        store=True,
        readonly=False,
        help="Nothing is sent while the statements of these accounts are out of date.",
    )
    propose_daily = fields.Boolean(
        "Propose every morning",
        compute="_compute_from_policy",
        store=True,
        precompute=True,
        readonly=False,
    )

    # What the page checks.
    has_mail_server = fields.Boolean(compute="_compute_checks")
    has_owner_email = fields.Boolean(compute="_compute_has_owner_email")
    has_statements = fields.Boolean(compute="_compute_checks")
    overdue_count = fields.Integer(compute="_compute_checks")
    overdue_amount = fields.Monetary(compute="_compute_checks")
    customer_count = fields.Integer(compute="_compute_checks")
    no_email_ids = fields.Many2many(
        "res.partner", string="Without an e-mail", compute="_compute_checks"
    )

    @api.depends("company_id")
    def _compute_policy_id(self):
        for wizard in self:
            policy = wizard.company_id.dunning_policy_id
            wizard.policy_id = policy
            kinds = policy.level_ids.sorted("days").mapped("kind")
            usual = ["notice", "notice", "notice", "escalation"]
            wizard.has_own_ladder = bool(policy) and kinds != usual

    @api.depends("company_id")
    def _compute_from_policy(self):
        for wizard in self:
            policy = wizard.policy_id
            wizard.user_id = policy.user_id or self.env.user
            wizard.minimum_amount = policy.minimum_amount if policy else 10.0
            wizard.propose_daily = wizard._is_daily_wanted()
            for step, days in zip(STEPS, wizard._get_days(), strict=True):
                wizard[f"{step}_days"] = days

    def _is_daily_wanted(self):
        """As it is set, and by default for who has never made a proposal."""
        domain = [("company_id", "=", self.company_id.id)]
        return self.company_id.dunning_automatic or not self.env[
            "dunning.run"
        ].search_count(domain, limit=1)

    def _get_days(self):
        """The days of the company's policy, where it has the usual four levels."""
        policy = self.policy_id
        if not policy or self.has_own_ladder:
            return [level["days"] for level in policy._prepare_levels()]
        return policy.level_ids.sorted("days").mapped("days")

    @api.depends("policy_id")
    def _compute_template_ids(self):
        levels = self.env["dunning.policy"]._prepare_levels()
        ids = [level.get("mail_template_id") for level in levels]
        templates = self.env["mail.template"].browse(filter(None, ids))
        for wizard in self:
            own = wizard.policy_id.level_ids.mail_template_id
            wizard.template_ids = own or templates

    @api.depends("company_id")
    def _compute_journal_ids(self):
        for wizard in self:
            wizard.journal_ids = wizard._get_bank_journals().filtered("dunning_watch")

    def _get_bank_journals(self):
        return self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company_id.id)]
        )

    @api.depends("user_id")
    def _compute_has_owner_email(self):
        for wizard in self:
            wizard.has_owner_email = bool(wizard.user_id.email)

    @api.depends("company_id")
    def _compute_checks(self):
        servers = self.env["ir.mail_server"].sudo().search_count([], limit=1)
        for wizard in self:
            company = wizard.company_id
            company._check_dunning_access()
            today = company._get_dunning_today()
            debts = [
                debt
                for debt in read_debts(self.env, company, today)
                if debt.partner_id and debt.due and debt.due < today
            ]
            facts = Facts(self.env, company, today, debts)
            wizard.has_mail_server = bool(servers)
            wizard.has_statements = bool(facts.last_bank_date)
            wizard.overdue_count = len({debt.move_id for debt in debts})
            wizard.overdue_amount = sum(debt.balance for debt in debts)
            wizard.customer_count = len(facts.partner_ids)
            wizard.no_email_ids = [
                partner_id
                for partner_id in facts.partner_ids
                if not facts.contacts.get(partner_id, (None, None))[1]
            ]

    @api.constrains(*(f"{step}_days" for step in STEPS))
    def _check_days(self):
        for wizard in self:
            days = [wizard[f"{step}_days"] for step in STEPS]
            if days != sorted(set(days)):
                raise ValidationError(
                    self.env._("Each step comes some days after the one before it.")
                )

    # === ACTIONS === #

    def action_set_up(self):
        """Make or adapt the policy and open it."""
        return self._set_up()._get_records_action()

    def action_set_up_and_propose(self):
        """Make or adapt the policy and show a first proposal. Nothing is sent."""
        self._set_up()
        run = self.env["dunning.run"].create({"company_id": self.company_id.id})
        run.action_propose()
        return run._get_records_action()

    def action_open_policy(self):
        self.ensure_one()
        return self.policy_id._get_records_action()

    def action_open_no_email(self):
        self.ensure_one()
        return self.no_email_ids._get_records_action(
            name=self.env._("Customers without an e-mail address")
        )

    def _set_up(self):
        """Write what was chosen.

        :return: the company's policy
        """
        self.ensure_one()
        self.company_id._check_dunning_access()
        policy = self.policy_id or self._create_policy()
        policy.write(self._prepare_policy())
        if not self.has_own_ladder:
            self._set_days(policy)
        # A dunning manager need not be allowed to change companies and journals.
        self.company_id.sudo().write(
            {"dunning_policy_id": policy.id, "dunning_automatic": self.propose_daily}
        )
        journals = self._get_bank_journals().sudo()
        (journals - self.journal_ids).dunning_watch = False
        self.journal_ids.sudo().dunning_watch = True
        return policy

    def _create_policy(self):
        return self.env["dunning.policy"].create(
            {
                "name": self.env._("Standard"),
                "company_id": self.company_id.id,
                **self._prepare_policy(),
            }
        )

    def _prepare_policy(self):
        return {"user_id": self.user_id.id, "minimum_amount": self.minimum_amount}

    def _set_days(self, policy):
        """Move the levels one by one, so that no two are ever on the same day.

        Later ones go first where days grow, earlier ones where they shrink.
        """
        levels = policy.level_ids.sorted("days")
        moves = [
            (level, self[f"{step}_days"])
            for level, step in zip(levels, STEPS, strict=True)
        ]
        later = [move for move in reversed(moves) if move[1] > move[0].days]
        earlier = [move for move in moves if move[1] < move[0].days]
        for level, days in later + earlier:
            level.days = days
            level.flush_recordset(["days"])
