"""What an override lets pass: who gets what, where, and how much of it."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field

from odoo.tools import float_compare

#: Decimal places to which quantities are told apart.
PLACES = 5


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody asked to let pass, or a document as it is now.

    :param fingerprint: buyers, destinations and products, as one word
    :param quantities: {id of a restricted product, as text: how much, in its own unit}
    """

    fingerprint: str
    quantities: dict = field(default_factory=dict)

    def covers(self, other):
        """Whether another one is about the same, and no more of it."""
        return self.fingerprint == other.fingerprint and self.holds(other.quantities)

    def holds(self, quantities):
        """Whether so much is not more than was let pass."""
        return all(
            float_compare(quantity, self.quantities.get(key, 0), PLACES) <= 0
            for key, quantity in quantities.items()
        )


def get_scope(baskets):
    """The :class:`Scope` of a document.

    :param baskets: :class:`facts.Basket`, those of one document
    """
    parts = [
        [
            basket.person.id,
            get_place_key(basket.place),
            sorted(product.id for _line, product in basket.goods),
        ]
        for basket in baskets
    ]
    fingerprint = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return Scope(fingerprint, get_quantities(baskets))


def get_quantities(baskets):
    """{id of a restricted product, as text: how much}; a line in two baskets counts once"""
    goods = dict.fromkeys(pair for basket in baskets for pair in basket.goods)
    found = defaultdict(float)
    for line, product in goods:
        if product.age_class_id.is_restricted:
            found[str(product.id)] += line._get_age_quantity(product)
    return dict(found)


def get_place_key(place):
    """What of a destination an override is about."""
    return [place.id, place.country_id.id, place.state_id.id]
