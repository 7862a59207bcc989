import base64
import hashlib
import hmac
import json
from urllib.parse import parse_qs

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import file_open, mute_logger

from ..models.age_provider import disable_providers
from .common import TODAY
from .provider_common import REQUIRED, ProviderCommon
from .provider_server import serve

SECRETS = ("api_key", "api_secret", "webhook_secret")


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestProvidersRequests(ProviderCommon):
    """What is asked of each provider and made of its answer, over HTTP to a local server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        keys = {
            "api_key": "key-secret-1",
            "api_secret": "api-secret-2",
            "webhook_secret": "hook-secret-3",
            "state": "enabled",
        }
        yoti_keys = {"yoti_sdk": "sdk-1", "yoti_public_key": "PEM"}
        cls.yoti = cls._create_provider("Yoti", code="yoti", **keys, **yoti_keys)
        cls.agechecker = cls._create_provider("AgeChecker", code="agechecker", **keys)
        cls.veriff = cls._create_provider("Veriff", code="veriff", **keys)
        cls.stripe = cls._create_provider("Stripe", code="stripe", **keys)
        cls.providers = cls.yoti | cls.agechecker | cls.veriff | cls.stripe

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time("2026-06-15 12:00:00"))
        self.server = self.enterContext(serve())

    def _begin(self, provider, **step):
        self._set_steps({"provider_id": provider.id, **step})
        return self._start()

    # === YOTI === #

    def test_yoti_is_asked_with_the_buffer_on_the_estimate_only(self):
        self.server.answers["POST /sessions"] = {"id": "y-1", "status": "PENDING"}
        session = self._begin(self.yoti, buffer_years=7)
        url = session._open()
        self.assertEqual(url, "https://age.yoti.com?sessionId=y-1&sdkId=sdk-1")
        [(_method, _path, _query, headers, body)] = self.server.requests
        self.assertEqual(headers["Authorization"], "Bearer key-secret-1")
        self.assertEqual(headers["Yoti-SDK-Id"], "sdk-1")
        asked = json.loads(body)
        self.assertEqual(asked["type"], "OVER")
        self.assertEqual(asked["reference_id"], session.name)
        self.assertEqual(asked["age_estimation"]["threshold"], 25)
        self.assertEqual(asked["doc_scan"]["threshold"], 18)
        self.assertFalse(asked["credit_card"]["allowed"])
        self.assertIn(f"/age/webhook/yoti/{self.yoti.id}/", asked["notification_url"])
        self.assertGreaterEqual(asked["ttl"], 60)

    def test_yoti_result_is_a_proof(self):
        self.server.answers["POST /sessions"] = {"id": "y-1"}
        session = self._begin(self.yoti)
        session._open()
        self.server.answers["GET /sessions/y-1/result"] = {
            "id": "y-1",
            "type": "OVER",
            "age": 18,
            "status": "COMPLETE",
            "method": "DOC_SCAN",
            "reference_id": session.name,
            "updated_at": "2026-06-14T14:44:36.056933Z",
        }
        session._poll()
        proof = self._proofs()
        self.assertEqual(proof.proved_on.isoformat(), "2026-06-14")
        self.assertEqual(proof.bound_date.isoformat(), "2008-06-14")
        self.assertEqual(proof.assurance, "document")

    def test_yoti_without_estimates_where_the_policy_wants_a_document(self):
        self.policy.min_assurance = "document"
        self.server.answers["POST /sessions"] = {"id": "y-1"}
        self._begin(self.yoti)._open()
        self.assertFalse(
            json.loads(self.server.requests[0][4])["age_estimation"]["allowed"]
        )

    # === AGECHECKER.NET === #

    def test_agechecker_gets_no_personal_data_and_its_verification_is_followed(self):
        self.server.answers["POST /session/create"] = {
            "uuid": "s1",
            "link": "https://verify.agechecker.net/s/s1",
        }
        session = self._begin(self.agechecker)
        self.assertEqual(session._open(), "https://verify.agechecker.net/s/s1")
        body = self.server.requests[0][4]
        asked = json.loads(body)
        self.assertEqual(asked["options"]["min_age"], 18)
        self.assertEqual(asked["options"]["metadata"], {"session": session.name})
        self.assertNotIn(self.buyer.name, body)
        self.assertNotIn(self.buyer.email, body)
        self.server.answers["GET /session/get/s1"] = {"verification": None}
        session._poll()
        self.assertEqual(session.state, "pending")
        self.server.answers["GET /session/get/s1"] = {"verification": "v9"}
        self.server.answers["GET /status/v9"] = {
            "status": "accepted",
            "metadata": {"session": session.name},
        }
        session._poll()
        self.assertEqual(session.state, "accepted")
        headers = self.server.asked("GET", "/status/v9")[0][3]
        self.assertEqual(headers["X-AgeChecker-Secret"], "api-secret-2")

    def test_agechecker_is_asked_for_18_where_the_law_asks_for_less(self):
        self.server.answers["POST /session/create"] = {
            "uuid": "s1",
            "link": "https://x",
        }
        self._set_steps({"provider_id": self.agechecker.id})
        self._start(required=TODAY.replace(year=TODAY.year - 16))._open()
        asked = json.loads(self.server.requests[0][4])
        self.assertEqual(asked["options"]["min_age"], 18)

    def test_agechecker_is_not_asked_for_more_than_75(self):
        self._set_steps({"provider_id": self.agechecker.id})
        self.assertFalse(self._start(required=TODAY.replace(year=TODAY.year - 80)))

    # === VERIFF === #

    def test_veriff_decision_is_asked_for_with_a_signature_over_the_session(self):
        self.server.answers["POST /sessions"] = {
            "status": "success",
            "verification": {"id": "f0", "url": "https://alchemy.veriff.com/v/f0"},
        }
        session = self._begin(self.veriff)
        self.assertEqual(session._open(), "https://alchemy.veriff.com/v/f0")
        created = json.loads(self.server.requests[0][4])
        self.assertEqual(created["verification"]["vendorData"], session.name)
        self.server.answers["GET /sessions/f0/decision"] = {
            "status": "success",
            "verification": None,
        }
        session._poll()
        headers = self.server.asked("GET", "/sessions/f0/decision")[0][3]
        expected = hmac.new(b"api-secret-2", b"f0", hashlib.sha256).hexdigest()
        self.assertEqual(headers["X-HMAC-SIGNATURE"], expected)
        self.assertEqual(headers["X-AUTH-CLIENT"], "key-secret-1")
        self.assertEqual(session.state, "pending")

    # === STRIPE === #

    def _open_stripe(self):
        self.server.answers["POST /identity/verification_sessions"] = {
            "id": "vs_1",
            "url": "https://verify.stripe.com/start/x",
            "client_secret": "vs_1_secret_never_kept",
        }
        session = self._begin(self.stripe)
        session._open()
        return session

    def _verify_stripe(self, session, year):
        path = f"/identity/verification_sessions/{session.reference}"
        self.server.answers[f"GET {path}"] = {
            "id": session.reference,
            "client_reference_id": session.name,
            "livemode": True,
            "status": "verified",
            "verified_outputs": {"dob": {"day": 1, "month": 2, "year": year}},
        }
        return f"{path}/redact"

    def test_stripe_is_asked_with_a_key_that_makes_a_repeat_harmless(self):
        session = self._open_stripe()
        [(_method, _path, _query, headers, body)] = self.server.requests
        self.assertEqual(headers["Idempotency-Key"], session.name)
        password = base64.b64encode(b"key-secret-1:").decode()
        self.assertEqual(headers["Authorization"], f"Basic {password}")
        asked = parse_qs(body)
        self.assertEqual(asked["type"], ["document"])
        self.assertEqual(asked["client_reference_id"], [session.name])
        self.assertEqual(session.start_url, "https://verify.stripe.com/start/x")

    def test_stripe_is_told_to_redact_after_the_result_is_safe(self):
        session = self._open_stripe()
        redact = self._verify_stripe(session, 1980)
        self.server.answers[f"POST {redact}"] = {"status": "verified"}
        session._poll()
        self.assertEqual(session.state, "accepted")
        self.assertEqual(self._proofs().bound_date, REQUIRED)
        self.assertFalse(self.server.asked("POST", redact), "not before the commit")
        self._run_jobs()
        self.assertEqual(len(self.server.asked("POST", redact)), 1)
        self.assertRecordValues(session, [{"reference": False, "is_forget_due": False}])
        expand = self.server.asked("GET", redact.removesuffix("/redact"))[0][2]
        self.assertEqual(expand, {"expand[]": ["verified_outputs.dob"]})

    def test_stripe_that_cannot_redact_is_told_again(self):
        session = self._open_stripe()
        redact = self._verify_stripe(session, 2015)
        self.server.answers[f"POST {redact}"] = 503
        session._poll()
        self.assertRecordValues(session, [{"state": "denied", "reason": "underage"}])
        self._run_jobs()
        self.assertTrue(session.is_forget_due)
        self.server.answers[f"POST {redact}"] = {"status": "verified"}
        session.next_poll_at = False
        self._run_jobs()
        self.assertFalse(session.is_forget_due)
        self.assertFalse(session.reference)

    # === PROVIDER DOWN === #

    def test_12_each_provider_that_is_down_leaves_the_buyer_waiting(self):
        for provider in self.providers:
            for answer in (500, 401, 302, b"no json", [], b""):
                with self.subTest(provider=provider.code, answer=answer):
                    self.env["age.session"].sudo().search([]).unlink()
                    paths = (
                        "POST /sessions",
                        "POST /session/create",
                        "POST /identity/verification_sessions",
                    )
                    self.server.answers = dict.fromkeys(paths, answer)
                    session = self._begin(provider)
                    self.assertFalse(session._open())
                    self.assertRecordValues(
                        session, [{"state": "pending", "failures": 1}]
                    )

    def test_12_server_that_is_gone_leaves_the_buyer_waiting(self):
        self.server.answers["POST /sessions"] = {"id": "y-1"}
        session = self._begin(self.yoti)
        session._open()
        self.server.server.server_close()
        self.assertFalse(session._poll())
        self.assertEqual(session.state, "pending")

    # === SECRETS === #

    def test_secrets_are_read_by_administrators_only(self):
        manager = self._create_officer("age_manager", "manager")
        for user in (self.seller, self.officer, manager):
            provider = self.stripe.with_user(user)
            for name in (*SECRETS, "reference_salt", "simulator_private_key"):
                with self.assertRaises(AccessError):
                    provider.read([name])
            self.assertEqual(provider.read(["name"])[0]["name"], "Stripe")

    def test_secrets_are_not_copied(self):
        copy = self.stripe.copy()
        self.assertEqual(copy.state, "disabled")
        for name in SECRETS:
            self.assertFalse(copy[name])
        self.assertNotEqual(copy.reference_salt, self.stripe.reference_salt)

    def test_nothing_secret_is_logged(self):
        self.server.answers["POST /sessions"] = 500
        with self.assertLogs("odoo.addons.age_verification", level="DEBUG") as logs:
            for provider in self.providers:
                self._begin(provider)._open()
                self.env["age.session"].sudo().search([]).unlink()
        text = "\n".join(logs.output)
        self.assertIn("status 500", text)
        for word in ("key-secret-1", "api-secret-2", "hook-secret-3", "127.0.0.1"):
            self.assertNotIn(word, text)

    def test_neutralized_copy_asks_nobody(self):
        session = self._open_stripe()
        self.env.flush_all()
        with file_open("age_verification/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()
        for provider in self.providers | self.provider:
            self.assertEqual(provider.state, "disabled")
            for name in (*SECRETS, "yoti_sdk", "yoti_public_key"):
                self.assertFalse(provider[name])
        self.assertFalse(session.reference)

    # === SET-UP === #

    def test_provider_is_not_used_without_its_keys(self):
        for provider in self.providers:
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                provider.api_key = False

    def test_stripe_key_is_of_the_mode(self):
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.stripe.api_key = "rk_test_1"
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.stripe.state = "test"
        self.stripe.write({"api_key": "rk_test_1", "state": "test"})

    def test_simulator_is_refused_in_real_use(self):
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.provider.state = "enabled"
        with self.assertRaises(ValidationError):
            self._create_provider("Simulator", state="enabled")

    def test_provider_is_chosen_before_it_is_used(self):
        provider = self._create_provider("New", code="none", state="disabled")
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            provider.state = "test"
        provider.write({"code": "simulator", "state": "test"})
        self.assertTrue(provider._is_simulating())
        self.assertTrue(provider.simulator_private_key)

    def test_provider_whose_addon_goes_is_disabled_and_its_proofs_stay(self):
        session, _check = self._open()
        self._decide(session, "over")
        disable_providers(self.provider)
        self.assertRecordValues(self.provider, [{"code": "none", "state": "disabled"}])
        self.assertTrue(self._proofs().exists())

    def test_provider_with_proofs_is_archived_not_deleted(self):
        session, _check = self._open()
        self._decide(session, "over")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.provider.unlink()
