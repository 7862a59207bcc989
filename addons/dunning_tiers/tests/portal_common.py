from odoo import Command

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
        self.notice = self._propose().notice_ids

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
