from psycopg2.errors import RestrictViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..engine.chain import Break
from .common import AgeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestIncident(AgeCommon):
    """What is noticed stays on record, whoever would like it otherwise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(
            cls.env,
            "officer_of_age",
            "age_verification.group_age_officer",
            company_id=cls.company.id,
        )

    def _record(self, kind="underage", **kwargs):
        vals = {"kind": kind, "company_id": self.company.id, **kwargs}
        self.env["age.incident"]._record([vals])

    def _all(self):
        domain = [("company_id", "=", self.company.id)]
        return self.env["age.incident"].search(domain, order="number")

    def _verify(self):
        return self.env["age.incident"]._verify_chains(self.company)[self.company]

    def _tamper(self, sql, *params):
        """What somebody does who may do everything in the database."""
        self.env.cr.execute("ALTER TABLE age_incident DISABLE TRIGGER USER")
        self.env.cr.execute(sql, params)
        self.env.cr.execute("ALTER TABLE age_incident ENABLE TRIGGER USER")
        self.env.invalidate_all()

    # === WRITING === #

    def test_incident_says_what_happened_to_whom_and_by_whom(self):
        order = self._create_order(self.gin)
        self._record(
            partner_id=self.buyer.id,
            order_id=order.id,
            rule_id=self.rule_spirits.id,
            verdict="underage",
            gate="confirm",
        )
        self.assertRecordValues(
            self._all(),
            [
                {
                    "number": 1,
                    "date": fields.Datetime.now(),
                    "kind": "underage",
                    "company_id": self.company.id,
                    "partner_id": self.buyer.id,
                    "order_id": order.id,
                    "document": order.name,
                    "rule_id": self.rule_spirits.id,
                    "user_id": self.env.uid,
                }
            ],
        )

    def test_no_incidents_write_nothing(self):
        self.env["age.incident"]._record([])
        self.assertFalse(self._all())

    def test_same_kind_for_the_same_document_is_told_once_a_minute(self):
        order, other = self._create_order(self.gin), self._create_order(self.gin)
        for _again in range(3):
            self._record(order_id=order.id)
        self._record("expired", order_id=order.id)
        self._record(order_id=other.id)
        self.assertEqual(len(self._all()), 3)
        with freeze_time("2026-06-15 12:01:01"):
            self._record(order_id=order.id)
        self.assertEqual(len(self._all()), 4)

    def test_repeated_within_one_call_is_told_once(self):
        vals = {"kind": "forged", "company_id": self.company.id}
        self.env["age.incident"]._record([vals, vals])
        self.assertEqual(self._all().mapped("kind"), ["forged"])

    def test_companies_have_a_chain_each(self):
        other = self.setup_other_company()["company"]
        self.env["age.incident"]._record(
            [
                {"kind": kind, "company_id": company.id}
                for kind in ("forged", "mismatch")
                for company in (self.company, other)
            ]
        )
        results = self.env["age.incident"]._verify_chains(self.company | other)
        self.assertEqual([found[0] for found in results.values()], [2, 2])
        self.assertEqual([found[2] for found in results.values()], [None, None])

    def test_many_incidents_take_as_many_queries_as_one(self):
        orders = [self._create_order(self.gin) for _number in range(20)]
        self.env.flush_all()
        rows = [
            {"kind": "underage", "company_id": self.company.id, "order_id": order.id}
            for order in orders
        ]
        with self.assertQueryCount(8):
            self.env["age.incident"]._record(rows)
        self.assertEqual(len(self._all()), 20)

    def test_incident_outlives_its_order(self):
        order = self._create_order(self.gin)
        name = order.name
        self._record(order_id=order.id, partner_id=self.buyer.id)
        order.unlink()
        self.env.invalidate_all()
        incident = self._all()
        [values] = incident.with_user(self.officer).web_read(
            {"order_id": {"fields": {"display_name": {}}}, "document": {}}
        )
        self.assertEqual(values["order_id"], False)
        self.assertEqual(values["document"], name)

    # === APPEND-ONLY === #

    def test_nobody_writes_changes_or_deletes_through_the_orm(self):
        self._record()
        incident = self._all()
        for user in (self.officer, self.env.ref("base.user_admin")):
            for sudo in (False, True):
                mine = incident.with_user(user).sudo(sudo)
                with self.assertRaises(AccessError):
                    mine.write({"kind": "expired"})
                with self.assertRaises(AccessError):
                    mine.unlink()
                with self.assertRaises(AccessError):
                    mine.create({"kind": "expired", "company_ref": self.company.id})

    def test_database_refuses_to_change_or_delete(self):
        self._record(partner_id=self.buyer.id)
        for sql in (
            "UPDATE age_incident SET kind = 'expired'",
            "UPDATE age_incident SET partner_ref = 1, partner_salt = 'x'",
            "UPDATE age_incident SET partner_ref = NULL, partner_salt = NULL, note = 'x'",
            "DELETE FROM age_incident",
            "TRUNCATE age_incident",
        ):
            with (
                self.subTest(sql),
                mute_logger("odoo.sql_db"),
                self.assertRaises(RestrictViolation),
            ):
                self.env.cr.execute(sql)
        self.assertIsNone(self._verify()[2])

    def test_buyer_who_is_forgotten_leaves_a_chain_that_holds(self):
        self._record(partner_id=self.buyer.id)
        self._record("expired", partner_id=self.buyer.id)
        incidents = self.env["age.incident"]
        count = incidents._forget_buyers([("partner_ref", "=", self.buyer.id)])
        self.assertEqual(count, 2)
        self.assertFalse(self._all().partner_id)
        self.assertFalse(any(self._all().sudo().mapped("partner_salt")))
        self.assertIsNone(self._verify()[2])

    def test_merged_buyer_leaves_a_chain_that_holds(self):
        other = self._create_buyer("Ada Again")
        self._record(partner_id=other.id)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.buyer | other).ids, self.buyer)
        self.assertFalse(other.exists())
        self.assertIsNone(self._verify()[2])
        self.assertFalse(self._all().partner_id)

    # === VERIFYING === #

    def test_chain_names_the_first_row_that_was_tampered_with(self):
        for kind in ("underage", "expired", "mismatch", "forged"):
            self._record(kind, partner_id=self.buyer.id)
        self.assertIsNone(self._verify()[2])
        other = self._create_buyer("Bob")
        cases = [
            ("UPDATE age_incident SET kind = 'forged' WHERE number = 2", 2, "changed"),
            ("UPDATE age_incident SET note = 'x' WHERE number = 4", 4, "changed"),
            ("DELETE FROM age_incident WHERE number = 3", 3, "missing"),
            ("DELETE FROM age_incident WHERE number = 4", 4, "cut"),
            (
                f"UPDATE age_incident SET partner_ref = {other.id} WHERE number = 1",
                1,
                "changed",
            ),
        ]
        for sql, number, reason in cases:
            with self.subTest(sql), self.env.cr.savepoint() as savepoint:
                self._tamper(f"{sql} AND company_ref = %s", self.company.id)
                self.assertEqual(self._verify()[2], Break(number, reason))
                savepoint.rollback()

    def test_button_says_that_the_chain_holds(self):
        self._record()
        incidents = self.env["age.incident"].with_user(self.officer)
        params = incidents.action_verify_chain()["params"]
        self.assertEqual(params["type"], "success")
        self.assertIn(self._all().digest, params["message"])

    def test_button_says_where_the_chain_is_broken(self):
        self._record()
        self._tamper("UPDATE age_incident SET note = 'x'")
        incidents = self.env["age.incident"].with_user(self.officer)
        params = incidents.action_verify_chain()["params"]
        self.assertEqual(params["type"], "danger")
        self.assertIn("broken at incident 1", params["message"])

    # === WHO SEES IT === #

    def test_company_does_not_see_what_another_has_noticed(self):
        other = self.setup_other_company()["company"]
        self.env["age.incident"]._record([{"kind": "forged", "company_id": other.id}])
        self._record()
        seen = self.env["age.incident"].with_user(self.officer).search([])
        self.assertEqual(seen.company_id, self.company)

    def test_seller_of_nothing_restricted_sees_no_incidents(self):
        self._record()
        salesman = new_test_user(
            self.env, "only_sales", "sales_team.group_sale_salesman"
        )
        incidents = self.env["age.incident"].with_user(salesman)
        with self.assertRaises(AccessError):
            incidents.search([])
        with self.assertRaises(AccessError):
            incidents.action_verify_chain()

    def test_incidents_are_found_by_what_they_are_about(self):
        order = self._create_order(self.gin)
        self._record(order_id=order.id, partner_id=self.buyer.id)
        self._record("forged")
        incidents = self.env["age.incident"].with_user(self.officer)
        mine = self.company.id
        for domain, kinds in [
            ([("order_id", "=", order.id)], ["underage"]),
            ([("order_id", "=", False), ("company_id", "=", mine)], ["forged"]),
            ([("partner_id", "ilike", "ada")], ["underage"]),
            ([("partner_id.name", "=", "Ada")], ["underage"]),
            ([("order_id", "in", order.ids)], ["underage"]),
        ]:
            self.assertEqual(incidents.search(domain).mapped("kind"), kinds, domain)

    def test_attempt_that_is_refused_is_on_record(self):
        self.rule_spirits.kind = "prohibited"
        order = self._create_order(self.gin)
        with self.assertRaisesRegex(UserError, "may not be sold"):
            order.with_user(self.seller).action_confirm()
        self.assertEqual(self._incidents(order), ["prohibited"])
        self.assertEqual(self._all().user_id, self.seller)
