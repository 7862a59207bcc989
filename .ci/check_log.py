"""Fail when an Odoo log holds a warning or an error, or when no test has run.

Whoever expects a warning in a test mutes it there, so that what is left is news. Only a
few lines say something about the machine instead of the addons; they are named below.
"""

import argparse
import re
import sys
from pathlib import Path

LINE = re.compile(
    r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>[\w.]+): (?P<text>.*)"
)
TESTS = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")
ABOUT_THE_MACHINE = (
    "Running as user 'root' is a security risk",
    "wkhtmltopdf",
    "Module google-auth",
    "python-ldap",
)


def complaints(lines):
    """Return the lines of the log, continuation included, that are worse than INFO."""
    keep = False
    for line in lines:
        match = LINE.match(line)
        if match:
            keep = match["level"] in ("WARNING", "ERROR", "CRITICAL") and not any(
                text in match["text"] for text in ABOUT_THE_MACHINE
            )
        if keep:
            yield line


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path)
    parser.add_argument("--tests", action="store_true", help="tests must have run")
    args = parser.parse_args()
    lines = args.log.read_text(encoding="utf-8", errors="replace").splitlines()
    found = list(complaints(lines))
    for line in found[:60]:
        print(line)
    if args.tests:
        counts = [match for line in lines if (match := TESTS.search(line))]
        if not counts or int(counts[-1][3]) == 0:
            print("Odoo's runner found no test")
            return 1
        print(counts[-1][0])
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
