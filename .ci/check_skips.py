"""Fail when a pytest report holds skipped tests that this machine was meant to run.

A browser test skips itself when the HTTP server or Chromium is missing, a test on real
payloads when the samples are: in continuous integration both mean "not tested".
"""

import re
import sys
from xml.etree import ElementTree

MEANT_TO_RUN = re.compile(r"httpcase|odoo-http|chrom|devtools|samples", re.IGNORECASE)


def unwanted_skips(report):
    """Return ``test: reason`` of each skipped test that should have run."""
    for case in ElementTree.parse(report).iter("testcase"):
        for skipped in case.iter("skipped"):
            reason = f"{skipped.get('message', '')} {skipped.text or ''}"
            if MEANT_TO_RUN.search(reason):
                yield f"{case.get('classname')}.{case.get('name')}: {skipped.get('message')}"


if __name__ == "__main__":
    skips = list(unwanted_skips(sys.argv[1]))
    for skip in skips:
        print(f"skipped, but must run here: {skip}")
    sys.exit(bool(skips))
