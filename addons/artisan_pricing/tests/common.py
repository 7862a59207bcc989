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

    @classmethod
    def _create_price_model(cls, *tiers, pricelist=None, **kwargs):
        """A price model with tiers (from, kind, value), used for all products of a maker.

        :param pricelist: whose rule it is, the only one if none is given
        """
        model = cls.env["artisan.price.model"].create(
            {
                "name": "Wholesale",
                "maker_id": cls.maker.id,
                "tier_ids": [
                    Command.create(
                        {"min_quantity": start, "kind": kind, "value": value}
                    )
                    for start, kind, value in tiers
                ],
                **kwargs,
            }
        )
        cls.env["product.pricelist.item"].create(
            {
                "pricelist_id": (pricelist or cls.pricelist).id,
                "compute_price": "tiers",
                "price_model_id": model.id,
            }
        )
        return model

    @classmethod
    def _create_order(cls, *lines, **kwargs):
        """An order of lines (product, quantity[, values])."""
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.partner.id,
                "pricelist_id": cls.pricelist.id,
                "order_line": [Command.create(cls._line_vals(*line)) for line in lines],
                **kwargs,
            }
        )

    @classmethod
    def _line_vals(cls, product, quantity, vals=None):
        return {
            "product_id": product.id,
            "product_uom_qty": quantity,
            **(vals or {}),
        }
