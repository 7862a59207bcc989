"""What goes back for goods of a posted invoice.

All follows from quantities: what a line brings back is what it was sold for up to the quantity
that came back by now, less the same up to the quantity before. So refunds in parts sum to the
whole. Discounts go back with the goods that they were shared out to; for a bundle that is
re-priced, what is kept is charged with what it costs on its own.

Amounts are as lines of an invoice state them: with taxes that are in the price, without others.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from .decimals import to_decimal, to_unit
from .engine.bundles import REPRICE, Bundle, Part, refund
from .engine.money import HUNDRED, ZERO, PricingError, round_to, share_out


@dataclass(frozen=True, slots=True)
class GoingBack:
    """What a refund gives back; amounts of zero are left out.

    :ivar goods: invoice line -> (quantity, amount)
    :ivar discounts: invoice line of a discount -> {line of goods: amount that lessens the refund}
    :ivar kept: invoice line of a bundle's part that is kept -> amount to charge for it; below
        zero where an earlier charge goes back
    """

    goods: dict
    discounts: dict = field(default_factory=dict)
    kept: dict = field(default_factory=dict)

    def get_total(self):
        return (
            sum((amount for _quantity, amount in self.goods.values()), ZERO)
            - sum((sum(each.values()) for each in self.discounts.values()), ZERO)
            - sum(self.kept.values(), ZERO)
        )

    def get_by_line(self, bundles):
        """Invoice line -> what its goods bring back, less discounts and, for the parts of a
        bundle, what is charged for the others.

        :param bundles: [lines of the parts of one bundle]
        """
        amounts = {line: amount for line, (_quantity, amount) in self.goods.items()}
        for shares in self.discounts.values():
            for line, share in shares.items():
                amounts[line] -= share
        for parts in bundles:
            charged = sum((self.kept.get(line, ZERO) for line in parts), ZERO)
            back = [line for line in parts if line in amounts]
            if charged and back:
                largest = max(back, key=lambda line: (amounts[line], line.id))
                amounts[largest] -= charged
        return amounts


class GoodsRefund:
    """The goods of one invoice, with what was refunded of them until now.

    :param move: posted customer invoice (``account.move``)
    """

    def __init__(self, move):
        self._move = move
        self._step = to_decimal(move.currency_id.rounding)
        lines = move.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and not line.is_downpayment
        )
        self.goods = lines.filtered(
            lambda line: line.quantity > 0 and line.price_subtotal >= 0
        )
        self._discount_lines = (lines - self.goods).filtered(
            lambda line: line.price_subtotal < 0
        )
        self._sold = {line: to_decimal(line.quantity) for line in self.goods}
        self._amounts = {line: self._get_amount(line) for line in lines}
        self.before, self._kept_before = self._get_before()
        self._shares = None  # discount line -> {line of goods: share}
        self.bundles = self._get_bundles()

    def get_left(self, line):
        """The quantity that can still come back (Decimal)."""
        return max(ZERO, self._sold[line] - self.before[line])

    def is_all_back(self, quantities):
        """Whether nothing is left once these come back."""
        return all(
            self.get_left(line) <= quantities.get(line, ZERO) for line in self.goods
        )

    def get_settled_taxes(self, quantities):
        """The taxes (``account.tax``) of which nothing is left once these come back."""
        taxes = (self.goods | self._discount_lines).tax_ids
        left = self._get_left_lines(quantities).tax_ids
        return taxes.flatten_taxes_hierarchy() - left.flatten_taxes_hierarchy()

    def get_settled_groups(self, quantities):
        """[taxes that lines have together (``account.tax``, maybe none)] of which no line is
        left once these come back."""
        lines, left = (
            self.goods | self._discount_lines,
            self._get_left_lines(quantities),
        )
        return list(lines.grouped("tax_ids").keys() - left.grouped("tax_ids").keys())

    def _get_left_lines(self, quantities):
        """Goods of which something is left once these come back, with their discounts."""
        left = self.goods.filtered(
            lambda line: self.get_left(line) > quantities.get(line, ZERO)
        )
        open_discounts = [
            discount
            for discount, shares in self._get_shares().items()
            if any(shares.get(line) for line in left)
        ]
        return left.union(*open_discounts)

    def compute(self, quantities):
        """
        :param quantities: {line of goods: quantity that comes back now (Decimal)}
        :return: :class:`GoingBack`
        :raise PricingError: less than nothing, or more than is left
        """
        now = {line: quantity for line, quantity in quantities.items() if quantity}
        for line, quantity in now.items():
            left = self.get_left(line)
            if not 0 <= quantity <= left:
                raise PricingError(line.name or "", quantity, f"{left} can come back")
        goods = {
            line: (quantity, self._between(self._amounts[line], line, quantity))
            for line, quantity in now.items()
        }
        discounts = {}
        for discount, shares in self._get_shares().items() if now else ():
            back = {
                line: self._between(share, line, now[line])
                for line, share in shares.items()
                if line in now
            }
            discounts[discount] = {line: each for line, each in back.items() if each}
        discounts = {line: back for line, back in discounts.items() if back}
        kept = {}
        for parts in self.bundles:
            kept |= self._charge_kept(parts, now, goods, discounts)
        return GoingBack(goods, discounts, kept)

    # What was sold and came back

    def _get_amount(self, line):
        rate = (HUNDRED - to_decimal(line.discount)) / HUNDRED
        price = to_decimal(line.price_unit)
        return round_to(to_decimal(line.quantity) * price * rate, self._step)

    def _get_before(self):
        """What credit notes took back, drafts as well.

        :return: {line of goods: quantity}, {line of a part: amount charged for keeping it}
        """
        before = dict.fromkeys(self.goods, ZERO)
        kept = defaultdict(lambda: ZERO)
        credits_ = self._move.reversal_move_ids.filtered(
            lambda move: move.move_type == "out_refund" and move.state != "cancel"
        )
        lines = credits_.invoice_line_ids
        named = lines.filtered(lambda line: line._get_taken_back())
        for line in named:
            origin = line.refunded_line_id
            if origin not in before:
                continue
            if line.is_bundle_correction:
                kept[origin] -= self._get_amount(line)
            else:
                before[origin] += to_unit(line.quantity, line, origin)
        for line in lines - named:
            self._count_unnamed(line, before)
        return before, kept

    def _count_unnamed(self, line, before):
        """Count what a line of a credit note made elsewhere takes back, on what is left of
        the lines that it may be for; what is more than that, on the first.

        :param before: {line of goods: quantity}
        """
        origins = self._find_origins(line)
        rest = line.quantity
        for origin in origins:
            quantity = to_unit(rest, line, origin)
            taken = min(quantity, max(ZERO, self._sold[origin] - before[origin]))
            before[origin] += taken
            rest = float(to_unit(float(quantity - taken), origin, line))
        for origin in origins[:1]:
            before[origin] += to_unit(rest, line, origin)

    def _find_origins(self, line):
        """The lines that one of a credit note made elsewhere may take back: of its order line
        or else of its product, those at its price first."""

        def fits(origin):
            if line.sale_line_ids:
                return origin.sale_line_ids & line.sale_line_ids
            return line.product_id and line.product_id == origin.product_id

        return self.goods.filtered(fits).sorted(
            lambda origin: origin.price_unit != line.price_unit
        )

    def _between(self, amount, line, quantity):
        """The part of an amount that goes back with a quantity of a line."""
        before = self.before[line]
        return self._up_to(amount, line, before + quantity) - self._up_to(
            amount, line, before
        )

    def _up_to(self, amount, line, quantity):
        """The part of an amount that is a quantity's of a line, rounded."""
        part = Fraction(quantity) / Fraction(self._sold[line])
        return round_to(Fraction(amount) * part, self._step)

    # Discounts

    def _get_shares(self):
        if self._shares is None:
            self._shares = {
                line: self._share_out(line)
                for line in self._discount_lines
                if self._amounts[line]
            }
        return self._shares

    def _share_out(self, discount):
        """What a discount takes off each line of goods, as amounts above zero."""
        goods = self.goods.filtered(lambda line: line.tax_ids == discount.tax_ids)
        weights = self._get_borne(discount, goods or self.goods)
        if not any(weights.values()):
            weights = {line: self._amounts[line] for line in goods or self.goods}
        if not weights:
            return {}
        places = {line: place for place, line in enumerate(weights)}
        shares = share_out(
            -self._amounts[discount],
            {places[line]: weight for line, weight in weights.items()},
            self._step,
        )
        return {line: shares[place] for line, place in places.items()}

    def _get_borne(self, discount, goods):
        """What lines of the order bear of a reward, for the part that is invoiced."""
        rewards = {str(line.reward_id.id) for line in discount.sale_line_ids.sudo()} - {
            "False"
        }
        if not rewards:
            return {}
        # Who may credit an invoice may not see its order, nor rewards.
        orders = discount.sale_line_ids.sudo().order_id
        sold = {}
        for lines in orders._get_sold_lines().values():
            sold |= {line.id: each for line, each in lines.items()}
        weights = {}
        for line in goods:
            sale_line = line.sale_line_ids.sudo()[:1]
            if sale_line.id not in sold or not sale_line.product_uom_qty:
                weights[line] = ZERO
                continue
            borne = sum(
                (
                    each.by_maker + each.by_platform
                    for each in sold[sale_line.id].discounts
                    if each.promotion in rewards
                ),
                ZERO,
            )
            part = Fraction(self._sold[line]) / Fraction(
                to_decimal(sale_line.product_uom_qty)
            )
            weights[line] = Fraction(borne) * part
        return weights

    # Bundles

    def _get_bundles(self):
        """[lines of the parts] of each bundle that is re-priced and was invoiced whole."""
        by_bundle = defaultdict(self.goods.browse)
        for line in self.goods:
            sale_line = line.sale_line_ids.sudo()[:1]
            if sale_line.combo_item_id and sale_line.linked_line_id:
                by_bundle[sale_line.linked_line_id] |= line
        return [
            lines
            for bundle, lines in by_bundle.items()
            if bundle.product_template_id.bundle_refund == REPRICE
            and self._is_whole(bundle, lines)
        ]

    def _is_whole(self, bundle, lines):
        parts = bundle.linked_line_ids.filtered("combo_item_id")
        count = self._sold[lines[0]]
        price = sum((self._amounts[line] for line in lines), ZERO) / count
        return (
            len(lines) == len(parts)
            and all(self._sold[line] == count for line in lines)
            and not count % 1
            and price > 0
            and round_to(price, self._step) == price
            and any(
                line.sale_line_ids.sudo().mapped("bundle_list_price")[0]
                for line in lines
            )
        )

    def _charge_kept(self, parts, now, goods, discounts):
        """What is charged for the parts of a bundle that are kept, beside their share.

        Discounts lessen it like the price. It never exceeds what goes back for the others.
        """
        back = [line for line in parts if line in now]
        if not back:
            return {}
        target = self._get_charge(parts, now)
        charges = {line: target[line] - self._kept_before[line] for line in parts}
        gives = sum((goods[line][1] for line in back), ZERO) - sum(
            (shares.get(line, ZERO) for shares in discounts.values() for line in back),
            ZERO,
        )
        total = sum(charges.values(), ZERO)
        if total > gives:
            weights = {
                place: max(ZERO, charge)
                for place, charge in enumerate(charges.values())
            }
            limited = share_out(max(ZERO, gives), weights, self._step)
            charges = dict(zip(charges, limited.values(), strict=True))
        return {line: charge for line, charge in charges.items() if charge}

    def _get_charge(self, parts, now):
        """Line -> what its kept units cost above their share, when these came back."""
        bundle = self._to_bundle(parts)
        count = self._sold[parts[0]]
        returned = {line: self.before[line] + now.get(line, ZERO) for line in parts}
        weights = {
            place: (count - returned[line]) * part.list_price
            for place, (line, part) in enumerate(zip(parts, bundle.parts, strict=True))
        }
        if not any(weights.values()):
            return dict.fromkeys(parts, ZERO)
        by_id = {line.id: units for line, units in returned.items()}
        repriced = refund(bundle, count, by_id, policy=REPRICE).total
        simple = sum(
            (self._up_to(self._amounts[line], line, returned[line]) for line in parts),
            ZERO,
        )
        charges = share_out(max(ZERO, simple - repriced), weights, self._step)
        return {
            line: round_to(Fraction(charge) * self._get_net_part(line), self._step)
            for line, charge in zip(parts, charges.values(), strict=True)
        }

    def _to_bundle(self, parts):
        """The engine's bundle, at the prices of the sale."""
        price = sum((self._amounts[line] for line in parts), ZERO)
        return Bundle(
            price / self._sold[parts[0]],
            tuple(
                Part(
                    line.id, to_decimal(line.sale_line_ids.sudo()[:1].bundle_list_price)
                )
                for line in parts
            ),
            self._step,
        )

    def _get_net_part(self, line):
        """Which part of a line's amount is left after discounts (Fraction)."""
        amount = Fraction(self._amounts[line])
        if not amount:
            return Fraction(1)
        taken = sum(
            (each.get(line, ZERO) for each in self._get_shares().values()), ZERO
        )
        return max(Fraction(0), (amount - Fraction(taken)) / amount)
