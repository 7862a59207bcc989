from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..decimals import to_decimal
from ..engine import statement as engine
from ..engine.money import PricingError
from ..refusal_words import say_refusal

#: Figure of a statement -> kind of the entries that it sums up.
TOTALS = {
    "sale_total": engine.SALE,
    "refund_total": engine.REFUND,
    "discount_total": engine.DISCOUNT,
    "commission_total": engine.COMMISSION,
    "adjustment_total": engine.ADJUSTMENT,
}

#: What follows from what is done with a statement, and is not written by hand.
FOLLOWS = frozenset(
    (
        "name",
        "state",
        "maker_id",
        "company_id",
        "currency_id",
        "date_from",
        "date_to",
        "entry_ids",
        "previous_id",
        "payout_minimum",
        "carried_in",
        "balance",
        "payout",
        "carried_forward",
        "bill_id",
        *TOTALS,
    )
)


class ArtisanStatement(models.Model):
    _name = "artisan.statement"
    _description = "Statement of What a Maker Is Paid"
    _inherit = ["portal.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_to desc, maker_id, id desc"
    _check_company_auto = True

    name = fields.Char(
        "Number", readonly=True, copy=False, help="Given when it is confirmed."
    )
    maker_id = fields.Many2one(
        "res.partner",
        domain=[("is_maker", "=", True)],
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("To", required=True, readonly=True, index=True)
    state = fields.Selection(
        [("draft", "Draft"), ("confirmed", "Confirmed"), ("billed", "Billed")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        default=lambda self: self.env.user,
        help="Is told what needs a person.",
    )
    is_payout_missing = fields.Boolean(related="maker_id.is_payout_missing")
    entry_ids = fields.One2many("artisan.payout.entry", "statement_id", readonly=True)
    previous_id = fields.Many2one(
        "artisan.statement",
        "Statement Before",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
    )
    payout_minimum = fields.Monetary(
        readonly=True, help="The least that was paid out when it was made."
    )
    carried_in = fields.Monetary(
        "Carried From Before", compute="_compute_carried_in", store=True, recursive=True
    )
    sale_total = fields.Monetary("Sales", compute="_compute_figures", store=True)
    refund_total = fields.Monetary("Refunds", compute="_compute_figures", store=True)
    discount_total = fields.Monetary(
        "Discounts Borne", compute="_compute_figures", store=True
    )
    commission_total = fields.Monetary(
        "Commission", compute="_compute_figures", store=True
    )
    adjustment_total = fields.Monetary(
        "Adjustments", compute="_compute_figures", store=True
    )
    balance = fields.Monetary(
        compute="_compute_figures", store=True, help="What the maker is owed."
    )
    payout = fields.Monetary(
        compute="_compute_figures",
        store=True,
        help="What is paid out now: the balance, unless it is negative or below the "
        "maker's payout minimum.",
    )
    carried_forward = fields.Monetary(
        compute="_compute_figures",
        store=True,
        help="What stays for the next statement; negative when the maker owes.",
    )
    bill_id = fields.Many2one(
        "account.move",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        check_company=True,
    )

    _period_uniq = models.Constraint(
        "UNIQUE(maker_id, company_id, currency_id, date_from)",
        "This maker has a statement that begins on that day.",
    )
    # Two statements made at once would both begin with the same balance.
    _previous_uniq = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL",
        "What a statement leaves over is carried into one other.",
    )
    _period_in_order = models.Constraint(
        "CHECK(date_from <= date_to)", "A period ends after it begins."
    )

    @api.depends("previous_id.carried_forward")
    def _compute_carried_in(self):
        for statement in self:
            statement.carried_in = statement.previous_id.carried_forward

    @api.depends(
        "entry_ids.amount",
        "entry_ids.kind",
        "carried_in",
        "payout_minimum",
        "date_from",
        "date_to",
        "currency_id",
    )
    def _compute_figures(self):
        for statement in self:
            figures = statement._to_engine()
            totals = figures.totals()
            for name, kind in TOTALS.items():
                statement[name] = totals[kind]
            statement.balance = figures.balance
            statement.payout = figures.payout
            statement.carried_forward = figures.carried_forward

    @api.depends("name", "maker_id", "date_from", "date_to")
    def _compute_display_name(self):
        for statement in self:
            statement.display_name = statement.name or self.env._(
                "Draft of %(maker)s, %(first)s to %(last)s",
                maker=statement.maker_id.display_name,
                first=format_date(self.env, statement.date_from),
                last=format_date(self.env, statement.date_to),
            )

    def _compute_access_url(self):
        res = super()._compute_access_url()
        for statement in self:
            statement.access_url = f"/my/maker/statements/{statement.id}"
        return res

    @api.constrains("maker_id", "company_id", "currency_id", "date_from", "date_to")
    def _check_no_overlap(self):
        for statement in self:
            others = self.sudo().search_count(
                [
                    ("id", "!=", statement.id),
                    ("maker_id", "=", statement.maker_id.id),
                    ("company_id", "=", statement.company_id.id),
                    ("currency_id", "=", statement.currency_id.id),
                    ("date_from", "<=", statement.date_to),
                    ("date_to", ">=", statement.date_from),
                ],
                limit=1,
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "%(maker)s has another statement for a part of this period.",
                        maker=statement.maker_id.display_name,
                    )
                )

    @api.constrains("maker_id", "company_id", "currency_id", "date_from", "date_to")
    def _check_none_later(self):
        """A later statement begins with what was left over before it: one put in between
        would carry the same amount once more."""
        for statement in self:
            later = self.sudo().search(
                Domain("maker_id", "=", statement.maker_id.id)
                & Domain("company_id", "=", statement.company_id.id)
                & Domain("currency_id", "=", statement.currency_id.id)
                & Domain("date_from", ">", statement.date_to),
                limit=1,
            )
            if later:
                raise ValidationError(
                    self.env._(
                        "%(later)s is about a later period and begins with what was left "
                        "over before it: what was booked earlier stands on the next one.",
                        later=later.display_name,
                    )
                )

    @api.constrains("previous_id", "maker_id", "company_id", "currency_id")
    def _check_previous(self):
        for statement in self.filtered("previous_id"):
            before = statement.previous_id
            theirs = before.maker_id, before.company_id, before.currency_id
            if theirs != (
                statement.maker_id,
                statement.company_id,
                statement.currency_id,
            ):
                raise ValidationError(
                    self.env._(
                        "%(before)s is about another maker, company or currency: what it "
                        "leaves over is not carried on here.",
                        before=before.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Statements are made of what was booked, not by hand."""
        if not self.env.su:
            raise UserError(
                self.env._("Statements are not created by hand: use Make Statements.")
            )
        return super().create(vals_list)

    def write(self, vals):
        """Figures and states change by what is done with a statement, not by hand."""
        if not self.env.su and not FOLLOWS.isdisjoint(vals):
            raise UserError(
                self.env._("Make an adjustment: a statement is not changed by hand.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        if any(statement.state != "draft" for statement in self):
            raise UserError(self.env._("Only drafts of statements can be deleted."))
        numbered = self.filtered("name")
        if numbered:
            raise UserError(
                self.env._(
                    "%(statement)s has a number, which would be missing: confirm it again.",
                    statement=numbered[0].name,
                )
            )

    # Actions

    def action_confirm(self):
        """Number the statements and lock their entries; those confirmed already stay."""
        self.check_access("write")
        drafts = self.filtered(lambda statement: statement.state == "draft")
        for statement in drafts.sorted("date_from"):
            if statement.previous_id.state == "draft":
                raise UserError(
                    self.env._(
                        "%(before)s comes first: confirm it before.",
                        before=statement.previous_id.display_name,
                    )
                )
            statement.sudo().write(
                {
                    "state": "confirmed",
                    "name": statement.name or statement._next_number(),
                }
            )

    def action_draft(self):
        """Open confirmed statements again, while nothing follows from them."""
        self.check_access("write")
        for statement in self.filtered(lambda each: each.state != "draft"):
            if statement.state == "billed":
                raise UserError(
                    self.env._(
                        "%(statement)s is billed: cancel its bill first.",
                        statement=statement.name,
                    )
                )
            # A draft follows what is changed here, and is confirmed after it.
            later = statement.search(
                [("previous_id", "=", statement.id), ("state", "!=", "draft")], limit=1
            )
            if later:
                raise UserError(
                    self.env._(
                        "%(later)s begins with what %(statement)s leaves over: set "
                        "it to draft first.",
                        later=later.display_name,
                        statement=statement.name,
                    )
                )
            statement.sudo().state = "draft"

    # Helpers

    def _next_number(self):
        self.ensure_one()
        return (
            self.env["ir.sequence"]
            .with_company(self.company_id)
            .next_by_code("artisan.statement", sequence_date=self.date_to)
        )

    def _to_engine(self):
        """The engine's statement, computed from the entries.

        :raise ValidationError: entries that make no statement
        """
        self.ensure_one()
        try:
            return engine.make_statement(
                str(self.maker_id.id),
                self.currency_id.name,
                self.date_from,
                self.date_to,
                self.entry_ids._to_engine(self.date_from, self.date_to),
                step=to_decimal(self.currency_id.rounding),
                payout_minimum=to_decimal(self.payout_minimum),
                carried=to_decimal(self.carried_in),
            )
        except PricingError as error:
            raise ValidationError(
                self.env._(
                    "%(statement)s cannot be made: %(error)s",
                    statement=self.display_name,
                    error=say_refusal(self.env, error),
                )
            ) from error
