import argparse
import json
import os
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from psycopg2 import OperationalError
from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.cli.command import Command
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import config

PLATFORMS = (
    *("amazon", "ebay", "etsy", "shopify", "woocommerce", "mapped"),
    *("paypal", "stripe"),
)
#: What files hold, by the name it has in the report.
KINDS = ("orders", "settlements", "refunds")

#: Between two looks whether another process has finished with a file.
POLL_SECONDS = 0.2
#: Exit code where nobody reads what is printed any more, as Python's manual has it.
NO_READER = 1


class MarketplaceImport(Command):
    """Import marketplace files: orders become posted invoices, payouts their entries."""

    name = "marketplace_import"

    def __init__(self):
        super().__init__()
        add = self.parser.add_argument
        add("files", nargs="+", metavar="FILE", help="files, or folders with files")
        add("-c", "--config", help="configuration file")
        add("-d", "--database", dest="db_name", help="database")
        add("--platform", choices=PLATFORMS, help="only where the content fits several")
        add("--channel", help="name of the channel, where a platform has several")
        add(
            "--dry-run",
            action="store_true",
            help="report what the files hold; write nothing",
        )
        add("--json", action="store_true", help="print one JSON document")
        self.parser.formatter_class = argparse.RawDescriptionHelpFormatter

    def run(self, cmdargs):
        args = self.parser.parse_args(cmdargs)
        paths = self._find_files(args.files)
        with self._environment(args) as env:
            report = _Report(env, args).run(paths)
        with _may_lose_reader():
            self._print(report, args)
        readable = any(entry["status"] != "rejected" for entry in report["files"])
        sys.exit(0 if readable else 2)

    def _find_files(self, names):
        paths = []
        for path in map(Path, names):
            if path.is_dir():
                paths += sorted(
                    child
                    for child in path.rglob("*")
                    if child.is_file() and not child.name.startswith(".")
                )
            elif path.is_file():
                paths.append(path)
            else:
                self.parser.error(f"no such file: {path}")
        return paths

    @contextmanager
    def _environment(self, args):
        config_args = ["--no-http", "--log-level=warn"]
        config_args += ["-c", args.config] if args.config else []
        config_args += ["-d", args.db_name] if args.db_name else []
        config.parse_config(config_args, setup_logging=True)
        if len(config["db_name"] or ()) != 1:
            self.parser.error("name one database with -d")
        registry = self._open_registry(config["db_name"][0])
        if "marketplace.import" not in registry:
            self.parser.error("marketplace_invoicing is not installed in this database")
        with registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            companies = env["res.company"].search([])
            yield env(context={"allowed_company_ids": companies.ids})

    def _open_registry(self, db_name):
        try:
            return Registry(db_name)
        except OperationalError as error:
            self.parser.error(f"database {db_name} cannot be opened: {error}")

    def _print(self, report, args):
        if args.json:
            print(json.dumps(report, ensure_ascii=False))  # pylint: disable=print-used
        out = sys.stderr if args.json else sys.stdout
        for entry in report["files"]:
            what = entry["error"] or self._describe(entry)
            label = entry["format"] or "-"
            if args.dry_run and entry["status"] == "imported":
                entry = {**entry, "status": "readable"}
            out.write(f"{entry['status']:<10} {label:<26} {entry['file']}: {what}\n")
        summary = report["summary"]
        out.write(
            ", ".join(f"{name} {value}" for name, value in summary.items()) + "\n"
        )

    def _describe(self, entry):
        """Return how many records of each kind a file holds."""
        counts = {
            kind: len({facts["external_ref"] for facts in entry[kind]})
            for kind in KINDS
        }
        found = [_count(number, kind) for kind, number in counts.items() if number]
        return ", ".join(found + self._describe_settlements(entry)) or "0 orders"

    def _describe_settlements(self, entry):
        """Return how many settlements of a file are in which state, and what is missing."""
        states = Counter(facts.get("state") for facts in entry["settlements"])
        issues = sum(len(facts.get("issues") or ()) for facts in entry["settlements"])
        found = [f"{count} {state}" for state, count in states.items() if state]
        return found + ([_count(issues, "open issues")] if found and issues else [])


