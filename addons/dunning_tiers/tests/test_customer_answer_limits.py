from lxml import html

from odoo.tests import freeze_time, tagged

from .portal_common import CustomerPageCase


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestCustomerAnswerLimits(CustomerPageCase):
    """A customer cannot put off reminders for ever."""

    def test_promise_of_less_than_the_policy_asks_is_refused(self):
        for amount in ("0.01", "49.99"):
            with self.subTest(amount):
                response = self._post("promise", amount=amount, status=422)
                error = self._errors(response)["amount"]
                self.assertIn("50.00", error)
                self.assertIn(self.accountant.name, error)
        self.assertFalse(self._get_holds())
        self.policy.promise_min_percent = 20
        self._post("promise", amount="20.00")
        self.assertEqual(self._get_holds().amount, 20)

    def test_paid_claims_are_limited_for_each_invoice(self):
        self.policy.paid_claim_max_count = 2
        self._post("paid", date="2026-06-12", reference="A")
        with freeze_time("2026-06-23 12:00:00"):
            self._post("paid", date="2026-06-12", reference="B")
            # While the second rests, more is passed on.
            self._post("paid", date="2026-06-12", reference="C")
        self.assertEqual(len(self._get_holds()), 2)
        with freeze_time("2026-07-02 12:00:00"):
            page = self._get(f"/paid?invoice={self.invoice.id}")
            self.assertIn("told us 2 times", self._text(page))
            self.assertNotIn("<form", page.text)
            other = self._create_debt(50, due=3)
            [token] = html.fromstring(
                self._get(f"/paid?invoice={other.id}").content
            ).xpath("//input[@name='csrf_token']/@value")
            data = {
                "csrf_token": token,
                "invoice": self.invoice.id,
                "date": "2026-06-12",
                "amount": "100.00",
            }
            response = self._send_form("paid", data, status=422)
            self.assertIn(self.accountant.name, self._errors(response)["invoice"])
            self._post("paid", invoice=other, date="2026-06-22")
        self.assertEqual(len(self._get_holds()), 3)
