"""Tables shared by the models: platforms, issue codes and what each code means."""

from psycopg2.errors import (
    DeadlockDetected,
    LockNotAvailable,
    SerializationFailure,
    UniqueViolation,
)

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

#: Value of the context keys that make core work differently for the pipeline: whoever calls
#: over RPC can send the key, but not this object.
PIPELINE = object()


def is_pipeline(env):
    """Tell whether the pipeline itself asks for work on a whole batch."""
    return env.context.get("marketplace_batch") is PIPELINE


def is_matching(env):
    """Tell whether the pipeline matches orders with payouts, and looks at them afterwards."""
    return env.context.get("marketplace_matching") is PIPELINE


PLATFORMS = [
    ("amazon", "Amazon"),
    ("ebay", "eBay"),
    ("etsy", "Etsy"),
    ("shopify", "Shopify"),
    ("woocommerce", "WooCommerce"),
    ("mapped", "Other (mapped files)"),
]

ORDER_STATES = [
    ("draft", "To process"),
    ("ready", "Ready"),
    ("exception", "To review"),
    ("ordered", "Ordered"),
    ("invoiced", "Invoiced"),
    ("settled", "Settled"),
    ("cancelled", "Cancelled"),
]

SETTLEMENT_STATES = [
    ("draft", "To process"),
    ("exception", "To review"),
    ("ready", "Ready"),
    ("posted", "Posted"),
    ("banked", "In the bank"),
    ("returned", "Came back"),
    ("cancelled", "Cancelled"),
]

#: States of a settlement whose entries stand. "returned": its payout did not arrive, and a later
#: one took its money back; nobody waits for the bank any more.
SETTLED_STATES = ("posted", "banked", "returned")

