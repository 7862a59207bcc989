from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.artisan_pricing.tests.common import ArtisanCommon


@tagged("post_install", "-at_install")
class TestPartnership(ArtisanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["artisan.terms.policy"].search([]).active = False
        cls.gold, cls.silver = cls.env["res.partner.grade"].create(
            [{"name": "Gold", "sequence": 1}, {"name": "Silver", "sequence": 2}]
        )
        cls.wholesale = cls._create_pricelist("Wholesale")
        cls._create_price_model(
            (10, "percent", 10),
            (25, "percent", 20),
            (50, "fixed", 28),
            pricelist=cls.wholesale,
        )

    @classmethod
    def _create_pricelist(cls, name, *rules):
        items = [Command.create(rule) for rule in rules]
        return cls.env["product.pricelist"].create({"name": name, "item_ids": items})

    def _get_total(self, quantity, pricelist, **kwargs):
        order = self._create_order(
            (self.candle, quantity), pricelist_id=pricelist.id, **kwargs
        )
        return order.amount_untaxed

    def _create_policy(self, **kwargs):
        grades = (
            ("Bronze", 0, False),
            ("Silver", 40, self.silver),
            ("Gold", 80, self.gold),
        )
        return self.env["artisan.terms.policy"].create(
            {
                "name": "Wholesale",
                "full_turnover": 10_000,
                "sets_partner_grade": True,
                "grade_ids": [
                    Command.create(
                        {
                            "name": name,
                            "min_score": points,
                            "partner_grade_id": level and level.id,
                        }
                    )
                    for name, points, level in grades
                ],
                **kwargs,
            }
        )

    def _earn(self, policy, place):
        """Have the customer judged as of a grade of a policy."""
        Standing = self.env["artisan.customer.standing"].sudo()
        grade = policy.grade_ids[place]
        standing = Standing.search([("policy_id", "=", policy.id)])
        if standing:
            standing.grade_id = grade
        else:
            standing = Standing.create(
                {
                    "policy_id": policy.id,
                    "partner_id": self.partner.id,
                    "grade_id": grade.id,
                    "since": "2026-01-01",
                    "judged_on": "2026-01-01",
                }
            )
        standing._on_grade_changed()

    def test_w5_level_with_a_further_5_percent_on_the_wholesale_list(self):
        further = {
            "compute_price": "formula",
            "base": "pricelist",
            "base_pricelist_id": self.wholesale.id,
            "price_discount": 5,
        }
        self.gold.default_pricelist_id = self._create_pricelist("Gold", further)
        self.partner.grade_id = self.gold
        for quantity, total in ((25, 760), (9, 342), (50, 1330)):
            order = self.env["sale.order"].create(
                {
                    "partner_id": self.partner.id,
                    "order_line": [
                        Command.create(self._line_vals(self.candle, quantity))
                    ],
                }
            )
            self.assertEqual(order.pricelist_id, self.gold.default_pricelist_id)
            self.assertEqual(order.amount_untaxed, total)

    def test_w5_price_model_for_gold_prices_orders_of_gold_customers_only(self):
        shop = self._create_pricelist(
            "Shop",
            {
                "compute_price": "formula",
                "base": "pricelist",
                "base_pricelist_id": self.wholesale.id,
            },
        )
        model = self._create_price_model(
            (1, "percent", 5), pricelist=shop, grade_ids=[Command.set(self.gold.ids)]
        )
        model.item_ids.write(
            {"base": "pricelist", "base_pricelist_id": self.wholesale.id}
        )
        wanted = ((25, 800, 760), (9, 360, 342), (50, 1400, 1330))
        for quantity, usual, of_gold in wanted:
            self.partner.grade_id = False
            self.assertEqual(self._get_total(quantity, shop), usual)
            self.partner.grade_id = self.silver
            self.assertEqual(self._get_total(quantity, shop), usual)
            self.partner.grade_id = self.gold
            self.assertEqual(self._get_total(quantity, shop), of_gold)
            # Outside an order nobody has a level.
            price = shop._get_product_price(self.candle, quantity)
            self.assertAlmostEqual(price * quantity, usual)

    def test_level_of_a_company_counts_for_its_contacts(self):
        shop = self._create_pricelist("Shop")
        self._create_price_model(
            (1, "percent", 50), pricelist=shop, grade_ids=[Command.set(self.gold.ids)]
        )
        self.partner.write({"is_company": True, "grade_id": self.gold.id})
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.partner.id}
        )
        self.assertEqual(self._get_total(1, shop, partner_id=contact.id), 20)

    def test_seller_without_rights_on_price_models_sells_to_gold(self):
        shop = self._create_pricelist("Shop")
        self._create_price_model(
            (1, "percent", 50), pricelist=shop, grade_ids=[Command.set(self.gold.ids)]
        )
        self.partner.grade_id = self.gold
        seller = new_test_user(
            self.env, "seller_to_gold", "sales_team.group_sale_salesman_all_leads"
        )
        order = self.env["sale.order"].with_user(seller)
        order = order.create(
            {
                "partner_id": self.partner.id,
                "pricelist_id": shop.id,
                "order_line": [Command.create(self._line_vals(self.candle, 1))],
            }
        )
        self.assertEqual(order.amount_untaxed, 20)

    # Levels that are earned

    def test_earned_grade_brings_its_level_and_takes_it_again(self):
        pricelist = self._create_pricelist("Gold")
        self.gold.default_pricelist_id = pricelist
        policy = self._create_policy()
        self._earn(policy, 2)
        self.assertEqual(self.partner.grade_id, self.gold)
        self.assertEqual(self.partner.specific_property_product_pricelist, pricelist)
        self._earn(policy, 1)
        self.assertEqual(self.partner.grade_id, self.silver)
        self.assertFalse(self.partner.specific_property_product_pricelist)
        self._earn(policy, 0)
        self.assertFalse(self.partner.grade_id)

    def test_level_that_was_bought_is_not_taken(self):
        membership = self._create_product(
            name="Silver membership",
            type="service",
            service_tracking="partnership",
            grade_id=self.silver.id,
        )
        self._create_order((membership, 1)).action_confirm()
        self.assertEqual(self.partner.grade_id, self.silver)
        policy = self._create_policy()
        self._earn(policy, 0)
        self.assertEqual(self.partner.grade_id, self.silver)
        self._earn(policy, 2)
        self.assertEqual(self.partner.grade_id, self.gold)
        self._earn(policy, 0)
        self.assertEqual(self.partner.grade_id, self.silver)

    def test_level_that_no_grade_brings_is_left_alone(self):
        honorary = self.env["res.partner.grade"].create({"name": "Honorary"})
        self.partner.grade_id = honorary
        self._earn(self._create_policy(), 2)
        self.assertEqual(self.partner.grade_id, honorary)

    def test_policy_that_says_nothing_of_levels_sets_none(self):
        self._earn(self._create_policy(sets_partner_grade=False), 2)
        self.assertFalse(self.partner.grade_id)

    def test_policy_of_one_maker_cannot_set_levels(self):
        with self.assertRaisesRegex(ValidationError, "cannot set the partner level"):
            self._create_policy(maker_id=self.maker.id)
