import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from .. import const


class ProviderServer:
    """A server on this machine that answers as a provider's does.

    ``answers`` maps "METHOD /path" to a JSON answer, a status or a function of the request;
    ``requests`` holds what was asked: (method, path, query, headers, body).
    """

    def __init__(self):
        self.answers = {}
        self.requests = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self):
                url = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                query = parse_qs(url.query)
                owner.requests.append(
                    (self.command, url.path, query, self.headers, body)
                )
                answer = owner.answers.get(f"{self.command} {url.path}", 404)
                status = answer if isinstance(answer, int) else 200
                content = answer if isinstance(answer, bytes) else b"{}"
                if isinstance(answer, dict | list):
                    content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = handle_any

            def log_message(self, *args):
                """Nothing: the test reads the requests."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def asked(self, method, path):
        """Requests of a kind, the oldest first."""
        return [r for r in self.requests if r[:2] == (method, path)]


@contextmanager
def serve():
    """A server for the time of a block, at the address of every provider."""
    served = ProviderServer()
    thread = threading.Thread(target=served.server.serve_forever, daemon=True)
    thread.start()
    urls = dict.fromkeys(const.API_URLS, served.url)
    try:
        with patch.dict(const.API_URLS, urls):
            yield served
    finally:
        served.server.shutdown()
        served.server.server_close()
        thread.join()
