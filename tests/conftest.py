"""Fixtures of the flow tests: databases with a shop, copied from the template of ``./test``."""

from __future__ import annotations

import contextlib
import itertools
import os

import pytest
from artisan_support import SHOP as PLATFORM
from artisan_support import Workers
from dunning_support import PROPOSE_AND_APPROVE, Debtors
from dunning_support import SHOP as DEBTORS
from flow_support import (
    SAMPLES,
    SHOP,
    Database,
    copy_database,
    drop_database,
    run_script,
)
from hypothesis import HealthCheck, settings
from mail_support import mail_server

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


@contextlib.contextmanager
def _template(kind, script, template=None):
    """A database made by a script, only to be copied; yields its name."""
    from odoo.tools import config

    template = template or os.environ.get("TEST_TEMPLATE_DB")
    if not template:
        _missing("TEST_TEMPLATE_DB names no template: run ./test")
    # ./test drops what begins with the name of its database, however it ends.
    name = f"{config['db_name'][0]}_{kind}"
    try:
        copy_database(template, name)
        run_script(name, script)
        yield name
    finally:
        drop_database(name)


@pytest.fixture(scope="session")
def shop_template():
    """Name of a database with the shop of ``flow_support.SHOP``; only to be copied."""
    with _template("shop", SHOP) as name:
        yield name


@pytest.fixture(scope="session")
def debtors_template():
    """Name of a database with customers that owe; only to be copied."""
    with _template("debtors", DEBTORS) as name:
        yield name


@pytest.fixture(scope="session")
def approved_template(debtors_template):
    """The same with a run whose notices are approved and not sent."""
    with _template("approved", PROPOSE_AND_APPROVE, debtors_template) as name:
        yield name


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


@pytest.fixture
def mail(tmp_path):
    """A mail server that catches everything."""
    with mail_server(tmp_path / "mail") as server:
        yield server


@contextlib.contextmanager
def _debtors(template, number):
    database = Debtors(copy_database(template, f"{template}_{number}").name)
    try:
        yield database
    finally:
        database.drop()


@pytest.fixture
def debtors(debtors_template, _numbers, mail):
    """A fresh database with customers that owe, whose mail goes to ``mail``."""
    with _debtors(debtors_template, next(_numbers)) as database:
        database.use_mail_server(mail.port)
        yield database


@pytest.fixture
def approved(approved_template, _numbers, mail):
    """The same with a run whose notices are approved and not sent."""
    with _debtors(approved_template, next(_numbers)) as database:
        database.use_mail_server(mail.port)
        yield database


@pytest.fixture(scope="module")
def module_debtors(debtors_template, _numbers):
    """A database with customers that owe, which the tests of a module share."""
    with _debtors(debtors_template, next(_numbers)) as database:
        yield database


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    """Two workers on a database with a platform of makers, which tests share: each has
    makers of its own."""
    with _template("artisan", PLATFORM) as name:
        workers = Workers(Database(name), tmp_path_factory.mktemp("workers"))
        try:
            yield workers
            # Nobody is told of an error where another worker was only faster.
            for outcome in workers.stop():
                assert "Traceback" not in outcome.stderr, outcome.stderr
        finally:
            workers.kill()


@pytest.fixture
def platform(workers):
    """The database of the workers: what they have committed."""
    return workers.database
