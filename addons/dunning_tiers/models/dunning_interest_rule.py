from dataclasses import dataclass
from datetime import date as Date
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..engine import interest
from ..rate_book import RateBook

#: So many days before a half-year begins, a rate that is missing for it is pointed out.
RATE_NOTICE_DAYS = 31


@dataclass(frozen=True, slots=True)
class Debt:
    """One debt as the rules see it; amounts are decimals in ``currency`` (a record).

    ``principal`` is what was owed on the due date, before ``payments``. Interest up to and
    including ``charged_until`` was charged before. ``claim`` is the size that decides about
    the compensation, when this debt is a part of a larger one.
    """

    principal: Decimal
    currency: models.Model
    date_due: Date
    is_consumer: bool = False
    payments: tuple[interest.Payment, ...] = ()
    charged_until: Date | None = None
    charge_interest: bool = True
    charge_compensation: bool = True
    claim: Decimal | None = None

    @property
    def late_principal(self):
        """What was still owed when interest began."""
        paid = (pay.amount for pay in self.payments if pay.day <= self.date_due)
        return self.principal - sum(paid, interest.ZERO)


@dataclass(frozen=True, slots=True)
class DebtCharges:
    """What the law lets the creditor ask for one debt.

    ``schedule`` is in the currency of the debt, ``compensation`` in that of the law.
    ``reasons`` says what had to be left out: dicts with a ``code`` and its facts.
    """

    schedule: interest.Schedule = interest.Schedule()
    compensation: Decimal = interest.ZERO
    compensation_currency: models.Model | None = None
    reasons: tuple[dict, ...] = ()

    @property
    def interest(self):
        return self.schedule.total


