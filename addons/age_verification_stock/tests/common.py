from odoo import Command

from odoo.addons.age_verification.tests.common import AgeCommon


class AgeStockCommon(AgeCommon):
    """Wine, gin and cheese in a warehouse."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref("stock.group_stock_manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.wine | cls.gin | cls.cheese).is_storable = True
        cls.spirits_class.parcel_text = "Spirits: 18 or over, ask for a document"
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.customers = cls.env.ref("stock.stock_location_customers")

    @classmethod
    def _create_picking(cls, partner, *products, **kwargs):
        """A delivery that somebody makes by hand, ready to be validated."""
        kind = kwargs.pop("picking_type_id", cls.warehouse.out_type_id)
        vals = {
            "partner_id": partner.id,
            "picking_type_id": kind.id,
            "location_id": cls.warehouse.lot_stock_id.id,
            "location_dest_id": cls.customers.id,
            **kwargs,
        }
        places = {name: vals[name] for name in ("location_id", "location_dest_id")}
        vals["move_ids"] = [
            Command.create({"product_id": product.id, "product_uom_qty": 1, **places})
            for product in products
        ]
        picking = cls.env["stock.picking"].create(vals)
        picking.action_confirm()
        picking.move_ids.quantity = 1
        return picking

    @classmethod
    def _deliver(cls, *products, **kwargs):
        """The delivery of a confirmed order, ready to be validated."""
        order = cls._create_order(*products, **kwargs)
        order.action_confirm()
        order.picking_ids.move_ids.quantity = 1
        return order.picking_ids

    @classmethod
    def _add(cls, picking, product):
        """Something more in a transfer, that nobody has ordered."""
        return cls.env["stock.move"].create(
            {
                "picking_id": picking.id,
                "product_id": product.id,
                "product_uom_qty": 1,
                "quantity": 1,
                "location_id": picking.location_id.id,
                "location_dest_id": picking.location_dest_id.id,
            }
        )
