import argparse
import json
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from psycopg2 import OperationalError
from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.cli.command import Command
from odoo.modules.registry import Registry
from odoo.tools import config

PLATFORMS = ("amazon", "ebay", "etsy", "shopify", "woocommerce", "mapped")

#: Between two looks whether another process has finished with a file.
POLL_SECONDS = 0.2


class MarketplaceImport(Command):
    """Import marketplace files: orders become sale orders and posted invoices."""

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
            refs = {facts["external_ref"] for facts in entry["orders"]}
            what = entry["error"] or f"{len(refs)} orders"
            label = entry["format"] or "-"
            if args.dry_run and entry["status"] == "imported":
                entry = {**entry, "status": "readable"}
            out.write(f"{entry['status']:<10} {label:<26} {entry['file']}: {what}\n")
        summary = report["summary"]
        out.write(
            ", ".join(f"{name} {value}" for name, value in summary.items()) + "\n"
        )


class _Report:
    """Reads files, imports them unless told not to, and collects what came of each."""

    def __init__(self, env, args):
        from odoo.addons.marketplace_invoicing.channels import base, merge

        self.env = env
        self.args = args
        self.base = base
        self.merge = merge.merge
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
            "orders": [],
            "settlements": [],
            "refunds": [],
            "parsed": [],
            "import": None,
        }
        try:
            self._read_orders(path, entry)
            if not self.args.dry_run:
                self._import(path, entry)
        except (self.base.ChannelParseError, _Refusal) as error:
            entry.update(status="rejected", error=str(error), orders=[], parsed=[])
        return entry

    def _progress(self, number, total, name):
        if sys.stderr.isatty():
            done = "#" * (20 * number // max(total, 1))
            sys.stderr.write(f"\r\033[K[{done:<20}] {number}/{total} {name}")
            sys.stderr.write("\r\033[K" if number == total else "")
            sys.stderr.flush()

    def _read_orders(self, path, entry):
        """Fill the facts of one file, as the file itself states them."""
        named = self._named_channel()
        with path.open("rb") as stream:
            channel, file_format, records = named._read_file(
                stream, path.name, self.args.platform
            )
            entry["format"] = file_format.code
            entry["channel"] = channel
            if named and named.platform != file_format.platform:
                raise _Refusal(f"{file_format.label}: not a file of {named.name}")
            if file_format.kind != "orders":
                raise _Refusal(f"{file_format.label}: holds no orders")
            failures = []
            for record in records:
                if isinstance(record, self.base.ParsedOrder):
                    entry["parsed"].append(record)
                    entry["orders"].append(self._facts(record))
                else:
                    failures.append(record.message)
        entry["error"] = "; ".join(failures) or None
        if failures and not entry["orders"]:
            raise _Refusal(entry["error"])
        entry["status"] = "imported"

    def _named_channel(self):
        channels = self.env["marketplace.channel"]
        if not self.args.channel:
            return channels
        channels = channels.search([("name", "=", self.args.channel)])
        if len(channels) != 1:
            raise _Refusal(
                f"there are {len(channels)} channels named {self.args.channel}"
            )
        return channels

    def _facts(self, record):
        def text(amount):
            return None if amount is None else f"{amount:f}"

        has_items = "items" in record.parts
        articles = [
            line for line in record.lines if line.kind in self.base.ARTICLE_KINDS
        ]
        return {
            "external_ref": record.external_ref,
            "currency": record.currency,
            "amount_total": text(record.amount_total),
            "amount_tax": text(record.amount_tax),
            "amount_shipping": text(record.amount_shipping),
            "amount_discount": text(record.amount_discount),
            "marketplace_tax": text(record.marketplace_tax),
            "lines": len(articles) if has_items else None,
            "channel_status": record.channel_status,
            "state": None,
            "order": None,
            "invoice": None,
            "issues": [],
        }

    def _import(self, path, entry):
        """Stage one file in transactions of its own."""
        channel = entry.pop("channel", None)
        if not channel:
            raise _Refusal("no channel, or more than one, for this platform: name it")
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
        """Return the import of a file as soon as no other process works on it."""
        content = path.read_bytes()
        while True:
            try:
                record, _is_new = self.env["marketplace.import"]._receive(
                    channel, path.name, content
                )
                if record.try_lock_for_update():
                    return record
            except (SerializationFailure, UniqueViolation):
                pass
            self.env.cr.rollback()
            time.sleep(POLL_SECONDS)

    def _process(self):
        """Take the staged orders of all files through the pipeline."""
        Order = self.env["marketplace.order"]
        ids = [record.id for record in (*self.imports, *self.resumed)]
        domain = Order._imported_domain(ids)
        total = Order.search_count(domain & Order._to_process_domain())
        done = 0

        def on_batch(count):
            nonlocal done
            done += count
            self._progress(min(done, total), total, "orders")
            return True

        Order._process_queue(domain=domain, on_batch=on_batch)

    # === OUTCOMES ===

    def _add_outcomes(self, files):
        joined = self._joined(files)
        for entry in files:
            channel = (
                entry.pop("channel", None)
                or entry["import"]
                and entry["import"].channel_id
            )
            staged = self._staged(channel, entry)
            for facts in entry["orders"]:
                ref = facts["external_ref"]
                if ref in staged:
                    self._add_staged(facts, staged[ref], entry)
                else:
                    self._add_expected(facts, joined.get(ref))

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
        facts["issues"] = [
            {"code": issue.code, "message": issue.message}
            for issue in order.issue_ids
            if issue.state == "open"
        ]

    def _add_expected(self, facts, record):
        """Say what the facts alone tell: this needs no mapping and no chart of accounts."""
        if isinstance(record, self.base.ParsedOrder):
            facts["issues"] = list(self._expected_issues(record))
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

    def _expected_issues(self, record):
        unknown = [
            line for line in record.lines if line.liability == "unknown" and line.tax
        ]
        if unknown:
            yield {"code": "tax_liability_unknown", "message": unknown[0].evidence}
        # Less than half a cent is what a channel's own rounding leaves.
        if record.imbalance is not None and abs(
            record.imbalance
        ) >= self.base.to_decimal("0.005"):
            message = f"the lines come to {record.amount_lines:f}, not {record.amount_total:f}"
            yield {"code": "total_difference", "message": message}
        if record.amount_total is not None and record.amount_total < 0:
            yield {"code": "negative_total", "message": f"{record.amount_total:f}"}

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
            "rejected": sum(entry["status"] == "rejected" for entry in files),
            "seconds": round(time.monotonic() - started, 2),
        }


class _Refusal(Exception):
    """A file that cannot be taken, for a reason outside of its content."""
