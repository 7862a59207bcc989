"""Refunds in parts sum to the invoice, to the cent."""

import random

from odoo import Command
from odoo.tests import tagged

from .refund_common import RefundCommon


@tagged("post_install", "-at_install")
class TestRefundCents(RefundCommon):
    def test_thirds_of_odd_prices_sum_to_the_whole(self):
        self._take_off(7)
        odd = self._create_craft("Odd", 3.335, invoice_policy="order")
        order = self._create_order((odd, 7), (self.candle, 1))
        self._claim(order)
        invoice = self._invoice(order)
        credits_ = [self._refund(invoice, {odd: count}) for count in (1, 2, 3)]
        credits_.append(self._refund_rest(invoice))
        total = sum(credit.amount_untaxed for credit in credits_)
        self.assertAlmostEqual(total, invoice.amount_untaxed)

    def test_taxes_of_parts_sum_to_those_of_the_whole(self):
        for included in ("tax_excluded", "tax_included"):
            tax = self.env["account.tax"].create(
                {
                    "name": f"19 % {included}",
                    "amount": 19,
                    "price_include_override": included,
                }
            )
            cup = self._create_craft("Cup", 1.55, invoice_policy="order")
            cup.taxes_id = tax
            invoice = self._invoice(self._create_order((cup, 3)))
            credits_ = [
                self._ask(invoice, {cup: 1})._make_credit_note() for _turn in range(3)
            ]
            amounts = ["amount_total"]
            if included == "tax_excluded":
                amounts += ["amount_untaxed", "amount_tax"]
            for amount in amounts:
                total = sum(credit[amount] for credit in credits_)
                self.assertAlmostEqual(total, invoice[amount], msg=(included, amount))
            for credit in credits_:
                credit.action_post()

    def test_last_unit_with_tax_in_its_price_takes_back_all_that_is_owed(self):
        """7 at 17.77 with 7 % in the price are 116.25 without tax; one is 16.61. After six,
        the last one brings 16.59, which is off by more than a cent."""
        self.env.company.tax_calculation_rounding_method = "round_per_line"
        product = self._create_craft("Jug", 17.77, invoice_policy="order")
        product.taxes_id = self.env["account.tax"].create(
            {
                "name": "7 % included",
                "amount": 7,
                "price_include_override": "tax_included",
            }
        )
        invoice = self._invoice(self._create_order((product, 7)))
        for _unit in range(7):
            self._ask(invoice, {product: 1})._make_credit_note().action_post()
        self._assert_all_back(invoice)

    def test_each_tax_comes_back_whole_with_the_last_goods_of_it(self):
        """D is all back before E is: the cent of its tax does not wait for the rest."""
        rates = {19: ("D", 33.33, 3), 7: ("E", 17.77, 4)}
        taxes, lines = self.env["account.tax"], []
        for rate, (name, price, quantity) in rates.items():
            taxes |= taxes.create({"name": f"{rate} %", "amount": rate})
            product = self._create_craft(name, price, invoice_policy="order")
            product.taxes_id = taxes[-1]
            lines.append((product, quantity))
        invoice = self._invoice(self._create_order(*lines))
        for turn in range(4):
            quantities = {product: turn < sold for product, sold in lines}
            credit = self._ask(invoice, quantities)._make_credit_note()
            credit.action_post()

        def get_tax(moves, tax):
            lines = moves.line_ids.filtered(lambda line: line.tax_line_id == tax)
            return abs(sum(lines.mapped("amount_currency")))

        for tax in taxes:
            back = get_tax(invoice.reversal_move_ids, tax)
            self.assertAlmostEqual(back, get_tax(invoice, tax), msg=tax.name)
        self.assertAlmostEqual(
            sum(invoice.reversal_move_ids.mapped("amount_total")), invoice.amount_total
        )

    def test_goods_with_and_without_tax_in_their_prices_sum_to_the_whole(self):
        """A promotion on both, rounded over the document: amounts without tax, each tax and
        what makers owe are back at nothing. With these dice a cent was left."""
        self.env.company.tax_calculation_rounding_method = "round_globally"
        self._agree_on_commission(12.5)
        self._take_off(7)
        tax = self.env["account.tax"].create({"name": "19 %", "amount": 19})
        included = {"amount": 7, "price_include_override": "tax_included"}
        taxes = tax | tax.create({"name": "7 %", **included})
        products = [
            self._create_craft(f"Craft {price}", price, invoice_policy="order")
            for price in (0.99, 17.77, 3.33, 7.01)
        ]
        for place, product in enumerate(products):
            product.taxes_id = taxes[place % 2]
        for seed in (3, 5, 13, 16):
            dice = random.Random(seed)
            off = {"discount": dice.choice([0, 5, 33.33])}
            order = self._create_order(
                *[(each, dice.randint(1, 3), off) for each in products]
            )
            self._claim(order)
            invoice = self._invoice(order)
            for _turn in range(3):
                wizard = self._ask(invoice)
                for line in wizard.line_ids:
                    line.quantity = min(dice.randint(0, 1), line.quantity_left)
                if any(wizard.line_ids.mapped("quantity")):
                    wizard._make_credit_note().action_post()
            if any(self._ask(invoice).line_ids.mapped("quantity_left")):
                self._refund_rest(invoice).action_post()
            with self.subTest(seed=seed):
                self._assert_all_back(invoice)

    def _agree_on_commission(self, percent):
        part = {"name": "Commission", "code": "sales", "value": percent}
        self.env.company.artisan_commission_scheme_id = self.env[
            "artisan.commission.scheme"
        ].create({"name": "Scheme", "part_ids": [Command.create(part)]})

    def _assert_all_back(self, invoice):
        moves = invoice | invoice.reversal_move_ids
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        lines = moves.line_ids.filtered(lambda line: line.display_type == "product")
        self.assertAlmostEqual(sum(lines.mapped("amount_currency")), 0)
        taxes = moves.line_ids.filtered("tax_line_id")
        for tax, each in taxes.grouped("tax_line_id").items():
            self.assertAlmostEqual(sum(each.mapped("amount_currency")), 0, msg=tax.name)
        self.assertTrue(moves.artisan_entry_ids)
        for kind, entries in moves.artisan_entry_ids.grouped(
            lambda entry: entry.kind if entry.code else ""
        ).items():
            for field in ("amount", "platform_amount"):
                self.assertAlmostEqual(sum(entries.mapped(field)), 0, msg=kind)

    def test_any_returns_of_any_basket_sum_to_what_was_paid_and_owed(self):
        dice = random.Random(9)
        self._take_off(7.77)
        self.env["product.pricelist.item"].create(
            {
                "pricelist_id": self.pricelist.id,
                "compute_price": "percentage",
                "percent_price": 3.33,
            }
        )
        tax = self.env["account.tax"].create({"name": "Odd", "amount": 8.1})
        for turn in range(8):
            self.env.company.tax_calculation_rounding_method = dice.choice(
                ("round_per_line", "round_globally")
            )
            self.bundle.product_tmpl_id.bundle_refund = dice.choice(
                ("simple", "reprice")
            )
            (self.parts | self.bundle).taxes_id = tax if turn % 2 else tax.browse()
            order = self._create_bundle_order(self.bundle, dice.randint(1, 4))
            order.order_line = [
                Command.create(self._line_vals(self.mug, dice.randint(1, 9)))
            ]
            self._claim(order)
            invoice = self._invoice(order)
            credits_ = invoice.browse()
            for _return in range(3):
                wizard = self._ask(invoice)
                for line in wizard.line_ids:
                    line.quantity = dice.randint(0, int(line.quantity_left))
                if any(wizard.line_ids.mapped("quantity")):
                    self.assertGreaterEqual(wizard.amount, 0)
                    credits_ += wizard._make_credit_note()
            if any(self._ask(invoice).line_ids.mapped("quantity_left")):
                credits_ += self._refund_rest(invoice)
            for amount in ("amount_untaxed", "amount_tax", "amount_total"):
                total = sum(credits_.mapped(amount))
                self.assertAlmostEqual(total, invoice[amount], msg=(turn, amount))
            credits_.action_post()
        entries = self.env["artisan.payout.entry"].search(
            [("maker_id", "in", (self.maker | self.potter | self.weaver).ids)]
        )
        for maker, owed in entries.grouped("maker_id").items():
            self.assertAlmostEqual(sum(owed.mapped("amount")), 0, msg=maker.name)
