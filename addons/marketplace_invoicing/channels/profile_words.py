"""Words that exports use, in English, German, French, Spanish, Italian and Dutch.

All are written as :func:`.tables.normalise` returns them: lower case, no accents,"
"single spaces.
"""

from __future__ import annotations

from collections.abc import Mapping

from .base import Liability, OrderStatus, PaymentStatus
from .tables import normalise


def _by_meaning(words: Mapping[str, str]) -> dict[str, str]:
    return {
        normalise(word): meaning
        for meaning, text in words.items()
        for word in text.split(",")
    }


STATUSES: Mapping[str, OrderStatus] = _by_meaning(  # type: ignore[assignment]
    {
        "pending": "pending, on hold, unpaid, awaiting payment, payment pending, ausstehend,"
        "en attente, pendiente, in attesa, in afwachting",
        "open": "open, new, paid, processing, unshipped, unfulfilled, ready, neu, bezahlt,"
        "in bearbeitung, nouvelle, payee, en cours, nueva, pagado, en proceso, nuovo, pagato,"
        "in lavorazione, nieuw, betaald, in behandeling",
        "shipped": "shipped, dispatched, fulfilled, sent, versandt, versendet, verschickt,"
        "expediee,"
        "envoyee, enviado, spedito, verzonden",
        "done": "done, completed, complete, delivered, closed, abgeschlossen, zugestellt,"
        "erledigt,"
        "terminee, livree, completado, entregado, completato, consegnato, voltooid, afgeleverd",
        "cancelled": "cancelled, canceled, voided, rejected, storniert, abgebrochen, annulee,"
        "annule, cancelado, anulado, annullato, geannuleerd",
    }
)
PAYMENT_STATUSES: Mapping[str, PaymentStatus] = _by_meaning(  # type: ignore[assignment]
    {
        "unpaid": "unpaid, pending, open, no, false, unbezahlt, offen, nein, impayee, non,"
        "no pagado,"
        "non pagato, niet betaald, nee",
        "partial": "partial, partially paid, teilweise bezahlt, partiellement payee",
        "paid": "paid, yes, true, captured, completed, bezahlt, ja, payee, oui, pagado, si,"
        "pagato,"
        "betaald",
        "partially_refunded": "partially refunded, teilweise erstattet,"
        "partiellement remboursee",
        "refunded": "refunded, fully refunded, erstattet, remboursee, reembolsado, rimborsato,"
        "terugbetaald",
        "voided": "voided, cancelled, canceled, storniert, annulee, anulado, annullato,"
        "geannuleerd",
    }
)
LIABILITIES: Mapping[str, Liability] = _by_meaning(  # type: ignore[assignment]
    {
        "seller": "seller, merchant, verkaufer, haendler, handler, vendeur, vendedor,"
        "venditore,"
        "verkoper",
        "marketplace": "marketplace, marketplace facilitator, facilitator, platform,"
        "marktplatz,"
        "place de marche, mercado, marktplaats",
        "unknown": "unknown, unbekannt, inconnu, desconocido, sconosciuto, onbekend",
    }
)

