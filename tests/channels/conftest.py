"""Fixtures of the pure parser tests; no Odoo registry is needed here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real payloads; a test that needs it is skipped elsewhere, but fails in CI."""
    if not SAMPLES.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"samples not present: {SAMPLES}")
        pytest.skip("samples not present")
    return SAMPLES
