"""A price trace in the words of the reader."""

from decimal import Decimal

from odoo.tools import LazyTranslate, format_date, formatLang

from .engine import trace as codes

_lt = LazyTranslate(__name__)

_TITLES = {
    codes.LIST: _lt("List price"),
    codes.TIER: _lt("Price for the quantity"),
    codes.GRADE: _lt("Customer's pricelist"),
    codes.BUNDLE: _lt("Part of a bundle"),
    codes.AGREED: _lt("Price agreed with the order"),
    codes.MANUAL: _lt("Price or discount typed by hand"),
    codes.KEPT: _lt("Price of an earlier day"),
    codes.ROUNDING: _lt("Rounding"),
    codes.TAX: _lt("Tax in the price"),
    codes.PROMOTION: _lt("Promotion"),
}


class PriceWords:
    """Says what a trace says, in language and currency.

    :param env: of the reader
    :param currency: of the order
    """

    def __init__(self, env, currency):
        self._env = env
        self._currency = currency

    def get_rows(self, trace, names):
        """The steps as rows of a table.

        :param names: see :meth:`.price_trace.OrderTraces.get_names`
        :return: dicts of texts: ``code``, ``title``, ``rule``, ``date``, ``detail``,
            ``before``, ``after`` and ``payers``, a list
        """
        names = [*names, *({} for _step in trace.steps[len(names) :])]
        return [
            {
                "code": step.code,
                "title": str(self._env._(_TITLES[step.code])),
                "rule": name.get("name", ""),
                "date": format_date(self._env, step.version) if step.version else "",
                "detail": self._get_detail(step, name),
                "before": self.amount(step.before),
                "after": self.amount(step.after),
                "payers": self._get_payers(name),
            }
            for step, name in zip(trace.steps, names, strict=False)
        ]

    def amount(self, amount):
        """An amount of money, rounded as the currency is."""
        return formatLang(self._env, float(amount), currency_obj=self._currency)

    def price(self, price):
        """The price of one unit: more digits than the currency's where it has them."""
        digits = max(self._currency.decimal_places, min(6, _count_digits(price)))
        text = formatLang(self._env, float(price), digits=digits)
        parts = [text, self._currency.symbol]
        return "\N{NO-BREAK SPACE}".join(
            parts if self._currency.position == "after" else reversed(parts)
        )

    def number(self, number):
        """A quantity or a percent, without zeros behind it."""
        return formatLang(
            self._env, float(number), digits=min(6, _count_digits(number))
        )

    # Helpers

    def _get_detail(self, step, name):
        numbers = [number for _name, number in step.figures]
        if step.kind == codes.PARTS:
            parts = zip(numbers[::2], numbers[1::2], strict=True)
            return " + ".join(
                f"{self.number(count)} × {self.price(price)}" for count, price in parts
            )
        if step.kind == codes.PERCENT:
            return f"{self.number(-numbers[0])} %"
        if step.kind == codes.AMOUNT:
            return self.amount(-numbers[0])
        if step.code == codes.BUNDLE:
            return self._env._(
                "%(count)s × its share of %(price)s for the bundle",
                count=self.number(numbers[4]),
                price=self.price(numbers[0]),
            )
        if name.get("quantity"):
            return self._env._(
                "its share of %(total)s for all lines that count together: no more than "
                "%(quantity)s would cost",
                total=self.amount(numbers[0]),
                quantity=self.number(Decimal(name["quantity"])),
            )
        return self._env._(
            "its share of %(total)s for all lines that count together",
            total=self.amount(numbers[0]),
        )

    def _get_payers(self, name):
        by_maker = Decimal(name.get("by_maker") or 0)
        by_platform = Decimal(name.get("by_platform") or 0)
        payers = []
        if by_maker:
            payers.append(
                self._env._(
                    "%(maker)s pays %(amount)s",
                    maker=name.get("maker") or self._env._("The maker"),
                    amount=self.amount(by_maker),
                )
            )
        if by_platform:
            payers.append(
                self._env._("The shop pays %(amount)s", amount=self.amount(by_platform))
            )
        return payers


def _count_digits(number):
    """Digits behind the point, without zeros at the end."""
    return max(0, -number.normalize().as_tuple().exponent)
