import os
import re
import time

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL, config

from ..engine import simulator
from .provider_common import ProviderCommon, body_of, headers_of
from .provider_server import serve

#: Who is checked: neither name, number nor birthday may be found anywhere afterwards.
YEAR, MONTH, DAY = 1971, 10, 26
FIRST_NAME, LAST_NAME = "ZENOBIAX", "QUARTERMAINEX"
NUMBER = "Z99QX7731"
#: The birthday as people and programs write it, and what else is on the document.
SPELLINGS = (
    r"1971[-/. ]10[-/. ]26",
    r"19711026",
    r"26[-/. ]10[-/. ](19)?71",
    r"26101971",
    r"10/26/(19)?71",
    r"26\.? (October|Oct|Oktober|octobre) 1971",
    r"(October|Oct) 26,? 1971",
    r"1971, ?10, ?26",
    r"26, ?10, ?1971",
    r'year["\' ]*[:=] *"?1971',
    r"\m57283200\M",
    FIRST_NAME,
    LAST_NAME,
    NUMBER,
)
PATTERN = "|".join(f"({spelling})" for spelling in SPELLINGS)
BYTES = re.compile(
    "|".join(s for s in SPELLINGS if r"\m" not in s).encode(), re.IGNORECASE
)


@tagged("post_install", "-at_install")
class TestNoBirthDate(ProviderCommon, HttpCase):
    """After a check that told us a birthday, nothing in the database or on disk has it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        keys = {
            "api_key": "key-1",
            "api_secret": "secret-2",
            "webhook_secret": "hook-3",
            "state": "enabled",
        }
        cls.veriff = cls._create_provider("Veriff", code="veriff", **keys)
        cls.stripe = cls._create_provider("Stripe", code="stripe", **keys)

    def setUp(self):
        super().setUp()
        self.server = self.enterContext(serve())
        self.required = fields.Date.subtract(fields.Date.today(), years=18)

    # === WHAT THE PROVIDERS SAY === #

    def _decision(self, session):
        """A decision of Veriff, as its documentation shows one."""
        return {
            "status": "success",
            "verification": {
                "id": "f04bdb47-d3be-4b28-b028-a652feb060b5",
                "attemptId": "e1fae86d-7eaf-4b6e-9a0c-2f4b4d3d1b2a",
                "vendorData": session.name,
                "endUserId": None,
                "status": "approved",
                "code": 9001,
                "reason": None,
                "reasonCode": None,
                "decisionTime": "2026-06-14T12:33:18.282Z",
                "acceptanceTime": "2026-06-14T12:30:05.000Z",
                "person": {
                    "firstName": FIRST_NAME,
                    "lastName": LAST_NAME,
                    "dateOfBirth": f"{YEAR}-{MONTH:02}-{DAY:02}",
                    "yearOfBirth": str(YEAR),
                    "gender": "F",
                    "nationality": "DE",
                    "placeOfBirth": "Ulm",
                    "idNumber": NUMBER,
                },
                "document": {
                    "type": "ID_CARD",
                    "number": NUMBER,
                    "country": "DE",
                    "validUntil": "2031-08-01",
                },
            },
            "technicalData": {"ip": "186.153.67.122"},
        }

    def _verified(self, session):
        """A verification session of Stripe with everything expanded."""
        return {
            "id": "vs_1NuNAILkdIwHu7ix",
            "object": "identity.verification_session",
            "client_reference_id": session.name,
            "client_secret": None,
            "livemode": True,
            "status": "verified",
            "type": "document",
            "last_error": None,
            "verified_outputs": {
                "first_name": FIRST_NAME,
                "last_name": LAST_NAME,
                "id_number": NUMBER,
                "dob": {"day": DAY, "month": MONTH, "year": YEAR},
            },
        }

    # === SEARCHING === #

    def _find_in_database(self, pattern=PATTERN):
        """Tables with a row that shows any of it, in whatever column."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        return [
            table
            for (table,) in self.env.cr.fetchall()
            if self._find_in_table(table, pattern)
        ]

    def _find_in_table(self, table, pattern):
        self.env.cr.execute(
            SQL(
                """
                SELECT 1 FROM %s AS row
                 WHERE row::text ~* %s OR row::text ~* %s
                 LIMIT 1
                """,
                SQL.identifier(table),
                pattern,
                # Bytes are shown in hexadecimal.
                FIRST_NAME.encode().hex(),
            )
        )
        return bool(self.env.cr.fetchall())

    def _find_on_disk(self):
        """Files of the database's attachments that show any of it."""
        found = []
        for folder, _folders, names in os.walk(config.filestore(self.env.cr.dbname)):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    if BYTES.search(file.read()):
                        found.append(name)
        return found

    def _assert_nothing_is_known(self):
        self.assertEqual(self._find_in_database(), [])
        self.assertEqual(self._find_on_disk(), [])

    def test_search_finds_a_birthday_in_text_json_and_dates(self):
        """The test itself is tested: what it looks for, it would find."""
        self._assert_nothing_is_known()
        for values in (
            {"comment": "born 26.10.1971"},
            {"comment": "<p>10/26/1971</p>"},
            {"function": '{"dob": {"day": 26, "month": 10, "year": 1971}}'},
            {"name": FIRST_NAME.lower()},
        ):
            with self.subTest(values):
                self.buyer.write({"comment": False, "function": False, **values})
                self.assertIn("res_partner", self._find_in_database())
        self.buyer.write({"name": "Ada", "function": False, "comment": False})
        order = self._create_order(self.gin)
        order.validity_date = f"{YEAR}-{MONTH}-{DAY}"
        self.assertEqual(self._find_in_database(), ["sale_order"])

    # === FLOWS === #

    def _begin(self, provider):
        self._set_steps({"provider_id": provider.id})
        order = self._create_order(self.gin)
        order.action_age_request()
        return order, self._start(order=order, required=self.required)

    def _check_veriff(self):
        order, session = self._begin(self.veriff)
        decision = self._decision(session)
        reference = decision["verification"]["id"]
        self.server.answers["POST /sessions"] = {
            "verification": {"id": reference, "url": "https://veriff.example.com"}
        }
        self.server.answers[f"GET /sessions/{reference}/decision"] = decision
        session._open()
        message = simulator.message_veriff(decision, "secret-2")
        self.assertIn(str(YEAR), message.body)
        self._send(session, message)
        return order, session

    def _check_stripe(self):
        order, session = self._begin(self.stripe)
        verified = self._verified(session)
        path = "/identity/verification_sessions"
        self.server.answers[f"POST {path}"] = {
            "id": verified["id"],
            "url": "https://stripe.example.com",
        }
        path = f"{path}/{verified['id']}"
        self.server.answers[f"GET {path}"] = verified
        self.server.answers[f"POST {path}/redact"] = {"id": verified["id"]}
        session._open()
        event = {
            "id": "evt_1",
            "type": "identity.verification_session.verified",
            "data": {"object": verified},
        }
        now = int(time.time())
        self._send(session, simulator.message_stripe(event, "hook-3", now))
        return order, session

    def _send(self, session, message):
        answer = self.url_open(
            session.provider_id._get_webhook_path(session),
            data=message.body,
            headers=headers_of(message),
        )
        self.assertEqual(answer.status_code, 200)

    def test_19_no_birth_date_anywhere_after_a_stripe_and_a_veriff_flow(self):
        for check in (self._check_veriff, self._check_stripe):
            with self.subTest(check.__name__):
                self._proofs()._revoke("Begin again")
                order, session = check()
                self._run_jobs()
                self.assertEqual(session.state, "accepted")
                self.assertEqual(order.state, "sale")
                self.assertEqual(self._proofs()[:1].bound_date, session.required_date)
                self._assert_nothing_is_known()
        redacted = self.server.asked(
            "POST", "/identity/verification_sessions/vs_1NuNAILkdIwHu7ix/redact"
        )
        self.assertEqual(len(redacted), 1)

    def test_19_no_birth_date_anywhere_when_the_buyer_is_too_young(self):
        """Who is born in 1971 is too young where the law asks for 80."""
        self.rule_spirits.min_age = 80
        self.required = fields.Date.subtract(fields.Date.today(), years=80)
        for check in (self._check_veriff, self._check_stripe):
            with self.subTest(check.__name__):
                self.buyer = self._create_buyer(f"Buyer {check.__name__}")
                order, session = check()
                self._run_jobs()
                self.assertEqual(session.state, "denied")
                self.assertTrue(order.age_held_since)
                self.assertTrue(self._refusals())
                self._assert_nothing_is_known()

    def test_19_nothing_of_a_message_is_kept_whoever_sent_it(self):
        """Reference, signature and birthday are at the simulated provider's only."""
        for name in ("yoti", "agechecker", "veriff", "stripe"):
            with self.subTest(name):
                provider = self._create_provider(name, simulator_format=name)
                self._set_steps({"provider_id": provider.id})
                session, check = self._open(buyer=self._create_buyer(f"Buyer {name}"))
                message = check._choose("over")
                self._send(session, message)
                self._run_jobs()
                self.assertEqual(session.state, "accepted")
                signature = body_of(message).get("signature") or next(
                    iter(message.headers.values())
                )
                kept = self._find_in_database(
                    "|".join(
                        re.escape(word)
                        for word in (
                            check.name,
                            signature[-40:],
                            str(check._get_case().born),
                        )
                    )
                )
                self.assertEqual(kept, ["age_simulation"])
