"""What the flow tests of pricing share: two processes of Odoo that work at the same moment."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flow_support import PATIENCE, Database, Outcome, finish, kill, start_script

#: A platform that takes 15 % and pays its makers by self-billed bills.
SHOP = """
company = env.company
company.write({
    "artisan_commission_scheme_id": env["artisan.commission.scheme"].create({
        "name": "Scheme",
        "part_ids": [(0, 0, {"name": "Commission", "code": "sales", "value": 15})],
    }).id,
    "artisan_payout_journal_id": env["account.journal"].create({
        "name": "Makers", "code": "MAK", "type": "purchase", "is_self_billing": True,
    }).id,
})
env["loyalty.program"].search([]).active = False
env["res.users"].with_context(no_reset_password=True).create([
    {
        "name": login, "login": login, "email": f"{login}@example.com",
        "group_ids": [(4, env.ref("artisan_pricing.group_artisan_manager").id)],
    }
    for login in ("first", "second", "asker")
])
env.cr.commit()
"""

#: What scripts call.
WORDS = """
import os, signal
from datetime import date
Statement = env["artisan.statement"]
customer = env["res.partner"].search([("name", "=", "Customer")], limit=1)
customer = customer or env["res.partner"].create({
    # Has bought before: a first invoice would write to the contact, and others wait for it.
    "name": "Customer", "customer_rank": 1,
})

def make_craft(name, price):
    maker = env["res.partner"].create({
        "name": name, "is_maker": True, "maker_payout_when": "invoiced",
    })
    maker.maker_payout_bank_id = env["res.partner.bank"].create({
        "partner_id": maker.id, "acc_number": f"ACC {name}",
    })
    return env["product.product"].create({
        "name": f"Bowl of {name}", "list_price": price, "maker_id": maker.id,
        "taxes_id": False, "supplier_taxes_id": False, "invoice_policy": "order",
    })

def get_craft(name):
    return env["product.product"].search([("name", "=", f"Bowl of {name}")])

def get_makers(name):
    return env["res.partner"].search([("name", "like", f"{name}%")])

def sell(product, day, post=True, buyer=customer):
    move = env["account.move"].create({
        "move_type": "out_invoice", "partner_id": buyer.id, "invoice_date": day,
        "invoice_line_ids": [(0, 0, {
            "product_id": product.id, "price_unit": product.list_price, "tax_ids": False,
        })],
    })
    if post:
        move.action_post()
    return move

def order(product, quantity, **vals):
    return env["sale.order"].create({
        "partner_id": customer.id,
        "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": quantity})],
        **vals,
    })

def die_at(model, method, count):
    "Kill this process when a method was called so many times, with all of it written."
    cls = type(env[model])
    original, calls = getattr(cls, method), []
    def deadly(self, *args, **kwargs):
        res = original(self, *args, **kwargs)
        calls.append(True)
        if len(calls) == count:
            env.flush_all()
            os.kill(os.getpid(), signal.SIGKILL)
        return res
    setattr(cls, method, deadly)
"""

#: A process that does what it finds in a folder, as a request of the web client is done:
#: once more where another one was faster, and all of it or nothing.
_WORKER = """
import json, pathlib, time
from odoo.service.model import retrying
folder, number = pathlib.Path({folder!r}), {number}
words = {words!r}

class Turn:
    def __init__(self, script):
        self.script, self.tries = script, 0

    def meet(self):
        "Wait until the other worker is here, too: neither has seen what the other does."
        if self.tries > 1:
            return
        (folder / f"{{turn}}.met.{{number}}").touch()
        until = time.monotonic() + 60
        while len(list(folder.glob(f"{{turn}}.met.*"))) < 2:
            assert time.monotonic() < until, "the other worker does not come"
            time.sleep(0.002)

    def run(self):
        self.tries += 1
        scope = {{"env": env, "meet": self.meet, "answer": None}}
        exec(words + self.script, scope)
        return scope["answer"]

turn, until = 1, time.monotonic() + {patience}
while time.monotonic() < until and not (folder / "stop").exists():
    path = folder / f"{{turn}}.todo.{{number}}"
    if not path.exists():
        time.sleep(0.01)
        continue
    env.registry.check_signaling()
    env.invalidate_all()
    task, error, answer = Turn(path.read_text()), None, None
    try:
        answer = retrying(task.run, env)
    except Exception as exception:
        error = f"{{type(exception).__name__}}: {{exception}}"
        env.cr.rollback()
    env.transaction.reset()
    env.cr.rollback()
    done = folder / f"{{turn}}.tmp.{{number}}"
    done.write_text(json.dumps({{"answer": answer, "error": error, "tries": task.tries}}))
    done.rename(folder / f"{{turn}}.done.{{number}}")
    turn, until = turn + 1, time.monotonic() + {patience}
"""

#: Makers with one sale each, of 100.00.
SALES = """
for number in range({count}):
    sell(make_craft(f"{name} {{number}}", 100), "{day}")
