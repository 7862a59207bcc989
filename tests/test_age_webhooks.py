"""Messages of providers at a real server: many at once, its jobs running, and killed."""

from __future__ import annotations

import itertools
import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from age_support import Server, wait_for
from flow_support import copy_database, drop_database, kill, run_script

#: So many times each message is sent.
TIMES = 12
#: Buyers who have opened their checks; the messages about them are printed, signed.
SEED = """
import json
from datetime import date
company = env.company
policy = env["age.policy"].create({"name": "Standard"})
company.age_policy_id = policy
company.age_test_mode = True
buyers = env["res.partner"].create([{"name": f"Buyer {n}"} for n in range(4)])
formats = ("yoti", "agechecker", "veriff", "stripe")
for buyer, name in zip(buyers, formats):
    provider = env["age.provider"].create(
        {"name": name, "code": "simulator", "simulator_format": name, "state": "test"}
    )
    policy.step_ids = [(5,), (0, 0, {"provider_id": provider.id})]
    session = env["age.session"]._start(buyer, company, date(2000, 1, 1))
    session._open()
    check = env["age.simulation"].search([("session_id", "=", session.id)])
    message = check._choose("over")
    print("MESSAGE", json.dumps({
        "path": provider._get_webhook_path(session),
        "method": message.method,
        "headers": {"Content-Type": "application/json", **message.headers},
        "body": message.body,
    }))
env.cr.commit()
"""


@pytest.fixture(scope="module")
def numbers():
    return itertools.count(1)


@pytest.fixture
def database(numbers):
    """A fresh database with our addons, for one test."""
    from odoo.tools import config

    template = os.environ.get("TEST_TEMPLATE_DB")
    if not template:
        pytest.skip("TEST_TEMPLATE_DB names no template: run ./test")
    name = f"{config['db_name'][0]}_webhook_{next(numbers)}"
    database = copy_database(template, name)
    yield database
    drop_database(database.name)


def seed(database):
    """The messages of four providers."""
    lines = run_script(database.name, SEED).stdout.splitlines()
    return [
        json.loads(line.split("MESSAGE ")[1]) for line in lines if "MESSAGE" in line
    ]


def counts(database):
    """Events, proofs, refusals and incidents."""
    return tuple(
        database.value(f"SELECT count(*) FROM {table}")
        for table in ("age_provider_event", "age_proof", "age_refusal", "age_incident")
    )


def accepted(database):
    return database.value("SELECT count(*) FROM age_session WHERE state = 'accepted'")


def test_messages_that_come_many_times_at_once_count_once_each(database):
    messages = seed(database)
    server = Server(database, cron_threads=2)
    try:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(server.send, messages * TIMES))
        assert answers == [200] * len(messages) * TIMES
        wait_for(lambda: accepted(database) == len(messages))
        assert counts(database) == (len(messages), len(messages), 0, 0)
    finally:
        server.stop()


def test_server_that_is_killed_after_its_answer_has_lost_nothing(database):
    messages = seed(database)
    server = Server(database, cron_threads=0)
    assert [server.send(message) for message in messages] == [200] * len(messages)
    kill(server.process)
    assert counts(database) == (len(messages), 0, 0, 0)
    server = Server(database, cron_threads=1)
    try:
        wait_for(lambda: accepted(database) == len(messages))
        assert counts(database) == (len(messages), len(messages), 0, 0)
    finally:
        server.stop()


def test_forged_messages_at_once_are_one_incident_each_and_change_nothing(database):
    messages = seed(database)
    for message in messages:
        changed = message["body"].replace("{", '{"forged": true, ', 1)
        message["body"] = changed
    server = Server(database, cron_threads=1)
    try:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(server.send, messages * TIMES))
        assert answers == [401] * len(messages) * TIMES
        # Those of a slow minute are told again in the next one.
        events, proofs, refusals, incidents = counts(database)
        assert (events, proofs, refusals) == (0, 0, 0)
        assert len(messages) <= incidents <= 2 * len(messages)
        assert accepted(database) == 0
        # Each was told or counted, but for the second count: by sender and by provider.
        log = "SELECT count(*) / 2 + sum(suppressed) FROM age_portal_log"
        assert database.value(log) == len(messages) * TIMES
        assert database.value("SELECT count(*) FROM age_portal_log") <= 4 * len(
            messages
        )
    finally:
        server.stop()
