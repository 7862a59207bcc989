"""Install one addon alone, uninstall it, and fail when anything of it stays behind.

Its dependencies in core are installed first, so that the database before and after can be
compared: tables, columns, indexes, constraints, and the rows that Odoo keeps on models,
fields, external ids, views, menus, jobs, sequences and parameters.
"""

import argparse
import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parents[1]

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


def addon_manifest(addon):
    return ast.literal_eval((ROOT / "addons" / addon / "__manifest__.py").read_text())


def foreign_dependencies(addon):
    """Return the addons of others that this addon needs, through ours as well."""
    found, todo = set(), [addon]
    while todo:
        for name in addon_manifest(todo.pop()).get("depends", ["base"]):
            if (ROOT / "addons" / name).is_dir():
                todo.append(name)
            else:
                found.add(name)
    return found


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


def odoo(log, *arguments):
    """Run Odoo's command line; its output goes to the log."""
    command = [str(ROOT / "bin" / "odoo"), *arguments]
    with log.open("a") as output:
        subprocess.run(
            command, stdout=output, stderr=output, check=True, env=os.environ
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--addon", required=True)
    parser.add_argument("--log", type=Path, required=True)
    args = parser.parse_args()
    args.log.write_text("")
    database, addon = args.database, args.addon

    states = module_states(database)
    needed = {
        name for name in foreign_dependencies(addon) if states.get(name) != "installed"
    }
    if needed:
        odoo(args.log, "module", "install", "-d", database, *sorted(needed))
    before = snapshot(database)
    odoo(args.log, "module", "install", "-d", database, addon)
    if module_states(database).get(addon) != "installed":
        print(f"{addon}: could not be installed, see {args.log}")
        return 1
    added = snapshot(database) - before
    odoo(args.log, "module", "uninstall", "-d", database, addon)
    if module_states(database).get(addon) != "uninstalled":
        print(f"{addon}: could not be uninstalled, see {args.log}")
        return 1
    after = snapshot(database)
    left = {
        row
        for row in after - before
        if row.startswith(f"external id {addon}.") or not CORE_RESIDUE.match(row)
    }
    for row in sorted(left):
        print(f"{addon} leaves behind: {row}")
    for row in sorted(before - after):
        print(f"{addon} takes away: {row}")
    if not left and not before - after:
        print(f"{addon}: {len(added)} database objects came and went")
    return bool(left or before - after)


if __name__ == "__main__":
    sys.exit(main())
