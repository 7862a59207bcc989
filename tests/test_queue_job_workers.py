"""Jobs of OCA's queue with its own runner and HTTP workers, one of which is killed at work."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time

import pytest
from flow_support import (
    PATIENCE,
    finish,
    kill,
    run_script,
    start,
    start_script,
    wait_until,
    write_orders,
)
from test_workers import assert_each_once, orders

ORDERS = 60

#: What the wizard does with a long file: it is received, and its import goes to the queue.
RECEIVE = """
import pathlib
channel = env["marketplace.channel"].search([("name", "=", "Web shop")])
record, _is_new = env["marketplace.import"]._receive(
    channel, "orders.json", pathlib.Path({path!r}).read_bytes()
)
record._enqueue()
env.cr.commit()
"""
#: A small batch, so that each job has several to follow it.
SMALL_BATCHES = """
env["ir.config_parameter"].set_param("marketplace_invoicing_queue_job.batch_size", "5")
env.cr.commit()
"""
SCHEDULER = 'print("processed", env["marketplace.order"]._process_queue(batch_size=5))'

#: What the runner and a worker do with the job of an import, in one process.
RUN_IMPORT_JOB = """
from odoo.addons.queue_job.controllers.main import RunJobController
from odoo.addons.queue_job.job import Job
from odoo.addons.queue_job.jobrunner.runner import Database
Database(env.cr.dbname).requeue_dead_jobs()
record = env["queue.job"].search(
    [("model_name", "=", "marketplace.import"), ("state", "=", "pending")]
)
job = Job.load(env, record.uuid)
job.set_enqueued()
job.store()
env.cr.commit()
RunJobController._runjob(env, RunJobController._acquire_job(env, record.uuid))
env.cr.commit()
"""

STARTED = """
    SELECT uuid, worker_pid FROM queue_job
    WHERE state = 'started' AND model_name = 'marketplace.order' AND worker_pid IS NOT NULL
"""
CONNECTIONS = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid != pg_backend_pid()
"""
UNFINISHED = "SELECT count(*) FROM queue_job WHERE state NOT IN ('done', 'failed')"
INVOICED = "SELECT count(*) FROM marketplace_order WHERE state = 'invoiced'"


@contextlib.contextmanager
def job_server(shop, folder, free_ports):
    """A server with three HTTP workers, whose runner hands out two jobs at once."""
    port, events_port = free_ports
    process = start(
        *("server", "-d", shop.name, "--workers=3", "--max-cron-threads=0"),
        "--load=base,rpc,web,queue_job",
        *("--http-interface=127.0.0.1", f"--http-port={port}"),
        *(f"--gevent-port={events_port}", f"--logfile={folder / 'server.log'}"),
        env={
            **os.environ,
            "ODOO_QUEUE_JOB_CHANNELS": "root:4,root.marketplace:2",
            "ODOO_QUEUE_JOB_HOST": "127.0.0.1",
            "ODOO_QUEUE_JOB_PORT": str(port),
        },
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            kill(process)


def wake_runner(shop):
    """Let the runner look at once; by itself it sleeps up to a minute when all is quiet."""
    shop.execute("NOTIFY queue_job, 'look'")


def wait_for_jobs(shop, process):
    """Wait until no job is left to do."""
    woken = time.monotonic()

    def all_done():
        nonlocal woken
        if time.monotonic() - woken > 2:
            woken = time.monotonic()
            wake_runner(shop)
        return not shop.value(UNFINISHED)

    wait_until(all_done, process)


def kill_a_worker_at_work(shop, process):
    """Kill a worker in the middle of a batch; return the UUID of its job."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        wait_until(lambda: shop.rows(STARTED), process)
        for uuid, pid in shop.rows(STARTED):
            # Only ever a process of this server's own group.
            if os.getpgid(pid) != process.pid:
                continue
            os.kill(pid, signal.SIGKILL)
            state = "SELECT state FROM queue_job WHERE uuid = %s"
            if shop.value(state, uuid) == "started":
                return uuid
            # It was done a moment before.
    pytest.fail("no job was found at work")


@pytest.fixture
def free_ports():
    """Two ports that nobody listens on."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(2)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def test_killed_worker_and_scheduler_beside_leave_each_order_invoiced_once(
    shop, tmp_path, free_ports
):
    run_script(shop.name, SMALL_BATCHES)
    path = write_orders(tmp_path / "orders.json", orders(1, ORDERS))
    with job_server(shop, tmp_path, free_ports) as process:
        run_script(shop.name, RECEIVE.format(path=str(path)))
        wait_until(lambda: shop.value(INVOICED) >= 5, process)
        killed = kill_a_worker_at_work(shop, process)
        left = ORDERS - shop.value(INVOICED)
        assert left > 0
        scheduler = finish(start_script(shop, SCHEDULER))
        assert scheduler.code == 0, scheduler.stderr
        wait_for_jobs(shop, process)
    assert_each_once(shop, ORDERS)
    assert shop.rows("SELECT state FROM marketplace_import") == [("done",)]
    assert shop.rows("SELECT DISTINCT state FROM queue_job") == [("done",)]
    again = "SELECT retry FROM queue_job WHERE uuid = %s"
    assert shop.value(again, killed) == 2


def test_import_killed_while_staging_is_staged_once_and_its_orders_are_queued(
    shop, tmp_path
):
    """Batches of 500 are committed: the second attempt finds those of the first unchanged."""
    path = write_orders(tmp_path / "orders.json", orders(1, 1100))
    run_script(shop.name, RECEIVE.format(path=str(path)))
    process = start_script(shop, RUN_IMPORT_JOB)
    staged = "SELECT count(*) FROM marketplace_order"
    wait_until(lambda: shop.value(staged) > 0, process)
    kill(process)
    # The server ends the transactions of a client that is gone only when it notices.
    while shop.value(CONNECTIONS, shop.name):
        time.sleep(0.1)
    assert 0 < shop.value(staged) < 1100
    assert shop.rows("SELECT state FROM queue_job") == [("started",)]
    # The runner leaves a job alone for ten seconds after it was handed out.
    shop.execute("UPDATE queue_job SET date_enqueued = now() - interval '1 day'")
    run_script(shop.name, RUN_IMPORT_JOB)
    assert shop.rows(
        "SELECT count(*), count(DISTINCT external_ref) FROM marketplace_order"
    ) == [(1100, 1100)]
    assert shop.rows("SELECT state, position FROM marketplace_import") == [
        ("done", 1100)
    ]
    assert shop.rows(
        "SELECT model_name, state, count(*) FROM queue_job GROUP BY 1, 2 ORDER BY 1"
    ) == [("marketplace.import", "done", 1), ("marketplace.order", "pending", 2)]
