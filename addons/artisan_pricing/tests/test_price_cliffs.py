from odoo import Command
from odoo.tests import tagged

from .common import ArtisanCommon
from .test_price_models import CANDLE_TIERS


@tagged("post_install", "-at_install")
class TestPriceCliffs(ArtisanCommon):
    def _find(self, pricelist=None):
        action = (pricelist or self.pricelist).action_find_cliffs()
        found = self.env["artisan.price.finding"].search(action["domain"])
        return found.filtered(lambda finding: finding.product_id == self.candle)

    def _assert_w01_cliffs(self, found):
        fields = "code", "first_quantity", "last_quantity", "better_quantity"
        self.assertEqual(
            [tuple(finding[name] for name in fields) for finding in found],
            [("cliff", 23, 24, 25), ("cliff", 44, 49, 50)],
        )
        self.assertEqual(found.mapped("better_total"), [800, 1400])

    def test_w01_cliffs_of_a_price_model(self):
        self._create_price_model(*CANDLE_TIERS)
        self._assert_w01_cliffs(self._find())

    def test_w01_cliffs_of_an_ordinary_pricelist(self):
        rules = [
            {"min_quantity": 10, "compute_price": "percentage", "percent_price": 10},
            {"min_quantity": 25, "compute_price": "percentage", "percent_price": 20},
            {"min_quantity": 50, "compute_price": "fixed", "fixed_price": 28},
        ]
        self.pricelist.item_ids = [Command.create(rule) for rule in rules]
        self._assert_w01_cliffs(self._find())
        retail = self._create_pricelist(
            name="For candles only",
            item_ids=[
                Command.create(rule | {"product_tmpl_id": template.id})
                for template in self.candle.product_tmpl_id
                for rule in rules
            ],
        )
        self._assert_w01_cliffs(self._find(retail))

    def test_rule_that_is_dearer_for_more_is_found(self):
        self.pricelist.item_ids = [
            Command.create({"min_quantity": 10, "fixed_price": 45})
        ]
        [found] = self._find()
        self.assertEqual((found.code, found.first_quantity), ("dearer", 10))
        self.assertFalse(found.last_quantity)

    def test_graduated_and_capped_have_no_cliffs(self):
        model = self._create_price_model(*CANDLE_TIERS, mode="graduated")
        self.assertFalse(self._find())
        model.mode = "capped"
        self.assertFalse(self._find())

    def test_tier_that_is_dearer_for_more_is_found_in_any_mode(self):
        dear = (10, "fixed", 30), (25, "fixed", 35)
        model = self._create_price_model(*dear)
        for mode in ("volume", "graduated", "capped"):
            with self.subTest(mode=mode):
                model.mode = mode
                dearer = self._find().filtered(lambda found: found.code == "dearer")
                self.assertEqual(
                    (dearer.first_quantity, dearer.unit_price, dearer.item_id),
                    (25, 35, model.item_ids),
                )

    def test_cliffs_of_other_rules_beside_a_capped_model_are_found(self):
        self._create_price_model((50, "percent", 10), mode="capped")
        self.pricelist.item_ids = [
            Command.create({"min_quantity": start, "fixed_price": price})
            for start, price in ((10, 38), (20, 30))
        ]
        [found] = self._find()
        self.assertEqual((found.code, found.first_quantity), ("cliff", 16))
