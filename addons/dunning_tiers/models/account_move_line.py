from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    dunning_cycle = fields.Integer(
        copy=False,
        readonly=True,
        help="Goes up by one when a payment in full is undone: the levels start again.",
    )
    dunning_level_id = fields.Many2one(
        "dunning.level",
        "Last dunning level",
        copy=False,
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The last level whose notice reached the customer.",
    )
    dunning_date = fields.Date("Last notice", copy=False, readonly=True)
    dunning_item_ids = fields.One2many("dunning.item", "move_line_id")

    def _open_dunning_cycle(self):
        """Start the levels anew for debts that had been paid in full."""
        for cycle, lines in self.grouped("dunning_cycle").items():
            lines._write_dunning(
                {
                    "dunning_cycle": cycle + 1,
                    "dunning_level_id": False,
                    "dunning_date": False,
                }
            )

    def _update_dunning_level(self):
        """Set the last level that counts from the items that were sent in this cycle."""
        items = self.env["dunning.item"].sudo()
        counted = {}
        for item in items.search_fetch(
            [("move_line_id", "in", self.ids), ("state", "=", "sent")],
            ["move_line_id", "level_id", "cycle", "date"],
            order="date, id",
        ):
            line = item.move_line_id
            if item.cycle == line.dunning_cycle:
                counted[line] = item
        for (level, date), lines in self.grouped(
            lambda line: (
                counted.get(line, items).level_id,
                counted.get(line, items).date,
            )
        ).items():
            lines._write_dunning({"dunning_level_id": level.id, "dunning_date": date})

    def _write_dunning(self, vals):
        """Write the addon's own fields, which no amount or tax of an entry depends on.

        Core balances and recomputes a whole entry on each write to one of its lines:
        minutes for an invoice with thousands of them.
        """
        self.with_context(
            check_move_validity=False,
            skip_invoice_sync=True,
            skip_invoice_line_sync=True,
            skip_account_move_synchronization=True,
            tracking_disable=True,
        ).write(vals)
