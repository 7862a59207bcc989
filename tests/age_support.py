"""A real server for the flows of age checks."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request

from flow_support import finish, start

#: Seconds to wait for a server or its jobs.
PATIENCE = 120


class Server:
    """Odoo with threads for requests and, if asked for, for its jobs."""

    def __init__(self, database, cron_threads):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = start(
            "server",
            "-d",
            database.name,
            "--db-filter",
            f"^{database.name}$",
            "--http-port",
            self.port,
            "--max-cron-threads",
            cron_threads,
            "--log-level=error",
        )
        wait_for(lambda: self.request("/web/login") == 200)

    def request(self, path, method="GET", headers=None, body=None):
        """Status of the answer; None when there is none."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            headers=headers or {},
            data=body and body.encode(),
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def send(self, message):
        return self.request(
            message["path"], message["method"], message["headers"], message["body"]
        )

    def stop(self):
        self.process.terminate()
        return finish(self.process)


def wait_for(condition):
    """Wait for a condition.

    :raises AssertionError: it takes too long
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "nothing happens"
        time.sleep(0.1)
