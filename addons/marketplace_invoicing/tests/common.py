import json

from odoo import fields
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class MarketplaceCommon(AccountTestInvoicingCommon):
    """A shop with a WooCommerce channel, automatic, whose sales carry core's 15 % tax."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.env.user.group_ids |= cls.env.ref(
            "marketplace_invoicing.group_marketplace_manager"
        )
        cls.company = cls.company_data["company"]
        cls.tax = cls.company_data["default_tax_sale"]
        cls.country = cls.env.ref("base.us")
        cls.bowl = cls._create_article("BOWL", "Walnut bowl")
        cls.spoon = cls._create_article("SPOON", "Cherry spoon")
        cls.channel = cls._create_channel("Web shop", "woocommerce")
        cls._map(cls.channel, cls.bowl)
        cls._map(cls.channel, cls.spoon)

    @classmethod
    def _create_article(cls, sku, name, **kwargs):
        return cls.env["product.product"].create(
            {
                "name": name,
                "default_code": sku,
                "taxes_id": [fields.Command.set(cls.tax.ids)],
                "invoice_policy": "order",
                **kwargs,
            }
        )

    @classmethod
    def _create_channel(cls, name, platform, **kwargs):
        channel = cls.env["marketplace.channel"].create(
            {
                "name": name,
                "platform": platform,
                "company_id": cls.company.id,
                "review_mode": "automatic",
                "sample_percent": 0,
                "timezone": "UTC",
                **kwargs,
            }
        )
        channel.action_set_up_accounts()
        return channel

    @classmethod
    def _map(cls, channel, product, code=None):
        return cls.env["marketplace.product.mapping"].create(
            {
                "channel_id": channel.id,
                "code": code or product.default_code,
                "product_id": product.id,
            }
        )

    @classmethod
    def _woo_order(cls, number, lines=(("BOWL", 1, "100.00", "15.00"),), **kwargs):
        """Return a WooCommerce REST v3 order in the documented shape.

        :param lines: (sku, quantity, net total, tax) of each line, amounts as strings
        """
        items = [
            {
                "id": position,
                "name": f"Article {sku}",
                "product_id": position,
                "variation_id": 0,
                "quantity": quantity,
                "subtotal": net,
                "subtotal_tax": tax,
                "total": net,
                "total_tax": tax,
                "taxes": [],
                "sku": sku,
            }
            for position, (sku, quantity, net, tax) in enumerate(lines, start=1)
        ]
        net = sum(float(line[2]) for line in lines)
        tax = sum(float(line[3]) for line in lines)
        address = {
            "first_name": "Ann",
            "last_name": f"Buyer {number}",
            "company": "",
            "address_1": "1 Main Street",
            "address_2": "",
            "city": "Portland",
            "state": "OR",
            "postcode": "97201",
            "country": "US",
        }
        return {
            "id": number,
            "number": str(number),
            "status": "processing",
            "currency": cls.company.currency_id.name,
            "date_created_gmt": "2024-03-05T10:00:00",
            "date_modified_gmt": "2024-03-05T10:00:00",
            "date_paid_gmt": "2024-03-06T09:00:00",
            "prices_include_tax": False,
            "discount_total": "0.00",
            "shipping_total": "0.00",
            "cart_tax": f"{tax:.2f}",
            "total_tax": f"{tax:.2f}",
            "total": f"{net + tax:.2f}",
            "customer_id": number,
            "payment_method": "stripe",
            "payment_method_title": "Card",
            "billing": {**address, "email": f"ann{number}@example.com", "phone": ""},
            "shipping": address,
            "line_items": items,
            "tax_lines": [],
            "shipping_lines": [],
            "fee_lines": [],
            "coupon_lines": [],
            "refunds": [],
            **kwargs,
        }

    @classmethod
    def _import(cls, orders, channel=None, name="orders.json"):
        """Import orders (a JSON document, or bytes) and process them; return the import."""
        content = orders if isinstance(orders, bytes) else json.dumps(orders).encode()
        record, _is_new = cls.env["marketplace.import"]._receive(
            channel or cls.channel, name, content
        )
        if record.state != "done":
            record._run()
        return record

    def _count_queries(self, method, *args, **kwargs):
        """Call with an empty cache; return the result, and the queries it took to be stored."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        result = method(*args, **kwargs)
        self.env.flush_all()
        return result, self.env.cr.sql_log_count - before

    @classmethod
    def _import_one(cls, channel=None, number=1, **kwargs):
        """Import one WooCommerce order and return its `marketplace.order`."""
        return cls._import([cls._woo_order(number, **kwargs)], channel).order_ids

    def _open_codes(self, orders):
        return sorted(
            orders.issue_ids.filtered(lambda i: i.state == "open").mapped("code")
        )
