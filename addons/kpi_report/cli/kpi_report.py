import argparse
import json
import sys
import time
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.cli.command import Command
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import config


class KpiReport(Command):
    """Tell the key figures of companies over a period and by its months."""

    name = "kpi_report"

    def __init__(self):
        super().__init__()
        add = self.parser.add_argument
        add("-c", "--config", help="configuration file")
        add("-d", "--database", dest="db_name", help="database")
        add(
            "--from",
            dest="date_from",
            type=self._date,
            required=True,
            metavar="YYYY-MM-DD",
            help="first day",
        )
        add(
            "--to",
            dest="date_to",
            type=self._date,
            required=True,
            metavar="YYYY-MM-DD",
            help="last day; days after today are left out",
        )
        add(
            "--company",
            metavar="NAME",
            action="append",
            help="only this company; may be given more than once",
        )
        form = self.parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="print one JSON document")
        form.add_argument(
            "--xlsx", metavar="FILE", type=Path, help="write a spreadsheet"
        )

    @staticmethod
    def _date(text):
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"not a date: {text}") from error

    def run(self, cmdargs):
        args = self.parser.parse_args(cmdargs)
        if args.date_to < args.date_from:
            self.parser.error("--to is before --from")
        started = time.monotonic()
        with self._environment(args) as env:
            companies = self._find_companies(env, args)
            report = self._get_report(env, companies, args)
        report["summary"] = {
            "companies": len(report["companies"]),
            "sections": len(report["sections"]),
            "seconds": round(time.monotonic() - started, 2),
        }
        if args.xlsx:
            self._write_xlsx(report, args.xlsx)
        self._print(report, args)

    @contextmanager
    def _environment(self, args):
        config_args = ["--no-http", "--log-level=warn"]
        config_args += ["-c", args.config] if args.config else []
        config_args += ["-d", args.db_name] if args.db_name else []
        config.parse_config(config_args, setup_logging=True)
        if len(config["db_name"] or ()) != 1:
            self.parser.error("name one database with -d")
        registry = self._open_registry(config["db_name"][0])
        if "kpi.report" not in registry:
            self.parser.error("kpi_report is not installed in this database")
        with registry.cursor() as cr:
            cr.execute("SET TRANSACTION READ ONLY")
            yield Environment(cr, SUPERUSER_ID, {})

    def _open_registry(self, db_name):
        try:
            return Registry(db_name)
        except OperationalError as error:
            reason = str(error).strip().splitlines()[-1]
            self.parser.error(f"database {db_name} cannot be opened: {reason}")

    def _find_companies(self, env, args):
        """The named companies, or all."""
        domain = [("name", "in", args.company)] if args.company else []
        companies = env["res.company"].search(domain, order="id")
        for name in args.company or ():
            if name not in companies.mapped("name"):
                self.parser.error(f"no company named {name}")
        return companies

    def _get_report(self, env, companies, args):
        try:
            return env["kpi.report"]._get_report(
                companies, args.date_from, args.date_to
            )
        except UserError as error:
            self.parser.error(str(error))

    def _write_xlsx(self, report, path):
        from odoo.addons.kpi_report.workbook import write_workbook

        try:
            path.write_bytes(write_workbook(report))
        except OSError as error:
            self.parser.error(f"{path} cannot be written: {error.strerror}")

    # === PRINT === #

    def _print(self, report, args):
        if args.json:
            print(json.dumps(report, ensure_ascii=False))  # pylint: disable=print-used
        out = sys.stderr if args.json else sys.stdout
        if args.xlsx:
            out.write(f"{args.xlsx} is written\n")
        else:
            for section in report["sections"]:
                _write_section(out, report["months"], section)
        if not report["sections"]:
            out.write("no installed addon has figures to report\n")
        period = f"{report['date_from']} to {report['date_to']}"
        summary = report["summary"].items()
        out.write(
            f"{period}: {', '.join(f'{key} {value}' for key, value in summary)}\n"
        )


def _write_section(out, months, section):
    for company in section["companies"]:
        out.write(f"{section['title']}  {company['company']}, {company['currency']}\n")
        _write_row(out, "", "", ["period", *months])
        for figure in company["figures"]:
            values = [figure["value"], *(figure["months"][month] for month in months)]
            _write_row(out, figure["title"], figure["unit"], values)
        out.write("\n")


def _write_row(out, title, unit, values):
    cells = "".join(f" {'-' if value is None else value:>12}" for value in values)
    out.write(f"  {title:<40} {unit:<8}{cells}\n")
