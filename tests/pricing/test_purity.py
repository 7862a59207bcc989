"""The engine of prices needs neither Odoo nor a clock: the same values give the same prices."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from odoo.addons.artisan_pricing import engine

ENGINE = Path(engine.__file__).parent
MODULES = sorted(path.stem for path in ENGINE.glob("[!_]*.py"))
#: What would make a price depend on when or where it is computed.
IMPURE = {"now", "today", "utcnow", "time", "random", "open", "environ", "getenv"}


def test_the_engine_needs_no_odoo():
    imports = "; ".join(f"import engine.{name}" for name in MODULES)
    code = (
        f"import sys; sys.path.insert(0, {str(ENGINE.parent)!r}); {imports}; "
        "print(sorted(name for name in sys.modules if name.split('.')[0] == 'odoo'))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", MODULES)
def test_no_clock_chance_or_file_is_asked(name):
    tree = ast.parse((ENGINE / f"{name}.py").read_text())
    called = {
        getattr(node.func, "attr", getattr(node.func, "id", None))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    assert not called & IMPURE


@pytest.mark.parametrize("name", MODULES)
def test_money_is_never_a_float(name):
    tree = ast.parse((ENGINE / f"{name}.py").read_text())
    floats = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    assert not floats
    assert "float" not in names
