from datetime import datetime, time

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Command

MODULE = "artisan_pricing."
#: Orders of last month: day, customer, promotion codes, lines (product, quantity).
#: The colours of the candle are ``red`` and ``blue``.
ORDERS = (
    (3, "customer_corner_house", (), (("red", 12), ("blue", 12), ("mug", 12))),
    (9, "customer_noor", ("WELCOME",), (("bundle", 1), ("tea_lights", 2))),
    (
        16,
        "customer_corner_house",
        ("EVENINGS",),
        (("red", 6), ("tea_lights", 10), ("towel", 12), ("runner", 2)),
    ),
)
#: What the first customer sends back: product and quantity, in the first order.
SENT_BACK = ("mug", 1)


class ArtisanDemoMonth(models.AbstractModel):
    """Makes the past month of the demo company, in the order in which it happened.

    Statements read posted invoices and their payments, which data files cannot hold.
    """

    _name = "artisan.demo.month"
    _description = "Past Month of the Demo's Makers"

    @api.model
    def _load_month(self):
        """Orders, invoices, payments, a return, statements; a quotation of today.

        Only for demo databases, and once: what is there already is left alone.
        """
        company = self.env.ref("base.main_company")
        if self.env["artisan.statement"].search_count(
            [("company_id", "=", company.id)], limit=1
        ):
            return
        month = self.with_company(company).with_context(tracking_disable=True)
        first = fields.Date.context_today(self) + relativedelta(months=-1, day=1)
        invoices = [
            month._sell(first + relativedelta(day=day), *order)
            for day, *order in ORDERS
        ]
        month._send_back(invoices[0], first + relativedelta(day=20))
        for invoice in invoices:
            month._pay(invoice)
        month._settle(company, first)
        policy = self.env.ref(MODULE + "terms_policy")
        policy._judge(policy._get_due_customers())
        month._quote()

    def _sell(self, day, customer, codes, lines):
        """The posted invoice of an order of that day."""
        order = self._create_order(customer, lines)
        for code in codes:
            for coupon, rewards in order._try_apply_code(code).items():
                order._apply_program_reward(rewards[:1], coupon)
        order._update_programs_and_rewards()
        order.action_confirm()
        order.date_order = datetime.combine(day, time(10))
        invoice = order._create_invoices()
        invoice.invoice_date = day
        invoice.action_post()
        return invoice

    def _create_order(self, customer, lines):
        order = self.env["sale.order"].create(
            {"partner_id": self.env.ref(MODULE + customer).id}
        )
        order.order_line = [
            Command.create(
                {"product_id": self._get_product(name).id, "product_uom_qty": n}
            )
            for name, n in lines
        ]
        for line in order.order_line.filtered(
            lambda line: line.product_type == "combo"
        ):
            self._choose_parts(line)
        return order

    def _choose_parts(self, line):
        """The first of each part, as the dialog of a bundle enters them."""
        line.order_id.order_line = [
            Command.create(
                {
                    "product_id": combo.combo_item_ids[:1].product_id.id,
                    "product_uom_qty": line.product_uom_qty,
                    "combo_item_id": combo.combo_item_ids[:1].id,
                    "linked_line_id": line.id,
                    "sequence": line.sequence,
                }
            )
            for combo in line.product_template_id.combo_ids
        ]

    def _get_product(self, name):
        candles = self.env.ref(MODULE + "candle").product_variant_ids
        colours = {"red": candles[0], "blue": candles[1]}
        return colours.get(name) or self.env.ref(MODULE + name)

    def _send_back(self, invoice, day):
        name, quantity = SENT_BACK
        line = invoice.invoice_line_ids.filtered(
            lambda line: line.product_id == self._get_product(name)
        )
        wizard = self.env["artisan.refund"].create({"move_id": invoice.id, "date": day})
        wizard.line_ids.filtered(
            lambda each: each.move_line_id == line
        ).quantity = quantity
        wizard._make_credit_note().action_post()

    def _pay(self, invoice):
        day = invoice.invoice_date + relativedelta(days=10)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": day})._create_payments()

    def _settle(self, company, day):
        """Statements of the month: one billed, one ready to be, one still a draft."""
        statements = self.env["artisan.statement"]._make_statements(
            company, day, day + relativedelta(day=31)
        )
        makers = [self.env.ref(MODULE + f"maker_{name}") for name in ("ilse", "maren")]
        ready = statements.filtered(lambda each: each.maker_id in makers)
        ready.action_confirm()
        ready.filtered(lambda each: each.maker_id == makers[0]).action_make_bills()

    def _quote(self):
        """A quotation of today, to ask why its prices are what they are."""
        lines = (("red", 5), ("blue", 5), ("holder", 8), ("runner", 12))
        order = self._create_order("customer_corner_house", lines)
        for coupon, rewards in order._try_apply_code("EVENINGS").items():
            order._apply_program_reward(rewards[:1], coupon)
