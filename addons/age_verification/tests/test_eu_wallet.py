import html
import re
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from ..controllers.age_wallet import MAX_BODY
from ..engine.openid4vp import Request
from .common import AgeCommon
from .wallet import Issuer, Wallet


@tagged("post_install", "-at_install")
class TestEuWallet(AgeCommon, HttpCase):
    """The wallet of these tests knows nothing but the link on the page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.issuer = Issuer(moment=datetime.now(timezone.utc))
        cls.provider = cls.env["age.provider"].create(
            {
                "name": "Wallet",
                "code": "eu_wallet",
                "company_id": cls.company.id,
                "wallet_anchors": cls.issuer.pem,
                "state": "enabled",
            }
        )
        cls.policy.step_ids = [
            Command.create({"provider_id": cls.provider.id, "max_attempts": 2})
        ]

    def setUp(self):
        super().setUp()
        self.order = self._create_order(self.gin)
        self.order._age_hold("request")
        self.session = self._start()

    def _start(self, order=None, buyer=None):
        order = order or self.order
        required = fields.Date.subtract(self.company._get_age_today(), years=18)
        session = self.env["age.session"]._start(
            buyer or self.buyer, self.company, required, order=order
        )
        session._open()
        return session.sudo()

    def _read_page(self, session=None):
        """The question in the link of the page."""
        session = session or self.session
        page = self.url_open(f"/age/wallet/{session.access_token}")
        self.assertEqual(page.status_code, 200)
        link = html.unescape(re.search(r'href="(av://[^"]+)"', page.text)[1])
        parameters = parse_qs(urlsplit(link).query)
        return Request(parameters["response_uri"][0], parameters["nonce"][0], 18)

    def _post(self, session=None, **values):
        token = (session or self.session).access_token
        return self.url_open(f"/age/wallet/response/{token}", data=values)

    def _answer(self, wallet, question=None, session=None):
        question = question or self._read_page(session)
        return self._post(session, vp_token=wallet.vp_token(question))

    def _assert_nothing_proved(self, state, reason, session=None):
        session = session or self.session
        self.assertRecordValues(session, [{"state": state, "reason": reason}])
        self.assertFalse(session.proof_id)
        self.assertTrue(self.order.age_held_since)

    # === ANSWERS === #

    def test_wallet_proves_the_age_and_the_order_goes_on(self):
        self.assertTrue(self.order.age_held_since)
        answer = self._answer(Wallet(self.issuer))
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(
            answer.json(), {"redirect_uri": self.session._get_return_url()}
        )
        self.assertRecordValues(
            self.session.proof_id,
            [
                {
                    "partner_id": self.buyer.id,
                    "method": "wallet",
                    "assurance": "attested",
                    "bound_date": self.session.required_date,
                    "provider_id": self.provider.id,
                }
            ],
        )
        self.assertEqual(self.session.state, "accepted")
        self.env.ref("age_verification.ir_cron_release").method_direct_trigger()
        self.assertRecordValues(
            self.order, [{"state": "sale", "age_held_since": False}]
        )

    def test_nonce_is_forgotten_with_the_answer(self):
        nonce = self.session.reference
        self.assertTrue(nonce)
        self._answer(Wallet(self.issuer))
        self.assertFalse(self.session.reference)
        self.assertFalse(self.session.reference_hash)
        self.assertTrue(self.session.proof_id._has_reference(nonce))

    def test_nothing_of_the_answer_is_kept_anywhere(self):
        question = self._read_page()
        wallet = Wallet(self.issuer)
        token = wallet.vp_token(question)
        self.assertEqual(self._post(vp_token=token).status_code, 200)
        self.assertTrue(self.session.proof_id)
        key = wallet.key.public_key().public_numbers().x.to_bytes(32, "big")
        for trace in (
            question.nonce,
            token[100:140],
            key.hex(),
            wallet.items[0]["random"].hex(),
            wallet.items[0]["elementIdentifier"],
        ):
            self.assertEqual(self._find_tables(trace), [], trace)
        self.assertIn("age_session", self._find_tables(self.session.name))

    def _find_tables(self, text):
        """Tables with a row that shows the text in any column."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        found = []
        for (table,) in self.env.cr.fetchall():
            self.env.cr.execute(
                SQL(
                    "SELECT 1 FROM %s AS row WHERE position(%s IN row::text) > 0 LIMIT 1",
                    SQL.identifier(table),
                    text,
                )
            )
            found += [table] * self.env.cr.rowcount
        return found

    def test_higher_age_proves_the_one_that_was_asked_and_no_more_is_kept(self):
        self._answer(Wallet(self.issuer, {21: True}))
        self.assertEqual(
            self.session.proof_id.bound_date,
            fields.Date.subtract(self.company._get_age_today(), years=18),
        )

    def test_second_answer_is_not_read(self):
        question = self._read_page()
        self._answer(Wallet(self.issuer), question)
        again = self._answer(Wallet(self.issuer), question)
        self.assertEqual(again.status_code, 409)
        proofs = self.env["age.proof"].search([("partner_id", "=", self.buyer.id)])
        self.assertEqual(len(proofs), 1)

    def test_issuer_that_denies_the_age_is_a_refusal(self):
        answer = self._answer(Wallet(self.issuer, {18: False}))
        self.assertEqual(answer.status_code, 200)
        self._assert_nothing_proved("denied", "underage")
        self.assertEqual(self.session.refusal_id.partner_id, self.buyer)
        self.assertIn("underage", self._incidents(self.order))

    def test_buyer_who_declines_is_not_held_against(self):
        answer = self._post(error="access_denied")
        self.assertEqual(answer.status_code, 200)
        self._assert_nothing_proved("cancelled", "consent_declined")
        self.assertFalse(self.session.reference)

    # === FAULTS AND FORGERIES === #

    def test_answer_to_another_question_proves_nothing(self):
        other_buyer = self._create_buyer("Eve")
        other = self._start(
            self._create_order(self.gin, buyer=other_buyer), other_buyer
        )
        replayed = Wallet(self.issuer).vp_token(self._read_page(other))
        answer = self._post(vp_token=replayed)
        self.assertEqual(answer.status_code, 400)
        self._assert_nothing_proved("failed", "foreign")
        self.assertIn("mismatch", self._incidents(self.order))

    def test_issuer_that_nobody_trusts_is_an_incident(self):
        forger = Issuer(moment=self.issuer.moment)
        answer = self._answer(Wallet(forger))
        self.assertEqual(answer.status_code, 400)
        self._assert_nothing_proved("failed", "fake")
        self.assertIn("forged", self._incidents(self.order))

    def test_changed_claim_is_an_incident(self):
        wallet = Wallet(self.issuer, {18: False})
        wallet.items[0]["elementValue"] = True
        self._answer(wallet)
        self._assert_nothing_proved("failed", "fake")
        self.assertIn("forged", self._incidents(self.order))

    def test_attestation_that_has_run_out_proves_nothing(self):
        wallet = Wallet(self.issuer)
        wallet.validity["validUntil"] = self.issuer.moment - timedelta(days=1)
        self._answer(wallet)
        self._assert_nothing_proved("failed", "document_expired")

    def test_answer_without_the_claim_proves_nothing(self):
        self._answer(Wallet(self.issuer, {21: False}))
        self._assert_nothing_proved("failed", "not_disclosed")

    def test_bytes_that_are_no_answer_prove_nothing(self):
        answer = self._post(vp_token="%00nonsense")
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(answer.json()["error_description"], "unreadable")
        self._assert_nothing_proved("failed", "unreadable")

    def test_failure_may_be_repeated_as_often_as_the_step_says(self):
        self._answer(Wallet(Issuer(moment=self.issuer.moment)))
        second = self._start()
        self.assertRecordValues(second, [{"attempt": 2, "state": "pending"}])
        self._answer(Wallet(Issuer(moment=self.issuer.moment)), session=second)
        self.assertFalse(
            self.env["age.session"]._start(
                self.buyer, self.company, second.required_date, order=self.order
            )
        )

    def test_unknown_address_is_not_found(self):
        answer = self.url_open("/age/wallet/response/nobody", data={"vp_token": "AA"})
        self.assertEqual(answer.status_code, 404)
        self.assertEqual(self.url_open("/age/wallet/nobody").status_code, 404)
        self.assertEqual(self.session.state, "pending")

    def test_empty_message_answers_nothing(self):
        self.assertEqual(self._post(nothing="at all").status_code, 400)
        self.assertEqual(self.session.state, "pending")

    def test_file_in_place_of_the_answer_is_not_read(self):
        answer = self.url_open(
            f"/age/wallet/response/{self.session.access_token}",
            files={"vp_token": ("answer.cbor", b"AA")},
        )
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(self.session.state, "pending")

    def test_oversized_message_is_not_read(self):
        answer = self._post(vp_token="A" * (MAX_BODY + 1))
        self.assertEqual(answer.status_code, 413)
        self.assertEqual(self.session.state, "pending")

    def test_late_answer_is_not_read(self):
        question = self._read_page()
        self.session.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.assertEqual(self._answer(Wallet(self.issuer), question).status_code, 409)
        self.assertFalse(self.session.proof_id)

    def test_disabled_provider_takes_no_answer(self):
        question = self._read_page()
        self.provider.state = "disabled"
        self.assertEqual(self._answer(Wallet(self.issuer), question).status_code, 409)
        self.assertFalse(self.session.proof_id)

    # === PAGE AND PROVIDER === #

    def test_page_goes_on_when_the_wallet_has_answered(self):
        self._answer(Wallet(self.issuer))
        page = self.url_open(
            f"/age/wallet/{self.session.access_token}", allow_redirects=False
        )
        self.assertEqual(page.status_code, 303)
        self.assertTrue(
            page.headers["Location"].endswith(
                f"/age/return/{self.session.access_token}"
            )
        )

    def test_page_is_told_when_to_go_on(self):
        path = f"/age/wallet/{self.session.access_token}/open"
        self.assertEqual(self.url_open(path).json(), {"open": True})
        self._answer(Wallet(self.issuer))
        self.assertEqual(self.url_open(path).json(), {"open": False})
        self.assertEqual(
            self.url_open("/age/wallet/nobody/open").json(), {"open": False}
        )

    def test_page_is_kept_by_nobody(self):
        page = self.url_open(f"/age/wallet/{self.session.access_token}")
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertIn("data:image/png;base64,", page.text)

    def test_wallet_that_says_nothing_is_waited_for_until_it_is_too_late(self):
        self.session._poll()
        self.assertRecordValues(self.session, [{"state": "pending", "failures": 0}])
        self.session._expire()
        self._assert_nothing_proved("expired", "too_late")
        self.assertFalse(self.session.reference)

    def test_nobody_is_trusted_by_default(self):
        with self.assertRaisesRegex(ValidationError, "Trusted certificates"):
            self.provider.wallet_anchors = False

    def test_certificates_that_cannot_be_read_are_not_taken(self):
        with self.assertRaisesRegex(ValidationError, "cannot be read"):
            self.provider.wallet_anchors = "-----BEGIN CERTIFICATE-----\nAAAA"

    def test_trusted_issuers_are_shown_by_name(self):
        until = self.issuer.authority.not_valid_after_utc.date()
        self.assertEqual(self.provider.wallet_anchor_names, f"CN=Test AP CA · {until}")


