from odoo import Command

from .common import ArtisanCommon


class BundleCommon(ArtisanCommon):
    """Parts for 40, 25 and 15 of three makers, sold as a bundle for 68."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["loyalty.program"].search([]).active = False
        cls.potter, cls.weaver = map(cls._create_maker, ("Potter", "Weaver"))
        cls.mug = cls._create_craft("Mug", 25, maker_id=cls.potter.id)
        cls.towel = cls._create_craft("Towel", 15, maker_id=cls.weaver.id)
        cls.parts = cls.candle | cls.mug | cls.towel
        cls.bundle = cls._create_bundle("Evening", 68, *cls.parts)

    @classmethod
    def _create_bundle(cls, name, price, *products, **kwargs):
        """A bundle with one choice of one product for each of the products."""
        combos = cls.env["product.combo"].create(
            [
                {
                    "name": f"{name} {place}",
                    "combo_item_ids": [Command.create({"product_id": product.id})],
                }
                for place, product in enumerate(products)
            ]
        )
        return cls._create_craft(
            name, price, type="combo", combo_ids=[Command.set(combos.ids)], **kwargs
        )

    @classmethod
    def _create_bundle_order(cls, bundle, count=1, **kwargs):
        """An order of a number of bundles; the configurator makes such lines."""
        order = cls._create_order((bundle, count), **kwargs)
        cls._add_parts(order.order_line)
        return order

    @classmethod
    def _add_parts(cls, bundle_line):
        items = bundle_line.product_template_id.combo_ids.combo_item_ids
        bundle_line.order_id.order_line = [
            Command.create(
                cls._line_vals(
                    item.product_id,
                    bundle_line.product_uom_qty,
                    {"combo_item_id": item.id, "linked_line_id": bundle_line.id},
                )
            )
            for item in items
        ]

    def _part_amounts(self, order):
        lines = order.order_line.filtered("combo_item_id").sorted("id")
        return lines.mapped("price_subtotal")
