"""By which scheme makers were told that invoices paid commission.

An invoice that stands on a confirmed statement may be reset to draft, for a typing error say,
and confirmed anew. Its sale is that of then: a scheme that was agreed on since is not for it.
"""

from odoo.fields import Domain

from .engine import statement as engine
from .engine.commission_json import from_json


class Told:
    """What statements say about earlier bookings of some invoices.

    :param moves: ``account.move``
    """

    def __init__(self, moves):
        self._moves = moves
        self._schemes = None  # move, id of the maker as str -> engine's scheme
        self._labels = {}  # the same -> {(kind, code): (name, rate)}

    def get_scheme(self, maker, move):
        """The engine's scheme of the last booking that a statement lists; none: there is no
        such booking, or it was in another currency.

        :param maker: id of the partner as str
        """
        self._load()
        return self._schemes.get((move, maker))

    def get_labels(self, maker, move):
        """(kind, code) -> (name, rate) of its commission, as they were then; may be empty."""
        self._load()
        return self._labels.get((move, maker), {})

    def _load(self):
        if self._schemes is not None:
            return
        self._schemes = {}
        Entry = self._moves.env["artisan.payout.entry"]
        # What no statement lists is deleted, not reversed.
        entries = Entry.search(
            Entry._booked_domain()
            & Domain("move_id", "in", self._moves.ids)
            & Domain("reversal_ids", "!=", False),
            order="booking, id",
        )
        for entry in entries:
            key = entry.move_id, str(entry.maker_id.id)
            if entry.currency_id != entry.move_id.currency_id:
                continue
            if entry.kind == engine.COMMISSION:
                labels = self._labels.setdefault(key, {})
                labels[entry.kind, entry.code or ""] = entry.name, entry.rate
            elif entry.basis and "scheme" in entry.basis:
                self._schemes[key] = from_json(entry.basis["scheme"])
