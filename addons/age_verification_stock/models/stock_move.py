from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.age_verification.facts import Basket
from odoo.addons.age_verification.on_the_way import get_on_the_way, on_the_way

#: Moves that were judged on their way to done, in the cursor.
JUDGED = "age_verification_stock.judged"


class StockMove(models.Model):
    _inherit = "stock.move"

    # === JUDGING === #

    def _get_age_leaving(self):
        """Moves of restricted products that leave for a buyer, wherever they come from.

        What comes back, or goes back to a vendor, is not sold. Who buys in a shop stands
        before somebody.
        """
        return self.filtered(
            lambda move: (
                any(place._is_outgoing() for place in move._get_age_destinations())
                and not move._is_age_sold_in_shop()
                and any(move._get_age_products().age_class_id.mapped("is_restricted"))
            )
        )

    def _get_age_destinations(self):
        """Where the goods go: each operation may send its own elsewhere."""
        return self.location_dest_id | self.move_line_ids.location_dest_id

    def _get_age_products(self):
        """What the moves hand over to the buyer; operations may be of other products."""
        products = self.product_id | self.move_line_ids.product_id
        return products._get_age_products(self.company_id[:1])

    def _get_age_quantity(self, product):
        """How much leaves, in the product's unit; before anything is picked, how much is
        to leave.
        """
        return self.product_uom._compute_quantity(
            self.quantity or self.product_uom_qty, product.uom_id, round=False
        )

    def _is_age_sold_in_shop(self):
        """Whether a cashier hands the goods over, rather than a carrier later."""
        # A transfer knows its session when the point of sale is installed.
        session = getattr(self.picking_id, "pos_session_id", None)
        return bool(
            session and session.config_id.picking_type_id == self.picking_type_id
        )

    def _get_age_order(self):
        """The order that the move belongs to, be it as an extra; may be none."""
        return self.sale_line_id.order_id or self.picking_id.sale_id

    def _get_age_place(self):
        """Where the goods go: the transfer says so, it may have been sent elsewhere.

        The partner of what a vendor delivers to the buyer is the vendor.
        """
        ordered = self.partner_id or self._get_age_order().partner_shipping_id
        if self.location_id.usage == "supplier":
            return ordered or self.picking_id.partner_id
        return self.picking_id.partner_id or ordered

    def _get_age_people(self):
        """Who has to be of age: the buyer, and who gets it instead of them."""
        order, place = self._get_age_order(), self._get_age_place()
        buyer = order.partner_id
        if order and (
            place in (order.partner_shipping_id, buyer)
            or place.commercial_partner_id == buyer.commercial_partner_id
        ):
            return [buyer]
        is_address = place.parent_id and place.type != "contact"
        recipient = place.parent_id if is_address else place
        return [buyer, recipient] if order else [recipient]

    def _get_age_baskets(self):
        """The deliveries as :class:`facts.Basket`, by the law of today.

        The document is the transfer, or a move without one. It has a basket for each order,
        place and person.
        """
        goods = defaultdict(list)
        for move in self:
            delivery, order = move.picking_id or move, move._get_age_order()
            pairs = [(move, product) for product in move._get_age_products()]
            for person in move._get_age_people():
                goods[delivery, order, person, move._get_age_place()] += pairs
        return [
            Basket(
                record=delivery,
                company=delivery.company_id,
                person=person,
                place=place,
                day=delivery.company_id._get_age_today(),
                goods=tuple(pairs),
                order=order,
            )
            for (delivery, order, person, place), pairs in goods.items()
        ]

    # === GATE: DELIVERY === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `stock`: what is added to a finished transfer leaves at once."""
        moves = super().create(vals_list)
        moves.filtered(lambda move: move.state == "done")._check_age()
        return moves

    def write(self, vals):
        """Override of `stock`: no move is finished past the gate."""
        if vals.get("state") == "done":
            unfinished = self.filtered(lambda move: move.state != "done")
            (unfinished - get_on_the_way(self, JUDGED))._check_age()
        return super().write(vals)

    def _check_age(self):
        """:raises UserError: with the reason of each delivery that is refused"""
        refused = self._age_find_refused()
        if refused:
            raise UserError("\n\n".join(refused.values()))

    def _action_done(self, cancel_backorder=False):
        """Override of `stock`: nothing is handed over that the buyer may not have.

        The one place that the button, batches, scanners and other addons have in common.
        The proof may have ended since the order was confirmed, the goods or the destination
        may be others.

        :raises UserError: with the reason of each delivery; a background job goes on with
            the others instead
        """
        refused = self._age_stop_refused()
        moves = self.filtered(lambda move: (move.picking_id or move) not in refused)
        with on_the_way(moves, JUDGED):
            return super(StockMove, moves)._action_done(cancel_backorder)

    def _age_stop_refused(self):
        """Tell a person what is refused; in the background give a task instead.

        :return: the transfers, or moves without one, to leave out
        :raises UserError: a person is at work
        """
        refused = self._get_age_handed_over()._age_find_refused()
        if refused and not self._is_age_background():
            raise UserError("\n\n".join(refused.values()))
        for delivery, reason in refused.items():
            if delivery._name == "stock.picking":
                delivery._age_give_task(reason)
        return list(refused)

    @api.model
    def _is_age_background(self):
        """Whether nobody is there to be told."""
        return bool(self.env.context.get("cron_id"))

    def _get_age_handed_over(self):
        """Those of the moves that core is about to finish."""
        return (self - get_on_the_way(self, JUDGED)).filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and move.picked
                # A draft is reserved on its way.
                and (move.quantity > 0 or move.state == "draft")
            )
        )

    def _age_find_refused(self):
        """{transfer, or move without one: why it is refused}, decisions recorded."""
        leaving = self.sudo()._get_age_leaving()
        if not leaving:
            return {}
        verdicts = self.env["age.gate"].sudo()._judge_and_record(leaving, "delivery")
        reasons = {
            delivery: leaving._get_age_refusal(verdict)
            for delivery, verdict in verdicts.items()
        }
        self._age_note_destinations(verdicts.values())
        return {
            delivery.with_env(self.env): reason
            for delivery, reason in reasons.items()
            if reason
        }

    @api.model
    def _age_note_destinations(self, verdicts):
        """An incident for each refused delivery that goes elsewhere than its order."""
        gate = self.env["age.gate"].sudo()
        first = [verdict.refused[0] for verdict in verdicts if verdict.refused]
        moved = [line for line in first if _is_elsewhere(line.basket)]
        self.env["age.incident"]._record(
            [
                gate._prepare_incident(line.basket, "destination", "delivery", line)
                for line in moved
            ]
        )

    @api.model
    def _get_age_refusal(self, verdict):
        """Why a delivery has to wait, and what to do about it, or False.

        Other addons add reasons of their own.

        :param verdict: :class:`facts.Verdict` on the delivery
        """
        held = any(basket.order.age_held_since for basket in verdict.baskets)
        if verdict.is_allowed and not held:
            return False
        why = [self.env["age.gate"].sudo()._describe(verdict)]
        if verdict.is_allowed:
            why = [self.env._("The order is held until the buyer's age is proved.")]
        elif any(map(_is_elsewhere, verdict.baskets)):
            why.append(self.env._("It goes elsewhere than its order says."))
        return self.env._(
            "%(delivery)s is not validated.\n%(why)s\n\nAsk for proof of age on the order, "
            "or deliver the other goods only.",
            delivery=verdict.record.display_name,
            why="\n".join(why),
        )


def _is_elsewhere(basket):
    """Whether a delivery goes to another address than its order."""
    return bool(basket.order) and basket.place != basket.order.partner_shipping_id
