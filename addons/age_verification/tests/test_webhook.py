import json
from dataclasses import replace

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..controllers.age_webhook import MAX_BODY
from ..engine import signatures, simulator
from .provider_common import ProviderCommon, body_of, headers_of

FORMATS = ("yoti", "agechecker", "veriff", "stripe")


@tagged("post_install", "-at_install")
class TestWebhook(ProviderCommon, HttpCase):
    """Messages of providers as they come over the network, in good and bad order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider.yoti_estimation = False

    def _send(self, session, message, method=None, path=None, **headers):
        """Send a message to our own controller, as the provider's server would."""
        return self.url_open(
            path or session.provider_id._get_webhook_path(session),
            data=message.body,
            headers={**headers_of(message), **headers},
            method=method or message.method,
        )

    def _choose(self, check, outcome):
        """What the buyer does at the simulator, and the message about it."""
        return check._choose(outcome)

    def _speak(self, name):
        self.provider.simulator_format = name

    def _events(self, session):
        return (
            self.env["age.provider.event"]
            .sudo()
            .search([("session_id", "=", session.id)])
        )

    # === THE WAY THROUGH === #

    def test_signed_message_of_each_provider_is_taken_and_asked_about(self):
        for name in FORMATS:
            with self.subTest(name):
                self._speak(name)
                buyer = self._create_buyer(f"Buyer {name}")
                session, check = self._open(buyer=buyer)
                answer = self._send(session, self._choose(check, "over"))
                self.assertEqual((answer.status_code, answer.text), (200, "ok"))
                self.assertEqual(session.state, "pending", "nothing is believed yet")
                self._run_jobs()
                self.assertEqual(session.state, "accepted")
                self.assertEqual(len(self._proofs(buyer)), 1)
                self.assertTrue(self._events(session).handled_at)

    def test_message_is_a_trigger_only_what_the_provider_answers_counts(self):
        for name in FORMATS:
            with self.subTest(name):
                self._speak(name)
                session, check = self._open(buyer=self._create_buyer(f"Buyer {name}"))
                message = self._choose(check, "over")
                check.outcome = "left" if name == "yoti" else "unreadable"
                self._send(session, message)
                self._run_jobs()
                self.assertNotEqual(session.state, "accepted")
                self.assertFalse(self._proofs(session.partner_id))

    def test_held_order_goes_on_after_the_message(self):
        order = self._create_order(self.gin)
        order.action_age_request()
        session, check = self._open(order=order)
        self._send(session, self._choose(check, "over"))
        self._run_jobs()
        self.assertEqual(order.state, "sale")

    # === A6 BY NAME === #

    def test_08_denied_then_accepted(self):
        """A second document is uploaded after the first was refused."""
        self._speak("agechecker")
        session, check = self._open()
        self._send(session, self._choose(check, "under"))
        self._run_jobs()
        self.assertRecordValues(session, [{"state": "denied", "reason": "underage"}])
        refusal = self._refusals()
        self.assertFalse(refusal.withdrawn_on)
        self._send(session, self._choose(check, "over"))
        self._run_jobs()
        self.assertEqual(session.state, "accepted")
        self.assertTrue(session.denied_at)
        self.assertTrue(refusal.withdrawn_on)
        self.assertEqual(len(self._proofs()), 1)

    def test_09_fail_then_complete(self):
        """Yoti tells about each attempt of a session."""
        session, check = self._open()
        fail = self._choose(check, "under")
        self.assertEqual(body_of(fail)["state"], "FAIL")
        self._send(session, fail)
        self._run_jobs()
        self.assertEqual(session.state, "denied")
        complete = self._choose(check, "over")
        self.assertEqual(body_of(complete)["sequence_number"], 2)
        self._send(session, complete)
        self._run_jobs()
        self.assertEqual(session.state, "accepted")

    def test_09_complete_that_overtakes_fail_stays(self):
        session, check = self._open()
        fail, complete = self._choose(check, "under"), self._choose(check, "over")
        self._send(session, complete)
        self._run_jobs()
        self._send(session, fail)
        self._run_jobs()
        self.assertEqual(session.state, "accepted")
        self.assertFalse(self._refusals())

    def test_09_older_message_after_a_newer_one_changes_nothing(self):
        for name in FORMATS:
            with self.subTest(name):
                self._speak(name)
                buyer = self._create_buyer(f"Buyer {name}")
                session, check = self._open(buyer=buyer)
                older = self._choose(check, "unreadable")
                newer = self._choose(check, "over")
                self._send(session, newer)
                self._run_jobs()
                for _time in range(3):
                    self.assertEqual(self._send(session, older).status_code, 200)
                    self._run_jobs()
                self.assertEqual(session.state, "accepted")
                self.assertFalse(self._refusals(buyer))
                self.assertEqual(len(self._proofs(buyer)), 1)

    def test_09_refusal_that_is_replayed_after_the_proof_refuses_nobody(self):
        for name in FORMATS:
            with self.subTest(name):
                self._speak(name)
                buyer = self._create_buyer(f"Buyer {name}")
                session, check = self._open(buyer=buyer)
                older = self._choose(check, "under")
                newer = self._choose(check, "over")
                for message in (older, newer, older, newer, older):
                    self._send(session, message)
                    self._run_jobs()
                self.assertEqual(session.state, "accepted")
                self.assertFalse(self._refusals(buyer))
                self.assertEqual(len(self._proofs(buyer)), 1)

    def test_09_message_sent_again_under_another_number_is_not_new(self):
        """Yoti does not sign the number."""
        session, check = self._open()
        message = self._choose(check, "over")
        for number in range(1, 5):
            payload = {**body_of(message), "sequence_number": number}
            replayed = replace(message, body=json.dumps(payload))
            self.assertEqual(self._send(session, replayed).status_code, 200)
        self.assertEqual(len(self._events(session)), 1)

    def test_10_forged_signature_is_an_incident_and_changes_nothing(self):
        for name in FORMATS:
            with self.subTest(name):
                provider = self._create_provider(name, simulator_format=name)
                self._set_steps({"provider_id": provider.id})
                session, check = self._open(buyer=self._create_buyer(f"Buyer {name}"))
                message = self._choose(check, "over")
                if name == "yoti":
                    forged = message.body.replace('"state": "', '"state": "X')
                    self.assertNotEqual(forged, message.body)
                else:
                    forged = message.body + " "
                answer = self.url_open(
                    provider._get_webhook_path(session),
                    data=forged,
                    headers=headers_of(message),
                    method=message.method,
                )
                self.assertEqual(answer.status_code, 401)
                self._run_jobs()
                self.assertEqual(session.state, "pending")
                self.assertFalse(self._events(session))
                self.assertEqual(self._kinds(provider), ["forged"])

    def test_10_many_forged_messages_are_one_incident_a_minute(self):
        session, check = self._open()
        message = self._choose(check, "over")
        for _time in range(3):
            self.url_open(
                self.provider._get_webhook_path(session),
                data=message.body.replace("COMPLETE", "COMPLETED"),
                headers=headers_of(message),
            )
        self.assertEqual(self._kinds(), ["forged"])

    def test_11_duplicate_is_answered_and_does_nothing(self):
        for name in FORMATS:
            with self.subTest(name):
                self._speak(name)
                session, check = self._open(buyer=self._create_buyer(f"Buyer {name}"))
                message = self._choose(check, "over")
                for _time in range(3):
                    self.assertEqual(self._send(session, message).status_code, 200)
                self.assertEqual(len(self._events(session)), 1)
                self._run_jobs()
                self.assertEqual(self._send(session, message).status_code, 200)
                self._run_jobs()
                self.assertEqual(len(self._proofs(session.partner_id)), 1)

    def test_12_provider_down_keeps_the_message_and_asks_again(self):
        session, check = self._open()
        message = self._choose(check, "over")
        check.outcome = "down"
        self._send(session, message)
        self._run_jobs()
        event = self._events(session)
        self.assertRecordValues(event, [{"handled_at": False, "failures": 1}])
        self.assertEqual(session.state, "pending")
        self.assertFalse(self._proofs())
        check.outcome = "over"
        event.next_try_at = False
        self._run_jobs()
        self.assertEqual(session.state, "accepted")
        self.assertTrue(event.handled_at)

    @mute_logger("odoo.addons.age_verification.models.age_provider_event")
    def test_message_that_breaks_the_job_does_not_hold_up_the_others(self):
        broken, check = self._open()
        healthy, other = self._open(buyer=self._create_buyer("Ben"))
        self._send(broken, self._choose(check, "over"))
        self._send(healthy, self._choose(other, "over"))
        broken.asked_age = 1000
        self._run_jobs()
        self.assertEqual(healthy.state, "accepted")
        self.assertEqual(broken.state, "pending")
        self.assertRecordValues(
            self._events(broken), [{"handled_at": False, "failures": 1}]
        )

    # === STRANGERS === #

    def test_signed_message_about_an_unknown_check_writes_nothing(self):
        session, check = self._open()
        message = self._choose(check, "over")
        path = self.provider._get_webhook_path()
        check.name = "another"
        unknown = self._choose(check, "over")
        answer = self._send(session, unknown, path=path)
        self.assertEqual(answer.status_code, 200)
        self.assertFalse(self._events(session))
        self.assertFalse(self._kinds())
        self.assertEqual(self._send(session, message, path=path).status_code, 200)
        self.assertEqual(len(self._events(session)), 1)

    def test_message_of_another_company_s_provider_finds_no_session(self):
        session, check = self._open()
        other = self._create_provider("Other")
        other.write(
            {
                "yoti_public_key": self.provider.yoti_public_key,
                "reference_salt": self.provider.reference_salt,
            }
        )
        message = self._choose(check, "over")
        path = other._get_webhook_path(session)
        self.assertEqual(self._send(session, message, path=path).status_code, 200)
        self.assertFalse(self._events(session))

    def test_unknown_or_disabled_provider_is_not_found(self):
        session, check = self._open()
        message = self._choose(check, "over")
        for path in (
            "/age/webhook/simulator/999999",
            f"/age/webhook/yoti/{self.provider.id}",
        ):
            self.assertEqual(self._send(session, message, path=path).status_code, 404)
        self.provider.state = "disabled"
        self.assertEqual(self._send(session, message).status_code, 404)
        self.assertFalse(self._kinds())

    @mute_logger("odoo.http", "werkzeug")
    def test_message_that_is_too_long_is_not_read(self):
        session, check = self._open()
        message = self._choose(check, "over")
        answer = self.url_open(
            self.provider._get_webhook_path(session),
            data=message.body + " " * MAX_BODY,
            headers=headers_of(message),
        )
        self.assertEqual(answer.status_code, 413)
        self.assertFalse(self._events(session))
        self.assertFalse(self._kinds())

    def test_signed_message_that_cannot_be_read_is_refused_without_an_incident(self):
        self._speak("veriff")
        session, _check = self._open()
        for body in ("[]", "{}", "no json", '{"verification": {"id": 5}}'):
            message = simulator.message_veriff({}, self.provider.api_secret)
            signed = simulator.sign_veriff(body.encode(), self.provider.api_secret)
            answer = self.url_open(
                self.provider._get_webhook_path(session),
                data=body,
                headers={**headers_of(message), "X-HMAC-SIGNATURE": signed},
            )
            self.assertEqual(answer.status_code, 400, body)
        self.assertFalse(self._kinds())

    def test_odd_addresses_and_bodies_of_a_signed_message_break_nothing(self):
        self._speak("veriff")
        session, _check = self._open()
        secret = self.provider.api_secret
        path = self.provider._get_webhook_path()
        for body in (
            b'{"id": "\\u0000", "code": 7001}',
            b'{"id": "\\ud800", "code": 7001}',
            b'{"id": "x", "code": 7001, "attemptId": {"a": ["\\u0000"]}}',
            b'{"id": "\xff", "code": 7001}',
            b'{"verification": {"id": "x", "code": 1e999}}',
            b"[" * 30000,
        ):
            for name in ("", "/%00", "/%FF", f"/{session.name}"):
                answer = self.url_open(
                    f"{path}{name}",
                    data=body,
                    headers={
                        "Content-Type": "application/json",
                        "X-HMAC-SIGNATURE": signatures.sign_veriff(body, secret),
                    },
                )
                with self.subTest(body=body[:40], name=name):
                    self.assertIn(answer.status_code, (200, 400))
        self.assertFalse(self._kinds())

    def test_address_of_no_provider_is_not_found(self):
        for code in ("yo%00ti", "%FF", "a%20b", "x" * 2000, "nobody"):
            with self.subTest(code):
                answer = self.url_open(
                    f"/age/webhook/{code}/{self.provider.id}", data=b"{}"
                )
                self.assertEqual(answer.status_code, 404)

    def test_message_as_a_form_is_refused(self):
        session, check = self._open()
        message = self._choose(check, "over")
        answer = self._send(
            session, message, **{"Content-Type": "application/x-www-form-urlencoded"}
        )
        self.assertEqual(answer.status_code, 401)
        self.assertFalse(self._events(session))

    def test_webhook_answers_no_get(self):
        session = self._start()
        with mute_logger("odoo.http"):
            answer = self.url_open(self.provider._get_webhook_path(session))
        self.assertEqual(answer.status_code, 405)