"""

#: The statements of a period; both workers have looked at what is there before.
MAKE = """
makers = get_makers("{name}")
Statement.search([("maker_id", "in", makers.ids)])
meet()
answer = len(Statement._make_statements(
    env.company, date.fromisoformat("{first}"), date.fromisoformat("{last}"), makers
))
"""

CONFIRM = """
made = Statement._make_statements(
    env.company, date(2026, 1, 1), date(2026, 1, 31), get_makers("{name}")
)
made.action_confirm()
"""

BILL = """
statements = Statement.search([("maker_id", "in", get_makers("{name}").ids)])
statements.mapped("state")
meet()
statements.action_make_bills()
"""

#: Six customers of a maker who have earned Gold.
SHOPS = """
craft = make_craft("{name}", 100)
policy = env["artisan.terms.policy"].create({{
    "name": "{name}", "maker_id": craft.maker_id.id, "full_turnover": 1000,
    "grade_ids": [
        (0, 0, {{"name": "Bronze", "min_score": 0, "net_days": 14, "credit_limit": 500}}),
        (0, 0, {{"name": "Gold", "min_score": 5, "net_days": 45, "credit_limit": 5000}}),
    ],
}})
for number in range(6):
    shop = env["res.partner"].create({{"name": f"Shop {{number}} of {name}"}})
    sell(craft, date.today().isoformat(), buyer=shop)
"""

#: Maker, statements, entries, what these sum to.
MADE = """
    SELECT maker.name, count(DISTINCT statement.id), count(entry.id), sum(entry.amount)
      FROM artisan_payout_entry entry
      JOIN res_partner maker ON maker.id = entry.maker_id
      LEFT JOIN artisan_statement statement ON statement.id = entry.statement_id
     WHERE maker.name LIKE %s
  GROUP BY maker.name ORDER BY maker.name
"""

#: Bills, statements that they are of, what is paid out.
BILLS = """
    SELECT count(DISTINCT bill.id), count(DISTINCT statement.id), sum(bill.amount_untaxed)
      FROM account_move bill
      JOIN res_partner maker ON maker.id = bill.partner_id
      LEFT JOIN artisan_statement statement
        ON statement.bill_id = bill.id AND statement.state = 'billed'
     WHERE bill.move_type = 'in_invoice' AND maker.name LIKE %s
"""

#: Customers, grades, and how often one was got.
JUDGED = """
    SELECT count(DISTINCT standing.partner_id), count(DISTINCT standing.id), count(change.id)
      FROM artisan_customer_standing standing
      JOIN artisan_terms_policy policy ON policy.id = standing.policy_id
      LEFT JOIN artisan_standing_change change ON change.standing_id = standing.id
     WHERE policy.name ->> 'en_US' = %s
"""


def run_killed(database: Database, script: str) -> None:
    """Run a script that ends with the death of its process, and wait until its
    transaction is gone."""
    process = start_script(database, WORDS + script)
    stdout, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == -9, (stdout, stderr)
    sql = """
        SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND xact_start < now()
           AND state LIKE 'idle in transaction%'
    """
    end = time.monotonic() + PATIENCE
    while database.value(sql):
        assert time.monotonic() < end
        time.sleep(0.02)


@dataclass(frozen=True)
class Answer:
    """What a worker says of a turn.

    :ivar answer: what the script put into ``answer``
    :ivar error: what a person would be told; none: it went well
    :ivar tries: more than one where the other worker was faster
    """

    answer: Any
    error: str | None
    tries: int


class Workers:
    """Two processes of Odoo on one database, until told to stop.

    :param folder: empty, where they find what to do
    """

    def __init__(self, database: Database, folder: Path):
        self.database = database
        self._folder = folder
        self._turns = itertools.count(1)
        self._processes = [
            start_script(
                database,
                _WORKER.format(
                    folder=str(folder), number=number, words=WORDS, patience=PATIENCE
                ),
            )
            for number in (1, 2)
        ]

    def both(self, script: str, other: str | None = None) -> list[Answer]:
        """Have both do this, or each its own, from where they call ``meet()`` at once."""
        turn = next(self._turns)
        for number, text in enumerate((script, other or script), start=1):
            hidden = self._folder / f"{turn}.new.{number}"
            hidden.write_text(text)
            hidden.rename(self._folder / f"{turn}.todo.{number}")
        return [self._wait(turn, number) for number in (1, 2)]

    def one(self, script: str) -> Any:
        """Have the first do this; nothing may go wrong."""
        answer = self.both(script, "pass")[0]
        assert answer.error is None, answer.error
        return answer.answer

    def _wait(self, turn: int, number: int) -> Answer:
        path = self._folder / f"{turn}.done.{number}"
        end = time.monotonic() + PATIENCE
        while not path.exists():
            process = self._processes[number - 1]
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end, "the worker does not answer"
            time.sleep(0.005)
        return Answer(**json.loads(path.read_text()))

    def stop(self) -> list[Outcome]:
        """End them; what they said on the way."""
        (self._folder / "stop").touch()
        return [finish(process) for process in self._processes]

    def kill(self) -> None:
        """End them however they are."""
        for process in self._processes:
            if process.poll() is None:
                kill(process)


def each_once(name: str, count: int) -> list[tuple]:
    """Return ``MADE`` of makers that have one statement each, with all that they sold."""
    return [(f"{name} {number}", 1, 2, 85) for number in range(count)]


def alone(script: str) -> str:
    """Return what one worker does of a script for two."""
    return script.replace("meet()", "")