class DunningInterestRule(models.Model):
    """What a country's law, or a contract, gives a creditor who is paid late."""

    _name = "dunning.interest.rule"
    _description = "Dunning Interest Rule"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for all companies."
    )
    country_ids = fields.Many2many(
        "res.country",
        string="Countries of the creditor",
        help="Your country decides, not the customer's: the rule applies to companies "
        "whose fiscal country is listed, as a sale is under the seller's law unless the "
        "contract says otherwise. Give the policy a rule where it does.",
    )
    mode = fields.Selection(
        [
            (interest.FIXED_AT_START, "Reference rate when interest starts"),
            (interest.FLOATING, "Reference rate of each half-year"),
            (interest.CONTRACT, "Rate agreed by contract"),
        ],
        required=True,
        default=interest.FLOATING,
        help="Whether the rate stays as it was when the debt became overdue (United "
        "Kingdom), follows the reference twice a year (Germany), or was agreed.",
    )
    reference = fields.Selection(
        selection=lambda self: (
            self.env["dunning.reference.rate"]._fields["reference"].selection
        ),
        help="The rate that the margin is added to.",
    )
    margin = fields.Float(
        "Margin (points)",
        digits=(7, 4),
        help="Percentage points over the reference rate when the customer is a business.",
    )
    consumer_margin = fields.Float(
        "Consumer margin (points)",
        digits=(7, 4),
        help="Percentage points over the reference rate when the customer is a consumer.",
    )
    contract_rate = fields.Float(
        "Agreed rate (%)",
        digits=(7, 4),
        help="Percent a year. Statutory interest is not asked beside it.",
    )
    b2b_only = fields.Boolean(
        "Businesses only",
        default=True,
        help="Consumers are charged no interest. Compensation is never asked of consumers, "
        "whatever is set here. A customer counts as a business when the company box is "
        "ticked or a VAT number is given.",
    )
    day_count = fields.Selection(
        [
            (interest.ACT_365, "Actual days / 365"),
            (interest.ACT_360, "Actual days / 360"),
            (interest.THIRTY_360, "Months of 30 days / 360"),
            (interest.ACT_ACT, "Actual days / days of the year"),
        ],
        required=True,
        default=interest.ACT_365,
        help="How many days a year has when interest is worked out.",
    )
    rounding = fields.Selection(
        [
            (interest.ROUND_END, "Each line of the calculation"),
            (interest.ROUND_DAILY, "The amount of one day"),
        ],
        required=True,
        default=interest.ROUND_END,
        help="What is rounded to cents: the interest of each line, or that of one day "
        "before it is multiplied by the days (as on GOV.UK).",
    )
    compensation_currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Currency in which the law states the compensation. It is converted at the "
        "rate of the notice's date.",
    )
    band_ids = fields.One2many(
        "dunning.compensation.band", "rule_id", string="Compensation", copy=True
    )
    first_level_consumer_fee = fields.Boolean(
        "Consumers pay for the first reminder",
        help="Untick where the reminder that puts a consumer in default must be free "
        "(Germany). Fees of later levels are not touched.",
    )
    consumer_fee_max = fields.Monetary(
        "Highest consumer fee",
        currency_field="compensation_currency_id",
        help="A consumer pays no more than this for a reminder, whatever the level says. "
        "0: no limit.",
    )
    note = fields.Text("Source", help="The law or contract that the rule follows.")
    missing_half_year = fields.Date(
        "No rate from",
        compute="_compute_missing_half_year",
        help="First day of a half-year, this one or one that begins within a month, for "
        "which no reference rate is entered. Interest of that time is left out.",
    )

    _rates_positive = models.Constraint(
        "CHECK(contract_rate >= 0 AND margin >= 0 AND consumer_margin >= 0"
        " AND consumer_fee_max >= 0)",
        "Rates, margins and fees cannot be negative.",
    )
    _reference_given = models.Constraint(
        "CHECK(mode = 'contract' OR reference IS NOT NULL)",
        "Name the reference rate that the margin is added to.",
    )

    @api.depends("mode", "reference")
    def _compute_missing_half_year(self):
        today = fields.Date.context_today(self)
        rates = self.env["dunning.reference.rate"]._get_rates()
        halves = sorted(
            {
                interest.half_year_start(day)
                for day in (today, fields.Date.add(today, days=RATE_NOTICE_DAYS))
            }
        )
        for rule in self:
            known = rates.get(rule.reference, {})
            asked = halves if rule.mode != interest.CONTRACT else []
            rule.missing_half_year = next((h for h in asked if h not in known), False)

    @api.constrains("mode", "contract_rate")
    def _check_contract_rate(self):
        for rule in self:
            if rule.mode == interest.CONTRACT and not rule.contract_rate:
                raise ValidationError(
                    self.env._("Rule %s: which rate was agreed?", rule.name)
                )

    # Which rule

    @api.model
    def _is_consumer(self, partner):
        """Whether the customer is a consumer: neither company nor registered for VAT.

        Asked of the commercial entity. A business without both is charged too little,
        which can be put right; a consumer charged a business's rate cannot.
        """
        entity = partner.commercial_partner_id
        return not entity.is_company and (entity.vat or "").strip() in ("", "/")

    @api.model
    def _find_for(self, company, partner):
        """The rule for a creditor and a customer, or none.

        The creditor's fiscal country decides. Rules of the company itself go before
        shared ones, then their order; rules for businesses are passed over for consumers.
        """
        country = company.account_fiscal_country_id or company.country_id
        rules = self.sudo().search(
            Domain("company_id", "in", (False, company.id))
            & Domain("country_ids", "in", country.ids)
        )
        if self._is_consumer(partner):
            rules = rules.filtered(lambda rule: not rule.b2b_only)
        return rules.sorted(lambda rule: not rule.company_id)[:1].sudo(False)

    # What it gives

    def _get_debt_charges(
        self, principal, currency, date_due, date, is_consumer, payments=()
    ):
        """Charges of one debt on a day; see :meth:`_get_debts_charges` for many.

        :param principal: what was owed on the due date, a number in ``currency``.
        :param payments: (day, amount) pairs, in any order.
        :return: :class:`DebtCharges`.
        """
        debt = Debt(
            Decimal(str(principal)),
            currency,
            date_due,
            is_consumer,
            tuple(interest.Payment(day, Decimal(str(paid))) for day, paid in payments),
        )
        return self._get_debts_charges([debt], date)[0]

    def _get_debts_charges(self, debts, date, book=None):
        """Charges of each of the debts up to and including a day, in their order.

        Never raises for a missing rate: that charge is left out and the reasons say so.

        :param book: :class:`RateBook` of that day, for the currencies of its company.
        :return: list of :class:`DebtCharges`; rates are read once for all.
        """
        self.ensure_one()
        book = book or RateBook(self.company_id or self.env.company, date)
        bands = self.band_ids._to_bands()
        return [self._get_charges(debt, book, bands) for debt in debts]

    def _get_charges(self, debt, book, bands):
        if debt.is_consumer and self.b2b_only:
            return DebtCharges()
        schedule, reasons = self._get_schedule(debt, book)
        amount, more = self._get_compensation(debt, book, bands)
        return DebtCharges(
            schedule, amount, self.compensation_currency_id, (*reasons, *more)
        )

    def _get_schedule(self, debt, book):
        """Interest of a debt and what had to be left out."""
        if not debt.charge_interest:
            return interest.Schedule(), ()
        rates = book.reference_rates.get(self.reference, {})
        try:
            schedule = interest.interest_schedule(
                debt.principal,
                debt.date_due,
                book.date,
                self._get_terms(debt, rates),
                debt.payments,
                debt.charged_until,
            )
        except interest.MissingRateError as error:
            half_year = fields.Date.to_string(error.half_year)
            reason = {
                "code": "no_reference_rate",
                "reference": self.reference,
                "half_year": half_year,
            }
            return interest.Schedule(), (reason,)
        return schedule, ()

    def _get_terms(self, debt, rates):
        margin = self.consumer_margin if debt.is_consumer else self.margin
        return interest.Terms(
            mode=self.mode,
            margin=Decimal(str(margin)),
            reference_rates=rates,
            contract_rate=Decimal(str(self.contract_rate)),
            day_count=self.day_count,
            rounding=self.rounding,
            quantum=Decimal(str(debt.currency.rounding)),
        )

    def _get_compensation(self, debt, book, bands):
        """The fixed sum for a debt, in the law's currency, and what was left out."""
        claim = debt.late_principal if debt.claim is None else debt.claim
        if (
            debt.is_consumer
            or not debt.charge_compensation
            or book.date <= debt.date_due
        ):
            return interest.ZERO, ()
        if claim <= 0 or all(band.upper is None for band in bands):
            return interest.compensation(claim, bands), ()  # the same for any size
        law_currency = self.compensation_currency_id
        size = book.convert(float(claim), debt.currency, law_currency)
        if size is None:
            reason = book.no_rate("compensation", debt.currency, law_currency)
            return interest.ZERO, (reason,)
        return interest.compensation(Decimal(str(size)), bands), ()

    def _get_allowed_fee(self, fee, currency, is_consumer, first_level, book):
        """What of a fee may be asked; without a rule the most careful answer.

        :param fee: a number in ``currency``.
        :param first_level: whether it is the first reminder after the due date.
        :return: (amount in ``currency``, reasons for what was left out).
        """
        maximum = None
        if is_consumer and self.consumer_fee_max:
            law_currency = self.compensation_currency_id
            maximum = book.convert(self.consumer_fee_max, law_currency, currency)
            if maximum is None:
                return 0.0, (book.no_rate("fee", law_currency, currency),)
        allowed = interest.allowed_fee(
            Decimal(str(fee)),
            is_consumer=is_consumer,
            first_level=first_level,
            first_level_consumer_fee=self.first_level_consumer_fee,
            consumer_maximum=None if maximum is None else Decimal(str(maximum)),
        )
        return currency.round(float(allowed)), ()
