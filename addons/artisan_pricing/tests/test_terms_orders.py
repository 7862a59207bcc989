from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, freeze_time, new_test_user, tagged

from .terms_common import TODAY, TermsCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTermsOrders(TermsCommon, HttpCase):
    def _get_due(self, order):
        """Of an invoice of today."""
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.invoice_date = TODAY
        invoice.action_post()
        return str(invoice.invoice_date_due)

    def _get_days(self, order):
        return order.payment_term_id._get_longest_days()

    def test_w20_gold_is_due_in_45_days(self):
        self._give(self.gold)
        order = self._create_order(self.candle)
        self.assertEqual(order.terms_origin, "earned")
        self.assertEqual(self._get_due(order), "2027-01-06")

    def test_w20_silver_after_a_late_invoice_is_due_in_30_days(self):
        self._buy(9000)
        self._give(self.gold)
        self._create_late(100)
        self.assertEqual(self._judge().grade_id, self.silver)
        self.assertEqual(self._get_due(self._create_order(self.candle)), "2026-12-22")

    def test_w20_veto_of_a_maker_bounds_gold(self):
        self._give(self.gold)
        self.anna.write({"has_max_net_days": True, "maker_max_net_days": 30})
        self.assertEqual(self._get_due(self._create_order(self.candle)), "2026-12-22")

    def test_mixed_basket_takes_the_strictest_maker(self):
        self._give(self.gold)
        of_bela = self._create_policy(days=(0, 7, 10), maker_id=self.bela.id)
        self._give(of_bela.grade_ids[1])
        order = self._create_order(self.candle, self.bowl)
        self.assertEqual(self._get_days(order), 7)
        order.order_line[1].unlink()
        self.assertEqual(self._get_days(order), 45)
        order.order_line = [Command.create({"product_id": self.bowl.id})]
        self.assertEqual(self._get_days(order), 7)
        order.order_line[1].product_id = self.candle
        self.assertEqual(self._get_days(order), 45)

    def test_maker_without_policy_bounds_the_basket_all_the_same(self):
        self.policy.active = False
        of_anna = self._create_policy(maker_id=self.anna.id)
        self._give(of_anna.grade_ids[2])
        self.bela.write({"has_max_net_days": True, "maker_max_net_days": 0})
        order = self._create_order(self.candle, self.bowl)
        self.assertEqual((order.terms_origin, self._get_days(order)), ("earned", 0))
        said = " ".join(order._explain_terms())
        self.assertIn("Bela allows 0 days at most", said)
        order.order_line[0].unlink()
        self.assertFalse(order.terms_origin)
        self.assertFalse(order.payment_term_id)

    def test_customer_who_was_never_judged_has_the_lowest_grade(self):
        self.assertEqual(self._get_days(self._create_order(self.candle)), 14)

    def test_customer_with_agreed_terms_keeps_them(self):
        own = self.env["account.payment.term"]._get_net_days(60, self.company)
        self.customer.write(
            {"keeps_own_terms": True, "property_payment_term_id": own.id}
        )
        order = self._create_order(self.candle)
        self.assertEqual((order.payment_term_id, order.terms_origin), (own, False))

    def test_payment_term_of_a_grade_is_used_as_it_is(self):
        end_of_month = self.env["account.payment.term"].create(
            {
                "name": "End of next month",
                "line_ids": [
                    Command.create(
                        {
                            "value": "percent",
                            "value_amount": 100,
                            "delay_type": "days_after_end_of_month",
                            "nb_days": 30,
                        }
                    )
                ],
            }
        )
        self.gold.payment_term_id = end_of_month
        self.assertEqual(self.gold.net_days, 60)
        self._give(self.gold)
        order = self._create_order(self.candle)
        self.assertEqual(order.payment_term_id, end_of_month)
        self.assertIn("12/30/2026", " ".join(order._explain_terms()))

    def test_term_chosen_by_hand_stays(self):
        own = self.env["account.payment.term"]._get_net_days(60, self.company)
        self._give(self.gold)
        with Form(self.env["sale.order"]) as form:
            form.partner_id = self.customer
            with form.order_line.new() as line:
                line.product_id = self.candle
            self.assertEqual(form.payment_term_id._get_longest_days(), 45)
            form.payment_term_id = own
            with form.order_line.new() as line:
                line.product_id = self.bowl
            self.assertEqual(form.payment_term_id, own)
        order = form.record
        self.assertEqual((order.payment_term_id, order.terms_origin), (own, "given"))
        order.order_line[1].unlink()
        self.assertEqual(order.payment_term_id, own)
        self.assertFalse(order._explain_terms())
        order.payment_term_id = order._get_terms()[order].payment_term
        self.assertEqual(order.terms_origin, "earned")

    def test_form_shows_the_strictest_maker_before_it_is_saved(self):
        self._give(self.gold)
        self.bela.write({"has_max_net_days": True, "maker_max_net_days": 7})
        with Form(self.env["sale.order"]) as form:
            form.partner_id = self.customer
            with form.order_line.new() as line:
                line.product_id = self.candle
            self.assertEqual(form.payment_term_id._get_longest_days(), 45)
            with form.order_line.new() as line:
                line.product_id = self.bowl
            self.assertEqual(form.payment_term_id._get_longest_days(), 7)
        self.assertEqual(form.record.terms_origin, "earned")

    def test_term_that_comes_with_an_order_stays_even_if_it_is_none(self):
        self._give(self.gold)
        order = self._create_order(self.candle, payment_term_id=False)
        self.assertEqual((order.terms_origin, self._get_days(order)), ("given", 0))
        order.order_line = [Command.create({"product_id": self.bowl.id})]
        self.assertFalse(order.payment_term_id)
        self.assertFalse(order.terms_warning)

    def test_other_customer_brings_other_terms(self):
        gold_customer = self._create_partner("Gold Shop")
        self._give(self.gold, gold_customer)
        order = self._create_order(self.candle)
        order.partner_id = gold_customer
        self.assertEqual(self._get_days(order), 45)

    def test_confirmed_order_keeps_its_term(self):
        self._give(self.gold)
        order = self._create_order(self.candle)
        order.action_confirm()
        self._get_standing().sudo().grade_id = self.bronze
        order.order_line = [Command.create({"product_id": self.bowl.id})]
        self.assertEqual(self._get_days(order), 45)

    def test_copy_of_an_order_earns_its_term_anew(self):
        standing = self._give(self.gold)
        order = self._create_order(self.candle)
        standing.grade_id = self.bronze
        copy = order.copy()
        self.assertEqual((copy.terms_origin, self._get_days(copy)), ("earned", 14))
        own = self.env["account.payment.term"]._get_net_days(60, self.company)
        order.payment_term_id = own
        copy = order.copy()
        self.assertEqual((copy.terms_origin, copy.payment_term_id), ("given", own))

    def test_quotation_of_before_the_first_policy_keeps_a_term_of_its_own(self):
        self.policy.active = False
        own = self.env["account.payment.term"]._get_net_days(60, self.company)
        order = self._create_order(self.candle, payment_term_id=own.id)
        self.policy.active = True
        order.order_line = [Command.create({"product_id": self.bowl.id})]
        self.assertEqual(order.payment_term_id, own)

    def test_payment_term_of_net_days_is_made_once(self):
        Term = self.env["account.payment.term"]
        first = Term._get_net_days(23, self.company)
        self.assertEqual(first, Term._get_net_days(23, self.company))
        self.assertEqual(first.name, "23 Days")
        # A person made other days of it: another one is made.
        first.line_ids.nb_days = 24
        second = Term._get_net_days(23, self.company)
        self.assertNotEqual(second, first)
        self.assertEqual(second._get_longest_days(), 23)
        second.active = False
        self.assertNotIn(Term._get_net_days(23, self.company), first | second)

    # The credit limit.

    def test_open_invoices_and_the_order_over_the_limit_are_told(self):
        self._create_invoice(450, TODAY)
        order = self._create_order(self.candle, self.candle)
        # 450 and 80 of 500.
        self.assertIn("by $\xa030.00", order.terms_warning.replace("$30", "$\xa030"))
        order.order_line[1].unlink()
        self.assertFalse(order.terms_warning)

    def test_company_that_warns_confirms_all_the_same(self):
        self._create_invoice(490, TODAY)
        order = self._create_order(self.candle)
        self.assertTrue(order.terms_warning)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_company_that_stops_confirms_once_the_limit_is_released(self):
        self.company.terms_limit_policy = "stop"
        seller = new_test_user(
            self.env,
            "seller_over_limit",
            "sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id,
        )
        invoice = self._create_invoice(490, TODAY)
        order = self._create_order(self.candle)
        with self.assertRaisesRegex(UserError, "exceeds the credit limit"):
            order.with_user(seller).action_confirm()
        with self.assertRaises(AccessError):
            order.with_user(seller).action_release_limit()
        order.action_release_limit()
        order.with_user(seller).action_confirm()
        self.assertEqual(order.state, "sale")
        second = self._create_order(self.candle)
        self._pay(invoice, TODAY)
        self.env.invalidate_all()
        second.action_confirm()
        self.assertEqual(second.state, "sale")

    def test_order_confirmed_for_payment_at_once_gets_no_days_over_the_limit(self):
        self.company.terms_limit_policy = "stop"
        at_once = self.env.ref("account.account_payment_term_immediate")
        days = self.env.ref("account.account_payment_term_30days")
        self._create_invoice(490, TODAY)
        order = self._create_order(self.candle, payment_term_id=at_once.id)
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "exceeds the credit limit"):
            order.payment_term_id = days
        order.payment_term_id = at_once
        order.action_release_limit()
        order.payment_term_id = days
        self.assertEqual(order.payment_term_id, days)

    def test_order_that_is_paid_online_is_not_stopped(self):
        self.company.terms_limit_policy = "stop"
        self._create_invoice(490, TODAY)
        order = self._create_order(self.candle)
        with patch.object(type(order), "amount_paid", 40):
            self.assertFalse(order._get_limit_excesses())
            order.action_confirm()
        self.assertEqual(order.state, "sale")

    # What the customer reads.

    def _render(self, order):
        return (
            self.env["ir.actions.report"]
            ._render_qweb_html("sale.action_report_saleorder", order.ids)[0]
            .decode()
        )

    def test_quotation_says_the_term_why_and_what_the_next_grade_needs(self):
        self._buy(6000)
        self._judge()
        order = self._create_order(self.candle)
        html = self._render(order)
        for text in (
            "Grade Silver: 30 days to pay.",
            "it is due on 12/22/2026",
            "2,000.00",
            # 80 points need 8,000.
            "more of turnover in 12 months",
            "Gold: 45 days to pay",
        ):
            self.assertIn(text, html)
        self.assertNotIn("100 points", html)
        self.assertIn("2,000.00", order._explain_terms(for_customer=True)[-1])

    def test_customer_reads_the_term_before_signing(self):
        self._give(self.gold)
        order = self._create_order(self.candle, state="sent")
        page = self.url_open(order.get_portal_url()).text
        self.assertIn("Grade Gold: 45 days to pay.", page)
        self.assertIn("01/06/2027", page)

    def test_quotation_is_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.gold.with_context(lang="fr_FR").name = "Or"
        self._give(self.gold)
        self.assertIn("Or", self._render(self._create_order(self.candle)))

    def test_quotation_without_policy_says_nothing_and_costs_nothing(self):
        self.policy.active = False
        order = self._create_order(self.candle)
        self.env.flush_all()
        self.assertNotIn("earned_terms", self._render(order))
        self.cr.cache.clear()  # as in a transaction of its own
        Policy = self.env["artisan.terms.policy"]
        Policy._get_policies_in_use()
        with self.assertQueryCount(0):
            order._update_earned_terms()
            self.assertFalse(order._get_terms())

    def test_queries_of_terms_do_not_grow_with_lines_or_orders(self):
        self._give(self.gold)
        products = [self.candle, self.bowl] * 10
        small = self._create_order(*products[:2])
        large = self._create_order(*products)
        many = large | self._create_order(*products) | self._create_order(*products)

        def count(orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            orders._get_terms()
            return self.cr.sql_log_count - before

        count(small)
        base = count(small)
        self.assertLessEqual(count(large), base)
        self.assertLessEqual(count(many), base)

    def test_terms_are_looked_up_once_for_a_batch_of_orders(self):
        def count(orders):
            customers = [self._create_partner(f"Shop {n}") for n in range(orders)]
            for customer in customers[::2]:
                self._give(self.gold, customer)
            vals = [
                {
                    "partner_id": customer.id,
                    "company_id": self.company.id,
                    "order_line": [Command.create({"product_id": self.candle.id})],
                }
                for customer in customers
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            self.cr.cache.clear()  # as in a transaction of its own
            before = self.cr.sql_log_count
            made = self.env["sale.order"].create(vals)
            self.env.flush_all()
            queries = self.cr.sql_log_count - before
            return queries, [self._get_days(order) for order in made]

        self.policy.active = False
        count(2)
        without = {size: count(size)[0] for size in (2, 12)}
        self.policy.active = True
        count(2)
        terms = {size: count(size) for size in (2, 12)}
        self.assertEqual(terms[12][1], [45, 14] * 6)
        # Standings, and the payment terms for the amounts; core may read a record more or
        # less for other reasons.
        self.assertLessEqual(terms[2][0] - without[2], 4)
        self.assertLessEqual(terms[12][0] - without[12], 4)

    def test_new_order_gets_its_term_without_being_written_again(self):
        self._give(self.gold)
        written = []
        write = type(self.env["sale.order"]).write

        def note(orders, vals):
            written.append(vals)
            return write(orders, vals)

        with patch.object(type(self.env["sale.order"]), "write", note):
            order = self._create_order(self.candle)
        self.assertFalse([vals for vals in written if "payment_term_id" in vals])
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((order.terms_origin, self._get_days(order)), ("earned", 45))

    def test_changed_grade_or_bound_counts_for_the_next_order(self):
        self._give(self.gold)
        self.assertEqual(self._get_days(self._create_order(self.candle)), 45)
        self.gold.net_days = 50
        self.assertEqual(self._get_days(self._create_order(self.candle)), 50)
        self.anna.write({"has_max_net_days": True, "maker_max_net_days": 20})
        self.assertEqual(self._get_days(self._create_order(self.candle)), 20)
        self.anna.maker_max_net_days = 21
        self.assertEqual(self._get_days(self._create_order(self.candle)), 21)
        self.anna.has_max_net_days = False
        self.assertEqual(self._get_days(self._create_order(self.candle)), 50)

    def test_seller_without_rights_on_policies_sells_on_earned_terms(self):
        seller = new_test_user(
            self.env,
            "seller_plain",
            "sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id,
        )
        self._give(self.gold)
        order = self.env["sale.order"].with_user(seller)
        order = order.create(
            {
                "partner_id": self.customer.id,
                "order_line": [Command.create({"product_id": self.candle.id})],
            }
        )
        self.assertEqual(self._get_days(order), 45)
        self.assertTrue(order.terms_explanation)
