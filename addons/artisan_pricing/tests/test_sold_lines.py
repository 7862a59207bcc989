from decimal import Decimal

from odoo import Command
from odoo.tests import new_test_user, tagged

from .reward_common import RewardCommon


@tagged("post_install", "-at_install")
class TestSoldLines(RewardCommon):
    """What each line was sold for and who bore the rewards, from the amounts that core
    wrote. Each look at an order checks that all of it sums to its amount without tax."""

    def test_without_rewards_each_line_is_sold_at_its_price(self):
        order = self._create_order((self.d, 2), (self.e, 1), (self.product, 1))
        sold = self._get_sold(order)
        self.assertEqual(
            [(each.maker, each.net, each.discounts) for each in sold.values()],
            [
                (str(self.maker.id), 200, ()),
                (str(self.other_maker.id), 100, ()),
                (None, 20, ()),
            ],
        )
        self.assertEqual(sold[self.d].key, str(order.order_line[0].id))

    def test_sections_and_down_payments_are_not_sold(self):
        order = self._create_order((self.d, 1))
        order.order_line = [
            Command.create({"display_type": "line_section", "name": "Candles"}),
            Command.create(
                {
                    "is_downpayment": True,
                    "product_uom_qty": 0,
                    "price_unit": 50,
                    "name": "Down payment",
                }
            ),
        ]
        self.assertEqual(list(self._get_sold(order)), [self.d])

    def test_parts_of_a_bundle_are_sold_by_their_own_makers(self):
        combos = self.env["product.combo"].create(
            [
                {
                    "name": product.name,
                    "combo_item_ids": [Command.create({"product_id": product.id})],
                }
                for product in self.d | self.e
            ]
        )
        bundle = self._create_craft(
            "Bundle", 150, type="combo", combo_ids=[Command.set(combos.ids)]
        )
        order = self._create_order((bundle, 1))
        order.order_line = [
            Command.create(
                self._line_vals(
                    combo.combo_item_ids.product_id,
                    1,
                    {
                        "combo_item_id": combo.combo_item_ids.id,
                        "linked_line_id": order.order_line[0].id,
                    },
                )
            )
            for combo in combos
        ]
        self._create_promotion(maker_percent=100)
        self._claim(order)
        sold = self._get_sold(order)
        self.assertEqual(
            {product: (each.maker, each.net) for product, each in sold.items()},
            {
                self.d: (str(self.maker.id), Decimal("67.50")),
                self.e: (str(self.other_maker.id), Decimal("67.50")),
            },
        )

    def test_w15_discount_of_two_tax_rates_is_borne_where_it_was_taken(self):
        taxes = self.env["account.tax"].create(
            [
                {"name": f"{amount} %", "amount": amount, "type_tax_use": "sale"}
                for amount in (20, 5.5)
            ]
        )
        self.d.taxes_id, self.e.taxes_id = taxes
        self._create_promotion(maker_percent=50)
        order = self._create_order((self.d, 1), (self.e, 2))
        self._claim(order)
        self.assertEqual(len(order.order_line.filtered("reward_id")), 2)
        reward = order.order_line.reward_id
        self.assertEqual(
            self._get_shared(order),
            {("D", reward): (5, 5), ("E", reward): (10, 10)},
        )
        self.assertEqual(order.amount_untaxed, 270)

    def test_w15_total_is_core_s(self):
        taxes = self.env["account.tax"].create(
            [
                {"name": f"{amount} %", "amount": amount, "type_tax_use": "sale"}
                for amount in (20, 5.5)
            ]
        )
        self.d.taxes_id, self.e.taxes_id = taxes
        self._create_promotion()
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        self.assertEqual(
            (order.amount_untaxed, order.amount_tax, order.amount_total),
            (180, 22.95, 202.95),
        )
        self._get_sold(order)

    def test_prices_with_tax_included_are_shared_out_without_it(self):
        tax = self.env["account.tax"].create(
            {
                "name": "20 % included",
                "amount": 20,
                "type_tax_use": "sale",
                "price_include_override": "tax_included",
            }
        )
        (self.d | self.e).taxes_id = tax
        self._create_promotion(
            maker_percent=100, discount=20, discount_mode="per_order"
        )
        order = self._create_order((self.d, 1), (self.e, 1))
        self._claim(order)
        # 180 / 1.2, though the lines say 2 x 83.33 less 16.67.
        self.assertEqual(order.amount_untaxed, 150)
        shared = self._get_shared(order)
        self.assertEqual(
            sorted(by_maker for by_maker, _platform in shared.values()),
            [Decimal("8.33"), Decimal("8.34")],
        )

    def test_free_product_is_sold_at_its_price_and_given_away(self):
        self._create_promotion(
            reward_type="product",
            reward_product_id=self.e.id,
            reward_product_qty=2,
            maker_percent=50,
        )
        order = self._create_order((self.d, 1))
        self._claim(order)
        gift = self._get_sold(order)[self.e]
        self.assertEqual((gift.gross, gift.net), (200, 0))
        self.assertEqual((gift.by_maker, gift.by_platform), (100, 100))
        self.assertEqual(gift.base, 100)

    def test_wallet_is_borne_by_the_platform_and_pays_the_tax_too(self):
        tax = self.env["account.tax"].create(
            {"name": "20 %", "amount": 20, "type_tax_use": "sale"}
        )
        self.d.taxes_id = tax
        self._create_wallet(120)
        order = self._create_order((self.d, 1))
        self._claim(order)
        self.assertEqual((order.amount_untaxed, order.amount_total), (-20, 0))
        wallet = order.order_line.reward_id
        sold = order._get_sold_lines()[order]
        self.assertEqual(self._get_shared(order), {("D", wallet): (0, 100)})
        self.assertEqual([each.net for each in sold.values()], [0, -20])
        self.assertEqual(list(sold.values())[1].maker, None)

    def test_discount_typed_by_hand_is_the_platform_s(self):
        order = self._create_order((self.d, 1))
        self.env["sale.order.discount"].create(
            {
                "sale_order_id": order.id,
                "discount_type": "amount",
                "discount_amount": 30,
            }
        ).action_apply_discount()
        sold = self._get_sold(order)
        self.assertEqual(
            [(each.maker, each.net) for each in sold.values()],
            [(str(self.maker.id), 100), (None, -30)],
        )

    def test_foreign_currency_sums_in_its_own_step(self):
        yen = self._enable_currency("JPY")
        self.env["res.currency.rate"].create(
            {"name": "2020-01-01", "rate": 161.37, "currency_id": yen.id}
        )
        pricelist = self._create_pricelist(name="Yen", currency_id=yen.id)
        self._create_promotion(maker_percent=33.333)
        order = self._create_order(
            (self.d, 1), (self.e, 3), (self.candle, 1), pricelist_id=pricelist.id
        )
        self._claim(order)
        sold = self._get_sold(order)
        for each in sold.values():
            self.assertEqual(each.by_maker, int(each.by_maker))
            self.assertTrue(each.by_maker and each.by_platform)

    def test_returns_take_no_part_in_discounts(self):
        self._create_promotion(maker_percent=100)
        order = self._create_order((self.d, 2), (self.e, -1))
        self._claim(order)
        sold = self._get_sold(order)
        self.assertEqual((sold[self.d].by_maker, sold[self.e].by_maker), (10, 0))
        self.assertEqual(sold[self.e].net, -100)

    def test_accountant_may_ask_for_sold_lines(self):
        self._create_promotion(maker_percent=100)
        order = self._create_order((self.d, 1))
        self._claim(order)
        user = new_test_user(
            self.env, "artisan-bookkeeper", groups="account.group_account_invoice"
        )
        self.assertFalse(self.env["loyalty.reward"].with_user(user).has_access("read"))
        order = order.with_user(user)
        self.assertEqual(self._get_sold(order)[self.d].by_maker, 10)

    def test_queries_do_not_grow_with_lines(self):
        self._create_promotion(maker_percent=50)
        self._create_promotion(
            "E", discount_applicability="specific", discount_product_ids=self.e.ids
        )
        counts = []
        for times in (1, 20):
            order = self._create_order(*[(self.d, 1), (self.e, 1)] * times)
            self._claim(order)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            order._get_sold_lines()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
