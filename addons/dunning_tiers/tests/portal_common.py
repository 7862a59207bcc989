from lxml import html

from odoo import Command
from odoo.tests import HttpCase

from .common import DunningCommon


class PortalCommon(DunningCommon):
    """A customer with one overdue invoice, and the notice about it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({"lang": "en_US", "country_id": cls.env.ref("base.us").id})

    def setUp(self):
        super().setUp()
        self.invoice = self._create_debt(100, due=8)
        self.notice = self._propose().notice_ids.sudo()

    def _enable_online_payment(self):
        self.env["ir.config_parameter"].sudo().set_param(
            "account_payment.enable_portal_payment", "True"
        )
        return self.env["payment.provider"].create(
            {
                "name": "Test provider",
                "code": "none",
                "state": "test",
                "is_published": True,
                "company_id": self.company.id,
                "payment_method_ids": [
                    Command.link(self.env.ref("payment.payment_method_unknown").id)
                ],
            }
        )


class CustomerPageCase(PortalCommon, HttpCase):
    """A browser without a login and without scripts."""

    def setUp(self):
        super().setUp()
        self.path = self._get_path(self.notice)

    def _get_path(self, notice):
        return "/dunning/" + notice._get_portal_url().rpartition("/")[2]

    def _get(self, path="", status=200):
        self.env.flush_all()
        response = self.url_open(self.path + path, allow_redirects=False)
        self.assertEqual(response.status_code, status, response.text)
        return response

    def _post(self, form, invoice=None, status=303, **values):
        """Fill in a form as it is on the page, and send it."""
        move = self.invoice if invoice is None else invoice
        page = self._get(f"/{form}?invoice={move.id or ''}")
        [element] = html.fromstring(page.content).xpath("//form")
        data = {**dict(element.form_values()), **values}
        return self._send_form(form, data, status)

    def _send_form(self, form, data, status=303):
        response = self.url_open(
            f"{self.path}/{form}", data=data, allow_redirects=False
        )
        self.assertEqual(response.status_code, status, response.text)
        self.env.invalidate_all()
        return response

    def _get_token(self):
        """What protects forms from other sites, taken from a page."""
        page = self._get(f"/paid?invoice={self.invoice.id}")
        return html.fromstring(page.content).xpath("//input[@name='csrf_token']/@value")

    def _prepare_claim(self, **values):
        """A form of our own making, with what protects it."""
        [token] = self._get_token()
        return {
            "csrf_token": token,
            "invoice": self.invoice.id,
            "date": "2026-06-12",
            "amount": "100.00",
            **values,
        }

    def _text(self, response):
        return " ".join(html.fromstring(response.content).text_content().split())

    def _errors(self, response):
        alerts = html.fromstring(response.content).xpath("//*[@id='dunning_errors']//a")
        return {link.get("href")[1:]: link.text_content() for link in alerts}

    def _get_holds(self):
        return self.env["dunning.hold"].search([("company_id", "=", self.company.id)])

    def _forget_requests(self):
        """Start the rate limit anew, for tables of many requests."""
        self.env["dunning.portal.log"].sudo().search([]).unlink()
