"""What both sides of a benchmark of posting do."""

from __future__ import annotations


class Post:
    """All draft invoices of customers are posted at once."""

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
