"""The command line behind ``./bench``; the databases' templates are made there."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from datetime import datetime, timezone
from pathlib import Path

from odoo.tools import config

from . import (
    age,
    contest,
    dunning,
    parse,
    pipeline,
    pricing,
    report,
    results,
    settlement,
)

#: A module for each group: the names it answers to, and a function that runs them.
GROUPS = {
    "age": age,
    "dunning": dunning,
    "parse": parse,
    "pipeline": pipeline,
    "pricing": pricing,
    "settlement": settlement,
}


def _arguments():
    parser = argparse.ArgumentParser(prog="./bench")
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sizes", type=_sizes, default=())
    parser.add_argument("--rounds", type=_positive, default=2)
    parser.add_argument("--limit", type=float, default=300.0)
    parser.add_argument("--write", type=Path, help="results that are kept")
    parser.add_argument("--template", action="append", default=[])
    parser.add_argument("--command", default="", help="what the user typed")
    arguments = parser.parse_args()
    known = [name for group in GROUPS.values() for name in group.NAMES]
    for name in arguments.names:
        if name not in GROUPS and name not in known:
            parser.error(f"no benchmark named {name}; there are: {', '.join(known)}")
    for group, names in _chosen(arguments.names).items():
        left_out = set(GROUPS[group].NAMES) - set(names)
        if arguments.write and left_out:
            # A section that lost rows would look like the whole group.
            parser.error(f"--write takes whole groups: {group}, not {names[0]} alone")
    return arguments


def _positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above zero")
    return value


def _sizes(text):
    return tuple(_positive(part) for part in text.split(","))


def _chosen(asked):
    """Return the names to run by group, in the order of the groups."""
    chosen = {
        group: [name for name in module.NAMES if name in asked or group in asked]
        for group, module in GROUPS.items()
    }
    return {group: names for group, names in chosen.items() if names}


def _run(arguments):
    """Run the groups one after the other; keep the results of each as soon as they are there."""
    templates = dict(entry.split("=", 1) for entry in arguments.template)
    postgresql, commit = contest.postgresql_version(), report.commit()
    first_load, rows = results.load(), []
    for group, names in _chosen(arguments.names).items():
        moment, load = datetime.now(timezone.utc), results.load()
        found = GROUPS[group].run(
            names,
            templates.get(group),
            arguments.sizes,
            arguments.rounds,
            arguments.limit,
        )
        rows += found
        if arguments.write:
            facts = results.machine(postgresql, load, results.load())
            run = report.Run(moment, commit, arguments.command, facts)
            report.write(arguments.write, group, found, run)
            contest.say(f"{group}: written into {arguments.write}")
    return results.machine(postgresql, first_load, results.load()), rows


def main():
    arguments = _arguments()
    config.parse_config(["--log-level=error"], setup_logging=True)
    # As with Ctrl-C: the databases made so far are dropped on the way out.
    signal.signal(signal.SIGTERM, lambda *_args: sys.exit(143))
    try:
        facts, rows = _run(arguments)
    except contest.BenchmarkError as err:
        sys.exit(f"error: {err}")
    if arguments.json:
        json.dump(results.document(facts, rows), sys.stdout, indent=1)
        print()
    else:
        print(results.table(facts, rows))


if __name__ == "__main__":
    main()
