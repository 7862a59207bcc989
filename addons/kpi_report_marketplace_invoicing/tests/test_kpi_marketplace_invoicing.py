from datetime import date

from odoo.tests import freeze_time, tagged

from odoo.addons.marketplace_invoicing.tests.common import MarketplaceCommon

APRIL, MAY = "2026-04", "2026-05"
PERIOD = date(2026, 4, 1), date(2026, 5, 31)


@tagged("post_install", "-at_install")
class TestKpiMarketplaceInvoicing(MarketplaceCommon):
    """What became of the orders of channels, by company and month of their arrival."""

    def _figures(self, start=PERIOD[0], end=PERIOD[1], company=None):
        company = company or self.company
        with freeze_time("2026-06-15 12:00:00"):
            report = self.env["kpi.report"]._get_report(company, start, end)
        [section] = [
            section
            for section in report["sections"]
            if section["code"] == "marketplace_invoicing"
        ]
        [found] = section["companies"]
        return {figure["code"]: figure for figure in found["figures"]}

    def _shown(self, code, **kwargs):
        """Value of the period, then of April and May."""
        figure = self._figures(**kwargs)[code]
        return [figure["value"], *figure["months"].values()]

    def _receive(self, *numbers, at="2026-04-10 10:00:00", minutes=None, **kwargs):
        """Import orders as if they had come then, invoiced so many minutes later."""
        orders = self._import(
            [self._woo_order(number, **kwargs) for number in numbers],
            name=f"{numbers}.json",
        ).order_ids
        self._date(orders, at, minutes)
        return orders

    def _date(self, orders, at, minutes=None):
        """Set when orders and their issues arrived: the clock of the database is real."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE marketplace_order SET create_date = %s WHERE id = ANY(%s)",
            [at, orders.ids],
        )
        self.env.cr.execute(
            "UPDATE marketplace_issue SET create_date = %s WHERE order_id = ANY(%s)",
            [at, orders.ids],
        )
        self.env.cr.execute(
            """UPDATE marketplace_order
                  SET invoiced_date = create_date + %s * INTERVAL '1 minute'
                WHERE id = ANY(%s) AND invoiced_date IS NOT NULL""",
            [minutes or 0, orders.ids],
        )
        self.env.invalidate_all()

    def test_orders_are_counted_in_the_month_they_came(self):
        self._receive(1, 2)
        self._receive(3, at="2026-05-31 23:59:59")
        self._receive(4, at="2026-06-01 00:00:00")
        self._receive(5, at="2026-03-31 23:59:59")
        self.assertEqual(self._shown("orders_received"), [3, 2, 1])
        self.assertEqual(self._shown("orders_invoiced"), [3, 2, 1])
        self.assertEqual(self._shown("untouched_rate"), ["100.00"] * 3)
        self.assertEqual(self._shown("error_rate"), ["0.00"] * 3)

    def test_minutes_are_the_median_of_the_month_and_of_all(self):
        """1, 2 and 60 minutes in April, 30 in May: 2, 30, and 16 between 2 and 30."""
        for number, minutes in ((1, 1), (2, 2), (3, 60)):
            self._receive(number, minutes=minutes)
        self._receive(4, at="2026-05-01 00:00:00", minutes=30)
        self.assertEqual(self._shown("minutes_to_invoice"), ["16.00", "2.00", "30.00"])

    def test_order_with_an_issue_is_an_error_though_it_was_solved(self):
        self._receive(1, 2, 3)
        bad = self._receive(4, lines=[("CUP", 1, "100.00", "15.00")])
        self.assertEqual(self._open_codes(bad), ["unknown_sku"])
        self.assertEqual(self._shown("orders_invoiced")[0], 3)
        self.assertEqual(self._shown("error_rate"), ["25.00", "25.00", None])
        self._map(self.channel, self.bowl, "CUP")
        bad.action_process()
        self.assertEqual(bad.state, "invoiced")
        self._date(bad, "2026-04-10 10:00:00", minutes=5)
        self.assertEqual(self._shown("orders_invoiced")[0], 4)
        self.assertEqual(self._shown("error_rate")[0], "25.00")
        self.assertEqual(self._shown("orders_untouched")[0], 3)
        self.assertEqual(self._shown("untouched_rate")[0], "75.00")

    def test_order_that_a_person_approved_was_touched(self):
        self.channel.review_mode = "review"
        order = self._receive(1)
        self.assertEqual(self._shown("orders_invoiced")[0], 0)
        self.assertIsNone(self._shown("untouched_rate")[0])
        order.action_approve()
        self.assertEqual(self._shown("orders_invoiced")[0], 1)
        self.assertEqual(self._shown("orders_untouched")[0], 0)
        self.assertEqual(self._shown("error_rate")[0], "0.00")

    def test_order_whose_invoice_a_person_asked_for_was_touched(self):
        self.channel.invoice_trigger = "manual"
        order = self._receive(1)
        order.action_invoice_now()
        self.assertEqual(order.state, "invoiced")
        self.assertEqual(self._shown("orders_untouched")[0], 0)

    def test_issue_after_the_invoice_does_not_say_that_a_person_made_it(self):
        order = self._receive(1, minutes=5)
        order.sudo()._add_issue("changed_after_invoice", "Changed later", key="")
        self.env.flush_all()
        self.assertEqual(self._shown("orders_untouched")[0], 1)
        self.assertEqual(self._shown("error_rate")[0], "100.00")

    def test_test_order_of_the_shop_is_none(self):
        order = self._receive(1)
        order.sudo().is_test = True
        self.assertEqual(self._shown("orders_received")[0], 0)

    def test_period_without_orders_has_no_rates(self):
        figures = self._figures()
        self.assertEqual(figures["orders_received"]["value"], 0)
        for code in ("error_rate", "untouched_rate", "minutes_to_invoice"):
            self.assertIsNone(figures[code]["value"])
            self.assertEqual(figures[code]["months"], {APRIL: None, MAY: None})

    def test_company_is_counted_for_itself(self):
        self._receive(1)
        other = self.setup_other_company(name="Atelier")["company"]
        self.assertEqual(self._shown("orders_received", company=other)[0], 0)

    def test_queries_do_not_grow_with_orders_or_months(self):
        self._figures()
        self.env.flush_all()
        counts = []
        for numbers, start in (((1,), PERIOD[0]), (range(2, 12), date(2024, 1, 1))):
            self._receive(*numbers)
            self.env.flush_all()
            with freeze_time("2026-06-15 12:00:00"):
                before = self.env.cr.sql_log_count
                self.env["kpi.report"]._get_marketplace_facts(
                    self.company, start, PERIOD[1]
                )
                counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts, [1, 1])
