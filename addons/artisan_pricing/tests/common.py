from odoo import Command

from odoo.addons.sale.tests.common import SaleCommon


class ArtisanCommon(SaleCommon):
    """A maker of candles who sells them at 40.00 on the only pricelist."""

    @classmethod
    def get_default_groups(cls):
        manager = cls.quick_ref("artisan_pricing.group_artisan_manager")
        sales = cls.quick_ref("sales_team.group_sale_manager")
        return super().get_default_groups() | manager | sales

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.maker = cls._create_maker("Candle Maker")
        cls.candle = cls._create_craft("Candle", 40)

    @classmethod
    def _create_maker(cls, name, **kwargs):
        return cls.env["res.partner"].create({"name": name, "is_maker": True, **kwargs})

    @classmethod
    def _create_craft(cls, name, list_price, **kwargs):
        """A product of the maker, without taxes."""
        vals = {"name": name, "list_price": list_price, "maker_id": cls.maker.id}
        return cls._create_product(taxes_id=[Command.clear()], **(vals | kwargs))
