from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged

from .common import TODAY, AgeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestProofReading(AgeCommon):
    """Who reads when somebody was born at the latest is on record."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer, cls.manager = (
            new_test_user(
                cls.env,
                f"{group}_who_reads",
                f"base.group_allow_export,age_verification.group_age_{group}",
                company_id=cls.company.id,
            )
            for group in ("officer", "manager")
        )
        cls.proofs = cls._prove(18) | cls._prove(21, buyer=cls._create_buyer("Bob"))

    def _log(self):
        return self.env["age.proof.access"].search(
            [("proof_id", "in", self.proofs.ids)], order="id"
        )

    def _as(self, user):
        return self.proofs.with_user(user).sudo(False)

    def test_each_proof_that_is_read_leaves_a_row(self):
        self._as(self.officer).read(["bound_date", "method"])
        self.assertRecordValues(
            self._log(),
            [
                {
                    "proof_id": proof.id,
                    "partner_id": proof.partner_id.id,
                    "company_id": self.company.id,
                    "user_id": self.officer.id,
                    "how": "read",
                    "date": fields.Datetime.now(),
                }
                for proof in self.proofs
            ],
        )

    def test_every_way_of_reading_is_logged(self):
        proofs = self._as(self.officer)
        domain = [("id", "in", proofs.ids)]
        spec = {"bound_date": {}}
        ways = {
            "read": lambda: proofs.read(["bound_date"]),
            "read all": lambda: proofs.read(),
            "search_read": lambda: proofs.search_read(domain, ["bound_date"]),
            "web_read": lambda: proofs.web_read(spec),
            "web_search_read": lambda: proofs.web_search_read(domain, spec),
            "export": lambda: proofs.export_data(["bound_date"]),
            "through the person": lambda: proofs.partner_id.web_read(
                {"age_proof_ids": {"fields": spec}}
            ),
            "exported with the person": lambda: proofs.partner_id.export_data(
                ["name", "age_proof_ids/bound_date"]
            ),
        }
        for way, read in ways.items():
            with self.subTest(way):
                before = self._log()
                read()
                found = self._log() - before
                self.assertEqual(found.proof_id, self.proofs)
                self.assertEqual(len(found), 2)
                how = "export" if "export" in way else "read"
                self.assertEqual(set(found.mapped("how")), {how})

    def test_log_of_many_takes_one_statement(self):
        proofs = self._as(self.officer)
        proofs.read(["bound_date"])
        with self.assertQueryCount(2):  # the bounds, and the log
            proofs.read(["bound_date"])

    def test_reading_anything_else_is_not_logged(self):
        self._as(self.officer).read(["method", "proved_on", "partner_id"])
        self._as(self.officer).export_data(["method"])
        self._as(self.seller).read(["method"])
        self.assertFalse(self._log())

    def test_gate_reads_without_a_trace(self):
        order = self._create_order(self.gin)
        order.with_user(self.seller).read(["age_verdict", "age_message"])
        self.proofs.with_user(self.officer).sudo().read(["bound_date"])
        self.assertFalse(self._log())

    def test_bounds_are_neither_grouped_nor_added_up(self):
        proofs = self._as(self.officer)
        for groupby, aggregates in (
            (["bound_date:day"], ["__count"]),
            (["partner_id"], ["bound_date:max"]),
            (["partner_id"], ["bound_date:array_agg"]),
        ):
            with self.subTest(groupby + aggregates), self.assertRaises(AccessError):
                proofs.formatted_read_group([], groupby, aggregates)
        self.assertTrue(proofs.formatted_read_group([], ["method"], ["__count"]))

    def test_nobody_reads_a_bound_in_a_copy(self):
        """Neither of a proof, a refusal nor a check: none is made by copying."""
        refusal = (
            self.env["age.refusal"]
            .sudo()
            .create(
                {
                    "partner_id": self.buyer.id,
                    "company_id": self.company.id,
                    "day": TODAY,
                    "bound_date": "2010-06-15",
                }
            )
        )
        provider = (
            self.env["age.provider"]
            .sudo()
            .create(
                {
                    "name": "Simulator",
                    "code": "simulator",
                    "company_id": self.company.id,
                }
            )
        )
        session = (
            self.env["age.session"]
            .sudo()
            .create(
                {
                    "partner_id": self.buyer.id,
                    "company_id": self.company.id,
                    "provider_id": provider.id,
                    "required_date": "2008-06-15",
                    "expires_at": "2026-06-16 12:00:00",
                }
            )
        )
        for records in (self.proofs, refusal, session):
            mine = records.with_user(self.officer).sudo(False)
            for method in ("copy", "copy_data"):
                with self.subTest(f"{method} {mine}"), self.assertRaises(AccessError):
                    getattr(mine, method)()

    def test_bounds_are_neither_searched_nor_sorted_by(self):
        """Twenty questions are a reading that leaves no trace."""
        proofs = self._as(self.officer)
        session = self.env["age.session"].with_user(self.officer)
        person = self.env["res.partner"].with_user(self.officer)
        early = ("bound_date", "<", "2006-01-01")
        for way, ask in {
            "search": lambda: proofs.search([early]),
            "not": lambda: proofs.search(["!", early]),
            "or": lambda: proofs.search(["|", ("id", "=", 1), early]),
            "year": lambda: proofs.search([("bound_date.year_number", "<", 2006)]),
            "count": lambda: proofs.search_count([early]),
            "read": lambda: proofs.web_search_read([early], {"method": {}}),
            "group": lambda: proofs.formatted_read_group([early], [], ["__count"]),
            "sort": lambda: proofs.search([], order="proved_on, bound_date desc"),
            "person": lambda: person.search([("age_proof_ids.bound_date", "<", TODAY)]),
            "any": lambda: person.search([("age_proof_ids", "any", [early])]),
            "session": lambda: session.search([("proof_id.bound_date", "<", TODAY)]),
            "path": lambda: session.formatted_read_group(
                [], ["proof_id.bound_date:day"], ["__count"]
            ),
        }.items():
            with self.subTest(way), self.assertRaises(AccessError):
                ask()
        self.assertFalse(self._log())
        self.assertEqual(proofs.search([("method", "=", "document")]), proofs)

    def test_web_client_is_not_offered_to_search_or_sort_by_bounds(self):
        proofs = self._as(self.officer)
        names = ["searchable", "sortable", "groupable", "string"]
        self.assertEqual(
            proofs.fields_get(["bound_date"], names)["bound_date"],
            {
                "searchable": False,
                "sortable": False,
                "groupable": False,
                "string": "Born on or before",
            },
        )

    def test_reading_does_not_happen_on_a_read_only_connection(self):
        """The log could not be written there."""
        for name in ("read", "search_read", "web_read", "web_search_read"):
            marks = [
                getattr(cls, name)._readonly
                for cls in type(self.proofs).mro()
                if hasattr(getattr(cls, name, None), "_readonly")
            ]
            self.assertIs(marks[0], False, name)

    def test_managers_see_the_log_and_nobody_changes_it(self):
        self._as(self.officer).read(["bound_date"])
        log = self._log().with_user(self.manager).sudo(False)
        self.assertEqual(log.mapped("how"), ["read", "read"])
        for user in (self.officer, self.seller):
            with self.assertRaises(AccessError):
                log.with_user(user).read(["how"])
        with self.assertRaises(AccessError):
            log.write({"how": "export"})
        with self.assertRaises(AccessError):
            log.unlink()
        with self.assertRaises(AccessError):
            log.sudo().create({"how": "read", "date": fields.Datetime.now()})


@tagged("post_install", "-at_install")
class TestProofReadingInTheBrowser(AgeCommon, HttpCase):
    """The log is written by what the web client calls, on whatever connection."""

    def _call(self, method, args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/age.proof/{method}",
            {"model": "age.proof", "method": method, "args": args, "kwargs": kwargs},
        )

    def test_readings_of_the_web_client_are_logged(self):
        officer = new_test_user(
            self.env,
            "officer_in_browser",
            "age_verification.group_age_officer",
            company_id=self.company.id,
        )
        proof = self._prove(18)
        domain = [("id", "=", proof.id)]
        spec = {"bound_date": {}}
        self.authenticate("officer_in_browser", "officer_in_browser")
        bound = str(proof.bound_date)
        answers = [
            self._call("web_search_read", [], domain=domain, specification=spec)[
                "records"
            ],
            self._call("search_read", [], domain=domain, fields=["bound_date"]),
            self._call("web_read", proof.ids, specification=spec),
            self._call("read", [proof.ids, ["bound_date"]]),
        ]
        self.assertEqual(
            answers, [[{"id": proof.id, "bound_date": bound}]] * len(answers)
        )
        log = self.env["age.proof.access"].search([("proof_id", "=", proof.id)])
        self.assertEqual(log.user_id, officer)
        self.assertEqual(len(log), len(answers))


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestRetention(AgeCommon):
    """What need not be kept goes; what is evidence stays without the person."""

    def _vacuum(self):
        """What the nightly vacuum calls of ours."""
        retention = self.env["age.retention"]
        retention._gc_proofs()
        retention._gc_checks()
        retention._gc_proof_accesses()
        retention._gc_incident_buyers()
        self.env.invalidate_all()

    def test_proof_goes_when_it_has_not_counted_for_the_days_of_the_company(self):
        self.company.age_proof_keep_days = 30
        ended = self._prove(18, valid_until="2026-05-15")
        kept = self._prove(18, valid_until="2026-05-16")
        eternal = self._prove(18, valid_until=False)
        order = self._create_order(self.gin)
        order.action_confirm()
        self._vacuum()
        self.assertFalse(ended.exists())
        self.assertTrue((kept | eternal).exists() == kept | eternal)
        self.assertTrue(order.age_check_ids)
        with freeze_time("2026-06-16 12:00:00"):
            self._vacuum()
        self.assertFalse(kept.exists())

    def test_revoked_proof_goes_too(self):
        proof = self._prove(18, valid_until=False)
        proof._revoke("Somebody else's passport")
        with freeze_time("2026-07-15 12:00:00"):
            self._vacuum()
            self.assertTrue(proof.exists())
        with freeze_time("2026-07-16 12:00:00"):
            self._vacuum()
            self.assertFalse(proof.exists())

    def test_check_that_used_a_proof_outlives_it(self):
        proof = self._prove(18, valid_until=TODAY)
        order = self._create_order(self.gin)
        order.action_confirm()
        check = order.age_check_ids
        self.assertEqual(check.proof_id, proof)
        with freeze_time("2026-07-20 12:00:00"):
            self._vacuum()
        self.assertFalse(proof.exists())
        self.assertRecordValues(check, [{"verdict": "pass", "proof_id": False}])

    def test_evidence_goes_after_the_days_of_the_company(self):
        self.company.age_evidence_keep_days = 365
        self._prove(18)
        order = self._create_order(self.gin)
        order.action_confirm()
        with freeze_time("2027-06-15 12:00:00"):
            self._vacuum()
            self.assertTrue(order.age_check_ids)
        with freeze_time("2027-06-15 12:00:01"):
            self._vacuum()
            self.assertFalse(order.age_check_ids)

    def test_incident_stays_and_forgets_the_buyer(self):
        self.company.age_evidence_keep_days = 365
        incidents = self.env["age.incident"]
        incidents._record(
            [
                {
                    "kind": "underage",
                    "company_id": self.company.id,
                    "partner_id": self.buyer.id,
                }
            ]
        )
        incident = incidents.search([("partner_id", "=", self.buyer.id)])
        with freeze_time("2027-06-16 12:00:00"):
            self._vacuum()
        self.assertTrue(incident.exists())
        self.assertFalse(incident.partner_id)
        self.assertIsNone(incidents._verify_chains(self.company)[self.company][2])

    def test_session_goes_when_it_was_closed_so_long_ago(self):
        self.company.age_evidence_keep_days = 365
        provider = self.env["age.provider"].create(
            {"name": "Desk", "code": "person", "company_id": self.company.id}
        )
        vals = {
            "company_id": self.company.id,
            "partner_id": self.buyer.id,
            "provider_id": provider.id,
            "required_date": "2008-06-15",
            "expires_at": "2026-06-16",
        }
        cases = [
            ({"closed_at": "2026-06-15 11:59:59"}, False),
            ({"closed_at": "2026-06-15 12:00:00"}, True),
            ({"closed_at": "2026-06-01", "is_forget_due": True}, True),
            ({"closed_at": False}, True),
        ]
        sessions = (
            self.env["age.session"].sudo().create([vals | case[0] for case in cases])
        )
        with freeze_time("2027-06-15 12:00:00"):
            self.env["age.retention"]._gc_sessions()
        kept = [bool(session.exists()) for session in sessions]
        self.assertEqual(kept, [case[1] for case in cases])

    def test_companies_keep_for_days_of_their_own(self):
        other = self.setup_other_company()["company"]
        other.age_proof_keep_days = 0
        self.company.age_proof_keep_days = 1000
        mine = self._prove(18, valid_until="2026-06-14")
        theirs = self._prove(18, valid_until="2026-06-14", company_id=other.id)
        self._vacuum()
        self.assertTrue(mine.exists())
        self.assertFalse(theirs.exists())
