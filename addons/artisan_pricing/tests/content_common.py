from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


class ContentCommon(AccountTestInvoicingCommon):
    """Pottery and wood of a marketplace, a customer who reads French, and blocks."""

    @classmethod
    def get_default_groups(cls):
        manager = cls.quick_ref("artisan_pricing.group_artisan_manager")
        return super().get_default_groups() | manager

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.company = cls.company_data["company"]
        cls.maker = cls._create_customer("Ana Potter", is_maker=True)
        cls.goods = cls._create_category("Goods")
        cls.pottery = cls._create_category("Pottery", parent_id=cls.goods.id)
        cls.cups = cls._create_category("Cups", parent_id=cls.pottery.id)
        cls.cup = cls._create_piece("Cup", cls.cups)
        cls.bowl = cls._create_piece("Bowl", cls.pottery)
        cls.board = cls._create_piece("Board", cls.goods)
        cls.customer = cls._create_customer("Jane")
        cls.french = cls._create_customer("Marie", lang="fr_FR")
        cls.seller = new_test_user(
            cls.env,
            "seller_of_pots",
            "artisan_pricing.group_artisan_user",
            company_id=cls.company.id,
        )
        cls.biller = new_test_user(
            cls.env,
            "biller_of_pots",
            "account.group_account_invoice",
            company_id=cls.company.id,
        )

    @classmethod
    def _create_category(cls, name, **kwargs):
        return cls.env["product.category"].create({"name": name, **kwargs})

    @classmethod
    def _create_piece(cls, name, category):
        return cls.env["product.product"].create(
            {"name": name, "categ_id": category.id, "list_price": 40, "taxes_id": []}
        )

    @classmethod
    def _create_customer(cls, name, **kwargs):
        return cls.env["res.partner"].create({"name": name, "lang": "en_US", **kwargs})

    @classmethod
    def _create_block(cls, text, **kwargs):
        return cls.env["artisan.content"].create(
            {"name": text[:20], "kind": "care", "text": text, **kwargs}
        )

    @classmethod
    def _create_orders(cls, customer, count):
        orders = cls.env["sale.order"].create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": cls.company.id,
                    "order_line": [Command.create({"product_id": cls.cup.id})],
                }
                for _number in range(count)
            ]
        )
        orders.action_confirm()
        return orders

    @classmethod
    def _prepare_invoice(cls, products, customer=None, **kwargs):
        return {
            "move_type": "out_invoice",
            "partner_id": (customer or cls.customer).id,
            "invoice_date": "2026-06-15",
            "company_id": cls.company.id,
            "invoice_line_ids": [
                Command.create(
                    {"product_id": product.id, "quantity": 1, "tax_ids": False}
                )
                for product in products
            ],
            **kwargs,
        }

    @classmethod
    def _create_invoice(cls, *products, post=True, **kwargs):
        invoice = cls.env["account.move"].create(
            cls._prepare_invoice(products or cls.cup, **kwargs)
        )
        if post:
            invoice.action_post()
        return invoice

    def _get_texts(self, invoice):
        """What the invoice says, block by block."""
        return [str(block["text"]) for block in invoice._get_artisan_blocks()]

    def _render(self, invoice):
        """The invoice's document as the PDF and the portal get it."""
        html = self.env["ir.actions.report"]._render_qweb_html(
            "account.account_invoices", invoice.ids
        )[0]
        return html.decode()
