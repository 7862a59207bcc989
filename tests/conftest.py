"""Fixtures of the flow tests: databases with a shop, copied from the template of ``./test``."""

from __future__ import annotations

import itertools
import os

import pytest
from flow_support import SAMPLES, SHOP, copy_database, drop_database, run_script
from hypothesis import HealthCheck, settings

# A loaded machine is slow; that is no property of the code.
settings.register_profile(
    "project", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")


def _missing(reason):
    """Skip on a developer's machine; in CI what is missing is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def samples():
    """The folder of real payloads."""
    if not SAMPLES.is_dir():
        _missing(f"samples not present: {SAMPLES}")
    return SAMPLES


@pytest.fixture(scope="session")
def shop_template():
    """Name of a database with the shop of ``flow_support.SHOP``; only to be copied."""
    from odoo.tools import config

    template = os.environ.get("TEST_TEMPLATE_DB")
    if not template:
        _missing("TEST_TEMPLATE_DB names no template: run ./test")
    # ./test drops what begins with the name of its database, however it ends.
    name = f"{config['db_name'][0]}_shop"
    try:
        copy_database(template, name)
        run_script(name, SHOP)
        yield name
    finally:
        drop_database(name)


@pytest.fixture(scope="session")
def _numbers():
    return itertools.count(1)


@pytest.fixture
def shop(shop_template, _numbers):
    """A fresh database with a shop, for one test."""
    database = copy_database(shop_template, f"{shop_template}_{next(_numbers)}")
    yield database
    database.drop()


@pytest.fixture(scope="module")
def module_shop(shop_template, _numbers):
    """A database with a shop that the tests of a module share."""
    database = copy_database(shop_template, f"{shop_template}_{next(_numbers)}")
    yield database
    database.drop()
