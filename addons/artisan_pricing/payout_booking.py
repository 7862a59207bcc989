"""What confirmed invoices and credit notes bring the makers, as entries of the ledger.

An invoice line brings its part of what its order line brings: the order's rewards and the
commission on the order are computed once for the order, and rounded on the way from nothing to
all of it. So however an order is invoiced, the parts sum to the order's figures. What an
invoice charges beside its order line (another price, more than was ordered) brings what the
order brings with it, less what it brings without; lines without an order are sold by the
invoice itself.

A credit note takes back the very figures that were booked, never the rates of its own day. What
takes back which line, and how much of it, is in `payout_refund.py`.
"""

from collections import defaultdict
from dataclasses import replace

from .decimals import to_decimal, to_unit
from .engine.commission import commission
from .engine.earning import Earning, SoldLine
from .engine.money import ZERO, PricingError, round_to
from .payout_entries import EntryValues, get_scheme
from .payout_fees import OrderFees
from .payout_refund import CUSTOMER_TYPES, Refunds
from .payout_settled import Settled
from .payout_told import Told


class BookingError(PricingError):
    """An invoice that cannot be booked as it is; says what to do."""


class PayoutBooking:
    """The entries of some invoices and credit notes, in the order of their dates.

    :param moves: posted ``account.move`` of customers that may be read with all they lead to
    """

    def __init__(self, moves):
        self._moves = moves.sorted(lambda move: (move.date, move.id))
        self._env = moves.env
        self._lines = moves._get_maker_lines()
        self._lines_of = self._lines.grouped("move_id")
        kept = self._lines.filtered("is_bundle_correction").refunded_line_id
        self._sale_lines = (self._lines | kept).sale_line_ids
        self._sold = {
            line: sold
            for lines in self._sale_lines.order_id._get_sold_lines().values()
            for line, sold in lines.items()
        }
        # Order line -> quantity on earlier invoices, and what came back of those booked now.
        self._invoiced, self._returned = self._get_invoiced()
        self._refunds = Refunds(self._lines)
        self._schemes = {}  # maker, currency, company, date -> engine's scheme
        self._told = Told(self._moves)
        self._earnings = {}  # order, maker, scheme -> order line -> Earning
        self._fees = OrderFees(self._sale_lines.order_id)
        self._settled = Settled(self._sale_lines.order_id, kept)
        self._entries = EntryValues(self._env, self._refunds)
        self._notes = []

    def prepare_vals(self):
        """
        :return: (values of entries, [(move, what a person should know)])
        :raise PricingError: an invoice that cannot be booked
        :raise UserError: a scheme that cannot be used
        """
        bookings = self._get_booking_numbers()
        vals_list = []
        for move in self._moves:
            for line, origin, earning, labels in self._book(move):
                vals_list += [
                    vals | {"booking": bookings[move]}
                    for vals in self._entries.prepare(line, origin, earning, labels)
                ]
        return vals_list, self._notes

    # What each line brings

    def _book(self, move):
        """Yield (line, refunded line or none, Earning, labels or none)."""
        own = []  # what the document itself sells: (line, amount)
        parts, more, labels = {}, {}, {}
        lines = self._lines_of[move]
        for line in lines:
            if move.move_type == "out_refund" and self._is_returned(line):
                yield from self._take_back(line)
                continue
            sale_line, sign = self._get_sale_line(line), self._get_sign(move)
            amount = sign * self._to_amount(line.price_subtotal, move)
            if not sale_line:
                own.append((line, amount))
            elif line.is_bundle_correction:
                more[line], labels[line] = self._charge_kept(line, sale_line, amount)
            else:
                parts[line], expected = self._get_part(line, sale_line, sign)
                # A cent of rounding is the platform's, more is another price.
                if abs(amount - expected) > self._get_step(move):
                    if not sale_line.reward_id:
                        expected = parts[line].line.gross
                    more[line] = self._charge_more(line, sale_line, amount - expected)
                scheme = self._get_engine_scheme(parts[line].line.maker, move)
                self._entries.keep_basis(line, scheme, more.get(line))
        sold = self._sell(move, own)
        for line in lines:
            earnings = [each[line] for each in (parts, more, sold) if line in each]
            for other in earnings[1:]:
                earnings[0] = earnings[0].plus(other)
            if earnings:
                earning = self._cap_fees(line, earnings[0])
                known = labels.get(line) or self._told.get_labels(
                    earning.line.maker, move
                )
                yield line, line.browse(), earning, known

    def _take_back(self, line):
        """Yield what a line of a credit note takes back; what is more than was sold is the
        platform's, with a note for a person."""
        back, rest = self._refunds.take_back(line)
        yield from ((line, *each) for each in back)
        if rest:
            self._notes.append((line.move_id, self._refunds.get_note(line, rest)))
            yield line, line.browse(), rest, None

    def _is_returned(self, line):
        """Whether a line of a credit note takes back something that was booked, or that
        should have been."""
        if line.move_id.reversed_entry_id:
            return not line.is_bundle_correction
        # Not what is ordered today: it may be nothing any more, or of no maker.
        if self._refunds.has_origin(line):
            return True
        sale_line = self._get_sale_line(line)
        return bool(sale_line) and (
            sale_line.product_uom_qty > 0 or self._invoiced[sale_line] > 0
        )

    def _get_part(self, line, sale_line, sign):
        """What the line brings of its order line, and what that part costs the customer."""
        move = line.move_id
        step = self._get_step(move)
        whole = to_decimal(sale_line.product_uom_qty)
        before, after = self._count(
            sale_line, whole, sign * to_unit(line.quantity, line, sale_line)
        )
        earning = self._get_order_earnings(sale_line, move)[sale_line]
        if not whole:
            return earning.part(ZERO, ZERO, to_decimal(1), step), ZERO
        left = after - self._returned[sale_line]
        before, after, left = (
            min(max(each / whole, 0), 1) for each in (before, after, left)
        )
        if before <= after:
            part = earning.part(before, after, to_decimal(1), step)
        else:
            part = earning.refund(after, before, to_decimal(1), step)
        scheme = self._get_engine_scheme(earning.line.maker, move)
        part = self._settled.settle(sale_line, part, scheme, earning, left, step)
        self._settled.add(sale_line, part, scheme)
        cost = earning.line.gross
        if sale_line.reward_id:  # a free product
            cost = to_decimal(sale_line.price_subtotal)
        return part, round_to(cost * after, step) - round_to(cost * before, step)

    def _count(self, sale_line, whole, quantity):
        """Count a quantity of an order line as invoiced: (before, after)."""
        before = self._invoiced[sale_line]
        # What came back of an invoice that is booked anew may have been sold again since:
        # it takes the place of that.
        over = min(self._returned[sale_line], before + quantity - whole)
        if over > 0 and whole > 0:
            before -= over
            self._returned[sale_line] -= over
        self._invoiced[sale_line] = before + quantity
        return before, before + quantity

    def _get_order_earnings(self, sale_line, move):
        """Order line -> Earning, for the lines of its maker in its order."""
        order, maker = sale_line.order_id, self._sold[sale_line].maker
        key = order, maker, self._get_engine_scheme(maker, move)
        if key not in self._earnings:
            lines = {
                line: self._sold[line]
                for line in order.order_line
                if line in self._sold and self._sold[line].maker == maker
            }
            earnings = self._take_commission(lines.values(), maker, move)
            self._earnings[key] = dict(zip(lines, earnings, strict=True))
        return self._earnings[key]

    def _charge_more(self, line, sale_line, amount):
        """What the line brings beside its part of the order line (Earning): another price,
        or more than was ordered.

        Commission is what the order brings with all that its invoices charge beside it, less
        what it brings without, and less what the others took for it: fixed fees, bounds and
        sections are those of the order, and the later invoice settles the difference. Where
        another scheme was agreed on since, each takes its own on top of the others.
        """
        move, order = line.move_id, sale_line.order_id
        scheme = self._get_engine_scheme(self._sold[sale_line].maker, move)
        earnings = self._get_order_earnings(sale_line, move)
        agreed = {each: earning.line for each, earning in earnings.items()}
        maker = agreed[sale_line].maker
        others = self._settled.get_beside(order, maker, self._get_step(move))
        charged = agreed
        for each, beside, _scheme in others:
            if each in agreed:
                charged = _add(charged, each, beside.line.net)
        totals = [(1, self._sum_commission(_add(charged, sale_line, amount), move))]
        if all(other == scheme for _line, _beside, other in others):
            totals.append((-1, self._sum_commission(agreed, move)))
            totals += [
                (-1, dict(beside.commission)) for _line, beside, _other in others
            ]
        else:
            totals.append((-1, self._sum_commission(charged, move)))
        earning = Earning(SoldLine(str(line.id), maker, amount), _sum(totals))
        self._settled.add_beside(order, sale_line, earning, scheme)
        return earning

    def _charge_kept(self, line, sale_line, amount):
        """What is charged for a part of a bundle that is kept, by the scheme of the sale.

        What was charged before counts: once all of it went back, so did its commission.

        :return: (Earning, labels of the sale or none)
        """
        move, origin = line.move_id, self._refunds.get_origin(line.refunded_line_id)
        earnings = self._get_order_earnings(sale_line, move)
        agreed = {each: earning.line for each, earning in earnings.items()}
        scheme = origin and origin.scheme
        before = self._settled.get_kept(line.refunded_line_id)
        charged = _add(agreed, sale_line, before.line.net + amount)
        totals = (
            (1, self._sum_commission(charged, move, scheme)),
            (-1, self._sum_commission(agreed, move, scheme)),
            (-1, dict(before.commission)),
        )
        maker = agreed[sale_line].maker
        earning = Earning(SoldLine(str(line.id), maker, amount), _sum(totals))
        self._settled.add_kept(line.refunded_line_id, earning)
        return earning, origin and origin.labels

    def _sum_commission(self, lines, move, scheme=None):
        """Code -> commission on lines of an order together.

        :param lines: {order line: SoldLine} of one maker
        :param scheme: the engine's; none: that of the day
        """
        lines = tuple(lines.values())
        if scheme is None:
            scheme = self._get_engine_scheme(lines[0].maker, move)
        return _sum(
            (1, dict(earning.commission))
            for earning in commission(lines, scheme, self._get_step(move))
        )

    def _cap_fees(self, line, earning):
        """The same, without fees that earlier invoices of its order took already."""
        sale_line = self._get_sale_line(line)
        if not sale_line or line.is_bundle_correction:
            return earning
        move = line.move_id
        scheme = self._get_engine_scheme(earning.line.maker, move)
        return self._fees.cap(sale_line.order_id, earning, scheme, self._get_step(move))

    def _sell(self, move, amounts):
        """Line -> Earning, for what the document sells beside any order."""
        by_maker = defaultdict(list)
        for line, amount in amounts:
            by_maker[str(self._get_maker(line).id)].append((line, amount))
        sold = {}
        for maker, pairs in by_maker.items():
            lines = [SoldLine(str(line.id), maker, amount) for line, amount in pairs]
            earnings = self._take_commission(lines, maker, move)
            scheme = self._get_engine_scheme(maker, move)
            for (line, _amount), earning in zip(pairs, earnings, strict=True):
                sold[line] = earning
                self._entries.keep_basis(line, scheme)
        return sold

    def _take_commission(self, lines, maker, move) -> tuple[Earning, ...]:
        scheme = self._get_engine_scheme(maker, move)
        return commission(lines, scheme, self._get_step(move))

    def _get_engine_scheme(self, maker, move):
        told = self._told.get_scheme(maker, move)
        if told:
            return told
        key = maker, move.currency_id, move.company_id, move.date
        if key not in self._schemes:
            scheme = get_scheme(self._env, maker, move.company_id)
            self._schemes[key] = scheme._to_engine(*key[1:])
        return self._schemes[key]

    # Helpers

    def _get_sale_line(self, line):
        """The order line of a maker that an invoice line is for; there may be none."""
        sale_line = line.sale_line_ids[:1]
        if line.is_bundle_correction:
            sale_line = line.refunded_line_id.sale_line_ids[:1]
        if sale_line not in self._sold or not self._sold[sale_line].maker:
            return sale_line.browse()
        if sale_line.currency_id != line.currency_id:
            raise BookingError(
                line.move_id.name,
                line.currency_id.name,
                self._env._(
                    "its order %(order)s is in %(currency)s: make an adjustment by hand",
                    order=sale_line.order_id.name,
                    currency=sale_line.currency_id.name,
                ),
            )
        return sale_line

    def _get_invoiced(self):
        """
        :return: order line -> quantity (Decimal) on other confirmed invoices, less what came
            back; the same of what came back of the invoices that are booked
        """
        invoiced, returned = defaultdict(lambda: ZERO), defaultdict(lambda: ZERO)
        if not self._sale_lines:
            return invoiced, returned
        others = self._env["account.move.line"].search(
            [
                ("sale_line_ids", "in", self._sale_lines.ids),
                ("parent_state", "=", "posted"),
                ("move_id", "not in", self._moves.ids),
                ("move_id.move_type", "in", CUSTOMER_TYPES),
            ]
        )
        for line in others:
            sale_line = line.sale_line_ids[:1]
            quantity = to_unit(line.quantity, line, sale_line)
            if line.move_id.reversed_entry_id & self._moves:
                # What came back of an invoice does not come before it.
                returned[sale_line] += quantity
            else:
                invoiced[sale_line] += self._get_sign(line.move_id) * quantity
        return invoiced, returned

    def _get_booking_numbers(self):
        """Move -> how many times it is booked with this time."""
        known = self._env["artisan.payout.entry"]._read_group(
            [("move_id", "in", self._moves.ids)], ["move_id"], ["booking:max"]
        )
        return defaultdict(lambda: 1, {move: number + 1 for move, number in known})

    def _get_maker(self, line):
        maker = line.product_id.product_tmpl_id.maker_id
        return maker or line.sale_line_ids.sold_maker_id[:1]

    def _get_sign(self, move):
        return -1 if move.move_type == "out_refund" else 1

    def _get_step(self, move):
        return to_decimal(move.currency_id.rounding)

    def _to_amount(self, amount, move):
        return round_to(to_decimal(amount), self._get_step(move))


def _add(lines, sale_line, amount):
    """The same order lines, one of them with another net amount."""
    changed = replace(lines[sale_line], net=lines[sale_line].net + amount)
    return lines | {sale_line: changed}


def _sum(totals):
    """(code, amount) of signed sums of commission, as an Earning has them."""
    taken = defaultdict(lambda: ZERO)
    for sign, amounts in totals:
        for code, amount in dict(amounts).items():
            taken[code] += sign * amount
    return tuple(taken.items())
