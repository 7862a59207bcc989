import argparse
import json
import sys
import time
from collections import Counter
from contextlib import contextmanager
from datetime import date

from psycopg2 import OperationalError
from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.cli.command import Command
from odoo.modules.registry import Registry
from odoo.tools import config

#: Two processes that propose at once cannot both be first; the second looks again.
ATTEMPTS = 3


class DunningRun(Command):
    """Propose payment reminders, and send those that are approved."""

    name = "dunning_run"

    def __init__(self):
        super().__init__()
        add = self.parser.add_argument
        add("-c", "--config", help="configuration file")
        add("-d", "--database", dest="db_name", help="database")
        add("--date", type=self._date, help="day of the run, YYYY-MM-DD; default today")
        add("--policy", metavar="NAME", help="only invoices of this policy")
        step = self.parser.add_mutually_exclusive_group()
        step.add_argument(
            "--dry-run", action="store_true", help="forecast; write and send nothing"
        )
        step.add_argument(
            "--send",
            action="store_true",
            help="also send what is approved: all in automatic mode but spot checks",
        )
        add("--json", action="store_true", help="print one JSON document")
        self.parser.formatter_class = argparse.RawDescriptionHelpFormatter

    @staticmethod
    def _date(text):
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"not a date: {text}") from error

    def run(self, cmdargs):
        args = self.parser.parse_args(cmdargs)
        with self._environment(args) as env:
            policies = self._find_policies(env, args)
            self._check_date(env, args)
            report = _Report(env, args, policies).run()
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
        if "dunning.run" not in registry:
            self.parser.error("dunning_tiers is not installed in this database")
        with registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            companies = env["res.company"].search([])
            yield env(context={"allowed_company_ids": companies.ids})

    def _open_registry(self, db_name):
        try:
            return Registry(db_name)
        except OperationalError as error:
            self.parser.error(f"database {db_name} cannot be opened: {error}")

    def _find_policies(self, env, args):
        """The named policy, or None for all."""
        if not args.policy:
            return None
        policies = env["dunning.policy"].search([("name", "=", args.policy)])
        if not policies:
            self.parser.error(f"no policy named {args.policy}")
        return policies

    def _check_date(self, env, args):
        """A letter of tomorrow would state days and interest that are not there yet."""
        today = env.company._get_dunning_today()
        if args.date and args.date > today and not args.dry_run:
            self.parser.error("a day to come can only be forecast: use --dry-run")

    def _print(self, report, args):
        if args.json:
            print(json.dumps(report, ensure_ascii=False))  # pylint: disable=print-used
        out = sys.stderr if args.json else sys.stdout
        for run in report["runs"]:
            out.write(f"{run['run'] or 'forecast'}  {run['company']}  {run['date']}\n")
            for item in run["items"]:
                why = ", ".join(item["reasons"]) or (item["level"] or "")
                out.write(
                    f"  {item['verdict']:<8} {item['invoice']:<20} "
                    f"{item['amount_asked']:>12} {item['currency']} "
                    f"{item['days_overdue']:>4} days  {item['customer']}: {why}\n"
                )
        summary = report["summary"]
        out.write(", ".join(f"{key} {value}" for key, value in summary.items()) + "\n")