@tagged("post_install", "-at_install")
class TestSimulatedWallet(AgeCommon, HttpCase):
    """The simulator's wallet goes the way of a real one, signatures included."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.env["age.provider"].create(
            {
                "name": "Simulated wallet",
                "code": "simulator",
                "simulator_format": "eu_wallet",
                "company_id": cls.company.id,
                "state": "test",
            }
        )
        cls.policy.step_ids = [Command.create({"provider_id": cls.provider.id})]

    def setUp(self):
        super().setUp()
        required = fields.Date.subtract(self.company._get_age_today(), years=18)
        session = self.env["age.session"]._start(self.buyer, self.company, required)
        session._open()
        self.session = session.sudo()

    def _choose(self, outcome):
        page = self.url_open(f"/age/wallet/{self.session.access_token}")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        self.url_open(
            f"/age/wallet/{self.session.access_token}",
            data={"outcome": outcome, "csrf_token": token and token[1]},
        )

    def test_simulated_wallet_proves_the_age_in_test_mode(self):
        self._choose("over")
        self.assertRecordValues(
            self.session.proof_id,
            [{"method": "wallet", "assurance": "attested", "is_test": True}],
        )

    def test_simulated_wallet_fails_in_each_way_of_a_real_one(self):
        for outcome, state, reason in (
            ("under", "denied", "underage"),
            ("unreadable", "failed", "unreadable"),
            ("forged", "failed", "fake"),
            ("left", "cancelled", "consent_declined"),
        ):
            with self.subTest(outcome=outcome), self.env.cr.savepoint() as savepoint:
                self.session._simulate_wallet(outcome)
                self.assertRecordValues(
                    self.session, [{"state": state, "reason": reason}]
                )
                self.assertFalse(self.session.proof_id)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_simulated_issuer_is_trusted_by_nobody_else(self):
        self.assertFalse(self.provider._get_wallet_anchors())

    def test_wallet_of_a_real_provider_is_not_simulated(self):
        anchors = Issuer(moment=datetime.now(timezone.utc)).pem
        self.provider.sudo().write({"code": "eu_wallet", "wallet_anchors": anchors})
        self.assertFalse(self.session._simulate_wallet("over"))
        self.assertEqual(self.session.state, "pending")
