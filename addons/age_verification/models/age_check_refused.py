"""A refusal undoes the attempt, and must not undo that there was one."""

import logging
from datetime import timedelta

import psycopg2

from odoo import SUPERUSER_ID, api, fields, models, modules
from odoo.fields import Domain

from ..engine import judging

_logger = logging.getLogger(__name__)

#: An attempt that is tried again within this time, as by a retried request, is one.
REPEAT = timedelta(minutes=1)
#: What makes two checks the same one.
SAME = (
    "order_id",
    "move_id",
    "document",
    "partner_id",
    "class_id",
    "rule_id",
    "verdict",
)
#: What a row may point to that was written in the transaction that is undone.
LINKS = ("partner_id", "class_id", "rule_id", "country_id", "state_id", "proof_id")


class AgeCheck(models.Model):
    _inherit = "age.check"

    @api.model
    def _keep_refused(self, rows, gate):
        """Write down what was refused once more, if this transaction is rolled back.

        Only then: as long as the transaction is open, it may hold the order locked.
        """
        refused = [row for row in rows if row["verdict"] not in judging.ALLOWED]
        if not refused or modules.module.current_test:
            return
        registry, uid = self.env.registry, self.env.uid

        def keep():
            try:
                with registry.cursor() as cr:
                    env = api.Environment(cr, uid or SUPERUSER_ID, {}, su=True)
                    env["age.check"]._insert_fresh(refused, gate)
            except psycopg2.Error:
                _logger.exception("age gate: refused sales are not on record")

        self.env.cr.postrollback.add(keep)

    @api.model
    def _insert_fresh(self, rows, gate):
        """Insert the rows whose documents are there, and that are not written yet."""
        rows = self._without_missing(rows)
        since = fields.Datetime.now() - REPEAT
        told = {
            tuple(values[name] for name in SAME)
            for values in self.search(
                Domain.AND(
                    Domain(name, "in", list({row[name] or False for row in rows}))
                    for name in ("company_id", "order_id", "move_id", "document")
                )
                & Domain("gate", "=", gate)
                & Domain("date", ">", since)
            ).read(SAME, load="")
        }
        self._insert(
            [
                row
                for row in rows
                if tuple(row[name] or False for name in SAME) not in told
            ],
            gate,
        )

    def _without_missing(self, rows):
        """The rows of documents that exist, pointing at nothing that does not."""
        found = {
            name: set(
                self.env[self._fields[name].comodel_name]
                .browse({row[name] for row in rows if row[name]})
                .exists()
                .ids
            )
            for name in ("order_id", "move_id", *LINKS)
        }
        return [
            {
                name: value if name not in found or value in found[name] else None
                for name, value in row.items()
            }
            for row in rows
            if row["order_id"] in found["order_id"]
            or row["move_id"] in found["move_id"]
            or not (row["order_id"] or row["move_id"])  # a delivery without an order
        ]
