"""From an order to a posted invoice that is paid: the channel's file, or core order by order."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import sys
import tempfile
import time
import traceback

from odoo import fields, sql_db
from odoo.fields import Command

from .. import contest
from . import shop


class Pipeline:
    """Ours: a file of all orders is received and run, with its commits, as the scheduler does."""

    name = "marketplace_invoicing"
    steps = ("pipeline",)

    def __init__(self, env):
        self.channel = shop.get_channel(env)
        self.content = b""

    def before(self, step):
        self.content = shop.make_file(shop.get_size(self.channel.env))

    def pipeline(self):
        record, _is_new = self.channel.env["marketplace.import"]._receive(
            self.channel, "orders.json", self.content
        )
        record._run(commit=True)

    def count(self, step):
        return count_paid(self.channel.env)


class TwoWorkers(Pipeline):
    """One process runs the import, another takes orders off the same queue meanwhile."""

    name = "two workers"
    workers = 2

    def pipeline(self):
        env = self.channel.env
        record, _is_new = env["marketplace.import"]._receive(
            self.channel, "orders.json", self.content
        )
        env.cr.commit()
        context = multiprocessing.get_context("fork")
        processes = [
            context.Process(target=_work, args=(env.cr.dbname, record.id, place))
            for place in range(self.workers)
        ]
        for process in processes:
            process.start()
        _join(processes)


def _join(processes):
    """Wait for all workers; where one fails, the others would wait for ever."""
    waiting = {process.sentinel: process for process in processes}
    while waiting:
        for sentinel in multiprocessing.connection.wait(waiting):
            process = waiting.pop(sentinel)
            process.join()
            if process.exitcode:
                for other in waiting.values():
                    other.kill()
                raise contest.BenchmarkError("a worker failed")


def _work(database, record_id, place):
    """Be a worker: the first runs the import, the others what is staged already."""
    code = 1
    try:
        # The connections that came with the fork are the parent's.
        sql_db._Pool = sql_db._Pool_readonly = None
        contest.Registry(database)._db = sql_db.db_connect(database)
        with contest.environment(database) as env:
            record = env["marketplace.import"].browse(record_id)
            record._run(commit=True) if place == 0 else _help(record)
        code = 0
    except Exception:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _help(record):
    """Do as the scheduler's job does, until the import has come to its end."""
    orders = record.env["marketplace.order"]
    domain = orders._imported_domain(record.ids)
    while True:
        is_done = record.state == "done"
        if not orders._process_queue(domain=domain):
            if is_done:
                return
            time.sleep(0.05)
        record.env.cr.commit()
        record.env.invalidate_all()


class OneWorker(TwoWorkers):
    """What two are compared with: the same, alone."""

    name = "one worker"
    workers = 1


class LongFile:
    """Ours alone: a long file is received, staged whole, and its first orders are processed."""

    name = "marketplace_invoicing"
    steps = ("receive", "stage", "process")

    def __init__(self, env):
        self.env = env
        self.file = tempfile.TemporaryFile()
        self.record = env["marketplace.import"]

    def before(self, step):
        """The file lies on the disk, as one that a browser sends."""
        if step == "receive":
            shop.write_file(self.file, shop.get_size(self.env))
            self.file.seek(0)

    def receive(self):
        self.record, _is_new = self.record._receive(
            shop.get_channel(self.env), "orders.json", self.file.read()
        )

    def stage(self):
        self.record._run(commit=True, process=False)

    def process(self):
        """Batch by batch, as the scheduler's job does, until enough are done."""
        orders = self.env["marketplace.order"]
        self.left = shop.get_processed(self.env)
        orders._process_queue(
            domain=orders._imported_domain(self.record.ids), on_batch=self._go_on
        )

    def _go_on(self, count):
        self.left -= count
        return self.left > 0

    def count(self, step):
        if step == "receive":
            return len(self.record)
        if step == "stage":
            return self.env["marketplace.order"].search_count([])
        return count_paid(self.env)


class CoreLoop:
    """The rival: everything for one order, a commit, then the next one."""

    name = "core per-order loop"
    #: Orders of each step at most; the second shows that an order's time stays what it was.
    slices = {"first": 50, "second": 200}
    steps = tuple(slices)

    @classmethod
    def get_count(cls, step, size):
        return min(cls.slices[step], size)

    def __init__(self, env):
        self.env = env
        self.bank = shop.get_bank(env)
        self.customers = shop.get_customers(env)
        self.products = shop.get_products(env)
        self.done = 0

    def before(self, step):
        self.start = count_paid(self.env)

    def first(self):
        self._run("first")

    def second(self):
        self._run("second")

    def _run(self, step):
        last = self.done + self.get_count(step, shop.get_size(self.env))
        for number in range(self.done + 1, last + 1):
            self._run_one(number)
            self.env.cr.commit()
        self.done = last

    def _run_one(self, number):
        order = self.env["sale.order"].create(self._prepare_order(number))
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.invoice_date = self._get_date(number)
        invoice.action_post()
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        wizard.create(
            {"journal_id": self.bank.id, "payment_date": self._get_date(number)}
        ).action_create_payments()

    def _get_date(self, number):
        return fields.Date.to_date(f"2025-03-{1 + number % 28:02}")

    def _prepare_order(self, number):
        return {
            "partner_id": self.customers[number - 1].id,
            "date_order": self._get_date(number),
            "client_order_ref": str(number),
            "order_line": [
                Command.create(
                    {
                        "product_id": self.products[product].id,
                        "product_uom_qty": quantity,
                        "price_unit": float(price),
                    }
                )
                for product, quantity, price in shop.get_lines(number)
            ],
        }

    def count(self, step):
        return count_paid(self.env) - self.start


def count_paid(env):
    """How many invoices are posted and paid."""
    return env["account.move"].search_count(
        [
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("payment_state", "in", ("paid", "in_payment")),
        ]
    )
