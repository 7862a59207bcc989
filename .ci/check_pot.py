"""Fail when a committed .pot is not what Odoo exports now; --write brings it up to date."""

import argparse
import difflib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VOLATILE = re.compile(
    r'^"(POT-Creation-Date|PO-Revision-Date|Project-Id-Version):.*\n', re.M
)


def installable_addons():
    for manifest in sorted(ROOT.glob("addons/*/__manifest__.py")):
        if not re.search(r"['\"]installable['\"]\s*:\s*False", manifest.read_text()):
            yield manifest.parent


def exported(database, addon, folder):
    """Return the template that Odoo exports for the addon, without its dates."""
    target = Path(folder, f"{addon}.pot")
    command = [
        ROOT / "bin" / "odoo",
        "i18n",
        "export",
        "-d",
        database,
        addon,
        "-o",
        target,
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode or not target.exists():
        sys.exit(f"{addon}: export failed\n{result.stderr[-2000:]}")
    return VOLATILE.sub("", target.read_text(encoding="utf-8"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    stale = False
    with tempfile.TemporaryDirectory() as folder:
        for addon in installable_addons():
            path = addon / "i18n" / f"{addon.name}.pot"
            wanted = exported(args.database, addon.name, folder)
            known = VOLATILE.sub("", path.read_text("utf-8")) if path.exists() else ""
            if wanted == known:
                continue
            if args.write:
                path.parent.mkdir(exist_ok=True)
                path.write_text(wanted, encoding="utf-8")
                print(f"written: {path.relative_to(ROOT)}")
                continue
            stale = True
            print(f"{path.relative_to(ROOT)} is out of date; bring it up to date with")
            print("  bin/update-pot")
            diff = difflib.unified_diff(
                known.splitlines(), wanted.splitlines(), "committed", "exported", n=1
            )
            print("\n".join(list(diff)[:20]))
    return stale


if __name__ == "__main__":
    sys.exit(main())
