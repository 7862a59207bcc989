"""Writing incidents down, and reading them back to look whether they are as written."""

import json
import secrets
from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models, modules
from odoo.tools import SQL

from ..engine import chain
from .age_incident import LINKS

#: What happens again within this time is told once.
REPEAT = timedelta(minutes=1)
#: What is chained, beside number and the hash before.
CHAINED = (
    "date",
    "kind",
    "gate",
    "company_ref",
    "partner_hash",
    "order_ref",
    "move_ref",
    "document",
    "rule_ref",
    "provider_ref",
    "verdict",
    "user_ref",
    "note",
)
#: What persons decide is told each time.
ALWAYS_TOLD = frozenset({"override", "declassified"})
#: What makes two incidents of the other kinds the same one; an order has several deliveries.
SAME = ("kind", "order_ref", "move_ref", "provider_ref", "partner_ref", "document")
SAME_DELIVERY = SQL("CASE WHEN gate = 'delivery' THEN note END")
BATCH = 5000


class AgeIncident(models.Model):
    _inherit = "age.incident"

    @api.model
    def _record(self, vals_list):
        """Write incidents down on a connection of their own: a rollback keeps them.

        The same kind for the same document within a minute is written once.

        :param vals_list: values of incidents: ``kind``, ``company_id``, and as far as they
            are known ``gate``, ``partner_id``, ``order_id``, ``move_id``, ``document``
            (default: the name of either), ``rule_id``, ``provider_id``, ``verdict``,
            ``user_id`` (default: who is acting), ``note``
        :raises psycopg2.Error: they cannot be written; then the sale must not go on
        """
        rows = [self._prepare_row(vals) for vals in vals_list]
        if not rows:
            return
        self._add_names(rows)
        with self._own_cursor() as cr:
            incidents = self.with_env(api.Environment(cr, self.env.uid, {}, su=True))
            for company_ref in sorted({row["company_ref"] for row in rows}):
                incidents._append(
                    company_ref,
                    [row for row in rows if row["company_ref"] == company_ref],
                )

    @contextmanager
    def _own_cursor(self):
        """A connection whose commit does not depend on the caller's.

        A test has one connection, which is rolled back when it ends.
        """
        if modules.module.current_test:
            yield self.env.cr
            return
        with self.env.registry.cursor() as cr:
            # Who waited for the chain must see what the other has added meanwhile.
            cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            yield cr

    @api.model
    def _prepare_row(self, vals):
        vals = {"user_id": self.env.uid, **vals}
        row = {
            "date": fields.Datetime.to_string(fields.Datetime.now()),
            "company_ref": vals["company_id"],
            "kind": vals["kind"],
            **{ref: vals.get(name) or None for name, ref in LINKS.items()},
            **{name: vals.get(name) or None for name in ("gate", "verdict", "note")},
            "document": vals.get("document") or None,
            "partner_salt": None,
            "partner_hash": None,
        }
        if row["partner_ref"]:
            salt = secrets.token_hex(16)
            row["partner_salt"] = salt
            row["partner_hash"] = chain.seal(row["partner_ref"], salt)
        return row

    def _add_names(self, rows):
        """The documents' names, which others cannot read before they are committed."""
        for name in ("order_id", "move_id"):
            ref = LINKS[name]
            model = self.env[self._fields[name].comodel_name].sudo()
            found = model.browse({row[ref] for row in rows if row[ref]}).exists()
            names = {document.id: document.name for document in found}
            for row in rows:
                row["document"] = names.get(row[ref]) or row["document"]

    # === ON THE OWN CONNECTION === #

    def _append(self, company_ref, rows):
        """Add rows to the end of a company's chain, which is locked meanwhile."""
        heads = self.env["age.incident.head"]
        head = heads._lock(company_ref)
        rows = self._drop_repeated(company_ref, rows)
        if not rows:
            return
        contents = [{name: row[name] for name in CHAINED} for row in rows]
        links = chain.extend(head, contents)
        for row, link in zip(rows, links, strict=True):
            row |= {
                "number": link.number,
                "previous": link.previous,
                "digest": link.digest,
            }
        self._insert(rows)
        heads._move(company_ref, links[-1])

    def _drop_repeated(self, company_ref, rows):
        """Leave out what was told in the last minute."""
        since = fields.Datetime.now() - REPEAT
        columns = SQL(", ").join(map(SQL.identifier, SAME))
        self.env.cr.execute(
            SQL(
                "SELECT %s, %s FROM age_incident WHERE company_ref = %s AND date > %s",
                columns,
                SAME_DELIVERY,
                company_ref,
                since,
            )
        )
        told = set(self.env.cr.fetchall())
        fresh = []
        for row in rows:
            delivery = row["note"] if row["gate"] == "delivery" else None
            key = (*(row[name] for name in SAME), delivery)
            if row["kind"] in ALWAYS_TOLD or key not in told:
                fresh.append(row)
                told.add(key)
        return fresh

    def _insert(self, rows):
        columns = [*rows[0]]
        names = SQL(", ").join(map(SQL.identifier, columns))
        self.env.cr.execute(
            SQL(
                "INSERT INTO age_incident (%s) SELECT %s"
                "  FROM jsonb_populate_recordset(NULL::age_incident, %s::jsonb)"
                " ORDER BY number",
                names,
                names,
                json.dumps(rows),
            )
        )

    # === READING BACK === #

    def _read_links(self, company):
        """The chain of a company as :class:`engine.chain.Link`, some thousand at once."""
        names = SQL(", ").join(
            map(
                SQL.identifier,
                ("number", "previous", "digest", "partner_ref", "partner_salt"),
            )
        )
        chained = SQL(", ").join(map(SQL.identifier, CHAINED))
        last = 0
        while True:
            self.env.cr.execute(
                SQL(
                    "SELECT %s, %s FROM age_incident"
                    " WHERE company_ref = %s AND number > %s ORDER BY number LIMIT %s",
                    names,
                    chained,
                    company.id,
                    last,
                    BATCH,
                )
            )
            rows = self.env.cr.fetchall()
            for number, previous, digest, partner, salt, *values in rows:
                content = dict(zip(CHAINED, values, strict=True))
                content["date"] = fields.Datetime.to_string(content["date"])
                if partner and content["partner_hash"] != chain.seal(partner, salt):
                    content["partner_hash"] = None  # it is not who it was
                yield chain.Link(number, previous, digest, content)
            if len(rows) < BATCH:
                return
            last = rows[-1][0]

    # === FORGETTING === #

    @api.model
    def _forget_buyers(self, domain):
        """Make incidents anonymous. What happened, where and when stays, and the chain.

        :return: how many
        """
        query = self.sudo()._search(domain)
        self.env.cr.execute(
            SQL(
                "UPDATE age_incident SET partner_ref = NULL, partner_salt = NULL"
                " WHERE partner_ref IS NOT NULL AND id IN %s",
                query.subselect(),
            )
        )
        self.invalidate_model(["partner_ref", "partner_salt", "partner_id"])
        return self.env.cr.rowcount
