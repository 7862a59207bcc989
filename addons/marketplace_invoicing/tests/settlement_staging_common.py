from datetime import datetime, timezone
from decimal import Decimal

from odoo.addons.marketplace_invoicing.channels.settlement import (
    ALL_SETTLEMENT_PARTS,
    ParsedSettlement,
    ParsedSettlementLine,
)

from .common import MarketplaceCommon

HEADER = frozenset({"header"})
LINES = frozenset({"lines"})


class SettlementStagingCommon(MarketplaceCommon):
    """A shop whose payouts a person approves; fees go to one account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel.review_mode = "review"
        cls.fees = cls._create_account("Marketplace fees", "621100", "expense")
        # Staging and pipeline run as the system: people write no facts.
        cls.Settlement = cls.env["marketplace.settlement"].sudo()
        cls.currency = cls.company.currency_id

    @classmethod
    def _create_account(cls, name, code, account_type, **kwargs):
        return cls.env["account.account"].create(
            {
                "name": name,
                "code": code,
                "account_type": account_type,
                "company_ids": [(6, 0, cls.company.ids)],
                **kwargs,
            }
        )

    @classmethod
    def _map_fee(cls, code, account=None, channel=None, **kwargs):
        return cls.env["marketplace.fee.mapping"].create(
            {
                "channel_id": (channel or cls.channel).id,
                "code": code,
                "account_id": (account or cls.fees).id,
                **kwargs,
            }
        )

    @classmethod
    def _line(cls, ref, kind, code, amount, order_ref="", **kwargs):
        kwargs.setdefault("posted_at", datetime(2024, 3, 10, 12, tzinfo=timezone.utc))
        return ParsedSettlementLine(
            external_ref=ref,
            type=kind,
            code=code,
            amount=Decimal(amount),
            order_ref=order_ref,
            **kwargs,
        )

    @classmethod
    def _lines(cls):
        """Return two sales, a refund and two fees: 200.00 - 40.00 - 12.00 - 3.30 = 144.70."""
        return (
            cls._line("t1", "sale", "charge", "115.00", "1"),
            cls._line("t2", "sale", "charge", "85.00", "2"),
            cls._line("t3", "refund", "refund", "-40.00", "1"),
            cls._line("t1:fee", "fee", "charge/fee", "-12.00", "1"),
            cls._line("t4", "fee", "adjustment/listing", "-3.30"),
        )

    @classmethod
    def _parsed(cls, ref="P1", lines=None, total="144.70", **kwargs):
        """Return a payout as a parser gives it; ``total`` None: not stated."""
        kwargs.setdefault("parts", ALL_SETTLEMENT_PARTS)
        lines = cls._lines() if lines is None else tuple(lines)
        kwargs.setdefault("rows", len(lines))
        kwargs.setdefault("currency", cls.company.currency_id.name)
        return ParsedSettlement(
            external_ref=ref,
            format="test.settlement",
            platform="woocommerce",
            where="file",
            lines=lines,
            amount_total=None if total is None else Decimal(total),
            **kwargs,
        )

    @classmethod
    def _header(cls, ref="P1", total="144.70", **kwargs):
        return cls._parsed(ref, (), total, parts=HEADER, **kwargs)

    @classmethod
    def _page(cls, ref="P1", lines=None, **kwargs):
        return cls._parsed(ref, lines, None, parts=LINES, **kwargs)

    @classmethod
    def _stage(cls, *records, channel=None):
        result = cls.Settlement._stage(channel or cls.channel, list(records))
        cls.env.flush_all()
        return result

    @classmethod
    def _stage_one(cls, *records, channel=None):
        """Stage statements of one payout, process it, return it."""
        result = cls._stage(*records, channel=channel)
        settlement = result["created"] | result["updated"] | result["unchanged"]
        settlement.ensure_one()
        settlement._process()
        return settlement

    def _codes(self, settlement):
        return self._open_codes(settlement)

    def _plain(self, text):
        """Return a message with amounts as one types them."""
        return text.replace("\xa0", " ").replace("\ufeff", "")
