from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

TODAY = "2026-11-22"
#: (grade, points, net days, credit limit)
GRADES = (("Bronze", 0, 14, 500), ("Silver", 40, 30, 2000), ("Gold", 80, 45, 5000))


class TermsCommon(AccountTestInvoicingCommon):
    """Two makers, a policy of 10,000.00 for 100 points, and a customer."""

    @classmethod
    def get_default_groups(cls):
        manager = cls.quick_ref("artisan_pricing.group_artisan_manager")
        return super().get_default_groups() | manager

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.company = cls.company_data["company"]
        cls.policy = cls._create_policy()
        cls.bronze, cls.silver, cls.gold = cls.policy.grade_ids
        cls.anna = cls._create_partner("Anna", is_maker=True)
        cls.bela = cls._create_partner("Bela", is_maker=True)
        cls.candle = cls._create_craft("Candle", cls.anna, 40)
        cls.bowl = cls._create_craft("Bowl", cls.bela, 100)
        cls.customer = cls._create_partner("Walnut Shop")

    @classmethod
    def _create_policy(cls, days=None, **kwargs):
        """A policy with the three grades, maybe of other days."""
        days = days or [grade[2] for grade in GRADES]
        return cls.env["artisan.terms.policy"].create(
            {
                "name": "Wholesale",
                "company_id": cls.company.id,
                "full_turnover": 10_000,
                "grade_ids": [
                    Command.create(
                        {
                            "name": name,
                            "min_score": points,
                            "net_days": net_days,
                            "credit_limit": limit,
                        }
                    )
                    for (name, points, _days, limit), net_days in zip(
                        GRADES, days, strict=True
                    )
                ],
                **kwargs,
            }
        )

    @classmethod
    def _create_partner(cls, name, **kwargs):
        return cls.env["res.partner"].create({"name": name, "lang": "en_US", **kwargs})

    @classmethod
    def _create_craft(cls, name, maker, price):
        return cls.env["product.product"].create(
            {
                "name": name,
                "maker_id": maker.id,
                "list_price": price,
                "taxes_id": [Command.clear()],
                "invoice_policy": "order",
            }
        )

    @classmethod
    def _create_invoice(
        cls, amount, issued, due=None, customer=None, product=None, **kw
    ):
        """A posted invoice, without tax."""
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (customer or cls.customer).id,
                "invoice_date": issued,
                "invoice_date_due": due or issued,
                "invoice_payment_term_id": False,
                "company_id": cls.company.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": (product or cls.candle).id,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **kw,
            }
        )
        move.action_post()
        return move

    @classmethod
    def _pay(cls, invoice, day):
        cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": day})._create_payments()

    @classmethod
    def _buy(cls, amount, issued="2026-05-01", customer=None, **kwargs):
        """An invoice that was paid on the day it was issued."""
        invoice = cls._create_invoice(amount, issued, customer=customer, **kwargs)
        cls._pay(invoice, issued)
        return invoice

    @classmethod
    def _create_late(cls, amount=100, days=16, customer=None):
        """An open invoice that is so many days late today."""
        due = fields.Date.to_date(TODAY) - timedelta(days=days)
        issued = due - timedelta(days=30)
        return cls._create_invoice(amount, issued, due, customer=customer)

    def _judge(self, customer=None, policy=None):
        (policy or self.policy)._judge(customer or self.customer)
        return self._get_standing(customer, policy)

    def _get_standing(self, customer=None, policy=None):
        return self.env["artisan.customer.standing"].search(
            [
                ("policy_id", "=", (policy or self.policy).id),
                ("partner_id", "=", (customer or self.customer).id),
            ]
        )

    @classmethod
    def _create_order(cls, *products, **kwargs):
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "company_id": cls.company.id,
                "order_line": [
                    Command.create({"product_id": product.id}) for product in products
                ],
                **kwargs,
            }
        )

    def _give(self, grade, customer=None):
        """Have a customer judged as of some grade already."""
        return (
            self.env["artisan.customer.standing"]
            .sudo()
            .create(
                {
                    "policy_id": grade.policy_id.id,
                    "partner_id": (customer or self.customer).id,
                    "grade_id": grade.id,
                    "since": "2026-01-01",
                    "judged_on": "2026-11-21",
                }
            )
        )
