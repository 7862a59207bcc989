"""eBay: orders of the Fulfillment and the Trading API, transactions and payouts."""

from __future__ import annotations

from .files import File, listed


def _usd(value):
    return {"value": value, "currency": "USD"}


def _order(number):
    return {
        "orderId": f"12-{number:05}-00001",
        "creationDate": "2025-03-01T10:00:00.000Z",
        "lastModifiedDate": "2025-03-02T11:30:00.000Z",
        "orderFulfillmentStatus": "NOT_STARTED",
        "orderPaymentStatus": "PAID",
        "cancelStatus": {"cancelState": "NONE_REQUESTED", "cancelRequests": []},
        "buyer": {"username": f"buyer{number}"},
        "pricingSummary": {"total": _usd("60.0")},
        "fulfillmentStartInstructions": [],
        "lineItems": [
            {
                "lineItemId": str(10 * number + place),
                "legacyItemId": "2540001",
                "sku": f"PIECE-{place:02}",
                "title": "Piece",
                "quantity": 2,
                "lineItemCost": _usd("20.0"),
                "deliveryCost": {"shippingCost": _usd("0.0")},
                "taxes": [],
                "purchaseMarketplaceId": "EBAY_US",
            }
            for place in range(3)
        ],
    }


TRADING_ITEM = """
<Transaction>
  <Buyer><Email>ann@example.com</Email></Buyer>
  <QuantityPurchased>2</QuantityPurchased>
  <TransactionPrice currencyID="USD">10.00</TransactionPrice>
  <TransactionID>{item}</TransactionID>
  <OrderLineItemID>1101-{item}</OrderLineItemID>
  <TransactionSiteID>US</TransactionSiteID>
  <Item><ItemID>1101</ItemID><SKU>PIECE-{place:02}</SKU><Title>Piece</Title></Item>
</Transaction>"""
TRADING_ORDER = """
<Order>
  <OrderID>1101-{number}</OrderID>
  <OrderStatus>Completed</OrderStatus>
  <CheckoutStatus>
    <LastModifiedTime>2025-03-02T11:30:00.000Z</LastModifiedTime>
    <PaymentMethod>CreditCard</PaymentMethod>
    <Status>Complete</Status>
  </CheckoutStatus>
  <CreatedTime>2025-03-01T10:00:00.000Z</CreatedTime>
  <PaidTime>2025-03-01T10:01:00.000Z</PaidTime>
  <ShippingAddress>
    <Name>Ann Buyer</Name><Street1>1 Main Street</Street1><Street2/>
    <CityName>Springfield</CityName><StateOrProvince>IL</StateOrProvince>
    <Country>US</Country><PostalCode>62701</PostalCode>
  </ShippingAddress>
  <Total currencyID="USD">60.00</Total>
  <BuyerUserID>buyer{number}</BuyerUserID>
  <TransactionArray>{items}</TransactionArray>
</Order>"""


def _trading(orders: int) -> bytes:
    texts = []
    for number in range(1, orders + 1):
        items = (
            TRADING_ITEM.format(item=10 * number + place, place=place)
            for place in range(3)
        )
        texts.append(TRADING_ORDER.format(number=number, items="".join(items)))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<GetOrdersResponse xmlns="urn:ebay:apis:eBLBaseComponents"><Ack>Success</Ack>'
        f"<OrderArray>{''.join(texts)}</OrderArray></GetOrdersResponse>"
    ).encode()


def _sale(number):
    """A sale of 60.00: 53.00 after fees of 0.40 + 6.60."""
    fees = {"FINAL_VALUE_FEE_FIXED_PER_ORDER": "0.40", "FINAL_VALUE_FEE": "6.60"}
    return {
        "transactionId": f"12-{number:05}-00001",
        "orderId": f"12-{number:05}-00001",
        "payoutId": "6556",
        "salesRecordReference": "0",
        "transactionType": "SALE",
        "amount": _usd("53.00"),
        "bookingEntry": "CREDIT",
        "transactionDate": "2025-03-01T10:00:00.000Z",
        "transactionStatus": "PAYOUT",
        "paymentsEntity": "eBay Commerce Inc.",
        "totalFeeAmount": _usd("7.00"),
        "totalFeeBasisAmount": _usd("60.00"),
        "orderLineItems": [
            {
                "lineItemId": str(10 * number),
                "marketplaceFees": [
                    {"feeType": name, "amount": _usd(fee)} for name, fee in fees.items()
                ],
            }
        ],
    }


def _payout(number):
    return {
        "payoutId": str(6000 + number),
        "payoutStatus": "SUCCEEDED",
        "payoutDate": "2025-03-04T06:00:00.000Z",
        "amount": _usd("53.00"),
        "totalAmount": _usd("53.00"),
        "transactionCount": 1,
        "bankReference": f"P*{number}",
        "payoutInstrument": {"instrumentType": "BANK", "accountLastFourDigits": "6789"},
    }


FILES = {
    "ebay.orders.fulfillment": File(listed(_order, "orders")),
    "ebay.orders.trading": File(_trading),
    "ebay.finances.transactions": File(listed(_sale, "transactions"), "lines"),
    "ebay.finances.payouts": File(listed(_payout, "payouts"), "payouts", lines_each=0),
}