@contextmanager
def _may_lose_reader():
    """End quietly where the reader of a pipe has enough, like `head`; all work is committed.

    See "Note on SIGPIPE" in Python's `signal`: what is still buffered goes nowhere, else the
    interpreter complains of it at its end.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
        sys.exit(NO_READER)


def _count(number, plural):
    """Return a number and what it counts."""
    return f"{number} {plural if number != 1 else plural.removesuffix('s')}"


class _Report:
    """Reads files, imports them unless told not to, and collects what came of each."""

    def __init__(self, env, args):
        from odoo.addons.marketplace_invoicing.channels import base, facts, merge
        from odoo.addons.marketplace_invoicing.channels.settlement import (
            ParsedSettlement,
        )
        from odoo.addons.marketplace_invoicing.models.marketplace_import import (
            PIPELINES,
        )

        self.env = env
        self.args = args
        self.base = base
        self.merge = merge.merge
        self.facts = facts
        self.pipelines = PIPELINES
        self.readers = {
            base.ParsedOrder: ("orders", facts.order_facts),
            ParsedSettlement: ("settlements", self._settlement_facts),
            base.ParsedRefund: ("refunds", facts.refund_facts),
        }
        self.imports = []
        self.resumed = []

    def run(self, paths):
        started = time.monotonic()
        files = [
            self._read(path, number, len(paths)) for number, path in enumerate(paths, 1)
        ]
        if not self.args.dry_run:
            self._process()
        self._add_outcomes(files)
        for entry in files:
            del entry["parsed"], entry["import"]
        return {"files": files, "summary": self._summarise(files, started)}

    def _read(self, path, number, total):
        self._progress(number, total, path.name)
        entry = {
            "file": str(path),
            "format": None,
            "status": "rejected",
            "error": None,
            **{kind: [] for kind in KINDS},
            "parsed": [],
            "import": None,
        }
        try:
            self._read_records(path, entry)
            if not self.args.dry_run:
                self._import(path, entry)
        except (self.base.ChannelParseError, _Refusal) as error:
            entry.update(status="rejected", error=str(error), parsed=[])
            entry.update({kind: [] for kind in KINDS})
        return entry

    def _progress(self, number, total, name):
        if sys.stderr.isatty():
            done = "#" * (20 * number // max(total, 1))
            sys.stderr.write(f"\r\033[K[{done:<20}] {number}/{total} {name}")
            sys.stderr.write("\r\033[K" if number == total else "")
            sys.stderr.flush()

    def _read_records(self, path, entry):
        """Fill the facts of one file, as the file itself states them."""
        named = self._named_channel()
        with path.open("rb") as stream:
            channel, file_format, records = named._read_file(
                stream, path.name, self.args.platform
            )
            entry["format"] = file_format.code
            entry["channel"] = channel
            fitting = (named.platform, *self.base.GATEWAYS)
            if named and file_format.platform not in fitting:
                raise _Refusal(f"{file_format.label}: not a file of {named.name}")
            failures = []
            for record in records:
                if isinstance(record, self.base.ParseFailure):
                    failures.append(record.message)
                else:
                    self._add_record(entry, record)
        entry["error"] = "; ".join(failures) or None
        if failures and not any(entry[kind] for kind in KINDS):
            raise _Refusal(entry["error"])
        entry["status"] = "imported"

    def _add_record(self, entry, record):
        if type(record) not in self.readers:
            # It only links what others state: a payment with its order.
            return
        kind, facts_of = self.readers[type(record)]
        entry[kind].append(facts_of(record))
        if kind == "orders":
            entry["parsed"].append(record)

    def _settlement_facts(self, record):
        facts = self.facts.settlement_facts(record)
        if self.args.dry_run:
            facts["issues"] = list(self.facts.settlement_issues(record))
        return facts

    def _named_channel(self):
        channels = self.env["marketplace.channel"]
        if not self.args.channel:
            return channels
        channels = channels.search([("name", "=", self.args.channel)])
        if len(channels) != 1:
            known = ", ".join(sorted(set(channels.search([]).mapped("name"))))
            raise _Refusal(
                f"there are {len(channels)} channels named {self.args.channel}; "
                f"known are: {known or 'none'}"
            )
        return channels

    def _import(self, path, entry):
        """Stage one file in transactions of its own."""
        channel = entry.pop("channel", None)
        if not channel:
            raise _Refusal(
                "no channel, or more than one, for this platform: name it with --channel"
            )
        entry["import"] = record = self._receive(channel, path)
        if record.state != "done":
            record._run(commit=True, process=False)
            if record.state == "rejected":
                raise _Refusal(record.error)
            self.imports.append(record)
        elif record._has_waiting_orders():
            # Killed after staging: what is left is taken up below.
            self.resumed.append(record)
        else:
            entry["status"] = "unchanged"

    def _receive(self, channel, path):
        """Return the import of a file as soon as no other process works on it.

        :raises _Refusal: the file cannot be stored
        """
        content = path.read_bytes()
        while True:
            try:
                record, _is_new = self.env["marketplace.import"]._receive(
                    channel, path.name, content
                )
                if record.try_lock_for_update():
                    return record
            except UserError as error:
                self.env.cr.rollback()
                raise _Refusal(str(error)) from error
            except (SerializationFailure, UniqueViolation):
                pass
            self.env.cr.rollback()
            time.sleep(POLL_SECONDS)

    def _process(self):
        """Take what was staged of all files through its pipeline: orders first."""
        for model_name in self.pipelines:
            self._process_queue(self.env[model_name])

    def _process_queue(self, model):
        ids = [record.id for record in (*self.imports, *self.resumed)]
        domain = model._imported_domain(ids)
        total = model.search_count(domain & model._to_process_domain())
        done = 0

        def on_batch(count):
            nonlocal done
            done += count
            self._progress(min(done, total), total, model._description)
            return True

        model._process_queue(domain=domain, on_batch=on_batch)

    # === OUTCOMES ===

    def _add_outcomes(self, files):
        joined = self._joined(files)
        for entry in files:
            channel = (
                entry.pop("channel", None)
                or entry["import"]
                and entry["import"].channel_id
            )
            self._add_settlements(channel, entry)
            staged = self._staged(channel, entry)
            for facts in entry["orders"]:
                ref = facts["external_ref"]
                if ref in staged:
                    self._add_staged(facts, staged[ref], entry)
                else:
                    self._add_expected(facts, joined.get(ref))

    def _add_settlements(self, channel, entry):
        """Say what was found wrong with the settlements that were imported."""
        if not channel or self.args.dry_run:
            return
        refs = [facts["external_ref"] for facts in entry["settlements"]]
        staged = self.env["marketplace.settlement"]._get_by_external_ref(channel, refs)
        for facts in entry["settlements"]:
            settlement = staged.get(facts["external_ref"])
            if settlement:
                facts["state"] = settlement.state
                facts["issues"] = self._open_issues(settlement)

    def _open_issues(self, record):
        return [
            {"code": issue.code, "message": issue.message}
            for issue in record.issue_ids
            if issue.state == "open"
        ]

    def _joined(self, files):
        """Return {reference: order joined from all files}, for a dry run."""
        if not self.args.dry_run:
            return {}
        records = self.merge(record for entry in files for record in entry["parsed"])
        return {record.external_ref: record for record in records}

    def _staged(self, channel, entry):
        if not channel:
            return {}
        refs = [facts["external_ref"] for facts in entry["orders"]]
        return self.env["marketplace.order"]._get_by_external_ref(channel, refs)

    def _add_staged(self, facts, order, entry):
        facts["state"] = "unchanged" if entry["status"] == "unchanged" else order.state
        facts["order"] = order.sale_order_id.name or None
        facts["invoice"] = order.invoice_id.name or None
        facts["issues"] = self._open_issues(order)

    def _add_expected(self, facts, record):
        """Say what the facts alone tell: this needs no mapping and no chart of accounts."""
        if isinstance(record, self.base.ParsedOrder):
            facts["issues"] = list(self.facts.order_issues(record))
        waiting = (
            record is None
            or getattr(record, "status", "") == "pending"
            or (facts["lines"] is None and "items" not in getattr(record, "parts", ()))
        )
        if getattr(record, "status", "") == "cancelled":
            facts["state"] = "cancelled"
        elif facts["issues"]:
            facts["state"] = "exception"
        else:
            facts["state"] = "draft" if waiting else "ready"

    def _summarise(self, files, started):
        refs = {}
        for entry in files:
            for facts in entry["orders"]:
                refs[entry["format"].split(".")[0], facts["external_ref"]] = facts
        states = [facts["state"] for facts in refs.values()]
        return {
            "orders": len(refs),
            "created": sum(record.created_count for record in self.imports),
            "updated": sum(record.updated_count for record in self.imports),
            "unchanged": states.count("unchanged"),
            "exception": states.count("exception"),
            "invoiced": states.count("invoiced"),
            **{
                kind: len(
                    {
                        (entry["format"], facts["external_ref"], facts["currency"])
                        for entry in files
                        for facts in entry[kind]
                    }
                )
                for kind in ("settlements", "refunds")
            },
            "rejected": sum(entry["status"] == "rejected" for entry in files),
            "seconds": round(time.monotonic() - started, 2),
        }


class _Refusal(Exception):
    """A file that cannot be taken, for a reason outside of its content."""
