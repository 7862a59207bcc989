"""Tables shared by the models: platforms, issue codes and what each code means."""

from psycopg2.errors import (
    DeadlockDetected,
    LockNotAvailable,
    SerializationFailure,
    UniqueViolation,
)

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

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
    ("refunded", "Refunded on the channel"),
    ("invoice_cancelled", "Invoice cancelled"),
    ("correction_overtaken", "Changed after a correction"),
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
    "refunded": _lt("Issue the credit note, then accept"),
    "invoice_cancelled": _lt("Check again to make a new invoice, or cancel the order"),
    "correction_overtaken": _lt(
        "Compare with your correction, then accept or read it again"
    ),
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
    "refunded",
    "correction_overtaken",
}

#: Another worker was faster: the transaction is tried again on a fresh snapshot.
CONCURRENCY_ERRORS = (DeadlockDetected, LockNotAvailable, SerializationFailure)
#: The same, or it made a row first that we were about to make.
RACE_ERRORS = (*CONCURRENCY_ERRORS, UniqueViolation)

#: Payment statuses that mean the buyer's money has arrived.
PAID_STATUSES = ("paid", "partially_refunded", "refunded")
