"""What the columns of a payout file can hold, and the words that such files use."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from .settlement import SettlementLineType

#: By name, in the order in which a person fills a mapping in: help text and usual header names.
_TARGETS: dict[str, tuple[str, str]] = {
    "settlement_ref": (
        "The payout's id; rows with the same id are one payout, rows without belong to none yet",
        "payout id, payout, payout reference, settlement id, settlement, transfer id,"
        " auszahlung, auszahlungs id, auszahlungsnummer, automatic payout id",
    ),
    "entry_date": (
        "When the money moved",
        "date, posted date, transaction date, created, datum, buchungsdatum, created utc",
    ),
    "entry_type": (
        "What the row is (sale, fee, refund), in the words of the profile",
        "type, transaction type, category, reporting category, typ, art, kategorie",
    ),
    "entry_code": (
        "More exact word for the row, to tell fees apart; together with the type it is what"
        " fees are mapped by",
        "fee type, subtype, detail, charge type, gebuhrenart, untertyp",
    ),
    "entry_amount": (
        "Amount of the row, negative where the seller pays",
        "amount, gross, gross amount, betrag, brutto, montant, importe, importo",
    ),
    "entry_credit": (
        "Amount that the seller gets, where the file has a column for each direction",
        "credit, haben, gutschrift, credit amount",
    ),
    "entry_debit": (
        "Amount that the seller pays; its sign does not matter",
        "debit, soll, belastung, debit amount",
    ),
    "entry_fee": (
        "Fee within the row, positive where it is charged; with a column for what is left of"
        " the amount its sign does not matter",
        "fee, fees, gebuhr, gebuhren, frais, commission, provision",
    ),
    "entry_net": (
        "What is left of the amount after the fee",
        "net, net amount, netto, net total",
    ),
    "entry_ref": (
        "The row's own id, by which it is known when a file comes twice",
        "transaction id, id, balance transaction id, entry id, transaktions id,"
        " transaktionscode",
    ),
    "entry_order_ref": (
        "The order's id or number",
        "order id, order number, order, order no, bestellnummer, bestellung, auftragsnummer,"
        " commande, pedido, ordine",
    ),
    "entry_reference": (
        "Another reference: payment, charge, invoice",
        "reference, payment id, charge id, source id, referenz, referenznummer",
    ),
    "entry_sku": ("The seller's article number", "sku, artikelnummer, item number"),
    "entry_quantity": ("How many pieces", "quantity, qty, menge, anzahl"),
    "entry_description": (
        "What a person reads",
        "description, details, title, beschreibung, verwendungszweck, text, memo",
    ),
    "entry_original_amount": (
        "Amount before it was converted",
        "original amount, customer facing amount, ursprungsbetrag",
    ),
    "entry_original_currency": (
        "Currency before it was converted, as a three-letter code",
        "original currency, customer facing currency, ursprungswahrung",
    ),
    "settlement_total": (
        "What goes to the bank, as the file states it",
        "total amount, payout amount, total, auszahlungsbetrag, gesamtbetrag",
    ),
    "settlement_opening": (
        "Balance before the payout",
        "opening balance, beginning balance, anfangssaldo",
    ),
    "settlement_closing": (
        "Balance after the payout",
        "closing balance, ending balance, endsaldo",
    ),
    "settlement_deposited_at": (
        "When the money is or was due in the bank",
        "deposit date, payout date, arrival date, auszahlungsdatum",
    ),
    "settlement_bank_ref": (
        "What the bank statement names",
        "bank reference, trace id, statement descriptor",
    ),
}
#: ``currency`` is a column of orders as well.
SETTLEMENT_TARGETS: Mapping[str, str] = {
    name: help_text for name, (help_text, _names) in _TARGETS.items()
}
SETTLEMENT_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    name: tuple(word.strip() for word in names.split(","))
    for name, (_help, names) in _TARGETS.items()
}
#: Targets of which one must be mapped.
AMOUNTS = frozenset({"entry_amount", "entry_credit", "entry_debit", "entry_net"})

_WORDS: dict[SettlementLineType, str] = {
    "sale": "sale, order, payment, charge, verkauf, zahlung, bestellung, vente, venta, vendita",
    "refund": "refund, chargeback, dispute, return, ruckerstattung, erstattung, ruckzahlung,"
    " remboursement, reembolso, rimborso",
    "fee": "fee, fees, commission, service fee, charge fee, gebuhr, gebuhren, provision, frais,"
    " comision, commissione, shipping label, advertising, marketing",
    "reserve": "reserve, hold, release, einbehalt, reserve hold, reserve release",
    "adjustment": "adjustment, correction, credit, debit, anpassung, korrektur",
    "tax_withheld": "tax, sales tax, tax withheld, marketplace tax, marketplace facilitator tax",
    "transfer": "payout, transfer, deposit, withdrawal, auszahlung, uberweisung, virement",
    "payout_return": "payout failure, payout cancellation, returned payout, payout return,"
    " failed payout, top-up",
}
#: Usual words for what a row is.
LINE_TYPES: Mapping[str, SettlementLineType] = {
    word.strip(): kind for kind, words in _WORDS.items() for word in words.split(",")
}


def objections(
    kind: str, columns: Collection[str], constants: Collection[str]
) -> Iterator[str]:
    """Yield what is wrong with a mapping of payouts.

    :param kind: of the file
    :param columns: targets that have a column
    :param constants: targets that have a fixed value
    """
    mapped = {*columns, *constants}
    if kind not in ("csv", "tsv", "xlsx"):
        yield "payouts are read from tables only (CSV, tab separated, XLSX)"
    if not AMOUNTS & set(columns):
        yield "no column for the amount of a row (entry_amount, entry_credit, entry_debit)"
    if "entry_amount" in mapped and mapped & {"entry_credit", "entry_debit"}:
        yield "both entry_amount and entry_credit or entry_debit; map one of them"
    if "currency" not in mapped:
        yield "no column for the currency, and no fixed one"
    if not {"settlement_ref", "entry_date"} & set(columns):
        yield "no column for the payout's id (settlement_ref) nor for the date (entry_date)"
