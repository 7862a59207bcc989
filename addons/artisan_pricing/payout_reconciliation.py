"""Where the customers' money of a period went: to makers, or to the platform.

One side is what is in the books: the journal items of customers' invoices. The other side is
the ledger of makers, their statements and the bills that pay them. The two are looked up apart,
so an invoice that is not booked, booked twice or changed since leaves a difference, and so does
a bill of another amount than its statement.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from odoo.fields import Domain

from .decimals import to_decimal
from .engine import statement as engine
from .engine.money import ZERO
from .payout_refund import CUSTOMER_TYPES


@dataclass(frozen=True)
class Platform:
    """What the platform keeps, and why.

    :ivar commission: of makers
    :ivar borne: its part of discounts, and credits beyond what was sold; below zero
    :ivar own: lines of no maker: own goods, deliveries, down payments
    :ivar ahead: discounts on own goods or invoiced before what they are for, and cents of
        invoices in parts
    :ivar adjustments: what makers were given by hand, with the other sign
    :ivar corrections: of invoices that were changed after they stood on a statement
    """

    commission: Decimal
    borne: Decimal
    own: Decimal
    ahead: Decimal
    adjustments: Decimal
    corrections: Decimal

    @property
    def total(self):
        return sum(vars(self).values(), ZERO)


class PayoutReconciliation:
    """
    :param company: ``res.company``
    :param currency: of the invoices that are looked at
    """

    def __init__(self, company, currency, date_from, date_to):
        self._env = company.env
        self._scope = Domain("company_id", "=", company.id) & Domain(
            "currency_id", "=", currency.id
        )
        self._from, self._to = date_from, date_to
        self._period = Domain("date", ">=", date_from) & Domain("date", "<=", date_to)
        self._step = to_decimal(currency.rounding)

    def get_figures(self):
        """:return: (the engine's Reconciliation, Platform)"""
        lines = self._get_lines()
        platform = self._get_platform(lines)
        return (
            engine.Reconciliation(
                net=sum(lines.values(), ZERO),
                payouts=self._get_payouts(),
                carried=self._get_owed(self._to)
                - self._get_owed(self._from - timedelta(days=1)),
                platform=platform.total,
            ),
            platform,
        )

    # Customers

    def _get_lines(self):
        """Line of a confirmed invoice or credit note -> what the customer pays for it."""
        rows = self._env["account.move.line"].search_fetch(
            self._scope
            & self._period
            & Domain("parent_state", "=", "posted")
            & Domain("display_type", "in", ("product", "rounding"))
            & Domain("move_id.move_type", "in", CUSTOMER_TYPES),
            ["amount_currency", "product_id", "sale_line_ids", "move_id"],
        )
        return {line: -to_decimal(line.amount_currency) for line in rows}

    # Platform

    def _get_platform(self, lines):
        Entry = self._env["artisan.payout.entry"]
        live = self._get_sums(Entry._live_domain(), ["move_line_id", "kind"])
        paired = self._get_sums(~Entry._live_domain(), ["kind"])
        booked = {line for line, _kind in live}
        rewards = [line for line in lines if line.sale_line_ids.reward_id]
        own = [
            amount
            for line, amount in lines.items()
            if line not in booked
            and line not in rewards
            and not line.product_id.product_tmpl_id.maker_id
        ]
        by_kind = defaultdict(lambda: ZERO)
        borne = ZERO
        for (_line, kind), (amount, by_platform, _count) in live.items():
            by_kind[kind] += amount
            borne += by_platform
        return Platform(
            commission=-by_kind[engine.COMMISSION],
            borne=borne,
            own=sum(own, ZERO),
            ahead=self._get_ahead(lines, live, rewards),
            adjustments=-by_kind[engine.ADJUSTMENT],
            corrections=-sum((amounts[0] for amounts in paired.values()), ZERO),
        )

    def _get_ahead(self, lines, live, rewards):
        """Rewards as invoiced, less those that makers' lines were sold with; and the cents by
        which a line's figures are rounded."""
        ahead = ZERO
        by_line = defaultdict(dict)
        for (line, kind), amounts in live.items():
            by_line[line][kind] = amounts
        for line in rewards:
            if line not in by_line:
                ahead += lines[line]
        for line, kinds in by_line.items():
            off = sum(kinds.get(engine.DISCOUNT, (ZERO, ZERO))[:2], ZERO)
            sold, count = ZERO, 1
            for kind in (engine.SALE, engine.REFUND):
                amount, by_platform, number = kinds.get(kind, (ZERO, ZERO, 0))
                sold += amount + by_platform
                count += number
            if (
                line in rewards
            ):  # a free product: its discount is no line of the invoice
                sold += off
            else:
                ahead -= off
            gap = lines.get(line, ZERO) - sold
            if line in lines and abs(gap) <= count * self._step:
                ahead += gap
        return ahead

    def _get_sums(self, domain, keys):
        """Keys -> (by maker, by platform, number) of the period's entries."""
        rows = self._env["artisan.payout.entry"]._read_group(
            self._scope & self._period & domain,
            keys,
            ["amount:sum", "platform_amount:sum", "__count"],
        )
        return {
            (row[: len(keys)] if len(keys) > 1 else row[0]): (
                to_decimal(row[-3]),
                to_decimal(row[-2]),
                row[-1],
            )
            for row in rows
        }

    # Makers

    def _get_payouts(self):
        """What bills pay of the period's statements, less what is credited of them; what
        statements say where no bill is confirmed yet."""
        statements = self._env["artisan.statement"].search_fetch(
            self._scope
            & Domain("state", "!=", "draft")
            & Domain("date_to", ">=", self._from)
            & Domain("date_to", "<=", self._to),
            ["payout", "bill_id"],
        )
        billed = statements.filtered(lambda each: each.bill_id.state == "posted")
        credit_notes = self._env["account.move"].search_fetch(
            Domain("reversed_entry_id", "in", billed.bill_id.ids)
            & Domain("state", "=", "posted")
            & Domain("move_type", "=", "in_refund"),
            ["amount_untaxed"],
        )
        amounts = (
            (statements - billed).mapped("payout")
            + billed.mapped("bill_id.amount_untaxed")
            + [-note.amount_untaxed for note in credit_notes]
        )
        return sum(map(to_decimal, amounts), ZERO)

    def _get_owed(self, day):
        """What all makers are owed at the end of a day: what their last statements carry
        forward, and what stands on none yet."""
        Statement = self._env["artisan.statement"]
        settled = self._scope & Domain("state", "!=", "draft")
        latest = Statement._get_latest(settled & Domain("date_to", "<=", day))
        carried = sum(
            (to_decimal(each.carried_forward) for each in latest.values()), ZERO
        )
        ((amount,),) = self._env["artisan.payout.entry"]._read_group(
            self._scope
            & Domain("date", "<=", day)
            & (
                Domain("statement_id", "=", False)
                | Domain("statement_id.state", "=", "draft")
                | Domain("statement_id.date_to", ">", day)
            ),
            [],
            ["amount:sum"],
        )
        return carried + to_decimal(amount)
