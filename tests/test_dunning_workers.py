"""Two processes send one run at the same time: each notice goes once."""

from __future__ import annotations

import time

import pytest
from dunning_support import (
    ALL_EMAILS,
    CUSTOMERS,
    received,
    send,
)
from flow_support import PATIENCE, finish, start_script

#: Waits for the starting signal, then sends what is approved, under a name of its own.
WORKER = """
import pathlib, time
pathlib.Path({ready!r}).touch()
while not pathlib.Path({go!r}).exists():
    time.sleep(0.01)
notices = env(user=env.ref({user!r}), su=True)["dunning.notice"]
notices._cron_send()
notices.env.cr.commit()
"""


def send_together(database, tmp_path, users):
    """Send from as many processes as there are users, all at the same moment."""
    go = tmp_path / "go"
    marks = [tmp_path / f"ready {number}" for number in range(len(users))]
    processes = [
        start_script(database, WORKER.format(ready=str(mark), go=str(go), user=user))
        for user, mark in zip(users, marks, strict=True)
    ]
    end = time.monotonic() + PATIENCE
    while not all(mark.exists() for mark in marks):
        assert time.monotonic() < end
        time.sleep(0.02)
    go.touch()
    return [finish(process) for process in processes]


def assert_each_once(database, mail):
    assert received(mail) == ALL_EMAILS
    assert database.notice_states() == {"sent": CUSTOMERS}
    assert set(database.levels_by_email()) == set(ALL_EMAILS)
    sql = """
        SELECT count(*), count(DISTINCT move_line_id) FROM dunning_item
         WHERE state = 'sent'
    """
    assert database.rows(sql) == [(CUSTOMERS, CUSTOMERS)]


@pytest.mark.parametrize("attached", [False, True], ids=["bare", "with invoices"])
def test_two_workers_share_the_notices(approved, mail, tmp_path, attached):
    approved.execute("UPDATE dunning_level SET attach_invoices = %s", attached)
    users = ("base.user_root", "base.user_admin")
    outcomes = send_together(approved, tmp_path, users)
    assert [outcome.code for outcome in outcomes] == [0, 0], outcomes
    send(approved)
    assert_each_once(approved, mail)
    if attached:
        # Whoever prints for some notices keeps the others away from them.
        files = "SELECT count(*) FROM dunning_notice_attachment_rel"
        assert approved.value(files) == CUSTOMERS
    else:
        workers = "SELECT count(DISTINCT write_uid) FROM dunning_notice"
        assert approved.value(workers) == 2
    assert approved.rows("SELECT state FROM dunning_run") == [("done",)]
