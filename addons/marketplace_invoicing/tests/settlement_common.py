from odoo import fields
from odoo.fields import Command

from .common import MarketplaceCommon

CENTS = 2


class SettlementCommon(MarketplaceCommon):
    """A shop whose fees have accounts and whose payouts arrive in a bank journal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fee_account = cls.company_data["default_account_expense"]
        cls.bank_journal = cls.company_data["default_journal_bank"]
        cls.reserve_account = cls.env["account.account"].create(
            {
                "name": "Held back by the shop",
                "code": "109900",
                "account_type": "asset_current",
                "reconcile": True,
            }
        )
        cls.channel.write(
            {
                "reserve_account_id": cls.reserve_account.id,
                "payout_journal_id": cls.bank_journal.id,
            }
        )
        cls.clearing = cls.channel.clearing_account_id
        cls._map_fee("Fee/Commission")

    @classmethod
    def _map_fee(cls, code, **kwargs):
        return cls.env["marketplace.fee.mapping"].create(
            {
                "channel_id": cls.channel.id,
                "code": code,
                "account_id": cls.fee_account.id,
                **kwargs,
            }
        )

    @classmethod
    def _create_settlement(cls, ref, lines, payout=None, state="ready", **kwargs):
        """Return a checked settlement.

        :param lines: (type, order reference, amount), then optionally the day in March
            2024 (or a whole date) and a dict of other values
        :param payout: the stated total; None: as the transfers say
        """
        currency = kwargs.pop("currency", cls.company.currency_id)
        channel = kwargs.pop("channel", cls.channel)
        settlement = (
            cls.env["marketplace.settlement"]
            .sudo()
            .create(
                {
                    "name": ref,
                    "external_ref": ref,
                    "channel_id": channel.id,
                    "format": "woocommerce.payouts",
                    "parts": "header,lines",
                    "status": "paid",
                    "state": state,
                    "currency_id": currency.id,
                    "currency_name": currency.name,
                    "deposited_date": "2024-03-15 12:00:00",
                    "amount_total": payout or 0.0,
                    "total_stated": payout is not None,
                    "line_ids": [
                        Command.create(cls._prepare_line(number, *line))
                        for number, line in enumerate(lines, start=1)
                    ],
                    **kwargs,
                }
            )
        )
        return settlement

    @classmethod
    def _prepare_line(cls, number, kind, order_ref, amount, day=10, values=None):
        date = f"2024-03-{day:02}" if isinstance(day, int) else day
        code = {"fee": "Fee/Commission", "reserve": "Reserve"}.get(kind, f"Item/{kind}")
        return {
            "sequence": number,
            "external_ref": str(number),
            "type": kind,
            "stated_type": kind,
            "code": code,
            "amount": amount,
            "order_ref": order_ref,
            "posted_date": f"{date} 12:00:00",
            **(values or {}),
        }

    @classmethod
    def _post(cls, *args, **kwargs):
        settlement = cls._create_settlement(*args, **kwargs)
        settlement._post_entries()
        return settlement

    @classmethod
    def _import_orders(cls, *numbers, **kwargs):
        """Import orders of 115.00 each; they are invoiced and cleared."""
        record = cls._import([cls._woo_order(number, **kwargs) for number in numbers])
        return record.order_ids.sorted(lambda order: int(order.external_ref))

    @classmethod
    def _create_bank_line(cls, amount, label="Deposit", date="2024-03-18", **kwargs):
        return cls.env["account.bank.statement.line"].create(
            {
                "journal_id": cls.bank_journal.id,
                "date": date,
                "payment_ref": label,
                "amount": amount,
                **kwargs,
            }
        )

    def _get_balance(self, account, date=None):
        """Return the general ledger's balance of an account in company currency."""
        domain = [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        if date:
            domain.append(("date", "<=", fields.Date.to_date(date)))
        [[balance]] = self.env["account.move.line"]._read_group(
            domain, aggregates=["balance:sum"]
        )
        return round(balance, CENTS)

    def _get_items(self, settlement):
        """Return (role or account code, name, amount in currency) of each posted item."""
        moves = settlement.move_ids.filtered(lambda move: move.state == "posted")
        return [
            (
                item.marketplace_role or item.account_id.code,
                item.name,
                item.amount_currency,
            )
            for item in moves.sorted("date").line_ids.sorted("id")
        ]