SETTLEMENT_STATUSES = [
    ("open", "Open"),
    ("closed", "Closed"),
    ("paid", "Paid"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
    ("unknown", "Unknown"),
]

DISPUTE_STATUSES = [
    ("open", "To answer"),
    ("review", "Under review"),
    ("won", "Won"),
    ("lost", "Lost"),
]

SETTLEMENT_LINE_TYPES = [
    ("sale", "Sale"),
    ("refund", "Refund"),
    ("fee", "Fee"),
    ("reserve", "Reserve"),
    ("adjustment", "Adjustment"),
    ("tax_withheld", "Tax withheld"),
    ("transfer", "Transfer"),
    ("payout_return", "Returned payout or top-up"),
]

ISSUE_CODES = [
    ("unknown_sku", "Unknown product"),
    ("tax_liability_unknown", "Tax liability unknown"),
    ("tax_difference", "Tax differs"),
    ("total_difference", "Total differs"),
    ("currency_without_rate", "Currency without rate"),
    ("missing_country", "Country missing"),
    ("invalid_vat", "Invalid VAT number"),
    ("duplicate", "Possible duplicate"),
    ("closed_period", "Closed period"),
    ("negative_total", "Negative total"),
    ("changed_after_invoice", "Changed after invoicing"),
    ("refund_without_order", "Refund without order"),
    ("over_refund", "Refunded more than invoiced"),
    ("refund_double", "Refund told twice"),
    ("refund_currency", "Refund in another currency"),
    ("refund_changed", "Refund changed after crediting"),
    ("credit_note_cancelled", "Credit note cancelled"),
    ("invoice_cancelled", "Invoice cancelled"),
    ("draft_edited", "Draft invoice edited"),
    ("correction_overtaken", "Changed after a correction"),
    ("settlement_imbalance", "Payout not explained"),
    ("unknown_fee", "Unknown fee"),
    ("settlement_payment", "Payment without order"),
    ("settlement_balance", "Balance to confirm"),
    ("settlement_gap", "Balance does not continue"),
    ("settlement_without_total", "Payout without total"),
    ("settlement_failed", "Payout failed"),
    ("settlement_currency", "Payout in two currencies"),
    ("settlement_rate", "Conversion not credible"),
    ("settlement_duplicate", "Payout told twice"),
    ("settlement_changed", "Payout changed after posting"),
    ("settlement_sources", "Two reports of a payout differ"),
    ("underpaid", "Paid out too little"),
    ("overpaid", "Paid out too much"),
    ("refund_missing", "Refund without credit note"),
    ("fee_as_refund", "Fee told as a refund"),
    ("configuration", "Channel not set up"),
    ("unreadable", "Record cannot be read"),
    ("processing_error", "Could not be processed"),
]

#: What a reviewer does about each cause; shown on its card.
SUGGESTED_ACTIONS = {
    "unknown_sku": _lt("Choose the product for this SKU"),
    "tax_liability_unknown": _lt("Say who owes the tax for this destination"),
    "tax_difference": _lt("Check the taxes of the product and the fiscal position"),
    "total_difference": _lt("Compare the lines with the channel"),
    "currency_without_rate": _lt("Add an exchange rate"),
    "missing_country": _lt("Set the delivery country on the orders"),
    "invalid_vat": _lt("Ask the buyer, then correct or accept the number"),
    "duplicate": _lt("Keep one of the two orders"),
    "closed_period": _lt("Invoice with today's date"),
    "negative_total": _lt("Check the order on the channel"),
    "changed_after_invoice": _lt("Correct the invoice, then accept"),
    "refund_without_order": _lt("Choose the order on the refund"),
    "over_refund": _lt("Compare with the channel; drop what was not given back"),
    "refund_double": _lt("Drop it if it is the same money, else credit it separately"),
    "refund_currency": _lt(
        "Enter on the refund what it was in the currency of the order"
    ),
    "refund_changed": _lt(
        "Compare with the channel; correct the credit note or credit what is missing, "
        "then accept"
    ),
    "credit_note_cancelled": _lt("Check again to make a new one, or drop the refund"),
    "invoice_cancelled": _lt("Check again to make a new invoice, or cancel the order"),
    "draft_edited": _lt("Post the draft or cancel it, then check again"),
    "correction_overtaken": _lt(
        "Compare with your correction, then accept or read it again"
    ),
    "settlement_imbalance": _lt(
        "Import the missing lines, or the file of the whole period"
    ),
    "settlement_payment": _lt(
        "Import the channel's payments, they tell the orders of these amounts"
    ),
    "settlement_balance": _lt(
        "Compare with the channel's account at the end of the period, then confirm"
    ),
    "unknown_fee": _lt("Choose the account for this fee"),
    "settlement_gap": _lt("Import the settlement that is missing in between"),
    "settlement_without_total": _lt("Import the payout with its total"),
    "settlement_failed": _lt(
        "Import the payout that its money comes back with, or accept to book it all the same"
    ),
    "settlement_currency": _lt(
        "Import head and lines of one payout in the same currency"
    ),
    "settlement_rate": _lt(
        "Compare with the channel; accept when the channel converted like this"
    ),
    "settlement_duplicate": _lt("Drop one of the two settlements, or accept both"),
    "settlement_changed": _lt("Compare, reverse and check again, or accept"),
    "settlement_sources": _lt(
        "Import what is missing of the report that is compared, or accept"
    ),
    "underpaid": _lt("Ask the channel, or credit what was not paid"),
    "overpaid": _lt("Compare invoice and payout; ask the channel"),
    "refund_missing": _lt("Import the refund, or credit the invoice"),
    "fee_as_refund": _lt("Map its code to a fee account, then reverse and post again"),
    "configuration": _lt("Complete the settings of the channel"),
    "unreadable": _lt("Correct the text of the record and read it again"),
    "processing_error": _lt("Read the message, then check again"),
}

#: Codes that a person may accept as they are: the order goes on with the finding on record.
ACCEPTABLE_CODES = {
    "tax_difference",
    "total_difference",
    "missing_country",
    "invalid_vat",
    "duplicate",
    "changed_after_invoice",
    "refund_changed",
    "correction_overtaken",
    "settlement_gap",
    "settlement_failed",
    "settlement_payment",
    "settlement_rate",
    "settlement_duplicate",
    "settlement_changed",
    "settlement_sources",
    "underpaid",
    "overpaid",
    "refund_missing",
    "fee_as_refund",
}

#: Value of the context keys by which a settlement takes its entries back: whoever calls over
#: RPC can send the keys, but not this object.
REVERSAL = object()

#: Another worker was faster: the transaction is tried again on a fresh snapshot.
CONCURRENCY_ERRORS = (DeadlockDetected, LockNotAvailable, SerializationFailure)
#: The same, or it made a row first that we were about to make.
RACE_ERRORS = (*CONCURRENCY_ERRORS, UniqueViolation)

#: Payment statuses that mean the buyer's money has arrived.
PAID_STATUSES = ("paid", "partially_refunded", "refunded")