class _Report:
    """Makes the runs of all companies and tells what came of them."""

    def __init__(self, env, args, policies):
        self.env = env
        self.args = args
        self.policies = policies
        self.started = time.monotonic()

    def run(self):
        runs = [self._run(company, policy) for company, policy in self._scopes()]
        return {"runs": runs, "summary": self._summarise(runs)}

    def _scopes(self):
        """Companies with a policy; those of the named policy only."""
        if self.policies is not None:
            return [(policy.company_id, policy) for policy in self.policies]
        none = self.env["dunning.policy"]
        companies = none.search([]).company_id.sorted("id")
        return [(company, none) for company in companies]

    def _run(self, company, policy):
        env = self.env(context={**self.env.context, "allowed_company_ids": company.ids})
        runs = env["dunning.run"]
        day = self.args.date or company._get_dunning_today()
        if self.args.dry_run:
            debts = runs._forecast(company, day, policy)
            items = [self._forecast_facts(env, debt, day) for debt in debts]
            # Nothing was written; a mistake in a check must not be kept either.
            env.cr.rollback()
            return self._facts(company, day, None, items, [])
        run = self._propose(
            runs, {"company_id": company.id, "date": day, "policy_id": policy.id}
        )
        if self.args.send:
            self._send(run)
        items = [self._item_facts(item) for item in run.item_ids]
        notices = [self._notice_facts(notice) for notice in run.notice_ids]
        return self._facts(company, day, run, items, notices)

    def _propose(self, runs, vals):
        """A proposal in a transaction of its own, again when another process made one."""
        for attempts_left in reversed(range(ATTEMPTS)):
            try:
                run = runs.create(vals)
                run._propose()
                run._group()
                self.env.cr.commit()  # pylint: disable=invalid-commit
                return run
            except (SerializationFailure, UniqueViolation):
                self.env.cr.rollback()
                if not attempts_left:
                    raise
        return runs

    def _send(self, run):
        run._send()
        self.env.cr.commit()  # pylint: disable=invalid-commit
        run.env["dunning.notice"]._send_queue(
            [("run_id", "=", run.id)], self._show_progress
        )
        run._update_state()
        self.env.cr.commit()  # pylint: disable=invalid-commit
        run.invalidate_recordset()

    def _show_progress(self, done, total):
        if sys.stderr.isatty():
            bar = "#" * (20 * done // max(total, 1))
            sys.stderr.write(f"\r\033[K[{bar:<20}] {done}/{total} notices")
            sys.stderr.write("\r\033[K" if done == total else "")
            sys.stderr.flush()

    # === FACTS === #

    def _facts(self, company, day, run, items, notices):
        return {
            "company": company.name,
            "date": day.isoformat(),
            "run": run.name if run else None,
            "state": run.state if run else None,
            "items": items,
            "notices": notices,
        }

    def _amount(self, amount, currency):
        return f"{amount:.{currency.decimal_places}f}"

    def _item_facts(self, item):
        return {
            "invoice": item.move_id.name,
            "customer": item.partner_id.name,
            "date_due": item.date_maturity.isoformat() if item.date_maturity else None,
            "days_overdue": item.days_overdue,
            "currency": item.currency_id.name,
            "amount_asked": self._amount(item.amount_asked, item.currency_id),
            "level": item.level_id.name or None,
            "verdict": item.verdict,
            "reasons": [reason["code"] for reason in item.reasons or ()],
        }

    def _forecast_facts(self, env, debt, day):
        currency = env["res.currency"].browse(debt.currency_id)
        level = env["dunning.level"].browse(debt.level.key if debt.level else ())
        judged = env["dunning.gate"]._prepare_judged(debt, day)
        return {
            "invoice": debt.name,
            "customer": env["res.partner"].browse(debt.partner_id or ()).name or None,
            "date_due": debt.due.isoformat() if debt.due else None,
            "days_overdue": judged["days_overdue"],
            "currency": currency.name,
            "amount_asked": self._amount(debt.asked, currency),
            "level": level.name or None,
            "verdict": judged["verdict"],
            "reasons": [reason["code"] for reason in debt.reasons],
        }

    def _notice_facts(self, notice):
        return {
            "notice": notice.name,
            "kind": notice.kind,
            "customer": notice.partner_id.name,
            "email": notice.email or None,
            "level": notice.level_id.name,
            "currency": notice.currency_id.name,
            "amount_total": self._amount(notice.amount_total, notice.currency_id),
            "state": notice.state,
            "send_after": notice.send_after.isoformat() if notice.send_after else None,
            "reasons": [reason["code"] for reason in notice.reasons or ()],
            "error": notice.error_text or None,
        }

    def _summarise(self, runs):
        verdicts = Counter(item["verdict"] for run in runs for item in run["items"])
        states = Counter(notice["state"] for run in runs for notice in run["notices"])
        return {
            "items": sum(verdicts.values()),
            **{name: verdicts[name] for name in _verdict_names()},
            "notices": sum(states.values()),
            **{f"notices_{name}": count for name, count in sorted(states.items())},
            "seconds": round(time.monotonic() - self.started, 2),
        }


def _verdict_names():
    from odoo.addons.dunning_tiers import const

    return [code for code, _label in const.VERDICTS]
