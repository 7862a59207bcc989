"""PayPal and Stripe: what their accounts moved, and Stripe's payouts and disputes."""

from __future__ import annotations

from decimal import Decimal

from .files import File, listed, table

COLUMNS = (
    *("Date", "Time", "TimeZone", "Name", "Type", "Status", "Currency", "Gross"),
    *("Fee", "Net", "From Email Address", "To Email Address", "Transaction ID"),
    *("Item Title", "Reference Txn ID", "Invoice Number", "Balance", "Balance Impact"),
)
#: What an order makes: type, gross, fee, impact. It is paid, then a part is given back.
MOVES = (
    ("Express Checkout Payment", Decimal("100.00"), Decimal("-2.90"), "Credit"),
    ("Payment Refund", Decimal("-30.00"), Decimal("0.00"), "Debit"),
)


def _activity(orders: int) -> bytes:
    rows, balance = [], Decimal(0)
    for number in range(1, orders + 1):
        for kind, gross, fee, impact in MOVES:
            balance += gross + fee
            is_refund = gross < 0
            rows.append(
                {
                    "Date": "09/16/2025",
                    "Time": "10:00:00",
                    "TimeZone": "PDT",
                    "Name": "Ann Buyer",
                    "Type": kind,
                    "Status": "Completed",
                    "Currency": "USD",
                    "Gross": str(gross),
                    "Fee": str(fee),
                    "Net": str(gross + fee),
                    "From Email Address": "ann@example.com",
                    "To Email Address": "shop@example.com",
                    "Transaction ID": f"{'RF' if is_refund else 'TX'}{number}",
                    "Reference Txn ID": f"TX{number}" if is_refund else "",
                    "Invoice Number": f"WC-{number}",
                    "Balance": f"{balance:,.2f}",
                    "Balance Impact": impact,
                }
            )
    return table(COLUMNS, rows, mark="\ufeff")


def _transactions(number):
    """A charge of 100.00 with a fee of 3.20, of which 30.00 are given back."""
    fee = {
        "amount": 320,
        "application": None,
        "currency": "eur",
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    return [
        {
            "id": f"txn_{kind}_{number}",
            "object": "balance_transaction",
            "amount": amount,
            "available_on": 1741046400,
            "created": 1740823200,
            "currency": "eur",
            "description": None,
            "exchange_rate": None,
            "fee": sum(fee["amount"] for fee in fees),
            "fee_details": fees,
            "net": amount - sum(fee["amount"] for fee in fees),
            "reporting_category": kind,
            "source": f"{kind}_{number}",
            "status": "available",
            "type": kind,
        }
        for kind, amount, fees in (("charge", 10000, [fee]), ("refund", -3000, []))
    ]


def _payout(number):
    return {
        "id": f"po_{number}",
        "object": "payout",
        "amount": 6680,
        "arrival_date": 1741046400,
        "automatic": True,
        "balance_transaction": f"txn_{number}",
        "created": 1740823200,
        "currency": "eur",
        "description": "STRIPE PAYOUT",
        "destination": "ba_1",
        "method": "standard",
        "status": "paid",
        "type": "bank_account",
    }


def _dispute(number):
    return {
        "id": f"dp_{number}",
        "object": "dispute",
        "amount": 10000,
        "balance_transactions": [],
        "charge": f"ch_{number}",
        "created": 1740823200,
        "currency": "eur",
        "evidence_details": {
            "due_by": 1741046400,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "metadata": {"order_id": str(number)},
        "payment_intent": f"pi_{number}",
        "reason": "fraudulent",
        "status": "needs_response",
    }


FILES = {
    "paypal.activity": File(_activity, "lines"),
    "stripe.balance_transactions": File(
        listed(_transactions, "data", make_all=True), "lines"
    ),
    "stripe.payouts": File(listed(_payout, "data"), "payouts", lines_each=0),
    "stripe.disputes": File(listed(_dispute, "data"), "lines", lines_each=1),
}
