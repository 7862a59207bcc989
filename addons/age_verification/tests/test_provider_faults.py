import socket
import threading
import time
from contextlib import contextmanager
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tests.common import _super_send
from odoo.tools import mute_logger

from .. import const
from ..models import age_provider
from .provider_common import ProviderCommon
from .provider_server import serve

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


@contextmanager
def raw_server(talk):
    """A server that takes one connection and does with it what ``talk`` says."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve_once():
            connection, _address = server.accept()
            with connection:
                connection.recv(65536)
                try:
                    talk(connection)
                except OSError:
                    """The caller has had enough."""

        thread = threading.Thread(target=serve_once, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with patch.dict(const.API_URLS, dict.fromkeys(const.API_URLS, url)):
            yield
        thread.join(10)


@tagged("post_install", "-at_install")
class TestProviderFaults(ProviderCommon):
    """Providers that answer late, without end or with nonsense: the sale is held."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.veriff = cls._create_provider(
            "Veriff", code="veriff", state="enabled", api_key="key", api_secret="secret"
        )
        cls._set_steps({"provider_id": cls.veriff.id})
        cls.required = fields.Date.subtract(cls.company._get_age_today(), years=18)

    @classmethod
    def _request_handler(cls, session, request, /, **options):
        """Override: core makes short time-outs longer; all requests stay on this machine."""
        return _super_send(session, request, **options)

    def setUp(self):
        super().setUp()
        self.session = self._start(required=self.required)
        self.patch(age_provider, "TIMEOUT", 0.3)
        self.patch(age_provider, "DEADLINE", 1)

    def _assert_waits(self, seconds):
        begun = time.monotonic()
        with mute_logger("odoo.addons.age_verification.models.age_provider"):
            self.assertFalse(self.session._open())
        self.assertLess(time.monotonic() - begun, seconds)
        self.assertRecordValues(
            self.session, [{"state": "pending", "failures": 1, "opened_at": False}]
        )
        self.assertFalse(self._proofs())

    def test_12_provider_that_never_answers_is_given_up(self):
        with raw_server(lambda connection: time.sleep(3)):
            self._assert_waits(2)

    def test_12_answer_that_comes_in_drops_is_given_up(self):
        def drip(connection):
            connection.sendall(HEAD)
            for _drop in range(100):
                connection.sendall(b" " * age_provider.CHUNK)
                time.sleep(0.1)

        self.patch(age_provider, "MAX_ANSWER", 10**9)
        with raw_server(drip):
            self._assert_waits(4)

    def test_12_answer_without_end_is_not_read_to_the_end(self):
        sent = []

        def flood(connection):
            connection.sendall(HEAD)
            for _part in range(2000):
                connection.sendall(b" " * age_provider.CHUNK)
                sent.append(age_provider.CHUNK)

        self.patch(age_provider, "DEADLINE", 60)
        with raw_server(flood):
            self._assert_waits(10)
        self.assertLess(sum(sent), 20 * age_provider.MAX_ANSWER)

    def test_12_answer_that_is_cut_off_is_no_answer(self):
        def cut(connection):
            connection.sendall(HEAD[:-2] + b"Content-Length: 500\r\n\r\n")
            connection.sendall(b'{"verification": {"id": "v-1", "url": "https://')

        with raw_server(cut):
            self._assert_waits(3)

    def test_12_answer_that_is_nested_without_end_is_no_answer(self):
        with serve() as server:
            server.answers["POST /sessions"] = b"[" * 100_000
            self._assert_waits(3)

    def test_proof_from_the_future_does_not_count_yet(self):
        tomorrow = fields.Date.add(self.company._get_age_today(), days=1)
        self._prove(21, proved_on=tomorrow)
        order = self._create_order(self.gin)
        verdict = self.env["age.gate"]._judge(order._get_age_baskets())[0]
        self.assertFalse(verdict.is_allowed)
