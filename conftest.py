"""Several workers of pytest-xdist, each with an Odoo database of its own.

pytest-odoo has a way of its own, which names the database as Odoo 18 did: as text.
"""

from __future__ import annotations

import os

import pytest

# Where queue_job is installed, the HTTP server of the tests would run its jobs.
os.environ.setdefault("ODOO_QUEUE_JOB_CHANNELS", "root:0")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config):
    """Let a worker use the database that ``./test`` made for it: ``NAME_gw0`` for ``gw0``."""
    worker = getattr(config, "workerinput", {}).get("workerid")
    if worker:
        database = config.option.odoo_database
        config.option.odoo_database = f"{database}_{worker}"
        config.option.odoo_extra = [
            option.replace(database, config.option.odoo_database)
            for option in config.option.odoo_extra
        ]
        # By this pytest-odoo knows a worker, and copies a database for it.
        os.environ.pop("PYTEST_XDIST_WORKER", None)
    return (yield)
