from odoo.tests import HttpCase, new_test_user, tagged

from .common import ArtisanCommon
from .test_price_models import CANDLE_TIERS


@tagged("post_install", "-at_install")
class TestTours(ArtisanCommon, HttpCase):
    def test_seller_reads_why_a_price_is_what_it_is(self):
        seller = new_test_user(
            self.env, login="tour_seller", groups="sales_team.group_sale_salesman"
        )
        model = self._create_price_model(*CANDLE_TIERS)
        order = self._create_order((self.candle, 25), user_id=seller.id)
        order.action_confirm()
        model.tier_ids[1].value = 50
        self.start_tour(
            f"/odoo/sales/{order.id}",
            "artisan_pricing_why_this_price",
            login="tour_seller",
        )
