"""What makers may propose to change: where the value lies, and what bounds it.

One class for each kind of change request; all have the same methods. Their records are in
an environment that may read and write them: whoever makes one has checked whose they are.
"""

from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tools import float_compare

from .decimals import to_decimal
from .engine import tiers
from .engine.money import PricingError
from .refusal_words import say_refusal
from .typed_amount import TypedAmountError, read_amount

#: Decimals of a percent.
PERCENT_DECIMALS = 4


class PriceTarget:
    """A value that is a number.

    :ivar record: whose value it is
    :ivar link: the field of a change request that holds such a record
    """

    kind = link = field = None

    def __init__(self, record):
        self.record = record
        self.env = record.env

    @property
    def value(self):
        return self.record[self.field]

    @property
    def decimals(self):
        return self.env["decimal.precision"].precision_get("Product Price")

    def is_same(self, one, other):
        """Whether two values are the same, up to the field's decimals."""
        return not float_compare(one, other, precision_digits=6)

    def read(self, typed):
        """The value (Decimal) that a person typed.

        :raise UserError: it is none
        """
        try:
            return read_amount(typed, self.decimals)
        except TypedAmountError as error:
            raise UserError(self._get_refusal(error)) from error

    def _get_refusal(self, error):
        if error.code == "positive":
            return self.env._("Please enter a number above zero.")
        if error.code == "decimals":
            return self.env._(
                "Please enter at most %(limit)s decimals, and no thousands separator.",
                limit=error.limit,
            )
        if error.code == "large":
            return self.env._("This number is too large.")
        return self.env._(
            "Please enter a number such as 42.50, without currency or thousands "
            "separator."
        )

    def check(self, value):
        """Check that a value makes a price.

        :raise UserError: it does not
        """

    def get_growth(self, old, new):
        """By how many percent the price grows (Decimal), None if that has no answer."""
        old, new = to_decimal(old), to_decimal(new)
        return (new / old - 1) * 100 if old > 0 else None

    def put(self, value):
        self.record.write({self.field: value})


class ListPrice(PriceTarget):
    """The list price of a product."""

    kind, link, field = "list_price", "product_tmpl_id", "list_price"

    @property
    def maker(self):
        return self.record.maker_id

    @property
    def company(self):
        return self.record.company_id

    @property
    def currency(self):
        return self.record.currency_id

    @property
    def subject(self):
        return self.record.name


class TierValue(PriceTarget):
    """What a tier of a price model says: a percent, a price or an amount off."""

    kind, link, field = "tier", "tier_id", "value"

    @property
    def maker(self):
        return self.record.price_model_id.maker_id

    @property
    def company(self):
        return self.record.price_model_id.company_id

    @property
    def currency(self):
        if self.record.kind == tiers.PERCENT:
            return self.env["res.currency"]
        return self.record.currency_id

    @property
    def subject(self):
        return self.env._(
            "%(model)s, from %(quantity)s on",
            model=self.record.price_model_id.name,
            quantity=f"{self.record.min_quantity:g}",
        )

    @property
    def decimals(self):
        is_percent = self.record.kind == tiers.PERCENT
        return PERCENT_DECIMALS if is_percent else super().decimals

    def check(self, value):
        """Check that the tiers of the price model make prices with the value.

        :raise UserError: they do not
        """
        try:
            tier = tiers.Tier(
                to_decimal(self.record.min_quantity), self.record.kind, Decimal(value)
            )
        except PricingError as error:
            raise UserError(say_refusal(self.env, error)) from error
        cheapest = self._get_cheapest()
        if cheapest and not tier.can_price(cheapest):
            raise UserError(
                self.env._(
                    "Nothing would be left of the cheapest product, %(price)s.",
                    price=self.record.currency_id.format(float(cheapest)),
                )
            )

    def get_growth(self, old, new):
        """By how many percent the price of the cheapest product that it applies to grows."""
        base = self._get_cheapest(more_than=old) or Decimal(100)
        prices = []
        for value in (old, new):
            try:
                tier = tiers.Tier(Decimal(0), self.record.kind, to_decimal(value))
                prices.append(tier.unit_price(base))
            except PricingError:
                return None
        return super().get_growth(*prices)

    def _get_cheapest(self, more_than=0):
        """List price of the maker's cheapest product that is on sale (Decimal).

        Only an amount off needs it: the less a product costs, the more it changes.

        :param more_than: a price that it is above, in the currency of the price model
        """
        if self.record.kind != tiers.AMOUNT:
            return None
        company = self.company or self.env.company
        products = self.env["product.template"].search(
            [
                ("maker_id", "=", self.maker.id),
                ("sale_ok", "=", True),
                ("list_price", ">", 0),
                ("company_id", "in", (False, company.id)),
            ]
        )
        prices = [
            to_decimal(
                product.currency_id._convert(
                    product.list_price, self.record.currency_id, company, round=False
                )
            )
            for product in products
        ]
        return min((price for price in prices if price > more_than), default=None)


class Story:
    """A text of the maker on invoices; a new one where the record is empty."""

    kind, link = "story", "content_id"

    def __init__(self, record, maker):
        self.record = record
        self.env = record.env
        self._maker = maker

    @property
    def maker(self):
        """Nobody, once a text is for all makers or no maker's note any more."""
        if not self.record:
            return self._maker
        is_note = self.record.kind == "note"
        return self.record.maker_id if is_note else self._maker.browse()

    @property
    def company(self):
        return (self.record or self._maker).company_id

    @property
    def currency(self):
        return self.env["res.currency"]

    @property
    def subject(self):
        return self.record.name or self._maker.name

    @property
    def value(self):
        return self.record.text or ""

    @property
    def version(self):
        """Rises with each change in any language; 0 where there is no text yet."""
        return self.record.version or 0

    def is_same(self, one, other):
        return str(one or "") == str(other or "")

    def put(self, value):
        """Write the text in the environment's language.

        :return: the block that has it
        """
        if self.record:
            self.record.write({"text": value})
            return self.record
        return self.record.create(
            {
                "name": self._maker.name,
                "kind": "note",
                "maker_id": self._maker.id,
                "company_id": self._maker.company_id.id,
                "text": value,
            }
        )