_ADDRESS = {
    "name": "name, full name, recipient, recipient name, empfanger, empfaenger, nom,"
    "nom complet, destinataire, nombre, destinatario, nome, naam, ontvanger",
    "company": "company, company name, firma, firmenname, societe, entreprise, empresa,"
    "azienda,"
    "ragione sociale, bedrijf, bedrijfsnaam",
    "street": "street, address, address 1, address1, address line 1, street 1, strasse,"
    "adresse,"
    "rue, adresse 1, direccion, calle, indirizzo, via, straat, adres",
    "street2": "street 2, address 2, address2, address line 2, adresszusatz, strasse 2,"
    "adresse 2,"
    "complement, direccion 2, indirizzo 2, adres 2",
    "city": "city, town, ort, stadt, ville, ciudad, localidad, citta, stad, plaats, woonplaats",
    "state": "state, province, region, county, state or province, bundesland, etat, provincia,"
    "estado, regione, provincie",
    "zip": "zip, zipcode, zip code, postal code, postcode, plz, postleitzahl, code postal,"
    "codigo postal, cap",
    "country": "country code, country, country iso, landercode, laendercode, land, code pays,"
    "pays,"
    "codigo pais, pais, paese, nazione, landcode",
    "phone": "phone, telephone, phone number, telefon, telefonnummer, telephone, telefono,"
    "telefoon",
    "email": "email, e mail, email address, courriel, correo, correo electronico,"
    "indirizzo email,"
    "e mailadres",
}
_SHIP = (
    "ship, shipping, ship to, delivery, recipient, shipping address, ship address,"
    "delivery address,"
    "versand, liefer, lieferadresse, lieferanschrift, livraison, adresse de livraison, envio,"
    "entrega,"
    "direccion de envio, spedizione, consegna, indirizzo di spedizione, bezorg, verzend,"
    "aflever"
)
_BILL = (
    "bill, billing, bill to, invoice, billing address, invoice address, rechnung, rechnungs,"
    "rechnungsadresse, facturation, adresse de facturation, facturacion,"
    "direccion de facturacion,"
    "fatturazione, indirizzo di fatturazione, factuur, factuuradres"
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(normalise(word) for word in text.split(","))


def _address_synonyms(
    scope: str, whose: str, alone: bool
) -> dict[str, tuple[str, ...]]:
    """Cross the words for an address with those for its parts, in both orders.

    :param alone: whether the part may stand alone ("City"), as in exports with a single address
    """
    found = {}
    for part, text in _ADDRESS.items():
        parts = _words(text)
        crossed = [
            name
            for word in _words(whose)
            for name_of_part in parts
            for name in (
                f"{word} {name_of_part}",
                f"{name_of_part} {word}",
                word + name_of_part,
            )
        ]
        found[f"{scope}_{part}"] = (
            *crossed,
            *(parts if alone and part != "email" else ()),
        )
    return found


#: What usually stands above a column, per target; the more certain first.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    **{
        target: _words(text)
        for target, text in {
            "external_ref": "order id, orderid, order number, order no, order ref,"
            "order reference,"
            "order, amazon order id, sale id, receipt id, bestellnummer, bestell nr, bestellnr,"
            "auftragsnummer, auftrags nr, bestellung, numero de commande, n commande,"
            "no commande,"
            "commande, numero de pedido, n pedido, pedido, numero ordine, numero d ordine,"
            "n ordine,"
            "ordine, ordernummer, bestelnummer, bestelling, external ref, reference, id,"
            "number",
            "display_name": "order name, display name, order number, bestellname",
            "currency": "currency, currency code, order currency, wahrung, waehrung, devise,"
            "monnaie,"
            "moneda, divisa, valuta, munteenheid",
            "amount_total": "order total, total price, grand total, grandtotal, total amount,"
            "amount total, order amount, total paid, gesamtbetrag, gesamtsumme, bestellsumme,"
            "rechnungsbetrag, summe, total commande, montant total, total ttc, total pedido,"
            "importe total, totale ordine, importo totale, totale, totaalbedrag, ordertotaal,"
            "totaal, total",
            "amount_tax": "order tax, total tax, tax total, amount tax, tax amount,"
            "gesamtsteuer,"
            "steuerbetrag, mwst betrag, total tva, montant tva, total iva, importe iva,"
            "totale iva,"
            "btw bedrag, totaal btw",
            "status": "order status, status, order state, state of order, bestellstatus,"
            "auftragsstatus, statut, statut commande, estado pedido, estado del pedido, stato,"
            "stato ordine, orderstatus",
            "payment_status": "payment status, financial status, paid, zahlungsstatus, bezahlt,"
            "statut paiement, statut du paiement, estado pago, estado del pago,"
            "stato pagamento,"
            "betaalstatus",
            "payment_method": "payment method, payment type, payment, zahlungsart,"
            "zahlungsmethode,"
            "zahlart, mode de paiement, moyen de paiement, metodo de pago, forma de pago,"
            "metodo di pagamento, betaalmethode, betaalwijze",
            "created_at": "created at, order date, purchase date, sale date, date created,"
            "ordered at,"
            "creation date, created, date, bestelldatum, auftragsdatum, kaufdatum, datum,"
            "date de commande, date commande, date d achat, fecha de pedido, fecha pedido,"
            "fecha de compra, fecha, data ordine, data dell ordine, data acquisto, data,"
            "orderdatum,"
            "besteldatum",
            "updated_at": "updated at, last updated, last update date, date modified, modified,"
            "aktualisiert, geandert am, mis a jour, actualizado, aggiornato, bijgewerkt",
            "paid_at": "paid at, payment date, date paid, paid on, zahlungsdatum, bezahlt am,"
            "date de paiement, fecha de pago, data pagamento, betaaldatum",
            "shipped_at": "shipped at, ship date, shipping date, date shipped, dispatch date,"
            "versanddatum, versendet am, date d expedition, date expedition, fecha de envio,"
            "data spedizione, verzenddatum",
            "marketplace": "marketplace, sales channel, channel, site, marktplatz,"
            "verkaufskanal,"
            "place de marche, canal, canal de venta, canale, verkoopkanaal",
            "shipping_option": "shipping method, shipping option, shipping service,"
            "ship service level,"
            "carrier, delivery method, versandart, versandmethode, mode de livraison,"
            "transporteur,"
            "metodo de envio, metodo di spedizione, corriere, verzendmethode, verzendwijze",
            "ship_from_country": "ship from country, departure country, versandland,"
            "pays de depart,"
            "pais de salida, paese di partenza, land van verzending",
            "note": "note, customer note, buyer note, order note, message, comment, anmerkung,"
            "notiz,"
            "nachricht, remarque, commentaire, nota, mensaje, opmerking, bericht",
            "tax_liability": "tax liability, tax collected by, tax responsible party,"
            "tax collection responsibility, responsible party, steuerschuldner",
            "shipping_amount": "shipping amount, shipping, shipping cost, shipping costs,"
            "shipping price,"
            "order shipping, postage, delivery cost, versandkosten, versand, porto,"
            "frais de port,"
            "frais de livraison, gastos de envio, coste de envio, spese di spedizione,"
            "costi di spedizione, verzendkosten",
            "shipping_tax": "shipping tax, tax on shipping, versandsteuer, mwst versand,"
            "tva livraison,"
            "iva envio, iva spedizione, btw verzending",
            "gift_wrap_amount": "gift wrap, gift wrap price, gift wrap amount,"
            "geschenkverpackung,"
            "emballage cadeau, envoltorio regalo, confezione regalo, cadeauverpakking",
            "gift_wrap_tax": "gift wrap tax, steuer geschenkverpackung",
            "fee_amount": "handling fee, handling, surcharge, bearbeitungsgebuhr,"
            "bearbeitungsgebuehr, aufschlag, frais de dossier, recargo, supplemento, toeslag",
            "fee_tax": "handling tax, fee tax",
            "tip_amount": "tip, trinkgeld, pourboire, propina, mancia, fooi",
            "discount_amount": "order discount, discount amount, total discount, coupon amount,"
            "gesamtrabatt, gutscheinbetrag, remise totale, descuento total, sconto totale,"
            "totale korting",
            "discount_tax": "discount tax, steuer rabatt",
            "refund_amount": "refund amount, refunded amount, refunded, amount refunded,"
            "erstattung,"
            "erstatteter betrag, montant rembourse, importe reembolsado, importo rimborsato,"
            "terugbetaald bedrag",
            "buyer_ref": "buyer id, customer id, buyer user id, buyer user name,"
            "buyer username,"
            "user id, kundennummer, kunden nr, numero client, id client, numero de cliente,"
            "id cliente, numero cliente, klantnummer",
            "buyer_name": "buyer name, customer name, buyer, customer, kunde, kundenname,"
            "kaufer,"
            "kaeufer, client, nom client, acheteur, cliente, comprador, nombre cliente,"
            "acquirente,"
            "nome cliente, klant, klantnaam, koper",
            "buyer_company": "buyer company, customer company, kundenfirma, buyer company name",
            "buyer_email": "buyer email, customer email, email, e mail, email address,"
            "courriel,"
            "correo electronico, correo, indirizzo email, mail",
            "buyer_phone": "buyer phone, customer phone, buyer phone number",
            "buyer_vat": "vat number, vat id, buyer vat, vat, tax id, tax number,"
            "buyer vat number,"
            "ust id, ust id nr, ust idnr, umsatzsteuer id, umsatzsteuer identifikationsnummer,"
            "numero tva,"
            "n tva, nif, cif, partita iva, p iva, btw nummer",
            "line_ref": "order item id, order item code, line id, line item id,"
            "transaction id, item id,"
            "positionsnummer, position, pos, id ligne, id linea, id riga, regelnummer",
            "line_sku": "sku, seller sku, item sku, lineitem sku, line sku, article number,"
            "item number,"
            "product code, artikelnummer, artikel nr, artikelnr, art nr, reference article,"
            "reference produit, referencia, codigo producto, codigo articulo, codice articolo,"
            "codice prodotto, artikelcode",
            "line_barcode": "barcode, ean, upc, gtin, ean13, isbn, strichcode, code barre,"
            "code barres,"
            "codigo de barras, codice a barre, streepjescode",
            "line_product_ref": "product id, asin, listing id, variant id, offer id,"
            "artikel id, produkt id",
            "line_title": "title, product name, item name, item title, lineitem name, product,"
            "description, item, artikelbezeichnung, bezeichnung, artikelname, produktname,"
            "artikel,"
            "produkt, designation, nom du produit, produit, libelle, article,"
            "nombre del producto,"
            "producto, descripcion, articulo, nome prodotto, prodotto, descrizione, articolo,"
            "productnaam, omschrijving",
            "line_quantity": "quantity, qty, quantity purchased, quantity ordered,"
            "lineitem quantity,"
            "units, menge, anzahl, stuck, stueck, stuckzahl, quantite, qte, cantidad, uds,"
            "quantita,"
            "qta, aantal, hoeveelheid",
            "line_amount": "line total, line amount, item total, line price, item price total,"
            "row total, gesamtpreis, zeilensumme, positionssumme, total ligne, montant ligne,"
            "importe linea, total linea, totale riga, importo riga, regeltotaal, regelbedrag",
            "line_unit_price": "unit price, price, item price, price per unit, lineitem price,"
            "einzelpreis, stuckpreis, stueckpreis, preis, prix unitaire, prix,"
            "precio unitario, precio,"
            "prezzo unitario, prezzo, stukprijs, eenheidsprijs, prijs",
            "line_discount": "line discount, item discount, lineitem discount, discount,"
            "rabatt,"
            "nachlass, remise, reduction, descuento, sconto, korting",
            "line_tax": "item tax, line tax, tax, lineitem tax, vat amount, steuer, mwst, ust,"
            "taxe,"
            "tva, impuesto, iva, imposta, btw, belasting",
            "line_tax_name": "tax name, tax title, steuername, nom de la taxe",
            "line_tax_rate": "tax rate, vat rate, steuersatz, mwst satz, ust satz,"
            "taux de tva, taux tva,"
            "tipo de iva, tipo iva, aliquota, aliquota iva, btw tarief, btw percentage",
            "line_tax_liability": "line tax liability, item tax collected by",
            "line_shipping_amount": "item shipping, line shipping, item shipping price",
            "line_shipping_tax": "item shipping tax, line shipping tax",
        }.items()
    },
    **_address_synonyms("bill", _BILL, alone=False),
    **_address_synonyms("ship", _SHIP, alone=True),
}
