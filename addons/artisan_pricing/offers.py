"""Rewards on an order that do not all go together: which of them stay.

The engine decides, on what the order's lines cost with tax before rewards.
"""

from .decimals import to_decimal
from .engine import promotions
from .engine.funding import BY_PLATFORM
from .engine.money import round_to


class Offers:
    """Rewards that an order has or might get.

    :param order: ``sale.order`` that may be read with its loyalty programs
    :param offers: reward -> card whose points it costs, maybe empty
    """

    def __init__(self, order, offers):
        self._order = order
        self._step = to_decimal(order.currency_id.rounding)
        self._applied = order.order_line.filtered("reward_id").grouped("reward_id")
        self._lines = {
            line: promotions.Line(
                str(line.id),
                amount,
                product=str(line.id),
                maker=self._get_maker(line.product_id),
                quantity=to_decimal(line.product_uom_qty),
                is_delivery=line._is_delivery(),
            )
            for line in order.order_line
            if line._is_sold() and not line.reward_id
            # Returns and discounts typed as lines take no part.
            if (amount := self._to_amount(line.price_total)) > 0
            if line.product_uom_qty > 0
        }
        self._gifts = []
        self._rewards = {}  # key -> reward
        self._promotions = [
            promotion
            for reward, coupon in offers.items()
            for promotion in self._to_promotions(reward, coupon)
        ]

    def get_excluded(self):
        """:return: reward that does not count -> rewards that exclude it, which stay"""
        applied = promotions.apply(
            [*self._lines.values(), *self._gifts], self._promotions, self._step
        )
        return {
            self._rewards[each.promotion]: self._order.env["loyalty.reward"].union(
                *(self._rewards[key] for key in each.excluded_by)
            )
            for each in applied.left_out
            if each.reason == promotions.EXCLUDED
        }

    # Helpers

    def _to_promotions(self, reward, coupon):
        stage, kind, _id = reward._get_rank()
        stage, kind = promotions.STAGES[stage], promotions.KINDS[kind]
        if stage == promotions.WALLET:
            return
        lines = reward._get_covered_lines(self._order)
        products = {str(line.id) for line in lines if line in self._lines}
        if kind == promotions.FREE_PRODUCT:
            value, products = self._add_gift(reward, coupon)
        else:
            kind, value = self._get_value(reward, coupon, lines)
        if not products or value <= 0:
            return
        program = reward.program_id
        maker = program.maker_id
        key = f"{reward.id:012d}"
        self._rewards[key] = reward
        yield promotions.Promotion(
            key,
            stage,
            kind,
            value,
            BY_PLATFORM,
            makers=frozenset([str(maker.id)]) if maker else None,
            products=frozenset(products),
            group=str(program.stack_group_id.id or f"none-{key}"),
            stackable=program.is_stackable,
            maximum=self._convert(reward, reward.discount_max_amount) or None,
        )

    def _get_value(self, reward, coupon, lines):
        """Kind and value of a discount."""
        if reward._get_kind() == promotions.PERCENT:
            if reward.discount_applicability != "cheapest":
                return promotions.PERCENT, to_decimal(reward.discount)
            unit = sum(
                line.price_total / line.product_uom_qty
                for line in lines
                if line in self._lines
            )
            return promotions.FIXED, self._to_amount(unit * reward.discount / 100)
        if reward in self._applied:  # points are spent, shipping is known
            taken = sum(self._applied[reward].mapped("price_total"))
            return promotions.FIXED, self._to_amount(-taken)
        if reward.reward_type != "discount":
            return promotions.FIXED, self._to_amount(sum(lines.mapped("price_total")))
        amount = reward.discount
        if reward.discount_mode == "per_point":
            amount *= self._get_points(reward, coupon)
        return promotions.FIXED, self._convert(reward, amount)

    def _add_gift(self, reward, coupon):
        """Number of free units, and the lines that the gift is about: itself and those with
        its products."""
        if reward in self._applied:
            line = self._applied[reward][:1]
            product, quantity = line.product_id, line.product_uom_qty
            price = line.price_unit
        else:
            product = reward.reward_product_ids[:1]
            if not product:
                return to_decimal(0), set()
            claims = self._get_points(reward, coupon) // reward.required_points
            quantity = reward.reward_product_qty * max(claims, 1)
            price = self._order.pricelist_id._get_product_price(
                product, quantity, currency=self._order.currency_id
            )
        products = {
            key.product
            for line, key in self._lines.items()
            if line.product_id in reward.reward_product_ids
        }
        amount = self._to_amount(price * quantity)
        if amount > 0:
            key = f"gift-{reward.id}"
            maker = self._get_maker(product)
            quantity = to_decimal(quantity)
            self._gifts.append(
                promotions.Line(
                    key, amount, product=key, maker=maker, quantity=quantity
                )
            )
            products.add(key)
        return to_decimal(quantity), products

    def _get_points(self, reward, coupon):
        points = coupon and self._order._get_real_points_for_coupon(coupon)
        return points or reward.required_points

    def _get_maker(self, product):
        return str(product.maker_id.id) if product.maker_id else None

    def _convert(self, reward, amount):
        order = self._order
        return self._to_amount(
            reward.currency_id._convert(amount, order.currency_id, order.company_id)
        )

    def _to_amount(self, amount):
        return round_to(to_decimal(amount), self._step)
