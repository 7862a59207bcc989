"""What a sold line brings its maker and the platform, and what a refund takes back. Pure.

For each line the customer's net is the maker's payout plus what the platform keeps, to the
cent. Both follow from figures that are stored with the sale: discounts with their funding and
the commission. A refund reverses these very figures, never the rates of its own day.

Amounts are in one currency, without tax; ``step`` is its rounding.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from .money import ZERO, PricingError, finite, round_to


class RefundError(PricingError):
    """A refund of more than was sold, or of less than was refunded before."""


@dataclass(frozen=True, slots=True)
class Borne:
    """What maker and platform bear of one promotion on one line."""

    promotion: str
    by_maker: Decimal
    by_platform: Decimal

    def __post_init__(self):
        finite("by maker", self.by_maker)
        finite("by platform", self.by_platform)


@dataclass(frozen=True, slots=True)
class SoldLine:
    """One line as the customer pays it.

    :ivar maker: who is paid for it; ``None`` for goods of the platform itself
    :ivar net: what the customer pays, after all discounts, without tax
    :ivar discounts: what was taken off, by promotion and payer
    :ivar is_delivery: goes to the maker without commission
    """

    key: str
    maker: str | None
    net: Decimal
    discounts: tuple[Borne, ...] = ()
    is_delivery: bool = False

    def __post_init__(self):
        finite("net", self.net)

    @property
    def by_maker(self) -> Decimal:
        """What the maker bears of the discounts."""
        return sum((each.by_maker for each in self.discounts), ZERO)

    @property
    def by_platform(self) -> Decimal:
        """What the platform bears of the discounts."""
        return sum((each.by_platform for each in self.discounts), ZERO)

    @property
    def gross(self) -> Decimal:
        """The price before promotions."""
        return self.net + self.by_maker + self.by_platform

    @property
    def base(self) -> Decimal:
        """What commission is computed on."""
        if self.maker is None or self.is_delivery:
            return ZERO
        return self.net + self.by_platform


@dataclass(frozen=True, slots=True)
class Earning:
    """A sold line, or what was refunded of one (negative), with its commission.

    :ivar commission: (code of the part, amount that the maker pays)
    """

    line: SoldLine
    commission: tuple[tuple[str, Decimal], ...] = ()

    @property
    def commission_total(self) -> Decimal:
        return sum((amount for _code, amount in self.commission), ZERO)

    @property
    def payout(self) -> Decimal:
        """What the maker gets; negative when commission and discounts exceed the price."""
        if self.line.maker is None:
            return ZERO
        return self.line.gross - self.line.by_maker - self.commission_total

    @property
    def platform(self) -> Decimal:
        """What the platform keeps; negative when it pays more than it takes."""
        if self.line.maker is None:
            return self.line.net
        return self.commission_total - self.line.by_platform

    def refund(
        self, before: Decimal, after: Decimal, whole: Decimal, step: Decimal
    ) -> Earning:
        """What goes back when the refunded part of a line grows from ``before`` to ``after``.

        Each figure is rounded on the whole way from 0 to ``after`` and lessened by what went
        back up to ``before``: in whatever parts a line is refunded, they sum to its figures.
        Measured in the net amount, the customer's part is exact; measured in units it is
        rounded like the others.

        :param before: what was refunded until now, in units or in the net amount
        :param after: what is refunded with this refund, in the same measure
        :param whole: what was sold, in the same measure
        :raises RefundError: not 0 <= before <= after <= whole
        """
        done, now = _progress(before, after, whole)
        return self._between(now, done, step)

    def refund_up_to(
        self, after: Fraction, returned: Earning, step: Decimal
    ) -> Earning:
        """What goes back when the refunded part of a line grows to ``after``.

        Measured from what did go back, to the cent: whatever was rounded on the way, the last
        refund takes the rest.

        :param after: the part of it that is refunded with this refund, from 0 to 1
        :param returned: what went back until now, with negative figures
        :raises RefundError: not 0 <= after <= 1
        """
        if not 0 <= after <= 1:
            raise RefundError("refund", after, "must be from nothing to all of it")
        nothing, whole = Fraction(0), Fraction(1)
        due = self._between(after, nothing, step)
        return due.plus(returned._between(whole, nothing, step))

    def part(
        self, before: Decimal, after: Decimal, whole: Decimal, step: Decimal
    ) -> Earning:
        """What the line brings when its invoiced part grows from ``before`` to ``after``.

        Rounded as :meth:`refund` is: in whatever parts a line is invoiced, they sum to its
        figures. Parameters and errors are those of a refund.
        """
        done, now = _progress(before, after, whole)
        return self._between(done, now, step)

    def plus(self, other: Earning) -> Earning:
        """Both together, under the key of this one.

        :param other: of the same maker
        """
        discounts: dict[str, Borne] = {}
        for each in (*self.line.discounts, *other.line.discounts):
            known = discounts.get(each.promotion, Borne(each.promotion, ZERO, ZERO))
            discounts[each.promotion] = Borne(
                each.promotion,
                known.by_maker + each.by_maker,
                known.by_platform + each.by_platform,
            )
        commission: dict[str, Decimal] = {}
        for code, amount in (*self.commission, *other.commission):
            commission[code] = commission.get(code, ZERO) + amount
        line = replace(
            self.line,
            net=self.line.net + other.line.net,
            discounts=tuple(discounts.values()),
        )
        return Earning(line, tuple(commission.items()))

    def negated(self) -> Earning:
        """The same with the other sign."""
        discounts = tuple(
            replace(each, by_maker=-each.by_maker, by_platform=-each.by_platform)
            for each in self.line.discounts
        )
        line = replace(self.line, net=-self.line.net, discounts=discounts)
        return Earning(line, tuple((code, -each) for code, each in self.commission))

    def settled(
        self,
        wanted: Earning,
        booked: Earning,
        tolerance: Decimal,
        *,
        same_scheme: bool = True,
    ) -> Earning:
        """This, with the cents by which what is booked would miss what is wanted.

        A figure that is off by more than rounding stays: it was agreed on otherwise then.

        :param wanted: what all of it is to sum to
        :param booked: what the others brought until now
        :param tolerance: the most that comes from rounding
        :param same_scheme: whether the others paid commission by the scheme of this one; else
            cents of commission may come from the scheme, so commission stays as it is
        """
        off = wanted.plus(booked.negated()).plus(self.negated())

        def cents(amount: Decimal) -> Decimal:
            return amount if abs(amount) <= tolerance else ZERO

        discounts = tuple(
            replace(
                each,
                by_maker=cents(each.by_maker),
                by_platform=cents(each.by_platform),
            )
            for each in off.line.discounts
        )
        line = replace(off.line, net=cents(off.line.net), discounts=discounts)
        commission = off.commission if same_scheme else ()
        return self.plus(
            Earning(line, tuple((code, cents(amount)) for code, amount in commission))
        )

    def _between(self, start: Fraction, end: Fraction, step: Decimal) -> Earning:
        """Its figures between two parts of the whole; negative from a later to an earlier."""

        def share(amount: Decimal) -> Decimal:
            exact = Fraction(amount)
            return round_to(exact * end, step) - round_to(exact * start, step)

        discounts = tuple(
            replace(
                each,
                by_maker=share(each.by_maker),
                by_platform=share(each.by_platform),
            )
            for each in self.line.discounts
        )
        line = replace(self.line, net=share(self.line.net), discounts=discounts)
        return Earning(
            line, tuple((code, share(amount)) for code, amount in self.commission)
        )


def _progress(
    before: Decimal, after: Decimal, whole: Decimal
) -> tuple[Fraction, Fraction]:
    """The parts of the whole that were, and that are now, refunded."""
    for field, value in (("before", before), ("after", after), ("whole", whole)):
        finite(field, value)
    if not whole:
        raise RefundError("whole", whole, "nothing was sold in this measure")
    done, now = Fraction(before) / Fraction(whole), Fraction(after) / Fraction(whole)
    if done < 0 or now < done:
        raise RefundError("refund", after, f"must not be less than {before} before")
    if now > 1:
        raise RefundError("refund", after, f"must not be more than the {whole} sold")
    return done, now
