from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import float_repr

from ..settlement_plan import ZERO

#: Kinds that take the cent that conversion into the company's currency leaves over, best last.
LEVELLING_KINDS = ("opening", "closing", "carry", "payout")
#: A payout in another currency that comes so near to what an order is open by (rates of some
#: days, the bank's margin) pays it; beyond, it is another amount.
EXCHANGE_MARGIN = Decimal("0.05")
#: Codes named on the journal item of several.
CODES_SHOWN = 3


class MarketplaceSettlement(models.Model):
    """The journal items of a settlement's entries, in its currency and the company's."""

    _inherit = "marketplace.settlement"

    def _prepare_items(self, items, date, residuals):
        """Return the journal items of one entry: a list of (values, ids of its lines).

        Amounts are converted at the rate of the entry's date. What an order was open by in
        the company's currency is taken as it stands; the difference is gained or lost by
        the exchange.

        :param items: list of `settlement_plan.PlanItem` that add up to zero
        :param residuals: see `marketplace.order._get_clearing_residuals`
        """
        self.ensure_one()
        result, differences = [], []
        partners = {
            order.id: order.partner_id.commercial_partner_id.id
            for order in self.line_ids.order_id
        }
        for item, balance in zip(items, self._get_balances(items, date), strict=True):
            if item.kind == "account":
                result += self._prepare_account_items(item, balance, date)
                continue
            currency, amount, taken = self.currency_id, item.amount, balance
            if item.kind == "order":
                currency, amount, taken = self._get_order_amounts(
                    item, balance, residuals
                )
                differences.append(balance - taken)
            values = {
                **self._prepare_item(item, partners),
                "currency_id": currency.id,
                "amount_currency": float(amount),
                "balance": float(taken),
            }
            result.append((values, item.refs))
        return result + self._prepare_exchange_items(differences)

    # === CONVERSION ===

    def _get_balances(self, items, date):
        """Return the items' amounts in the company's currency, adding up to zero."""
        target = self.company_currency_id
        rate = self.env["res.currency"]._get_conversion_rate(
            self.currency_id, target, self.company_id, date
        )
        balances = [
            Decimal(
                float_repr(target.round(float(i.amount) * rate), target.decimal_places)
            )
            for i in items
        ]
        rest = sum(balances, ZERO)
        if rest:
            order = {kind: rank for rank, kind in enumerate(LEVELLING_KINDS, start=1)}
            index = max(
                range(len(items)),
                key=lambda n: (order.get(items[n].kind, 0), abs(items[n].amount)),
            )
            balances[index] -= rest
        return balances

    def _get_order_amounts(self, item, balance, residuals):
        """Return currency, amount and company amount of an order's item.

        :param balance: the amount converted at the entry's rate
        """
        residual = residuals.get(item.key[0])
        currency, amount = self._get_order_currency(item, balance, residual)
        if currency == self.company_currency_id:
            taken = amount
        elif not residual or residual["currency"] != currency:
            return currency, amount, balance
        else:
            used, part = self._take(amount, residual)
            taken = -part
            if amount != -used:
                rest = balance * (amount + used) / amount
                taken += rest.quantize(balance)
        return currency, amount, taken

    def _get_order_currency(self, item, balance, residual):
        """Return what the order's item is booked in: its own currency where that is known."""
        if item.original:
            name, amount = item.original
            currency = self.env["res.currency"].search([("name", "=", name)], limit=1)
            if currency and currency != self.currency_id:
                places = Decimal(1).scaleb(-currency.decimal_places)
                return currency, amount.quantize(places)
        elif residual and residual["currency"] != self.currency_id:
            open_balance = residual["balance"]
            apart = abs(balance + open_balance)
            if apart <= EXCHANGE_MARGIN * abs(open_balance):
                return residual["currency"], -residual["amount"]
        return self.currency_id, item.amount

    def _take(self, amount, residual):
        """Take from what an order is open by; return what was used of it, in both currencies.

        :param amount: of the opposite sign of the residual, else nothing is taken
        """
        left, left_balance = residual["amount"], residual["balance"]
        if not left or (amount > 0) == (left > 0):
            return ZERO, ZERO
        used = left if abs(amount) >= abs(left) else -amount
        part = left_balance
        if used != left:
            part = (left_balance * used / left).quantize(left_balance)
        residual.update(amount=left - used, balance=left_balance - part)
        return used, part

    def _prepare_exchange_items(self, differences):
        """Return an item for what was lost and one for what was gained by the exchange.

        :param differences: what the orders brought less what they were open by; a debit is
            a loss
        :raises UserError: the company has no account for it
        """
        company = self.company_id
        result = []
        for losses, account, name in (
            (True, company.expense_currency_exchange_account_id, "Exchange loss"),
            (False, company.income_currency_exchange_account_id, "Exchange gain"),
        ):
            amount = sum((x for x in differences if x and (x > 0) == losses), ZERO)
            if not amount:
                continue
            if not account:
                raise UserError(
                    self.env._(
                        "Set the accounts for exchange differences of the company."
                    )
                )
            values = {
                "name": name,
                "account_id": account.id,
                "currency_id": self.company_currency_id.id,
                "amount_currency": float(amount),
                "balance": float(amount),
            }
            result.append((values, []))
        return result

    # === ITEMS ===

    def _prepare_item(self, item, partners):
        """Return name, account and ties of an item that has no taxes.

        :param partners: {order id: partner id}
        """
        self.ensure_one()
        if item.kind == "reserve":
            account_id, code = item.key
            return {"name": code or self.env._("Reserve"), "account_id": account_id}
        values = {
            "account_id": self.channel_id.clearing_account_id.id,
            "marketplace_role": item.kind,
            # Core would look for a model per partner: nothing is earned or spent here.
            "analytic_distribution": False,
        }
        if item.kind == "order":
            order_id, name = item.key
            return {
                **values,
                "name": name,
                "partner_id": partners.get(order_id, False),
                "marketplace_order_id": order_id,
            }
        if item.kind == "payout" and item.key:
            name = self.env._("Returned payout %(name)s", name=item.key[1])
            return {**values, "name": name}
        return {**values, "name": self._get_item_name(item.kind)}

    def _get_item_name(self, kind):
        return {
            "payout": self.env._("Payout %(name)s", name=self.name),
            "carry": self.env._("Carried forward: %(name)s", name=self.name),
            "opening": self.env._("Balance before %(name)s", name=self.name),
            "closing": self.env._("Balance after %(name)s", name=self.name),
        }[kind]

    def _prepare_account_items(self, item, balance, date):
        """Return the item of fees or adjustments, and those of the taxes they contain.

        The amount is what the channel charged: taxes are part of it, also those that core
        would add on top, and come off the base. Reverse charge adds and takes off the same.

        :param balance: the amount in the company's currency
        """
        account_id, tax_ids, analytic = item.key
        values = {
            "name": self._get_codes(item.refs),
            "account_id": account_id,
            "currency_id": self.currency_id.id,
            "analytic_distribution": dict(analytic) or False,
            "tax_ids": [Command.set(tax_ids)],
        }
        tags, tax_items = [], []
        if tax_ids:
            tags, tax_items = self._compute_fee_taxes(item, date)
        amount = float(item.amount) - sum(x["amount_currency"] for x in tax_items)
        company_amount = float(balance) - sum(x["balance"] for x in tax_items)
        values.update(
            tax_tag_ids=tags,
            amount_currency=self.currency_id.round(amount),
            balance=self.company_currency_id.round(company_amount),
        )
        return [(values, item.refs), *((tax, []) for tax in tax_items)]

    def _get_codes(self, line_ids):
        codes = sorted(
            set(self.env["marketplace.settlement.line"].browse(line_ids).mapped("code"))
            - {False}
        )
        more = ["…"] if len(codes) > CODES_SHOWN else []
        return ", ".join(codes[:CODES_SHOWN] + more)

    def _compute_fee_taxes(self, item, date):
        """Return tags of the base and values of the tax items, as core computes them."""
        account_id, tax_ids, analytic = item.key
        company = self.company_id
        Tax = self.env["account.tax"].with_company(company)
        taxes = Tax.browse(tax_ids)
        is_purchase = taxes[:1].type_tax_use == "purchase"
        base_line = Tax._prepare_base_line_for_taxes_computation(
            None,
            tax_ids=taxes,
            price_unit=float(item.amount),
            quantity=1.0,
            currency_id=self.currency_id,
            rate=self.env["res.currency"]._get_conversion_rate(
                self.company_currency_id, self.currency_id, company, date
            ),
            special_mode="total_included",
            # As core tells on an entry: a fee given back is a refund of a purchase.
            is_refund=(item.amount < 0) == is_purchase,
            account_id=self.env["account.account"].browse(account_id),
            analytic_distribution=dict(analytic) or None,
        )
        Tax._add_tax_details_in_base_lines([base_line], company)
        Tax._round_base_lines_tax_details([base_line], company)
        Tax._add_accounting_data_in_base_lines_tax_details(
            [base_line], company, include_caba_tags=True
        )
        found = Tax._prepare_tax_lines([base_line], company)
        [(_line, base)] = found["base_lines_to_update"]
        return base["tax_tag_ids"], [
            {**values, "display_type": "tax"} for values in found["tax_lines_to_add"]
        ]
