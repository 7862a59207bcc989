from odoo.tests import freeze_time, tagged

from .common import AgeCommon

#: What the gate may add to confirming or posting a batch, whatever its size.
MOST_QUERIES = 15


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestGateQueries(AgeCommon):
    """Judging many documents costs as many queries as judging few."""

    def _create_orders(self, count):
        buyers = [self._create_buyer(f"Buyer{number}") for number in range(count)]
        for buyer in buyers:
            self._prove(18, buyer=buyer)
        goods = (self.gin, self.wine, self.cheese)
        orders = [self._create_order(*goods, buyer=buyer) for buyer in buyers]
        return self.env["sale.order"].union(*orders)

    def _read_as_core_does(self, records):
        """What confirming and posting read anyway."""
        for basket in records._get_age_baskets():
            basket.place.country_id.mapped("code")
            basket.company.mapped("name")
            for _line, product in basket.goods:
                product.product_tmpl_id.mapped("name")

    def _count_queries(self, records, gate):
        """Queries of judging the records, with empty caches but for what core reads."""
        self.env.flush_all()
        self.env.invalidate_all()
        self._read_as_core_does(records)
        before = self.cr.sql_log_count
        self.env["age.gate"].sudo()._judge_and_record(records, gate)
        return self.cr.sql_log_count - before

    def _assert_constant(self, few, many, gate):
        self._count_queries(few, gate)  # access rules and the like are read once
        count = self._count_queries(few, gate)
        self.assertEqual(self._count_queries(many, gate), count)
        self.assertLessEqual(count, MOST_QUERIES)

    def test_many_orders_cost_as_many_queries_as_few(self):
        few, many = self._create_orders(3), self._create_orders(100)
        self._assert_constant(few, many, "confirm")

    def test_many_invoices_cost_as_many_queries_as_few(self):
        few, many = self._create_orders(3), self._create_orders(100)
        (few | many).action_confirm()
        few, many = (orders._create_invoices(grouped=True) for orders in (few, many))
        self._assert_constant(few, many, "invoice")

    def test_reading_many_invoices_costs_as_many_queries_as_few(self):
        few, many = self._create_orders(3), self._create_orders(100)
        (few | many).action_confirm()
        few, many = (orders._create_invoices(grouped=True) for orders in (few, many))
        counts = []
        for invoices in (few, few, many):  # access rules are read the first time
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            invoices._get_age_baskets()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
