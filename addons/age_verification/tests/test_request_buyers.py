from odoo import fields
from odoo.tests import freeze_time, tagged

from odoo.addons.mail.tests.common import MailCase

from .provider_common import ProviderCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestRequestBuyers(ProviderCommon, MailCase):
    """Who is asked next: another buyer of an invoice, or one whose address was missing."""

    def _invoice_together(self):
        """A draft invoice over what Ada and Bea have ordered, to be paid by the office."""
        office = self._create_buyer("Office")
        self.bea = self._create_buyer("Bea")
        for buyer in (self.buyer, self.bea):
            self._prove(18, buyer=buyer)
        orders = self.env["sale.order"].union(
            *(
                self._create_order(
                    self.gin,
                    buyer=buyer,
                    partner_invoice_id=office.id,
                    partner_shipping_id=office.id,
                )
                for buyer in (self.buyer, self.bea)
            )
        )
        orders.action_confirm()
        invoice = orders._create_invoices()
        self.assertEqual(len(invoice), 1)
        self._proofs().revoked_on = self._proofs(self.bea).revoked_on = "2026-06-14"
        return invoice

    def _forbid_in_bavaria(self):
        self.bavaria = self.env.ref("base.state_de_by")
        self._create_rule(
            self.spirits_class,
            self.germany,
            18,
            kind="prohibited",
            state_ids=[fields.Command.set(self.bavaria.ids)],
        )

    def _run_asking(self, *jobs):
        """Those whom the jobs write to."""
        with self.mock_mail_gateway():
            self._run_jobs(*jobs, "ask")
        mails = self._new_mails.filtered(lambda mail: mail.model == "age.request")
        return mails.recipient_ids

    def test_second_buyer_of_an_invoice_is_asked_when_the_first_has_proved(self):
        invoice = self._invoice_together()
        invoice._age_hold("invoice")
        self.assertEqual(self._run_asking(), self.buyer)
        request = self.env["age.request"]._get_for(invoice)
        self.assertEqual(request._get_page_values()["state"], "asked")
        self._prove(18)
        self.env.invalidate_all()
        self.assertEqual(request._get_page_values()["state"], "proved")
        self.assertEqual(self._run_asking("release"), self.bea)
        self.assertEqual(request.partner_id, self.bea)
        self.assertEqual(request._get_page_values()["state"], "asked")
        self._prove(18, buyer=self.bea)
        self._run_jobs("release")
        self.assertEqual(invoice.state, "posted")

    def test_buyer_who_does_nothing_is_not_asked_each_hour(self):
        invoice = self._invoice_together()
        invoice._age_hold("invoice")
        self._run_asking()
        with freeze_time("2026-06-17 12:00:00"):
            self.assertFalse(self._run_asking("release"))

    def test_proof_of_one_buyer_is_not_asked_of_another(self):
        invoice = self._invoice_together()
        self._prove(18)
        invoice._age_hold("invoice")
        self.assertEqual(self._run_asking(), self.bea)

    def test_link_of_the_first_buyer_does_not_show_the_second_ones_page(self):
        invoice = self._invoice_together()
        invoice._age_hold("invoice")
        self._run_asking()
        token = invoice._get_age_page_path().rpartition("/")[2]
        self._prove(18)
        self._run_asking("release")
        found, is_valid = self.env["age.request"]._find_by_token(token)
        self.assertEqual((found.move_id, is_valid), (invoice, False))

    def test_missing_state_is_a_task_for_the_seller_and_the_buyer_is_told(self):
        self._forbid_in_bavaria()
        order = self._create_order(self.gin)
        order._age_hold("request")
        self.assertFalse(self._run_asking())
        self.assertEqual(
            order.activity_ids.summary, "Give the state of the destination"
        )
        page = self.env["age.request"]._get_for(order)._get_page_values()
        self.assertEqual(page["state"], "incomplete")

    def test_buyer_is_asked_once_the_state_is_known(self):
        self._forbid_in_bavaria()
        order = self._create_order(self.gin)
        order._age_hold("request")
        self._run_asking()
        self.assertFalse(self._run_asking("release"))
        self.buyer.state_id = self.env.ref("base.state_de_be")
        self.assertEqual(self._run_asking("release"), self.buyer)
        self.assertFalse(self._run_asking("release"))
