"""Etsy: receipts and sold order items, the monthly statement and the account's ledger."""

from __future__ import annotations

from .files import File, dumped, listed, table


def _receipt(number):
    def money(cents):
        return {"amount": cents, "divisor": 100, "currency_code": "USD"}

    return {
        "receipt_id": number,
        "receipt_type": 0,
        "status": "Paid",
        "buyer_user_id": number,
        "name": "Ann Buyer",
        "first_line": "1 Main Street",
        "city": "Springfield",
        "state": "IL",
        "zip": "62701",
        "country_iso": "US",
        "payment_method": "cc",
        "is_paid": True,
        "is_shipped": False,
        "created_timestamp": 1740823200,
        "updated_timestamp": 1740996000,
        "grandtotal": money(6000),
        "subtotal": money(6000),
        "total_price": money(6000),
        "total_shipping_cost": money(0),
        "total_tax_cost": money(0),
        "total_vat_cost": money(0),
        "discount_amt": money(0),
        "gift_wrap_price": money(0),
        "transactions": [
            {
                "transaction_id": 10 * number + place,
                "listing_id": 555,
                "product_id": 777,
                "sku": f"PIECE-{place:02}",
                "title": "Piece",
                "quantity": 2,
                "price": money(1000),
                "variations": [],
            }
            for place in range(3)
        ],
        "refunds": [],
    }


ITEM = {
    "Sale Date": "03/01/25",
    "Item Name": "Piece",
    "Buyer": "Ann Buyer (annbuyer)",
    "Quantity": "2",
    "Price": "10.00",
    "Coupon Code": "",
    "Coupon Details": "",
    "Discount Amount": "0.00",
    "Shipping Discount": "0.00",
    "Order Shipping": "0.00",
    "Order Sales Tax": "0.00",
    "Item Total": "20.00",
    "Currency": "USD",
    "Transaction ID": "",
    "Listing ID": "555",
    "Date Paid": "03/01/2025",
    "Date Shipped": "03/03/2025",
    "Ship Name": "Ann Buyer",
    "Ship Address1": "1 Main Street",
    "Ship Address2": "",
    "Ship City": "Springfield",
    "Ship State": "IL",
    "Ship Zipcode": "62701",
    "Ship Country": "United States",
    "Order ID": "",
    "Variations": "",
    "Order Type": "online",
    "Listings Type": "listing",
    "Payment Type": "online_cc",
    "InPerson Discount": "",
    "InPerson Location": "",
    "VAT Paid by Buyer": "0",
    "SKU": "",
}


def _sold_items(orders: int) -> bytes:
    rows = (
        {
            **ITEM,
            "Order ID": str(number),
            "Transaction ID": str(10 * number + place),
            "SKU": f"PIECE-{place:02}",
        }
        for number in range(1, orders + 1)
        for place in range(3)
    )
    return table(ITEM, rows)


#: Rows of the statement that an order makes: type, title, amount, fees.
STATEMENT = (
    ("Sale", "Payment for Order #{number}", "$60.00", "--", "$60.00"),
    ("Fee", "Transaction fee: Piece", "--", "-$3.90", "-$3.90"),
    ("Fee", "Processing fee", "--", "-$2.05", "-$2.05"),
)
COLUMNS = (
    *("Date", "Type", "Title", "Info", "Currency", "Amount", "Fees & Taxes", "Net"),
    "Tax Details",
)


def _statement(orders: int) -> bytes:
    rows = (
        {
            "Date": "January 31, 2025",
            "Type": kind,
            "Title": title.format(number=number),
            "Info": f"Order #{number}",
            "Currency": "USD",
            "Amount": amount,
            "Fees & Taxes": fees,
            "Net": net,
        }
        for number in range(1, orders + 1)
        for kind, title, amount, fees, net in STATEMENT
    )
    return table(COLUMNS, rows, mark="\ufeff")


#: Entries of the ledger that an order makes, in cents.
LEDGER = (
    (6000, "PAYMENT_GROSS"),
    (-390, "PAYMENT_PROCESSING_FEE"),
    (-20, "listing"),
)


def _ledger(orders: int) -> bytes:
    """The last listing fee gives way to the payout that ends the settlement."""
    entries, balance = [], 0
    for number in range(3 * orders):
        amount, kind = LEDGER[number % 3]
        if number == 3 * orders - 1:
            amount, kind = -balance, "DISBURSE2"
        balance += amount
        entries.append(
            {
                "entry_id": 9000 + number,
                "ledger_id": 77,
                "sequence_number": number + 1,
                "amount": amount,
                "currency": "USD",
                "description": kind,
                "balance": balance,
                "create_date": 1740823200 + number,
                "created_timestamp": 1740823200 + number,
                "ledger_type": kind,
                "reference_type": "",
                "reference_id": "0",
                "parent_entry_id": 0,
                "payment_adjustments": [],
            }
        )
    return dumped({"count": len(entries), "results": entries})


def _payment(number):
    def money(cents):
        return {"amount": cents, "divisor": 100, "currency_code": "USD"}

    return {
        "payment_id": 500_000 + number,
        "buyer_user_id": number,
        "shop_id": 77,
        "receipt_id": number,
        "amount_gross": money(6000),
        "amount_fees": money(390),
        "amount_net": money(5610),
        "currency": "USD",
        "shop_currency": "USD",
        "status": "settled",
        "create_timestamp": 1740823200,
        "payment_adjustments": [],
    }


FILES = {
    "etsy.receipts.v3": File(listed(_receipt, "results")),
    "etsy.orders.csv": File(_sold_items),
    "etsy.statement.csv": File(_statement, "lines"),
    "etsy.ledger.v3": File(_ledger, "lines"),
    "etsy.payments.v3": File(listed(_payment, "results"), "payments", lines_each=0),
}
