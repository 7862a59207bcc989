import base64
import io

from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import AgeCommon

REASON = "=HYPERLINK(1) is no formula"


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestEvidencePack(AgeCommon):
    """An authority gets what happened in a period, whole and without names of buyers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer, cls.second = (
            new_test_user(
                cls.env,
                login,
                "sales_team.group_sale_salesman_all_leads,"
                "age_verification.group_age_officer",
                company_id=cls.company.id,
                tz="UTC",
            )
            for login in ("officer_of_packs", "officer_of_overrides")
        )

    def _pack(self, user=None, **kwargs):
        vals = {"company_id": self.company.id, "date_from": "2026-06-01"}
        packs = self.env["age.evidence.pack"].with_user(user or self.officer)
        return packs.create({**vals, "date_to": "2026-06-30", **kwargs})

    def _sections(self, **kwargs):
        return {
            section.code: section for section in self._pack(**kwargs)._get_sections()
        }

    def _judge(self, count):
        for _number in range(count):
            order = self._create_order(self.gin)
            self.env["age.gate"]._judge_and_record(order, "confirm")

    def _override(self):
        order = self._create_order(self.gin)
        override = (
            self.env["age.override"]
            .with_user(self.officer)
            .create({"order_id": order.id, "reason": REASON})
        )
        override.with_user(self.second).action_approve()
        return order

    def test_rules_in_force_are_told_with_their_source(self):
        self.rule_wine.date_to = "2026-05-31"
        self._judge(1)
        section = self._sections()["rules"]
        self.assertEqual(len(section.rows), 1)
        [row] = section.rows
        self.assertIn("Germany: from 18", row[0])
        self.assertIn("https://law.example.com", row)

    def test_small_counts_are_masked(self):
        self._judge(4)
        self.assertEqual(self._sections()["checks"].rows, [["2026-06", "<5"]])
        self._judge(1)
        self.assertEqual(self._sections()["checks"].rows, [["2026-06", "5"]])

    def test_override_is_told_with_both_persons(self):
        order = self._override()
        sections = self._sections()
        [row] = sections["overrides"].rows
        self.assertEqual(
            row,
            [
                order.name,
                "2026-06-15 12:00:00",
                self.officer.name,
                "2026-06-15 12:00:00",
                self.second.name,
                "Approved",
                REASON,
            ],
        )
        [incident] = sections["incidents"].rows
        last = self.env["age.incident"].search([("order_id", "=", order.id)])
        self.assertEqual((incident[2], incident[-1]), ("Override", last.digest))
        self.assertIn(last.digest, sections["incidents"].note)

    def test_broken_chain_is_told(self):
        self._override()
        self.env.cr.execute(
            "ALTER TABLE age_incident DISABLE TRIGGER USER;"
            "UPDATE age_incident SET kind = 'forged';"
            "ALTER TABLE age_incident ENABLE TRIGGER USER"
        )
        self.env.invalidate_all()
        self.assertIn("broken at incident", self._sections()["incidents"].note)

    def test_refusals_exemptions_and_changes_are_told(self):
        self.env["age.refusal"].sudo().create(
            {
                "partner_id": self.buyer.id,
                "company_id": self.company.id,
                "day": "2026-06-10",
                "bound_date": "2008-06-10",
            }
        )
        shop = self._create_buyer("Bar", is_company=True)
        exemption = (
            self.env["age.exemption"]
            .with_user(self.seller)
            .create(
                {
                    "partner_id": shop.id,
                    "company_id": self.company.id,
                    "evidence": "Licence 12",
                }
            )
        )
        exemption.with_user(self.env.user).action_approve()
        rule = self.rule_spirits.with_context(
            tracking_disable=False, mail_notrack=False
        )
        self.env.cr.flush()  # what is created leaves no changes; that is over now
        rule.min_age = 21
        self.env.cr.flush()
        sections = self._sections()
        [refusal] = sections["refusals"].rows
        self.assertEqual(refusal[1:], ["2026-06-10", "2008-06-10", ""])
        [exempt] = sections["exemptions"].rows
        self.assertEqual(exempt[:4], ["Bar", "Licence 12", "", self.seller.name])
        [change] = [
            row for row in sections["changes"].rows if row[2] == rule.display_name
        ]
        self.assertEqual(change[3:], ["Minimum age", "18", "21"])

    def test_other_days_and_companies_are_left_out(self):
        self._judge(5)
        self._override()
        empty = self._sections(date_from="2026-05-01", date_to="2026-05-31")
        for code in ("checks", "incidents", "overrides", "refusals"):
            self.assertFalse(empty[code].rows, code)
        other = self.setup_other_company()["company"]
        self.officer.company_ids |= other
        theirs = self._sections(company_id=other.id)
        for code in ("checks", "incidents", "overrides", "rules"):
            self.assertFalse(theirs[code].rows, code)

    def test_days_are_those_of_the_company(self):
        """11 pm in Berlin on 31 May is 9 pm UTC; 1 am on 1 June is 11 pm of 31 May."""
        self.company.partner_id.tz = "Europe/Berlin"
        for moment in ("2026-05-31 21:00:00", "2026-05-31 23:00:00"):
            with freeze_time(moment):
                self.env["age.incident"]._record(
                    [{"kind": "forged", "company_id": self.company.id}]
                )
        rows = self._sections()["incidents"].rows
        self.assertEqual([row[0] for row in rows], ["2"])

    def test_buyers_are_not_named(self):
        self.buyer.name = "Ada Whose Name Is Secret"
        self._judge(5)
        self._override()
        text = str(self._sections())
        self.assertNotIn(self.buyer.name, text)

    def test_spreadsheet_has_all_sections_and_no_formula(self):
        self._judge(5)
        self._override()
        pack = self._pack()
        action = pack.action_export()
        self.assertIn(pack.filename, action["url"])
        book = load_workbook(io.BytesIO(base64.b64decode(pack.file)))
        sections = pack._get_sections()
        self.assertEqual(len(book.sheetnames), len(sections))
        for name, section in zip(book.sheetnames, sections, strict=True):
            rows = list(book[name].iter_rows(min_row=4, values_only=True))
            self.assertEqual([cell or "" for cell in rows[0]], section.header)
            self.assertEqual(len(rows) - 1, len(section.rows), name)
        cells = [cell for row in book["Overrides"].iter_rows() for cell in row]
        [reason] = [cell for cell in cells if cell.value == REASON]
        self.assertEqual(reason.data_type, "s")

    def test_paper_has_all_sections(self):
        self._judge(5)
        self._override()
        pack = self._pack()
        report = self.env["ir.actions.report"].with_user(self.officer)
        html = report._render_qweb_html(
            "age_verification.report_age_evidence_pack", pack.ids
        )[0].decode()
        for section in pack._get_sections():
            self.assertIn(section.title, html)
        self.assertIn("none changed or missing", html)

    def test_period_that_ends_before_it_begins_is_refused(self):
        with self.assertRaises(ValidationError):
            self._pack(date_from="2026-07-01")

    def test_pack_is_for_officers_of_the_company(self):
        with self.assertRaises(AccessError):
            self._pack(self.seller)
        other = self.setup_other_company()["company"]
        with self.assertRaises(UserError):
            self._pack(company_id=other.id)._get_sections()
