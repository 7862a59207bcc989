"""Customers with four overdue posted invoices each, as both sides find them in production.

The invoices of the first customers are made and posted by core. Posting takes core about 25 ms
an invoice, so those of the other customers are copied from them row by row in SQL, with what
differs: customer, number and payment reference. ``check`` lets core judge the copies. Messages
and followers of the copies are left out; neither side reads them to propose or to group. Some
lines of the bank statement wait to be matched.
"""

from __future__ import annotations

from datetime import date, timedelta

from odoo import api
from odoo.fields import Command
from odoo.tools import SQL, split_every

#: Days past due of a customer's invoices: each has passed the first level of either side
#: (ours at 7 days, the rival's at 10), so a first run duns all of them on that level.
DAYS_OVERDUE = (12, 13, 18, 26)
INVOICES_EACH = len(DAYS_OVERDUE)
#: Customers whose invoices core makes.
MODELS = 10
#: Bank lines of today that nobody has matched and that name no invoice.
BANK_LINES = 50


def build(env: api.Environment, lines: int, today: date) -> None:
    """Fill the company of the environment with so many overdue receivable lines."""
    customers = _create_customers(env, lines // INVOICES_EACH)
    _create_invoices(env, customers[:MODELS], today)
    if customers[MODELS:]:
        _copy_invoices(env, customers[:MODELS].ids, customers[MODELS:].ids)
    _create_bank_lines(env, today)
    check(env, lines, today)


def _create_customers(env, count):
    values = [
        {
            "name": f"Customer {number:05}",
            "email": f"accounts{number}@customer.example",
            "street": f"{number} Main Street",
            "city": "Springfield",
            "zip": f"{number:05}",
            "country_id": env.ref("base.us").id,
            "is_company": True,
        }
        for number in range(1, count + 1)
    ]
    partners = env["res.partner"].with_context(tracking_disable=True)
    for batch in split_every(1000, values, list):
        partners += partners.create(batch)
    return partners


def _create_invoices(env, customers, today):
    product = env["product.product"].create({"name": "Repair", "type": "service"})
    invoices = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_date": today - timedelta(days=days + 30),
                "invoice_date_due": today - timedelta(days=days),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "quantity": 1 + number % 5,
                            "price_unit": 40 + days,
                        }
                    )
                ],
            }
            for number, customer in enumerate(customers)
            for days in DAYS_OVERDUE
        ]
    )
    invoices.action_post()
    env.flush_all()


def _create_bank_lines(env, today):
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
    )
    env["account.bank.statement.line"].create(
        [
            {
                "journal_id": journal.id,
                "date": today,
                "payment_ref": f"CARD SETTLEMENT {700000 + number}",
                "amount": 10.0 + number,
            }
            for number in range(BANK_LINES)
        ]
    )


# -- copies ------------------------------------------------------------------------------


def _copy_rows(env, table, source, columns):
    """Insert a row for each of ``source``, a table with the columns named and ``seed_id``.

    ``columns`` maps a column to the expression it takes; all others keep the seed's value.
    """
    env.cr.execute(
        SQL(
            """SELECT column_name FROM information_schema.columns
                WHERE table_schema = 'public' AND table_name = %s
                  AND is_generated = 'NEVER' ORDER BY ordinal_position""",
            table,
        )
    )
    names = [name for (name,) in env.cr.fetchall()]
    values = [columns.get(name) or SQL.identifier("seed", name) for name in names]
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s clone JOIN %s seed ON seed.id = clone.seed_id",
            SQL.identifier(table),
            SQL(", ").join(map(SQL.identifier, names)),
            SQL(", ").join(values),
            SQL.identifier(source),
            SQL.identifier(table),
        )
    )


def _copy_invoices(env, models, customers):
    env.cr.execute(
        SQL(
            """
            CREATE TEMPORARY TABLE move_clone ON COMMIT DROP AS
            SELECT nextval('account_move_id_seq')::int AS id, seed.id AS seed_id,
                   customer.id AS partner_id, partner.name AS partner_name,
                   top.number + row_number() OVER (ORDER BY customer.id, seed.id) AS number
              FROM unnest(%(customers)s) WITH ORDINALITY AS customer(id, position)
              JOIN res_partner partner ON partner.id = customer.id
              JOIN account_move seed ON seed.partner_id
                   = (%(models)s::int[])[1 + (customer.position - 1) %% %(count)s]
             CROSS JOIN (SELECT max(sequence_number) AS number FROM account_move) top
            """,
            customers=customers,
            models=models,
            count=len(models),
        )
    )
    name = SQL("seed.sequence_prefix || lpad(clone.number::text, 5, '0')")
    partner = SQL("clone.partner_id")
    _copy_rows(
        env,
        "account_move",
        "move_clone",
        {
            "id": SQL("clone.id"),
            "name": name,
            "sequence_number": SQL("clone.number"),
            "payment_reference": name,
            "partner_id": partner,
            "commercial_partner_id": partner,
            "partner_shipping_id": partner,
            "invoice_partner_display_name": SQL("clone.partner_name"),
        },
    )
    _copy_lines(env)


def _copy_lines(env):
    env.cr.execute(
        """
        CREATE TEMPORARY TABLE line_clone ON COMMIT DROP AS
        SELECT nextval('account_move_line_id_seq')::int AS id, line.id AS seed_id,
               move.id AS move_id, move.partner_id, copy.name AS move_name,
               CASE WHEN line.name = original.name THEN copy.name ELSE line.name END AS name
          FROM move_clone move
          JOIN account_move original ON original.id = move.seed_id
          JOIN account_move copy ON copy.id = move.id
          JOIN account_move_line line ON line.move_id = move.seed_id
        """
    )
    copied = ("id", "move_id", "partner_id", "move_name", "name")
    _copy_rows(
        env,
        "account_move_line",
        "line_clone",
        {column: SQL.identifier("clone", column) for column in copied},
    )
    for field in ("tax_ids", "tax_tag_ids"):
        relation = env["account.move.line"]._fields[field]
        env.cr.execute(
            SQL(
                """INSERT INTO %(table)s (%(line)s, %(other)s)
                   SELECT clone.id, seed.%(other)s
                     FROM line_clone clone JOIN %(table)s seed ON seed.%(line)s = clone.seed_id""",
                table=SQL.identifier(relation.relation),
                line=SQL.identifier(relation.column1),
                other=SQL.identifier(relation.column2),
            )
        )


# -- is it a ledger? ---------------------------------------------------------------------


def check(env: api.Environment, lines: int, today: date) -> None:
    """Let core judge what it did not make itself.

    :raise AssertionError: a copy is no invoice as core would have made it
    """
    env.invalidate_all()
    invoices = env["account.move"].search([("move_type", "=", "out_invoice")])
    assert len(invoices) == len(set(invoices.mapped("name"))) == lines
    sample = invoices[:: max(1, lines // 40)]
    assert not sample._get_unbalanced_moves({"records": sample})
    receivable = sample.line_ids.filtered(
        lambda line: line.display_type == "payment_term"
    )
    assert len(receivable) == len(sample)
    for model, name in ((receivable, "amount_residual"), (sample, "payment_state")):
        stored = model.mapped(name)
        env.add_to_compute(model._fields[name], model)
        assert model.mapped(name) == stored
    assert all(line.date_maturity < today for line in receivable)
    assert set(sample.mapped("payment_state")) == {"not_paid"}
