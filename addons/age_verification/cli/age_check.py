import json
import sys
import time
from contextlib import contextmanager

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.cli.command import Command
from odoo.modules.registry import Registry
from odoo.tools import config

#: Nothing that was asked for can be told, or it cannot be trusted.
UNUSABLE = 2


class AgeCheck(Command):
    """Tell what the law asks of an order's buyer, or whether incidents are untouched."""

    name = "age_check"

    def __init__(self):
        super().__init__()
        add = self.parser.add_argument
        add("-c", "--config", help="configuration file")
        add("-d", "--database", dest="db_name", help="database")
        what = self.parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "--order", metavar="NAME", help="judge this order, as of today"
        )
        what.add_argument(
            "--verify-chain",
            action="store_true",
            help="look whether incidents were changed or removed; exit code 2 if so",
        )
        add("--json", action="store_true", help="print one JSON document")

    def run(self, cmdargs):
        args = self.parser.parse_args(cmdargs)
        started = time.monotonic()
        with self._environment(args) as env:
            report = _verify(env) if args.verify_chain else self._judge(env, args.order)
        report["summary"]["seconds"] = round(time.monotonic() - started, 2)
        self._print(report, args)
        if report["summary"].get("broken"):
            sys.exit(UNUSABLE)

    @contextmanager
    def _environment(self, args):
        config_args = ["--no-http", "--log-level=warn"]
        config_args += ["-c", args.config] if args.config else []
        config_args += ["-d", args.db_name] if args.db_name else []
        config.parse_config(config_args, setup_logging=True)
        if len(config["db_name"] or ()) != 1:
            self.parser.error("name one database with -d")
        registry = self._open_registry(config["db_name"][0])
        if "age.gate" not in registry:
            self.parser.error("age_verification is not installed in this database")
        with registry.cursor() as cr:
            cr.execute("SET TRANSACTION READ ONLY")
            env = Environment(cr, SUPERUSER_ID, {})
            companies = env["res.company"].search([])
            yield env(context={"allowed_company_ids": companies.ids})

    def _open_registry(self, db_name):
        try:
            return Registry(db_name)
        except OperationalError as error:
            self.parser.error(f"database {db_name} cannot be opened: {error}")

    def _judge(self, env, name):
        orders = env["sale.order"].search([("name", "=", name)], order="company_id, id")
        if not orders:
            self.parser.error(f"no order named {name}")
        verdicts = env["age.gate"]._judge(orders._get_age_baskets())
        found = [_order_facts(env, verdict) for verdict in verdicts]
        lines = [line for order in found for line in order["lines"]]
        return {
            "orders": found,
            "summary": {
                "orders": len(found),
                "restricted": len(lines),
                "refused": sum(not line["allowed"] for line in lines),
            },
        }

    def _print(self, report, args):
        if args.json:
            print(json.dumps(report, ensure_ascii=False))  # pylint: disable=print-used
        out = sys.stderr if args.json else sys.stdout
        for order in report.get("orders", ()):
            _write_order(out, order)
        for chain in report.get("chains", ()):
            state = "holds" if chain["intact"] else f"broken at {chain['broken_at']}"
            out.write(
                f"{chain['company']}: {chain['incidents']} incidents, chain {state}"
                f"{' (' + chain['reason'] + ')' if chain['reason'] else ''}, "
                f"last hash {chain['hash']}\n"
            )
        out.write(
            ", ".join(f"{key} {value}" for key, value in report["summary"].items())
            + "\n"
        )


# === ORDERS === #


def _order_facts(env, verdict):
    basket = verdict.basket
    order = basket.record
    return {
        "order": order.name,
        "company": basket.company.name,
        "state": order.state,
        "buyer": basket.person.display_name,
        "country": basket.place.country_id.code or None,
        "country_state": basket.place.state_id.code or None,
        "day": basket.day.isoformat(),
        "verdict": verdict.worst,
        "allowed": verdict.is_allowed,
        "held_since": order.age_held_since.isoformat()
        if order.age_held_since
        else None,
        "message": env["age.gate"]._describe(verdict),
        "lines": [_line_facts(env, line) for line in verdict.lines],
        "free_lines": len(basket.goods) - len(verdict.lines),
        "ask": _what_to_ask(env, verdict),
    }


def _line_facts(env, line):
    resolution = line.resolution
    rule = env["age.rule"].browse(resolution.rule.key if resolution.rule else ())
    proof = line.judgement.proof
    return {
        "product": line.product.display_name,
        "class": line.product_class.code,
        "verdict": line.judgement.verdict,
        "allowed": line.is_allowed,
        "kind": resolution.requirement.kind,
        "age": resolution.requirement.age,
        "required_bound": _required(resolution),
        "rule": rule.display_name if rule else None,
        "source": rule.source if rule else None,
        "confidence": rule.confidence if rule else None,
        "warnings": list(resolution.warnings),
        "proof": {
            "assurance": proof.assurance,
            "proved_on": proof.proved_on.isoformat(),
            "valid_until": proof.valid_until.isoformat() if proof.valid_until else None,
        }
        if proof
        else None,
    }


def _required(resolution):
    return None if resolution.is_prohibited else resolution.bound.isoformat()


def _what_to_ask(env, verdict):
    """What would do for all lines that wait; None when nothing waits or nothing would."""
    from odoo.addons.age_verification.engine import bounds
    from odoo.addons.age_verification.models.age_request import WAITING

    refused = verdict.refused
    if not refused or verdict.refused_codes - WAITING:
        return None
    strictest = min(refused, key=lambda line: line.resolution.bound)
    policy = strictest.policy
    day = verdict.basket.day
    return {
        "required_bound": _required(strictest.resolution),
        "age": bounds.age_to_ask(strictest.resolution.bound, day),
        "assurance": policy.min_assurance or "estimated",
        "policy": policy.name or None,
        "steps": policy.step_ids.provider_id.mapped("name"),
    }


def _write_order(out, order):
    place = "-".join(filter(None, (order["country"], order["country_state"])))
    out.write(
        f"{order['order']}  {order['company']}  {order['buyer']}  "
        f"to {place or 'an unknown country'}  law of {order['day']}\n"
    )
    for line in order["lines"]:
        bound = line["required_bound"]
        asked = f"born on or before {bound}" if bound else "nobody may buy it"
        out.write(
            f"  {line['verdict']:<10} {line['product']} ({line['class']}): "
            f"{asked}; {line['rule'] or 'no rule known'}"
            f"{', ' + line['source'] if line['source'] else ''}"
            f"{'; ' + ', '.join(line['warnings']) if line['warnings'] else ''}\n"
        )
    if order["free_lines"]:
        out.write(f"  {order['free_lines']} lines are free\n")
    if order["ask"]:
        ask = order["ask"]
        out.write(
            f"  ask: {ask['age']} or older, {ask['assurance']} or surer"
            f"{', by ' + ', '.join(ask['steps']) if ask['steps'] else ''}\n"
        )


# === CHAIN === #


def _verify(env):
    companies = env["res.company"].search([], order="id")
    chains = []
    for company, result in env["age.incident"]._verify_chains(companies).items():
        count, digest, broken = result
        chains.append(
            {
                "company": company.name,
                "incidents": count,
                "hash": digest,
                "intact": broken is None,
                "broken_at": broken.number if broken else None,
                "reason": broken.reason if broken else None,
            }
        )
    return {
        "chains": chains,
        "summary": {
            "chains": len(chains),
            "incidents": sum(chain["incidents"] for chain in chains),
            "broken": sum(not chain["intact"] for chain in chains),
        },
    }
