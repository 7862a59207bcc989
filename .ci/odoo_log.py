"""What an Odoo log tells: warnings and errors, and how many tests have run.

Whoever expects a warning in a test mutes it there, so that what is left is news. Only a
few lines say something about the machine instead of the addons; they are named below.
"""

import re

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


def test_counts(lines):
    """Return what Odoo's runner says of the tests it ran, or nothing if there were none."""
    counts = [match for line in lines if (match := TESTS.search(line))]
    return counts[-1][0] if counts and int(counts[-1][3]) else None
