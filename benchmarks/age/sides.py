"""Both sides do the same: post all draft invoices of customers at once."""

from __future__ import annotations

from ..posting import Post


class Core(Post):
    """The rival: core without the addon."""

    name = "core without age_verification"


class AgeVerification(Core):
    """Ours: core with the gate, which judges and keeps evidence of each invoice."""

    name = "age_verification"
