"""Which block of content an invoice's line gets.

Rules of our own, there is no standard for them:

* A block fits a line when everything that it states fits; what it leaves open fits always.
* At most one block of a kind for a line: a block of the product goes before one of its
  category, a near category before a far one, a category before a maker, a maker before
  none; then a stated tag of the customer before none, a later order before an earlier one,
  a company's own before that of all; then the lower sequence, then the older block.
* A block shown to a share of the customers only is passed over for the others, who get the
  next that fits: they are the group to compare with.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

_FAR = 1_000_000


class ContentError(ValueError):
    """A block cannot be shown as stated; says which field, with its value."""


@dataclass(frozen=True, slots=True)
class Block:
    """What a block states about where it is shown.

    :param key: positive, rises with the block's age
    :param orders_from: shown from this order of the customer on
    :param share: percent of the customers who see it, 1 to 100
    :raise ContentError: a share, number of orders or period that no customer can meet
    """

    key: int
    kind: str
    products: frozenset[int] = frozenset()
    category: int | None = None
    maker: int | None = None
    tags: frozenset[int] = frozenset()
    orders_from: int = 1
    date_from: date | None = None
    date_to: date | None = None
    company: int | None = None
    sequence: int = 10
    share: int = 100

    def __post_init__(self):
        if not 1 <= self.share <= 100:
            raise ContentError(f"share: {self.share} is not from 1 to 100 percent")
        if self.orders_from < 1:
            raise ContentError(f"orders_from: {self.orders_from} is below 1")
        if self.date_from and self.date_to and self.date_to < self.date_from:
            raise ContentError(f"date_to: {self.date_to} is before {self.date_from}")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an invoice, as far as blocks ask for it.

    :param categories: of the product, the nearest first, the root last
    :param tags: of the customer, and of the company that the customer belongs to
    :param orders: confirmed orders of the customer, this one included
    :param companies: the invoice's company and those above it
    """

    customer: int
    day: date
    product: int | None = None
    categories: tuple[int, ...] = ()
    maker: int | None = None
    tags: frozenset[int] = frozenset()
    orders: int = 1
    companies: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """What a line gets: the blocks shown, and those kept back from this customer."""

    shown: tuple[Block, ...]
    kept_back: tuple[Block, ...]


def is_in_share(key: int, share: int, customer: int) -> bool:
    """Whether the customer is among those who see the block; always the same answer.

    A customer who sees a block at 20 percent sees it at 50 percent, too.
    """
    digest = hashlib.sha256(f"{key}:{customer}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 100 < share


@dataclass(frozen=True, slots=True)
class Chooser:
    """Blocks by what they ask for, so that a line looks only at those of its own."""

    blocks: Iterable[Block]
    _by_product: dict = field(init=False, default_factory=lambda: defaultdict(list))
    _by_category: dict = field(init=False, default_factory=lambda: defaultdict(list))
    _by_maker: dict = field(init=False, default_factory=lambda: defaultdict(list))
    _others: list = field(init=False, default_factory=list)

    def __post_init__(self):
        for block in self.blocks:
            self._file(block)

    def _file(self, block):
        if block.products:
            for product in block.products:
                self._by_product[product].append(block)
        elif block.category is not None:
            self._by_category[block.category].append(block)
        elif block.maker is not None:
            self._by_maker[block.maker].append(block)
        else:
            self._others.append(block)

    def choose(self, line: Line) -> Choice:
        """The blocks that the line shows, one of a kind, by kind.

        The result does not depend on the order in which the blocks were given.
        """
        shown, kept_back = {}, []
        for block in sorted(self._get_fitting(line), key=lambda b: _rank(b, line)):
            if block.kind in shown:
                continue
            if is_in_share(block.key, block.share, line.customer):
                shown[block.kind] = block
            else:
                kept_back.append(block)
        return Choice(tuple(shown[kind] for kind in sorted(shown)), tuple(kept_back))

    def _get_fitting(self, line):
        near = list(self._others)
        near += self._by_product.get(line.product, ())
        near += self._by_maker.get(line.maker, ())
        for category in line.categories:
            near += self._by_category.get(category, ())
        return [block for block in near if _fits(block, line)]


def _fits(block, line):
    return (
        (not block.products or line.product in block.products)
        and (block.category is None or block.category in line.categories)
        and (block.maker is None or block.maker == line.maker)
        and (not block.tags or bool(block.tags & line.tags))
        and block.orders_from <= line.orders
        and (block.date_from is None or block.date_from <= line.day)
        and (block.date_to is None or line.day <= block.date_to)
        and (block.company is None or block.company in line.companies)
    )


def _rank(block, line):
    """The lower, the more the block is about this very line."""
    distance = (
        line.categories.index(block.category) if block.category is not None else _FAR
    )
    return (
        not block.products,
        distance,
        block.maker is None,
        not block.tags,
        -block.orders_from,
        block.company is None,
        block.sequence,
        block.key,
    )
