from odoo.tests import freeze_time, tagged

from .common import AgeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestStrength(AgeCommon):
    """Belgium's law of 24-01-1977: wine from 16 above 0.5 %, from 18 above 22 %.

    Of what has less, it says nothing; a strength of 0 is one that nobody has stated.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.belgium = cls.env.ref("base.be")
        for age, limits in ((16, {"abv_gt": 0.5, "abv_lte": 22}), (18, {"abv_gt": 22})):
            cls._create_rule(cls.wine_class, cls.belgium, age, **limits)
        cls.buyer.country_id = cls.belgium
        cls.policy.fallback_age = 21

    def _judge(self, abv):
        """Age asked and doubts about a wine of this strength."""
        self.wine.age_abv = abv
        order = self._create_order(self.wine)
        [line] = order._get_age_verdicts()[order].lines
        return line.resolution.requirement.age, line.resolution.warnings

    def test_strength_that_nobody_has_stated_is_asked_for_the_strictest(self):
        self.assertEqual(self._judge(0), (18, ("unknown_strength",)))

    def test_strength_at_a_limit_is_not_above_it(self):
        self.assertEqual(self._judge(0.5), (21, ("unknown_rule",)))
        self.assertEqual(self._judge(0.51), (16, ()))
        self.assertEqual(self._judge(22), (16, ()))
        self.assertEqual(self._judge(22.01), (18, ()))

    def test_drink_without_alcohol_is_sold_to_anybody(self):
        self.wine.age_own_class_id = self.env.ref(
            "age_verification.product_class_alcohol_free"
        )
        order = self._create_order(self.wine)
        self.assertFalse(order.age_verdict)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertFalse(order.age_check_ids)

    def test_what_only_looks_restricted_is_not_called_a_drink(self):
        glass = self._create_goods("Wine glass").product_tmpl_id
        glass.action_age_not_restricted()
        self.assertEqual(
            glass.age_class_id, self.env.ref("age_verification.product_class_none")
        )
