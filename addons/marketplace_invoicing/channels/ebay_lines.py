"""What both eBay formats share: who owes a tax, and which reading of the total adds up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from .allocation import allocate
from .base import ZERO, Liability, ParsedLine, ParsedOrder, ParsedTax
from .jsonrecords import country_code as iso_code

# eBay's own codes where they are not ISO 3166: AA stands for US military post.
_COUNTRIES = {"UK": "GB", "AA": "US", "ZZ": ""}
_CENT = Decimal("0.01")
# What eBay writes instead of an e-mail or phone number that it withholds.
_WITHHELD = "invalid request"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedTax:
    """One tax as written: ``place`` is the path of its entry, for the evidence."""

    kind: str
    amount: Decimal
    place: str
    #: Registration under which eBay remits it ("IOSS IM2760000742"), if any.
    reference: str = ""


def country_code(code: str | None) -> str:
    """Return an ISO 3166-1 alpha-2 code, or "" for what is none."""
    iso = iso_code(code)
    return _COUNTRIES.get(iso, iso)


def given(text: str | None) -> str:
    """Return a contact detail; eBay writes "Invalid Request" for what it withholds."""
    value = (text or "").strip()
    return "" if value.lower() == _WITHHELD else value


def line_taxes(
    collected: Sequence[StatedTax], listed: Sequence[StatedTax], collected_name: str
) -> tuple[ParsedTax, ...]:
    """Return the taxes of one line, each once, with who owes them.

    eBay names the taxes that it remits itself in one container (``collected``) and then lists
    the same taxes again among all taxes of the line (``listed``). Only what is listed and not
    collected is the seller's; where the two disagree on the amount of one tax nobody can tell,
    and the difference is unknown. Taxes of zero are dropped: eBay lists them on every line, and
    they say nothing about VAT in the price.
    """
    open_by_kind: dict[str, list[StatedTax]] = {}
    for tax in collected:
        open_by_kind.setdefault(tax.kind, []).append(tax)
    taxes = [_collected_tax(tax) for tax in collected]
    for tax in listed:
        twins = open_by_kind.get(tax.kind)
        if not twins:
            evidence = f"{tax.place}={tax.kind}, not in {collected_name}"
            taxes.append(_tax(tax, tax.amount, "seller", evidence))
            continue
        twin = next((one for one in twins if one.amount == tax.amount), twins[0])
        twins.remove(twin)
        if tax.amount > twin.amount:
            evidence = (
                f"{tax.place}={tax.kind}: {tax.amount}, {twin.place}: {twin.amount}"
            )
            taxes.append(_tax(tax, tax.amount - twin.amount, "unknown", evidence))
    return tuple(tax for tax in taxes if tax.amount)


def _collected_tax(tax: StatedTax) -> ParsedTax:
    evidence = f"{tax.place}={tax.kind}"
    if tax.reference:
        evidence += f" ({tax.reference})"
    return _tax(tax, tax.amount, "marketplace", evidence)


def _tax(
    tax: StatedTax, amount: Decimal, liability: Liability, evidence: str
) -> ParsedTax:
    return ParsedTax(
        name=tax.kind, amount=amount, liability=liability, evidence=evidence
    )


def with_taxes(line: ParsedLine, taxes: tuple[ParsedTax, ...]) -> ParsedLine:
    """Return the line with its taxes on top; a line without any says nothing about tax.

    An EU seller's own VAT is part of the price and appears nowhere in eBay's data: no tax
    stated is not a tax of zero.
    """
    if not taxes:
        return line
    parties = {tax.liability for tax in taxes}
    return replace(
        line,
        tax=sum((tax.amount for tax in taxes), ZERO),
        tax_included=False,
        taxes=taxes,
        # On a line that two parties owe, each tax carries its own answer.
        liability=parties.pop() if len(parties) == 1 else "unknown",
        evidence="; ".join(tax.evidence for tax in taxes),
    )


def spread_tax(
    lines: Sequence[ParsedLine],
    amount: Decimal,
    *,
    name: str,
    liability: Liability,
    evidence: str,
    rate: Decimal | None = None,
) -> tuple[ParsedLine, ...]:
    """Return the lines with a tax that only the order states, in proportion to their amounts."""
    if not amount or not lines:
        return tuple(lines)
    unit = min(_CENT, Decimal(1).scaleb(int(amount.as_tuple().exponent)))
    parts = allocate(amount, [line.amount for line in lines], unit)
    return tuple(
        with_taxes(
            line,
            (
                *line.taxes,
                ParsedTax(
                    name=name,
                    amount=part,
                    rate=rate,
                    liability=liability,
                    evidence=evidence,
                ),
            ),
        )
        for line, part in zip(lines, parts, strict=True)
    )


def settle(
    order: ParsedOrder, optional: Sequence[ParsedLine], *, mirrored: bool
) -> ParsedOrder:
    """Return the order read in the way in which its lines make its total.

    eBay's total contains the tax that eBay remits only in some answers
    (``fieldGroups=TAX_BREAKDOWN``, Trading version 1307 and later), a seller's tax may already
    be part of the prices, and import charges may go to eBay's carrier instead of the seller. No
    field says which, so each reading is tried. When none adds up the documented one stays, and
    the difference shows in ``imbalance``.

    :param optional: lines that may or may not be part of the total
    :param mirrored: the document lists the collected taxes twice, eBay's sign for a total with
        them
    """
    readings = list(_readings(order, optional, mirrored))
    return next((one for one in readings if one.imbalance == 0), readings[0])


def _readings(
    order: ParsedOrder, optional: Sequence[ParsedLine], mirrored: bool
) -> Iterator[ParsedOrder]:
    in_total = (mirrored, not mirrored) if order.marketplace_tax else (True,)
    seller_taxed = any(
        line.tax and line.liability != "marketplace" for line in order.lines
    )
    in_price = (False, True) if seller_taxed else (False,)
    charged = (True, False) if optional else (False,)
    for with_optional, tax_in_total, tax_in_price in product(
        charged, in_total, in_price
    ):
        lines = order.lines
        if tax_in_price:
            lines = tuple(_tax_in_price(line) for line in lines)
        if with_optional:
            lines = (*lines, *optional)
        yield order.replace(lines=lines, total_includes_marketplace_tax=tax_in_total)


def _tax_in_price(line: ParsedLine) -> ParsedLine:
    if not line.tax or line.marketplace_tax:
        return line
    return replace(line, tax_included=True)
