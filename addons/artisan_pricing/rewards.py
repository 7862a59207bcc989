"""What the rewards of an order take off its lines, and who pays for it.

Core computes the amounts of rewards and writes them as lines of the order. Here these very
amounts are shared out to the lines that they are for, in the fixed order of promotions. So
what makers and platform get always sums to what the customer pays, whatever the reward, the
taxes or the currency.
"""

from collections import defaultdict

from .decimals import to_decimal
from .engine import promotions
from .engine.earning import Borne, SoldLine
from .engine.funding import BY_PLATFORM
from .engine.money import round_to


class RewardShares:
    """The rewards of one order, shared out to its lines.

    :param order: ``sale.order`` that may be read with its loyalty programs
    """

    def __init__(self, order):
        self._order = order
        self._step = to_decimal(order.currency_id.rounding)
        self._sold = order.order_line.filtered(lambda line: line._is_sold())
        self._amounts = self._get_amounts()
        self._gross = {line: self._amounts[line] for line in self._sold}
        self._gross |= self._get_free_amounts()
        self._keys = {
            line: f"{line.product_id.id or 0:012d}-{place:06d}"
            for place, line in enumerate(self._sold)
        }
        self._reward_lines = {}  # key of the promotion -> line of the order
        self._applied = self._share_out()

    def get_sold_lines(self):
        """:return: order line -> :class:`~.engine.earning.SoldLine`; they sum to the order's
        amount without tax. What cannot be shared out is under the line of its reward."""
        nets = self.get_nets()
        borne = self._get_borne()
        sold = {
            line: SoldLine(
                str(line.id),
                self._get_maker(line),
                nets[line],
                tuple(
                    Borne(reward, *amounts) for reward, amounts in borne[line].items()
                ),
                line._is_delivery(),
            )
            for line in self._sold
        }
        for line, rest in self.get_rests().items():
            sold[line] = SoldLine(str(line.id), None, rest)
        return sold

    def get_nets(self):
        """:return: sold line -> what is left of its price without tax (Decimal)."""
        nets = self._applied.nets()
        return {
            line: nets.get(self._keys[line], self._gross[line]) for line in self._sold
        }

    def get_gross(self):
        """:return: sold line -> its price without tax before rewards (Decimal)."""
        return self._gross

    def get_shares(self):
        """:return: [(line of the reward, sold line, by maker, by platform)] as they apply."""
        lines = {key: line for line, key in self._keys.items()}
        return [
            (
                self._reward_lines[share.promotion],
                lines[share.line],
                share.by_maker,
                share.by_platform,
            )
            for share in self._applied.shares()
        ]

    def get_rests(self):
        """What is left over of rewards: a cent of rounding, or tax that a wallet paid.

        :return: line of a reward -> amount, negative on a sale; the platform's
        """
        rests = {
            line: self._amounts[line]
            for line in self._order.order_line
            if line.reward_id and line not in self._gross
        }
        taken = self._applied.by_promotion()
        for key, line in self._reward_lines.items():
            if line in rests:
                rests[line] += taken.get(key, 0)
        return {line: rest for line, rest in rests.items() if rest}

    def get_scope(self, line):
        """What the reward of a line is for, as it is now, to be kept on the line.

        :return: {"stage": one of the engine's, "kind": place among its kinds, "lines": ids of
            the sold lines from which it takes something off}
        """
        program = line.reward_id.program_id
        _stage, kind, _id = line.reward_id._get_rank()
        lines = self._get_covered(line)
        if program.maker_id:
            lines = lines.filtered(
                lambda each: each.product_id.maker_id == program.maker_id
            )
        return {"stage": program._get_stage(), "kind": kind, "lines": lines.ids}

    # Helpers

    def _share_out(self):
        if not self._order.order_line.reward_id:
            return promotions.apply((), (), self._step)
        lines = [
            promotions.Line(
                self._keys[line],
                amount,
                product=self._keys[line],
                maker=self._get_maker(line),
                quantity=to_decimal(line.product_uom_qty),
                is_delivery=line._is_delivery(),
            )
            for line, amount in self._gross.items()
            # A discount typed as a line of its own takes no part, nobody's goods bear it.
            if amount * to_decimal(line.product_uom_qty) > 0
        ]
        sign = 1 if any(line.amount > 0 for line in lines) else -1
        offered = [
            promotion
            for place, line in enumerate(self._order.order_line)
            if line.reward_id
            for promotion in self._to_promotions(line, place, sign)
        ]
        return promotions.apply(lines, offered, self._step)

    def _to_promotions(self, line, place, sign):
        """The line of a reward as a fixed amount over the lines that it covers."""
        value = -sign * self._amounts[line]
        if line in self._gross:
            value += sign * self._gross[line]
        scope = self._get_kept_scope(line) or self.get_scope(line)
        covered = self._sold.browse(scope["lines"])
        if value <= 0 or not covered:
            return
        reward, stage = line.reward_id, scope["stage"]
        key = f"{scope['kind']}-{reward.id:012d}-{place:06d}"
        self._reward_lines[key] = line
        is_wallet = stage == promotions.WALLET
        yield promotions.Promotion(
            key,
            stage,
            promotions.FIXED,
            value,
            BY_PLATFORM if is_wallet else reward._to_funding(line.maker_percent),
            # Whose products they were: the lines say it, and products may change hands.
            makers=(
                frozenset(self._get_maker(each) for each in covered)
                if stage == promotions.MAKER
                else None
            ),
            products=frozenset(self._keys[each] for each in covered),
            group=key,
        )

    def _get_kept_scope(self, line):
        """What the confirmed order keeps of a reward: rewards that are edited later change
        nothing of what was sold. None: nothing is kept, or no line of it is left."""
        kept = line.reward_scope if self._order.state not in ("draft", "sent") else None
        if not kept:
            return None
        lines = [each for each in kept["lines"] if each in self._sold.ids]
        return kept | {"lines": lines} if lines else None

    def _get_covered(self, line):
        """The lines that the line of a reward is for: those of its taxes.

        When none is left, as products have changed since, all that it may be for.
        """
        reward = line.reward_id
        if line in self._gross:  # a free product pays for itself
            return line
        scope = reward._get_covered_lines(self._order) & self._sold
        if reward.program_id.is_payment_program or reward.reward_type != "discount":
            return scope
        taxes = self._get_tax_key(line.tax_ids)
        return scope.filtered(
            lambda each: self._get_tax_key(each.tax_ids) == taxes
        ) or (scope or self._sold.filtered(lambda each: not each.reward_id))

    def _get_tax_key(self, taxes):
        """Taxes as core groups discounts by them: mapped once more, without fixed ones."""
        flat = taxes.flatten_taxes_hierarchy()
        mapped = self._order.fiscal_position_id.map_tax(flat)
        return mapped.filtered(lambda tax: tax.amount_type != "fixed")

    def _get_amounts(self):
        """Order line -> its amount without tax; they sum to the order's.

        Where taxes are rounded over the order, an included tax can leave a cent that is on no
        line. Core puts it on one when it invoices, and so it is here.
        """
        lines, currency = self._order.order_line, self._order.currency_id
        total = sum(line.price_subtotal for line in lines)
        if not currency.compare_amounts(total, self._order.amount_untaxed):
            return {line: self._to_amount(line.price_subtotal) for line in lines}
        amounts = dict.fromkeys(lines, self._to_amount(0))
        return amounts | self._compute_amounts(self._order._get_priced_lines())

    def _get_free_amounts(self):
        """What free products would cost without tax."""
        return self._compute_amounts(self._sold.filtered("reward_id"), discount=0.0)

    def _compute_amounts(self, lines, **changes):
        """Line -> amount without tax, rounded over the lines."""
        if not lines:
            return {}
        company, AccountTax = self._order.company_id, self._order.env["account.tax"]
        base_lines = [
            line._prepare_base_line_for_taxes_computation(**changes) for line in lines
        ]
        AccountTax._add_tax_details_in_base_lines(base_lines, company)
        AccountTax._round_base_lines_tax_details(base_lines, company)
        details = [base_line["tax_details"] for base_line in base_lines]
        return {
            line: self._to_amount(
                detail["total_excluded_currency"]
                + detail["delta_total_excluded_currency"]
            )
            for line, detail in zip(lines, details, strict=True)
        }

    def _get_borne(self):
        """Sold line -> id of the reward -> (by maker, by platform)."""
        borne = defaultdict(dict)
        for reward_line, line, *amounts in self.get_shares():
            before = borne[line].get(str(reward_line.reward_id.id), (0, 0))
            borne[line][str(reward_line.reward_id.id)] = tuple(
                one + two for one, two in zip(before, amounts, strict=True)
            )
        return borne

    def _get_maker(self, line):
        maker = line._get_sold_maker()
        return str(maker.id) if maker else None

    def _to_amount(self, amount):
        return round_to(to_decimal(amount), self._step)
