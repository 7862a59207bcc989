"""Both sides do the same: post all draft invoices of customers at once."""

from __future__ import annotations


class Core:
    """The rival: core without the addon."""

    name = "core without age_verification"
    steps = ("post",)

    def __init__(self, env):
        self.invoices = env["account.move"].search(
            [("move_type", "=", "out_invoice"), ("state", "=", "draft")]
        )

    def before(self, step):
        pass

    def post(self):
        self.invoices._post(soft=False)

    def count(self, step):
        return len(self.invoices.filtered(lambda move: move.state == "posted"))


class AgeVerification(Core):
    """Ours: core with the gate, which judges and keeps evidence of each invoice."""

    name = "age_verification"
