from collections import defaultdict
from dataclasses import replace

from odoo import api, fields, models

from .. import const
from ..charge_facts import ChargeFacts, credit_day, to_decimal
from ..engine.interest import ZERO, Payment
from .dunning_interest_rule import Debt


class DunningNotice(models.Model):
    """Fees, interest and compensation of a notice."""

    _inherit = "dunning.notice"

    charge_ids = fields.One2many("dunning.notice.charge", "notice_id", readonly=True)
    charge_reasons = fields.Json(readonly=True, export_string_translation=False)
    charge_note = fields.Text(
        "Charges left out",
        compute="_compute_charge_note",
        help="Charges are left out when a rate they need is not known.",
    )

    @api.depends("charge_reasons")
    @api.depends_context("lang")
    def _compute_charge_note(self):
        for notice in self:
            sentences = map(notice._describe_charge_reason, notice.charge_reasons or ())
            notice.charge_note = "\n".join(sentences) or False

    def _describe_charge_reason(self, reason):
        """The reason as a sentence in the user's language."""
        if reason["code"] == "no_reference_rate":
            return self.env._(
                "Interest: no reference rate for the half-year from %(day)s.",
                day=reason["half_year"],
            )
        if reason["code"] == "no_currency_rate":
            kinds = dict(
                self.env["dunning.notice.charge"]
                ._fields["kind"]
                ._description_selection(self.env)
            )
            return self.env._(
                "%(kind)s: no exchange rate between %(currency)s and %(other)s.",
                kind=kinds[reason["kind"]],
                currency=reason["currency"],
                other=reason["other"],
            )
        if reason["code"] == "no_interest_rule":
            return self.env._("Interest: no rule for the company's country.")
        return self.env._("Not invoiced: %(error)s", error=reason.get("error", ""))

    def _set_charges(self):
        """Work out the charges anew and replace those there are.

        Notices that left, or whose charges were invoiced, keep what the customer got.
        """
        notices = self.filtered(
            lambda notice: (
                notice.state not in const.DELIVERED_STATES and not notice.charge_move_id
            )
        )
        # In the name of the system: the user may read them, they are no place for haggling.
        # Before anything is read, as deleting empties the cache.
        notices.sudo().charge_ids.unlink()
        # All at once: the ORM alone would ask again for every thousand of them.
        notices.item_ids.fetch(
            [
                "amount_asked",
                "currency_id",
                "date_maturity",
                "level_id",
                "move_id",
                "move_line_id",
            ]
        )
        facts = ChargeFacts(notices)
        vals_list = []
        for notice in notices:
            charges, reasons = notice._prepare_charges(facts)
            vals_list += charges
            if reasons != (notice.charge_reasons or []):
                notice.charge_reasons = reasons or False
        self.env["dunning.notice.charge"].sudo().create(vals_list)
        notices._sum_charges(vals_list)

    def _sum_charges(self, vals_list):
        totals = defaultdict(float)
        for vals in vals_list:
            totals[vals["notice_id"], vals["kind"]] += vals["amount"]
        for notice in self:
            amounts = {
                f"amount_{kind}": notice.currency_id.round(totals[notice.id, kind])
                for kind in ("fee", "interest", "compensation")
            }
            if any(notice[name] != amount for name, amount in amounts.items()):
                notice.write(amounts)

    def _prepare_charges(self, facts):
        """Values of the charges of one notice, and reasons for what was left out."""
        self.ensure_one()
        is_consumer = facts.env["dunning.interest.rule"]._is_consumer(self.partner_id)
        charges, reasons = self._prepare_fee(facts, is_consumer)
        debts = self._prepare_debts(facts, is_consumer)
        if debts:
            more, more_reasons = self._prepare_debt_charges(facts, is_consumer, debts)
            charges += more
            reasons += [reason for reason in more_reasons if reason not in reasons]
        return charges, reasons

    # === FEE === #

    def _prepare_fee(self, facts, is_consumer):
        """The level's fee, in the notice's currency, once a notice."""
        level, currency = self.level_id, self.currency_id
        if not level.fee_amount:
            return [], []
        book = facts.get_book(self)
        fee = book.convert(level.fee_amount, level.company_currency_id, currency)
        if fee is None:
            return [], [book.no_rate("fee", level.company_currency_id, currency)]
        fee, reasons = facts.get_rule(self, is_consumer)._get_allowed_fee(
            fee, currency, is_consumer, self._is_first_level(), book
        )
        if currency.is_zero(fee):
            return [], list(reasons)
        name = self._in_customer_language().env._("Reminder fee")
        return [self._prepare_charge("fee", name, fee)], list(reasons)

    def _is_first_level(self):
        """Whether no level of the policy is between the due date and this notice's."""
        return not any(
            0 <= level.days < self.level_id.days and level.kind == "notice"
            for level in self.policy_id.level_ids
        )

    # === INTEREST AND COMPENSATION === #

    def _prepare_debts(self, facts, is_consumer):
        """{item: Debt} for items whose own level asks interest or compensation."""
        credits = self._allocate_credits()
        debts = {}
        for item in self._get_items_by_due_date():
            level = item.level_id
            if not (level.charge_interest or level.charge_compensation):
                continue
            matched = facts.payments.get(item.move_line_id.id, [])
            paid = sum((payment.amount for payment in matched), ZERO)
            debts[item] = Debt(
                principal=to_decimal(item.amount_asked, item.currency_id) + paid,
                currency=item.currency_id,
                date_due=item.date_maturity,
                is_consumer=is_consumer,
                payments=(*matched, *credits[item]),
                charged_until=facts.charged_until.get(item.move_line_id.id),
                charge_interest=level.charge_interest,
                charge_compensation=level.charge_compensation
                and item.move_id not in facts.compensated_moves,
            )
        return self._join_claims(debts)

    def _get_items_by_due_date(self):
        items = self.item_ids.filtered(lambda i: i.date_maturity and i.amount_asked > 0)
        return items.sorted(lambda item: (item.date_maturity, item.id))

    @api.model
    def _join_claims(self, debts):
        """One compensation for an invoice, however many instalments of it are late."""
        first_items = {}
        for item, debt in debts.items():
            if not debt.charge_compensation:
                continue
            first = first_items.setdefault(item.move_id, item)
            if first == item:
                debts[item] = replace(debt, claim=debt.late_principal)
            else:
                claim = debts[first].claim + debt.late_principal
                debts[first] = replace(debts[first], claim=claim)
                debts[item] = replace(debt, charge_compensation=False)
        return debts

    def _allocate_credits(self):
        """{item: payments}: credits that the notice deducts pay the oldest debt first.

        They are not matched yet, but interest on money that the customer has paid would
        be a claim too many.
        """
        credits = [
            [line, to_decimal(-line.amount_residual_currency, line.currency_id)]
            for line in self.credit_line_ids.sorted(lambda line: (line.date, line.id))
        ]
        payments = defaultdict(list)
        for item in self._get_items_by_due_date() if credits else ():
            owed = to_decimal(item.amount_asked, item.currency_id)
            for credit in credits:
                part = min(owed, credit[1])
                if part > 0:
                    day = credit_day(credit[0], item.date_maturity)
                    payments[item].append(Payment(day, part))
                    credit[1] -= part
                    owed -= part
        return payments

    def _prepare_debt_charges(self, facts, is_consumer, debts):
        rule = facts.get_rule(self, is_consumer)
        if not rule:
            # Consumers owe no interest under most laws: nothing is missing there.
            return [], [] if is_consumer else [{"code": "no_interest_rule"}]
        book = facts.get_book(self)
        results = rule._get_debts_charges(debts.values(), self.date, book)
        charges, reasons = [], []
        for item, result in zip(debts, results, strict=True):
            charges += self._prepare_interest(item, result.schedule)
            more, left_out = self._prepare_compensation(item, result, book)
            charges += more
            reasons += [*result.reasons, *left_out]
        return charges, [
            reason
            for index, reason in enumerate(reasons)
            if reason not in reasons[:index]
        ]

    def _prepare_interest(self, item, schedule):
        name = self._in_customer_language().env._(
            "Interest on %(invoice)s", invoice=item.move_id.name
        )
        return [
            self._prepare_charge(
                "interest",
                name,
                float(period.amount),
                item,
                date_from=period.date_from,
                date_to=period.date_to,
                days=period.days,
                principal=float(period.principal),
                rate=float(period.rate),
            )
            for period in schedule.periods
            if period.amount
        ]

    def _prepare_compensation(self, item, result, book):
        """The fixed sum in the notice's currency, or the reason why it is left out."""
        if not result.compensation:
            return [], []
        law_currency, currency = result.compensation_currency, self.currency_id
        amount = book.convert(float(result.compensation), law_currency, currency)
        if amount is None:
            return [], [book.no_rate("compensation", law_currency, currency)]
        name = self._in_customer_language().env._(
            "Compensation for late payment of %(invoice)s", invoice=item.move_id.name
        )
        return [self._prepare_charge("compensation", name, amount, item)], []

    def _prepare_charge(self, kind, name, amount, item=None, **vals):
        return {
            "notice_id": self.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "kind": kind,
            "name": name,
            "amount": amount,
            "move_line_id": item.move_line_id.id if item else False,
            "date_maturity": item.date_maturity if item else False,
            **vals,
        }

    def _in_customer_language(self):
        return self.with_context(lang=self.lang or self.env.lang)
