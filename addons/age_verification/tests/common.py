from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

#: The day the tests play on; classes freeze the clock at its noon, UTC.
TODAY = fields.Date.to_date("2026-06-15")


class AgeCommon(AccountTestInvoicingCommon):
    """A company with a policy that sells wine, spirits and cheese to Germany and Denmark.

    Rules are the test's own: those that are shipped are archived.
    """

    @classmethod
    def get_default_groups(cls):
        manager = cls.quick_ref("age_verification.group_age_manager")
        sales = cls.quick_ref("sales_team.group_sale_manager")
        return super().get_default_groups() | manager | sales

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.company = cls.company_data["company"]
        cls.company.partner_id.tz = "UTC"
        cls.company.age_test_mode = True  # the simulator is the provider
        cls.env["age.rule"].search([]).active = False
        cls.germany = cls.env.ref("base.de")
        cls.denmark = cls.env.ref("base.dk")
        cls.wine_class = cls.env.ref("age_verification.product_class_alcohol_wine")
        cls.spirits_class = cls.env.ref(
            "age_verification.product_class_alcohol_spirits"
        )
        cls.rule_wine = cls._create_rule(cls.wine_class, cls.germany, 16)
        cls.rule_spirits = cls._create_rule(cls.spirits_class, cls.germany, 18)
        cls.policy = cls.env["age.policy"].create(
            {"name": "Standard", "company_id": cls.company.id}
        )
        cls.company.age_policy_id = cls.policy
        cls.wine = cls._create_goods("Riesling", cls.wine_class, age_abv=11.5)
        cls.gin = cls._create_goods(
            "Gin", cls.spirits_class, age_abv=43, age_distilled="distilled"
        )
        cls.cheese = cls._create_goods("Cheese")
        cls.buyer = cls._create_buyer("Ada")
        cls.seller = new_test_user(
            cls.env,
            "seller_of_wine",
            "sales_team.group_sale_salesman_all_leads,age_verification.group_age_user",
            company_id=cls.company.id,
            tz="UTC",
        )

    @classmethod
    def _create_rule(cls, product_class, country, age, **kwargs):
        return cls.env["age.rule"].create(
            {
                "class_id": product_class.id,
                "country_id": country.id,
                "min_age": age,
                "confidence": "primary",
                "source": "https://law.example.com",
                **kwargs,
            }
        )

    @classmethod
    def _create_goods(cls, name, product_class=None, **kwargs):
        return cls.env["product.product"].create(
            {
                "name": name,
                "list_price": 20.0,
                "invoice_policy": "order",
                "taxes_id": [Command.clear()],
                "age_own_class_id": product_class.id if product_class else False,
                **kwargs,
            }
        )

    @classmethod
    def _create_buyer(cls, name, **kwargs):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "email": f"{name.lower()}@example.com",
                "country_id": cls.germany.id,
                **kwargs,
            }
        )

    @classmethod
    def _create_order(cls, *products, buyer=None, **kwargs):
        return cls.env["sale.order"].create(
            {
                "partner_id": (buyer or cls.buyer).id,
                "company_id": cls.company.id,
                "order_line": [
                    Command.create({"product_id": product.id}) for product in products
                ],
                **kwargs,
            }
        )

    @classmethod
    def _prove(cls, age=18, buyer=None, **kwargs):
        """A proof of an age, made by a document check a month ago."""
        proved_on = kwargs.pop("proved_on", fields.Date.subtract(TODAY, months=1))
        return cls.env["age.proof"]._record(
            [
                {
                    "partner_id": (buyer or cls.buyer).id,
                    "company_id": cls.company.id,
                    "bound_date": fields.Date.subtract(proved_on, years=age),
                    "method": "document",
                    "assurance": "document",
                    "proved_on": proved_on,
                    "valid_until": fields.Date.add(proved_on, years=1),
                    **kwargs,
                }
            ]
        )

    def _release(self):
        """What the background job does once a proof is there."""
        with self.enter_registry_test_mode():
            self.env.ref("age_verification.ir_cron_release").method_direct_trigger()

    def _incidents(self, record):
        """Kinds of the incidents about an order or invoice, the oldest first."""
        name = "order_id" if record._name == "sale.order" else "move_id"
        incidents = self.env["age.incident"].search(
            [(name, "=", record.id)], order="id"
        )
        return incidents.mapped("kind")
