from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import AgeStockCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestDeliveryEvidence(AgeStockCommon):
    """Each delivery that was refused is on record, however soon after another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule_spirits.active = False
        cls._create_rule(cls.spirits_class, cls.germany, 0, kind="prohibited")

    def _attempt(self, *deliveries):
        """Finish deliveries without the rollback that follows."""
        for delivery in deliveries:
            try:
                delivery._action_done()
            except UserError:
                continue
            self.fail("It was not refused.")

    def _ready(self):
        """A delivery made by hand that may not leave."""
        picking = self._create_picking(self.buyer, self.gin)
        picking.move_ids.picked = True
        return picking

    def _get_incidents(self):
        domain = [("company_id", "=", self.company.id), ("kind", "=", "prohibited")]
        return self.env["age.incident"].search(domain, order="number")

    def test_two_deliveries_without_an_order_are_an_incident_each(self):
        first, second = self._ready(), self._ready()
        self._attempt(first, second, first)
        self.assertEqual(
            self._get_incidents().mapped("document"), [first.name, second.name]
        )

    def test_two_moves_without_a_transfer_are_an_incident_each(self):
        moves = self._ready().move_ids | self._ready().move_ids
        moves.picking_id = False
        moves.partner_id = self.buyer
        self._attempt(*moves, *moves)
        self.assertEqual(len(self._get_incidents()), 2)
        self.assertEqual(len(set(self._get_incidents().mapped("document"))), 2)

    def test_two_deliveries_of_an_order_are_an_incident_each(self):
        self._prove(16)
        first = self._deliver(self.wine)
        order = first.sale_id
        second = first.copy()
        self._add(first, self.gin)
        self._add(second, self.gin)
        (first | second).move_ids.picked = True
        self._attempt(first, second, first)
        incidents = self._get_incidents()
        self.assertEqual(incidents.mapped("note"), [first.name, second.name])
        self.assertEqual(incidents.order_id, order)

    def test_check_tells_which_delivery_it_was_about(self):
        picking = self._ready()
        self._attempt(picking)
        check = self.env["age.check"].search([("gate", "=", "delivery")], limit=1)
        self.assertEqual(check.document, picking.name)
        self.assertIn(picking.name, check.display_name)
