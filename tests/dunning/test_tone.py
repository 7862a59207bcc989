"""The tone contract: which words wait for a later level, and what a reminder must say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.dunning_tiers.engine import tone_words
from odoo.addons.dunning_tiers.engine.plain_text import plain_text
from odoo.addons.dunning_tiers.engine.tone import (
    LANGUAGES,
    TONES,
    Facts,
    Message,
    Setting,
    lint,
    lint_source,
)

FACTS = Facts(
    invoices=("INV/2026/00012",),
    amounts=("1,234.50 EUR",),
    due_dates=("11/05/2026",),
    payee="Court & Sons Ltd",
    payment=("DE89 3704 0044 0532 0130 00", "https://pay.example.com/p/1"),
    dispute=("accounts@example.com", "https://pay.example.com/d/1"),
)
GOOD = """
Dear Ms Miller,
Invoice INV/2026/00012 was due on 11/05/2026; 1,234.50 EUR are open.
Please pay to Court & Sons Ltd, IBAN DE89 3704 0044 0532 0130 00.
Is something wrong? Write to accounts@example.com.
"""


def findings(text, tone="friendly", lang="en", **setting):
    return lint_source(text, (), Setting(tone=tone, lang=lang, **setting))


def codes(found) -> set[str]:
    return {finding.code for finding in found}


# --- words -------------------------------------------------------------------------------

WAITING = [
    # language, text, rule, tone that allows it
    ("en", "The invoice is overdue.", "overdue", "friendly"),
    ("en", "Please pay immediately.", "pressure", "firm"),
    ("en", "We shall suspend your account.", "pressure", "firm"),
    ("en", "This is the final notice.", "last_chance", "final"),
    ("en", "We will take you to COURT.", "legal_action", "final"),
    ("en", "We may start legal\nproceedings.", "legal_action", "final"),
    ("en", "Our lawyers will write.", "lawyer", "final"),
    ("en", "It goes to a debt collection agency.", "collection", "final"),
    ("en", "Bailiffs may seize goods.", "enforcement", "final"),
    ("en", "Your credit rating may suffer.", "credit_record", "final"),
    ("de", "Die Rechnung ist überfällig.", "overdue", "friendly"),
    ("de", "Dies ist unsere zweite Mahnung.", "pressure", "firm"),
    ("de", "Sie befinden sich in Verzug.", "pressure", "firm"),
    ("de", "Bitte überweisen Sie den Betrag umgehend.", "pressure", "firm"),
    ("de", "Letzte Mahnung", "last_chance", "final"),
    ("de", "Wir gehen vor Gericht.", "legal_action", "final"),
    ("de", "außergerichtliche Einigung", "legal_action", "final"),
    ("de", "Wir beantragen einen Mahnbescheid.", "legal_action", "final"),
    ("de", "Wir schalten Rechtsanwälte ein.", "lawyer", "final"),
    ("de", "Wir schalten Rechtsanwaelte ein.", "lawyer", "final"),
    ("de", "Es folgt ein Inkassobüro.", "collection", "final"),
    ("de", "Kontopfändung und Zwangsvollstreckung", "enforcement", "final"),
    ("de", "Wir melden es der SCHUFA.", "credit_record", "final"),
    ("fr", "Votre facture est en retard.", "overdue", "friendly"),
    ("fr", "Réglez immédiatement.", "pressure", "firm"),
    ("fr", "Ceci vaut mise en demeure.", "last_chance", "final"),
    ("fr", "Dernière relance", "last_chance", "final"),
    ("fr", "Nous saisirons le tribunal.", "legal_action", "final"),
    ("fr", "des poursuites judiciaires", "legal_action", "final"),
    ("fr", "Notre avocat vous écrira.", "lawyer", "final"),
    ("fr", "une société de recouvrement", "collection", "final"),
    ("fr", "Un huissier passera.", "enforcement", "final"),
    ("es", "Su factura está vencida.", "overdue", "friendly"),
    ("es", "Pague inmediatamente.", "pressure", "firm"),
    ("es", "Último aviso", "last_chance", "final"),
    ("es", "Acudiremos al juzgado.", "legal_action", "final"),
    ("es", "por vía judicial", "legal_action", "final"),
    ("es", "Nuestros abogados le escribirán.", "lawyer", "final"),
    ("es", "una agencia de cobros", "collection", "final"),
    ("es", "el embargo de sus bienes", "enforcement", "final"),
    ("es", "un fichero de morosos", "credit_record", "final"),
]


@pytest.mark.parametrize(("lang", "text", "rule", "allowed_from"), WAITING)
def test_word_is_refused_before_its_tone_and_allowed_from_it(
    lang, text, rule, allowed_from
):
    for tone in TONES:
        rules = {f.rule for f in findings(text, tone, lang) if f.code == "word"}
        early = TONES.index(tone) < TONES.index(allowed_from)
        assert (rule in rules) is early, tone


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "We will have you arrested."),
        ("de", "Wir erstatten Strafanzeige."),
        ("fr", "Vous risquez la prison."),
        ("es", "Avisaremos a la policía."),
    ],
)
def test_threats_are_refused_at_every_tone(lang, text):
    assert all("never" in codes(findings(text, tone, lang)) for tone in TONES)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "As a courtesy, a courteous note about the courtyard."),
        ("en", "12 Court Road, Hampton"),
        ("en", "Since our last reminder of 3 May nothing arrived."),
        ("en", "Please seize the opportunity to tell us."),
        ("en", "Sue Miller, Accounts; pursue, issue, tissue"),
        ("en", "You must have overlooked it."),
        ("en", "The goods are ready for collection; the direct debit collection date."),
        ("de", "Diese Nachricht ist an Sie gerichtet."),
        ("de", "Registergericht: Amtsgericht Köln, HRB 12345"),
        ("de", "Erfüllungsort und Gerichtsstand ist Köln."),
        ("de", "Wir melden uns umgehend bei Ihnen."),
        ("de", "Wir verwalten und verwenden Ihre Daten sorgfältig."),
        ("de", "Pfandgeld und eine Gutschrift sind verrechnet."),
        ("de", "Das muss zwangsläufig ein Versehen sein, gut nachvollziehbar."),
        ("de", "Seit unserer letzten Erinnerung vom 3. Mai"),
        ("fr", "Sauf erreur de saisie, à court terme"),
        ("fr", "Nous souhaitons poursuivre notre collaboration."),
        ("fr", "Indemnité forfaitaire pour frais de recouvrement : 40 €"),
        ("fr", "Depuis notre dernière relance du 3 mai"),
        ("fr", "RCS Paris 123 456 789, greffe du tribunal de Paris"),
        ("fr", "Le processus de validation est en cours."),
        ("es", "Sin embargo, seguimos a su disposición."),
        ("es", "Desde nuestro último aviso del 3 de mayo"),
        (
            "es",
            "La demanda de este producto es alta; el último plazo vence el viernes.",
        ),
    ],
)
def test_harmless_words_pass_a_friendly_reminder(lang, text):
    assert findings(text, "friendly", lang) == []


def test_words_hide_behind_no_case_accent_or_invisible_letter():
    assert codes(findings("We go to ｃｏｕｒｔ")) == {"word"}
    assert codes(findings("We go to co\u00adu\u200brt.")) == {"word"}
    assert codes(findings("Mise en demeure", lang="fr")) == {"word"}
    assert codes(findings("MISE\u00a0EN\u202fDEMEURE".lower(), lang="fr_BE")) == {
        "word"
    }
    assert codes(findings("De\u0301faut de paiement", lang="fr")) == {"word"}
    assert codes(findings("Pfändung".replace("ä", "a\u0308"), lang="de_AT")) == {"word"}


def test_finding_names_word_rule_and_tone():
    (finding,) = findings("Our lawyers and your solicitor meet.", "firm")
    assert finding.words == ("lawyers", "solicitor")
    assert (finding.rule, finding.allowed_from) == ("lawyer", "final")


def test_names_may_hold_any_word():
    facts = replace(FACTS, names=("Gerichtsvollzieher-Bistro", "Debt Collect Ltd"))
    text = GOOD + "Debt Collect Ltd, police@example.com, https://example.com/police"
    assert lint(Message(text), Setting("friendly"), facts) == []


def test_language_without_words_keeps_the_other_rules():
    assert findings("De rechtbank!!! PROMO", lang="nl")
    assert codes(findings("De rechtbank!!!", lang="nl")) == {"shouting"}


def test_unknown_tone_is_the_strictest():
    assert codes(findings("It is overdue.", tone="")) == {"word"}


def test_all_tables_hold_the_same_rules_and_compile():
    rules = {lang: {row[0] for row in rows} for lang, rows in _tables()}
    assert set(rules) == LANGUAGES == set(tone_words.PROMOTION_WORDS)
    assert len({frozenset(names) for names in rules.values()}) == 1
    for _lang, rows in _tables():
        for _rule, tone, words in rows:
            assert tone is None or tone in TONES[1:]
            rows = [row for row in words.split("\n") if not row.strip().startswith("#")]
            assert "".join(rows).strip().islower()


def _tables():
    return tone_words.TONE_WORDS.items()


# --- promotion, fees, copies -------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Use the discount code SPRING, 20% off"),
        ("de", "Unser Newsletter bringt Gutscheine."),
        ("fr", "Profitez de notre offre spéciale"),
        ("es", "Aproveche nuestra oferta exclusiva"),
    ],
)
def test_promotion_is_refused_at_every_tone(lang, text):
    assert all("promotion" in codes(findings(text, tone, lang)) for tone in TONES)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "2% cash discount for early payment, credit note of 12%"),
        ("de", "2 % Skonto, Gutschrift vom 3. Mai"),
        ("fr", "Escompte 2 %, le solde de vos factures, un avoir"),
        ("es", "Descuento por pronto pago, abono"),
    ],
)
def test_terms_of_payment_are_no_promotion(lang, text):
    assert findings(text, lang=lang) == []


def test_links_to_a_shop_are_promotion_and_links_to_pay_are_not():
    pay = "https://example.com/payment/pay?amount=3&access_token=x"
    setting = Setting("friendly")
    assert lint_source("", (pay, "https://example.com/my/invoices/3"), setting) == []
    for link in ("https://example.com/shop", "https://example.com/?utm_source=x"):
        assert codes(lint_source("", (link,), setting)) == {"promotion_link"}


@pytest.mark.parametrize(
    ("setting", "refused"),
    [
        ({"level_index": 0, "is_consumer": True, "country": "DE"}, True),
        ({"level_index": -1, "is_consumer": True, "country": "DE"}, True),
        ({"level_index": 1, "is_consumer": True, "country": "DE"}, False),
        ({"level_index": 0, "is_consumer": False, "country": "DE"}, False),
        ({"level_index": 0, "is_consumer": True, "country": "FR"}, False),
    ],
)
def test_first_notice_to_a_german_consumer_asks_no_fee(setting, refused):
    with_fee = Setting("firm", has_fee=True, **setting)
    assert ("first_fee" in codes(lint(Message(GOOD), with_fee, FACTS))) is refused
    text = Message(GOOD + "Mahngebühr 5,00 EUR")
    in_words = Setting("firm", lang="de", **setting)
    assert ("first_fee" in codes(lint(text, in_words, FACTS))) is refused


def test_copy_goes_to_nobody_else():
    own = frozenset({"Accounts <ap@customer.example>", "anna@example.com"})
    setting = Setting("friendly", own_addresses=own)
    message = Message(GOOD, copies=("AP@customer.example", "Anna <anna@example.com>"))
    assert lint(message, setting, FACTS) == []
    (finding,) = lint(replace(message, copies=("boss@other.example",)), setting, FACTS)
    assert (finding.code, finding.words) == ("third_party", ("boss@other.example",))


# --- mandatory facts ---------------------------------------------------------------------


def test_complete_reminder_passes():
    assert lint(Message(GOOD), Setting("friendly"), FACTS) == []


@pytest.mark.parametrize(
    ("gone", "kind"),
    [
        ("INV/2026/00012", "invoices"),
        ("1,234.50 EUR", "amounts"),
        ("11/05/2026", "due_dates"),
        ("Court & Sons Ltd", "payee"),
        ("DE89 3704 0044 0532 0130 00", "payment"),
        ("accounts@example.com", "dispute"),
    ],
)
def test_each_missing_fact_is_named(gone, kind):
    (finding,) = lint(Message(GOOD.replace(gone, "-")), Setting("friendly"), FACTS)
    assert (finding.code, finding.rule) == ("missing", kind)


def test_every_invoice_must_appear():
    facts = replace(FACTS, invoices=("INV/2026/00012", "INV/2026/00013"))
    (finding,) = lint(Message(GOOD), Setting("friendly"), facts)
    assert finding.words == ("INV/2026/00013",)


def test_fact_inside_a_longer_one_does_not_count():
    for longer in ("INV/2026/000123", "XINV/2026/00012", "INV/2026/00012-1"):
        text = GOOD.replace("INV/2026/00012", longer)
        assert codes(lint(Message(text), Setting("friendly"), FACTS)) == {"missing"}
    text = GOOD.replace("1,234.50 EUR", "91,234.50 EUR")
    assert codes(lint(Message(text), Setting("friendly"), FACTS)) == {"missing"}


def test_spaces_of_amounts_and_accounts_do_not_matter():
    text = GOOD.replace("1,234.50 EUR", "1,234.50\u00a0EUR")
    text = text.replace("DE89 3704 0044 0532 0130 00", "DE89370400440532013000")
    assert lint(Message(text), Setting("friendly"), FACTS) == []


def test_link_to_pay_and_to_object_is_enough():
    text = GOOD.replace("DE89 3704 0044 0532 0130 00", "").replace(
        "accounts@example.com", "the button"
    )
    links = ("https://pay.example.com/p/1?token=x", "https://pay.example.com/d/1")
    assert lint(Message(text, links), Setting("friendly"), FACTS) == []


def test_record_without_facts_lacks_them_all():
    found = lint(Message(GOOD), Setting("final"), Facts())
    missing = {f.rule for f in found if f.code == "missing"}
    assert missing == {
        "invoices",
        "amounts",
        "due_dates",
        "payee",
        "payment",
        "dispute",
    }


# --- form --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Dear ,",
        "Invoice False is open.",
        "Due: None",
        "{{ object.name }}",
        "Dear ${object.name},",
        "Total %(amount)s",
        "<t t-out='object.name'/>",
        "Amount ()",
    ],
)
def test_unfilled_places_are_found_in_what_is_sent(text):
    found = lint(Message(GOOD + text), Setting("friendly"), FACTS)
    assert codes(found) == {"unresolved"}


@pytest.mark.parametrize("text", ["None of this is urgent to us.", "Bonjour !", "(a)"])
def test_ordinary_sentences_are_not_unfilled(text):
    found = lint(Message(GOOD + text), Setting("firm"), FACTS)
    assert found == []


def test_places_of_a_template_are_no_finding_in_its_source():
    assert findings("Dear {{ object.partner_id.name }},") == []
    assert codes(findings("Dear ${object.partner_id.name},")) == {"unresolved"}


@pytest.mark.parametrize(
    ("text", "shouted"),
    [
        ("Please PAY NOW.", ("PAY", "NOW")),
        ("This is IMPORTANT", ("IMPORTANT",)),
        ("Pay today!!", ("!!",)),
        ("Really?!", ("?!",)),
        ("ZAHLUNGSERINNERUNG für Sie", ("ZAHLUNGSERINNERUNG",)),
    ],
)
def test_shouting_is_found(text, shouted):
    (finding,) = findings(text, "firm")
    assert (finding.code, finding.words) == ("shouting", shouted)


@pytest.mark.parametrize(
    "text",
    [
        "IBAN DE89 3704 0044 0532 0130 00, BIC: COBADEFFXXX, SEPA",
        "Invoice INV/2026/00012 of ACME-2026 in EUR or USD, VAT included.",
        "GmbH & Co. KG, SARL, PDF",
        "Thank you!",
    ],
)
def test_codes_and_acronyms_are_no_shouting(text):
    assert findings(text) == []


# --- HTML --------------------------------------------------------------------------------


def test_html_is_read_as_a_reader_sees_it():
    html = (
        "<html><head><title>x</title><style>.a{}</style></head><body><p>Dear <b>An</b>na"
        "</p><table><tr><td>1</td><td>2&nbsp;&euro;</td></tr></table>"
        "<a href='https://a.example/x?a=1&amp;b=2'>Pay</a><img alt='Logo'/></body></html>"
    )
    text, links = plain_text(html)
    assert text.split() == ["Dear", "Anna", "1", "2", "€", "Pay", "Logo"]
    assert "1\n" in text
    assert links == ("https://a.example/x?a=1&b=2",)


TEXTS = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            [
                "court",
                "Mahnung",
                "<td>",
                "</td>",
                "<![",
                "&#0;",
                "{{",
                "!!",
                "False",
                "(",
            ]
        )
    ).map(" ".join),
)


@given(
    text=TEXTS,
    tone=st.sampled_from([*TONES, "", "loud"]),
    lang=st.one_of(st.sampled_from(sorted(LANGUAGES)), st.text(max_size=5)),
    value=TEXTS,
)
def test_no_text_makes_the_check_fail(text, tone, lang, value):
    plain, links = plain_text(text)
    facts = Facts((value,), (value,), (value,), value, (value,), (value,), (value,))
    setting = Setting(tone, lang, own_addresses=frozenset({value}))
    for found in (
        lint(Message(plain, links, (value,)), setting, facts),
        lint_source(text, links, setting, (value,)),
    ):
        assert all(finding.code for finding in found)


@given(
    before=st.sampled_from(["", "a ", "(", "»", "1. "]),
    after=st.sampled_from([".", " x", ""]),
)
def test_word_is_found_wherever_it_stands(before, after):
    assert codes(findings(f"{before}lawyer{after}")) == {"word"}
