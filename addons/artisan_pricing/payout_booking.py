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

from .decimals import to_decimal
from .engine import statement as engine
from .engine.commission import commission
from .engine.earning import Earning, SoldLine
from .engine.money import ZERO, PricingError, round_to
from .payout_fees import OrderFees
from .payout_refund import CUSTOMER_TYPES, Refunds

#: Code of what is credited beyond what was sold.
EXCESS = "excess"


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
        # Order line -> quantity on earlier invoices.
        self._invoiced = self._get_invoiced()
        self._refunds = Refunds(self._lines)
        self._schemes = {}  # maker, currency, company, date -> engine's scheme
        self._earnings = {}  # order, maker, date -> order line -> Earning
        self._charged = {}  # the same -> order line -> SoldLine as charged by now
        self._fees = OrderFees(self._sale_lines.order_id)
        self._labels = {}  # maker, company -> code of a commission part -> (name, rate)
        self._rewards = {}  # id of a reward -> its name
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
                    for vals in self._prepare_entries(line, origin, earning, labels)
                ]
        return vals_list, self._notes

    # What each line brings

    def _book(self, move):
        """Yield (line, refunded line or none, Earning, labels or none)."""
        own = []  # what the document itself sells: (line, amount)
        parts, more = {}, {}
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
                more[line] = self._charge_more(line, sale_line, amount)
            else:
                parts[line], expected = self._get_part(line, sale_line, sign)
                # A cent of rounding is the platform's, more is another price.
                if abs(amount - expected) > self._get_step(move):
                    amount -= expected
                    more[line] = self._charge_more(line, sale_line, amount)
        sold = self._sell(move, own)
        for line in lines:
            earnings = [each[line] for each in (parts, more, sold) if line in each]
            for other in earnings[1:]:
                earnings[0] = earnings[0].plus(other)
            if earnings:
                yield line, line.browse(), self._cap_fees(line, earnings[0]), None

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
        before = self._invoiced[sale_line]
        after = before + sign * self._get_quantity(line, sale_line)
        self._invoiced[sale_line] = after
        earning = self._get_order_earnings(sale_line, move)[sale_line]
        if not whole:
            return earning.part(ZERO, ZERO, to_decimal(1), step), ZERO
        before, after = (min(max(each / whole, 0), 1) for each in (before, after))
        if before <= after:
            part = earning.part(before, after, to_decimal(1), step)
        else:
            part = earning.refund(after, before, to_decimal(1), step)
        cost = earning.line.gross
        if sale_line.reward_id:  # a free product
            cost = to_decimal(sale_line.price_subtotal)
        return part, round_to(cost * after, step) - round_to(cost * before, step)

    def _get_order_earnings(self, sale_line, move):
        """Order line -> Earning, for the lines of its maker in its order."""
        order, maker = sale_line.order_id, self._sold[sale_line].maker
        key = order, maker, move.date
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
        more than was ordered, or a part of a bundle that is kept.

        Commission is what the order brings with it, less what it brings without: fixed fees
        and bounds are those of the order, and apply once.
        """
        move = line.move_id
        key = sale_line.order_id, self._sold[sale_line].maker, move.date
        earnings = self._get_order_earnings(sale_line, move)
        lines = self._charged.get(key)
        if lines is None:
            lines = {each: earning.line for each, earning in earnings.items()}
        # What is charged for parts that are kept goes back as it came.
        sign = -1 if line.is_bundle_correction and amount < 0 else 1
        changed = replace(lines[sale_line], net=lines[sale_line].net + sign * amount)
        with_it = lines | {sale_line: changed}
        if not line.is_bundle_correction:
            self._charged[key] = with_it
        taken = defaultdict(lambda: ZERO)
        for each, factor in ((with_it, sign), (lines, -sign)):
            for earning in self._take_commission(each.values(), key[1], move):
                for code, commission_ in earning.commission:
                    taken[code] += factor * commission_
        return Earning(SoldLine(str(line.id), key[1], amount), tuple(taken.items()))

    def _cap_fees(self, line, earning):
        """The same, without fees that earlier invoices of its order took already."""
        sale_line = self._get_sale_line(line)
        if not sale_line or line.is_bundle_correction:
            return earning
        move = line.move_id
        key = earning.line.maker, move.currency_id, move.company_id, move.date
        return self._fees.cap(
            sale_line.order_id, earning, self._schemes[key], self._get_step(move)
        )

    def _sell(self, move, amounts):
        """Line -> Earning, for what the document sells beside any order."""
        by_maker = defaultdict(list)
        for line, amount in amounts:
            by_maker[str(self._get_maker(line).id)].append((line, amount))
        sold = {}
        for maker, pairs in by_maker.items():
            lines = [SoldLine(str(line.id), maker, amount) for line, amount in pairs]
            earnings = self._take_commission(lines, maker, move)
            sold |= zip((line for line, _amount in pairs), earnings, strict=True)
        return sold

    def _take_commission(self, lines, maker, move) -> tuple[Earning, ...]:
        key = maker, move.currency_id, move.company_id, move.date
        if key not in self._schemes:
            scheme = self._get_scheme(maker, move.company_id)
            self._schemes[key] = scheme._to_engine(*key[1:])
        return commission(lines, self._schemes[key], self._get_step(move))

    # Entries

    def _prepare_entries(self, line, origin, earning, labels):
        """Values of the entries of one line.

        :param earning: or a Decimal, which the platform bears alone
        """
        common = self._prepare_common(line, origin)
        if not isinstance(earning, Earning):
            maker = self._refunds.get_maker(line)
            maker = maker.with_context(lang=maker.lang)
            yield common | {
                "maker_id": maker.id,
                "kind": engine.REFUND,
                "code": EXCESS,
                "name": maker.env._("Credited beyond what was sold"),
                "platform_amount": -earning,
            }
            return
        maker = self._env["res.partner"].browse(int(earning.line.maker))
        for kind, code, amount, platform_amount in self._get_rows(origin, earning):
            known = labels and labels.get((kind, code))
            name, rate = known or self._get_label(line, maker, kind, code)
            yield (
                common
                | {
                    "maker_id": maker.id,
                    "kind": kind,
                    "code": code,
                    "name": name,
                    "rate": rate,
                    "amount": amount,
                    "platform_amount": platform_amount,
                }
                | (self._refunds.get_taken(line, origin) if not code else {})
            )

    def _get_rows(self, origin, earning):
        """(kind, code, by maker, by platform). A sale or refund of nothing is one as well, so
        that a refund finds its quantity."""
        sold = earning.line
        figures = sold.gross, sold.by_maker, earning.commission_total
        is_refund = bool(origin) or min(figures) < 0
        yield engine.REFUND if is_refund else engine.SALE, "", sold.gross, ZERO
        for each in sold.discounts:
            if each.by_maker or each.by_platform:
                yield (
                    engine.DISCOUNT,
                    each.promotion,
                    -each.by_maker,
                    -each.by_platform,
                )
        for code, amount in earning.commission:
            if amount:
                yield engine.COMMISSION, code, -amount, ZERO

    def _prepare_common(self, line, origin):
        move = line.move_id
        source = origin.move_id or move
        orders = (line | origin).sale_line_ids.order_id
        return {
            "company_id": move.company_id.id,
            "currency_id": move.currency_id.id,
            "move_id": move.id,
            "move_line_id": line.id,
            "origin_line_id": origin.id,
            "source_move_id": source.id if source.move_type != "out_refund" else False,
            "document": move.name,
            "date": move.date,
            "order_ref": ", ".join(orders.mapped("name")),
            "product_id": line.product_id.id,
        }

    def _get_label(self, line, maker, kind, code):
        """What an entry is for, and at which rate, as it is today."""
        if kind == engine.DISCOUNT:
            if code not in self._rewards:
                reward = self._env["loyalty.reward"].browse(int(code)).exists()
                program = reward.program_id.with_context(lang=maker.lang)
                self._rewards[code] = program.name or program.env._("Promotion")
            return self._rewards[code], ""
        if kind == engine.COMMISSION:
            key = maker, line.company_id
            if key not in self._labels:
                scheme = self._get_scheme(maker.id, key[1])
                scheme = scheme.with_context(lang=maker.lang)
                self._labels[key] = scheme._get_labels()
            return self._labels[key].get(code, (code, ""))
        return line.product_id.with_context(lang=maker.lang).display_name, ""

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
        """Order line -> quantity (Decimal) on other confirmed invoices, less what came back."""
        invoiced = defaultdict(lambda: ZERO)
        if not self._sale_lines:
            return invoiced
        others = self._env["account.move.line"].search(
            [
                ("sale_line_ids", "in", self._sale_lines.ids),
                ("parent_state", "=", "posted"),
                ("move_id", "not in", self._moves.ids),
                ("move_id.move_type", "in", CUSTOMER_TYPES),
            ]
        )
        for line in others:
            if line.move_id.reversed_entry_id & self._moves:
                continue  # what came back of an invoice does not come before it
            sale_line = line.sale_line_ids[:1]
            quantity = self._get_quantity(line, sale_line)
            invoiced[sale_line] += self._get_sign(line.move_id) * quantity
        return invoiced

    def _get_quantity(self, line, sale_line):
        """Of an invoice line, in the unit of its order line (Decimal)."""
        return to_decimal(
            line.product_uom_id._compute_quantity(
                line.quantity, sale_line.product_uom_id, round=False
            )
        )

    def _get_booking_numbers(self):
        """Move -> how many times it is booked with this time."""
        known = self._env["artisan.payout.entry"]._read_group(
            [("move_id", "in", self._moves.ids)], ["move_id"], ["booking:max"]
        )
        return defaultdict(lambda: 1, {move: number + 1 for move, number in known})

    def _get_scheme(self, maker, company):
        partner = self._env["res.partner"].browse(int(maker))
        return partner._get_commission_scheme(company)

    def _get_maker(self, line):
        return line.product_id.product_tmpl_id.maker_id

    def _get_sign(self, move):
        return -1 if move.move_type == "out_refund" else 1

    def _get_step(self, move):
        return to_decimal(move.currency_id.rounding)

    def _to_amount(self, amount, move):
        return round_to(to_decimal(amount), self._get_step(move))
