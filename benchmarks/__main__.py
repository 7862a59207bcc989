"""The command line behind ``./bench``; the databases' templates are made there."""

from __future__ import annotations

import argparse
import json
import signal
import sys

from odoo.tools import config

from . import age, contest, dunning, pipeline, pricing, results, settlement

#: A module for each group: the names it answers to, and a function that runs them.
GROUPS = {
    "age": age,
    "dunning": dunning,
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
    parser.add_argument("--template", action="append", default=[])
    arguments = parser.parse_args()
    known = [name for group in GROUPS.values() for name in group.NAMES]
    for name in arguments.names:
        if name not in GROUPS and name not in known:
            parser.error(f"no benchmark named {name}; there are: {', '.join(known)}")
    return arguments


def _positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above zero")
    return value


def _sizes(text):
    return tuple(_positive(part) for part in text.split(","))


def _run(arguments):
    templates = dict(entry.split("=", 1) for entry in arguments.template)
    rows = []
    for group, module in GROUPS.items():
        names = [
            name
            for name in module.NAMES
            if name in arguments.names or group in arguments.names
        ]
        if names:
            rows += module.run(
                names,
                templates[group],
                arguments.sizes,
                arguments.rounds,
                arguments.limit,
            )
    return rows


def main():
    arguments = _arguments()
    config.parse_config(["--log-level=error"], setup_logging=True)
    # As with Ctrl-C: the databases made so far are dropped on the way out.
    signal.signal(signal.SIGTERM, lambda *_args: sys.exit(143))
    try:
        rows = _run(arguments)
    except contest.BenchmarkError as err:
        sys.exit(f"error: {err}")
    facts = results.machine(contest.postgresql_version())
    if arguments.json:
        json.dump(results.document(facts, rows), sys.stdout, indent=1)
        print()
    else:
        print(results.table(facts, rows))


if __name__ == "__main__":
    main()
