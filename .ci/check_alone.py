"""Install one addon alone, run its tests, uninstall it, and fail when anything stays behind.

No other addon of ours can be found meanwhile, but for those that this one depends on. They and
what it needs of core are installed first, so that the database before and after can be
compared: tables, columns, indexes, constraints, and the rows that Odoo keeps on models, fields,
external ids, views, menus, jobs, sequences and parameters.

Browser tours are left out: they take long, and pytest runs them with all addons installed.
"""

import argparse
import ast
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg2
from odoo_log import complaints, test_counts

ROOT = Path(__file__).resolve().parents[1]
ADDONS = ROOT / "addons"
#: Those of OCA that bridges of ours build on.
OCA = ROOT / ".local" / "oca" / "odoo" / "addons"

SNAPSHOT = {
    "table": "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'v', 'm')",
    "column": "SELECT table_name || '.' || column_name FROM information_schema.columns"
    " WHERE table_schema = 'public'",
    "index": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'",
    "constraint": "SELECT conrelid::regclass || '.' || conname FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
    "model": "SELECT model FROM ir_model",
    "field": "SELECT model || '.' || name FROM ir_model_fields",
    "selection": "SELECT f.model || '.' || f.name || ':' || s.value"
    " FROM ir_model_fields_selection s JOIN ir_model_fields f ON f.id = s.field_id",
    # The list of addons that could be installed grows with the folder, not with an addon.
    "external id": "SELECT module || '.' || name FROM ir_model_data"
    " WHERE NOT (module = 'base' AND name LIKE 'module\\_%')",
    "view": "SELECT id || ' ' || name FROM ir_ui_view",
    "menu": "SELECT id || ' ' || (name->>'en_US') FROM ir_ui_menu",
    "action": "SELECT id || ' ' || (name->>'en_US') FROM ir_actions",
    "scheduled job": "SELECT id || ' ' || cron_name FROM ir_cron",
    "sequence": "SELECT id || ' ' || name FROM ir_sequence",
    "parameter": "SELECT key FROM ir_config_parameter",
    "access right": "SELECT id || ' ' || name FROM ir_model_access",
    "record rule": "SELECT id || ' ' || name FROM ir_rule",
    "group": "SELECT id || ' ' || (name->>'en_US') FROM res_groups",
    "property default": "SELECT id::text FROM ir_default",
    "asset": "SELECT path FROM ir_asset",
}

# A mixin of core (mail.thread) extended by several core addons gives each of them an external
# id for our model; Odoo deletes what these ids name, but forgets the ids.
CORE_RESIDUE = re.compile(r"external id \w+\.(selection|model_inherit)__\w+$")

#: Classes of browser tours have this name in each addon.
TOURS = "TestTours"


def dependencies(addon):
    """Return (addons of others, addons of ours) that this addon needs, however far down."""
    others, ours, todo = set(), set(), [addon]
    while todo:
        manifest = ast.literal_eval(
            (ADDONS / todo.pop() / "__manifest__.py").read_text()
        )
        for name in manifest.get("depends", ["base"]):
            if not (ADDONS / name).is_dir():
                others.add(name)
            elif name not in ours:
                ours.add(name)
                todo.append(name)
    return others, ours


def snapshot(database):
    with psycopg2.connect(dbname=database) as connection, connection.cursor() as cursor:
        rows = set()
        for kind, query in SNAPSHOT.items():
            cursor.execute(query)
            rows |= {f"{kind} {value}" for (value,) in cursor.fetchall()}
        return rows


def module_states(database):
    with psycopg2.connect(dbname=database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT name, state FROM ir_module_module")
        return dict(cursor.fetchall())


def hide(database, addons):
    """Make these addons of ours unknown, so that none installs itself beside another.

    The database knows them from when it was made. One that is found later on the addons
    path can be installed again.
    """
    with psycopg2.connect(dbname=database) as connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ir_module_module SET state = 'uninstallable', auto_install = false"
            " WHERE name = ANY(%s) AND state = 'uninstalled'",
            [sorted(addons)],
        )


class Odoo:
    """Odoo's command line on a database, which finds those of our addons it is told of."""

    def __init__(self, database, folder, log):
        self.database = database
        self.folder = Path(folder)
        self.log = log

    def show(self, *addons):
        for addon in addons:
            source = next((f for f in (ADDONS, OCA) if (f / addon).is_dir()), None)
            if source:  # else Odoo finds it, as one of core
                (self.folder / addon).symlink_to(source / addon)

    def __call__(self, *arguments):
        """Return whether it succeeded; its output goes to the log."""
        command = [str(ROOT / "bin" / "odoo"), *arguments, "-d", self.database]
        environment = {**os.environ, "ODOO_ADDONS_PATH": str(self.folder)}
        with self.log.open("a") as output:
            done = subprocess.run(
                command, stdout=output, stderr=output, check=False, env=environment
            )
        return done.returncode == 0

    def install_with_tests(self, addon, port):
        """Return the lines that say what went wrong; print how many tests ran."""
        # What was logged before is of the addons of others.
        start = self.log.stat().st_size
        succeeded = self(
            *("-i", addon, "--stop-after-init"),
            *("--test-tags", f"/{addon},-/{addon}:{TOURS}"),
            *("--http-port", port, "--db-filter", f"^{self.database}$"),
        )
        text = self.log.read_bytes()[start:].decode("utf-8", "replace")
        lines = text.splitlines()
        counts = test_counts(lines)
        print(f"{addon}: {counts or 'no test has run'}")
        found = list(complaints(lines))
        if not found and not (succeeded and counts):
            found = lines[-20:]
        return found


def residue(addon, before, after):
    """Return what is different after the addon came and went, as sentences."""
    for row in sorted(after - before):
        if row.startswith(f"external id {addon}.") or not CORE_RESIDUE.match(row):
            yield f"{addon} leaves behind: {row}"
    for row in sorted(before - after):
        yield f"{addon} takes away: {row}"


def check(odoo, addon, port):
    """Print what is wrong with the addon, one thing a line, and return whether anything is."""
    others, ours = dependencies(addon)
    hide(odoo.database, {path.name for path in ADDONS.iterdir()} - ours)
    odoo.show(*ours, *others)
    states = module_states(odoo.database)
    needed = {name for name in others | ours if states.get(name) != "installed"}
    if needed and not odoo("module", "install", *sorted(needed)):
        print(f"{addon}: what it depends on cannot be installed, see {odoo.log}")
        return True
    before = snapshot(odoo.database)

    odoo.show(addon)
    wrong = odoo.install_with_tests(addon, port)
    print(*wrong[:60], sep="\n", end="\n" if wrong else "")
    if module_states(odoo.database).get(addon) != "installed":
        print(f"{addon}: could not be installed, see {odoo.log}")
        return True
    added = snapshot(odoo.database) - before

    odoo("module", "uninstall", addon)
    if module_states(odoo.database).get(addon) != "uninstalled":
        print(f"{addon}: could not be uninstalled, see {odoo.log}")
        return True
    left = list(residue(addon, before, snapshot(odoo.database)))
    print(*left, sep="\n", end="\n" if left else "")
    if not left:
        print(f"{addon}: {len(added)} database objects came and went")
    return bool(wrong or left)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--addon", required=True)
    parser.add_argument("--port", required=True, help="for the tests' HTTP server")
    parser.add_argument("--log", type=Path, required=True)
    args = parser.parse_args()
    args.log.write_text("")
    with tempfile.TemporaryDirectory() as folder:
        odoo = Odoo(args.database, folder, args.log)
        return check(odoo, args.addon, args.port)


if __name__ == "__main__":
    sys.exit(main())
