"""Proofs of age of wallets. Issuer and wallet of the tests write their CBOR by hand; two
documents are those of the European profile itself (annex A of the technical
specification), signed by its reference issuer."""

import base64
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from mdoc_support import ISSUER, REQUEST, refused, response_of, verify

from odoo.addons.age_verification.engine import mdoc
from odoo.addons.age_verification.engine.mdoc import (
    MdocError,
    cbor,
    cose,
    errors,
    response,
    simulated,
)
from odoo.addons.age_verification.engine.openid4vp import Request
from odoo.addons.age_verification.tests import wallet as testing
from odoo.addons.age_verification.tests.wallet import (
    TODAY,
    Issuer,
    Raw,
    Tag,
    Wallet,
    encode,
    make_certificate,
    to_der,
)

# --- what is believed -------------------------------------------------------------


def test_wallet_proves_what_its_issuer_signed():
    attestation = verify(Wallet(ISSUER).present(REQUEST))
    assert attestation.ages == {18: True}
    assert attestation.valid_until == TODAY + timedelta(days=80)
    assert attestation.prove(18) == 18


def test_over_21_proves_18_though_nothing_was_said_about_18():
    assert verify(Wallet(ISSUER, {21: True}).present(REQUEST)).prove(18) == 21


def test_over_18_does_not_prove_21():
    attestation = verify(Wallet(ISSUER, {18: True}).present(REQUEST))
    with pytest.raises(MdocError) as caught:
        attestation.prove(21)
    assert caught.value.code == errors.NOT_DISCLOSED


@pytest.mark.parametrize("ages", [{18: False}, {16: False}, {16: False, 21: True}])
def test_person_whom_the_issuer_calls_younger_is_refused(ages):
    attestation = verify(Wallet(ISSUER, ages).present(REQUEST))
    with pytest.raises(MdocError) as caught:
        attestation.prove(18)
    assert caught.value.code == errors.NOT_TRUE


def test_not_being_over_21_says_nothing_about_18():
    attestation = verify(Wallet(ISSUER, {18: True, 21: False}).present(REQUEST))
    assert attestation.prove(18) == 18


def test_trailing_space_of_the_profile_is_tolerated():
    wallet = Wallet(ISSUER, doctype="eu.europa.ec.av.1 ")
    assert verify(wallet.present(REQUEST)).prove(18) == 18


def test_only_disclosed_claims_count():
    wallet = Wallet(ISSUER, {18: True, 21: True})
    wallet.items = wallet.items[:1]
    assert verify(wallet.present(REQUEST)).ages == {18: True}


def test_other_documents_of_the_answer_are_passed_over():
    other = Wallet(ISSUER, doctype="org.iso.18013.5.1.mDL").document(REQUEST)
    ours = Wallet(ISSUER).document(REQUEST)
    response = {"version": "1.0", "documents": [other, ours], "status": 0}
    assert verify(encode(response)).prove(18) == 18


def test_tagged_signatures_and_indefinite_lengths_are_read():
    document = Wallet(ISSUER).document(REQUEST)
    signed = document["issuerSigned"]
    signed["issuerAuth"] = Tag(18, signed["issuerAuth"])
    pairs = (encode(key) + encode(value) for key, value in document.items())
    loose = Raw(b"\xbf" + b"".join(pairs) + b"\xff")
    assert verify(response_of(loose)).prove(18) == 18


def test_certificates_between_lead_to_the_anchor():
    issuer = Issuer()
    between, key = make_certificate(
        "Between", issuer.authority, issuer.authority_key, ca=True
    )
    issuer.signer, issuer.signer_key = make_certificate("Signer", between, key)
    issuer.chain = [to_der(issuer.signer), to_der(between)]
    anchors = mdoc.load_anchors(issuer.pem)
    assert verify(Wallet(issuer).present(REQUEST), anchors=anchors).prove(18) == 18


def test_signer_itself_may_be_trusted():
    anchors = mdoc.load_anchors(testing.to_pem(ISSUER.signer))
    assert verify(Wallet(ISSUER).present(REQUEST), anchors=anchors).prove(18) == 18


# --- who signed -------------------------------------------------------------------


def test_issuer_that_nobody_trusts_is_refused():
    assert refused(Wallet(Issuer()).present(REQUEST)) == errors.UNTRUSTED


def test_without_anchors_nobody_is_trusted():
    assert refused(Wallet(ISSUER).present(REQUEST), anchors=()) == errors.UNTRUSTED


def test_anchor_of_the_same_name_with_another_key_is_not_the_anchor():
    assert Issuer().authority.subject == ISSUER.authority.subject
    assert refused(Wallet(Issuer()).present(REQUEST)) == errors.UNTRUSTED


def test_certificate_that_is_no_authority_issues_nothing():
    issuer = Issuer()
    between, key = make_certificate(
        "No authority", issuer.authority, issuer.authority_key
    )
    issuer.signer, issuer.signer_key = make_certificate("Signer", between, key)
    issuer.chain = [to_der(issuer.signer), to_der(between)]
    anchors = mdoc.load_anchors(issuer.pem)
    response = Wallet(issuer).present(REQUEST)
    assert refused(response, anchors=anchors) == errors.UNTRUSTED


def test_authority_signs_certificates_and_no_documents():
    issuer = Issuer()
    issuer.chain, issuer.signer_key = [to_der(issuer.authority)], issuer.authority_key
    anchors = mdoc.load_anchors(issuer.pem)
    response = Wallet(issuer).present(REQUEST)
    assert refused(response, anchors=anchors) == errors.UNTRUSTED


@pytest.mark.parametrize(
    "validity",
    [{"end": TODAY - timedelta(days=1)}, {"start": TODAY - timedelta(days=5)}],
)
def test_certificate_must_have_been_valid_when_signing_and_today(validity):
    # The wallet's attestation was signed ten days before.
    issuer = Issuer(**validity)
    response = Wallet(issuer).present(REQUEST)
    anchors = mdoc.load_anchors(issuer.pem)
    assert refused(response, anchors=anchors) == errors.CERTIFICATE_EXPIRED


def test_signature_of_another_key_is_refused():
    issuer = Issuer()
    issuer.signer_key = Issuer().signer_key
    anchors = mdoc.load_anchors(issuer.pem)
    response = Wallet(issuer).present(REQUEST)
    assert refused(response, anchors=anchors) == errors.ISSUER_SIGNATURE


def test_changed_security_object_is_refused():
    document = Wallet(ISSUER).document(REQUEST)
    auth = document["issuerSigned"]["issuerAuth"]
    auth[2] = auth[2].replace(b"2027", b"2037")
    assert refused(response_of(document)) == errors.ISSUER_SIGNATURE


def test_document_without_certificate_is_refused():
    document = Wallet(ISSUER).document(REQUEST)
    document["issuerSigned"]["issuerAuth"][1] = {}
    assert refused(response_of(document)) == errors.MALFORMED


@pytest.mark.parametrize("chain", [b"", b"\x30\x03\x02\x01\x01", [1], [], {}, True])
def test_certificate_that_is_none_is_refused(chain):
    document = Wallet(ISSUER).document(REQUEST)
    document["issuerSigned"]["issuerAuth"][1] = {33: chain}
    assert refused(response_of(document)) == errors.MALFORMED


# --- what was signed --------------------------------------------------------------


def test_claim_that_the_issuer_did_not_sign_is_refused():
    wallet = Wallet(ISSUER, {18: False})
    wallet.items[0]["elementValue"] = True
    assert refused(wallet.present(REQUEST)) == errors.DIGEST


def test_claim_without_digest_is_refused():
    wallet = Wallet(ISSUER)
    wallet.items.append({**wallet.items[0], "digestID": 7})
    assert refused(wallet.present(REQUEST)) == errors.DIGEST


def test_claims_of_a_namespace_without_digests_are_refused():
    document = Wallet(ISSUER).document(REQUEST)
    spaces = document["issuerSigned"]["nameSpaces"]
    spaces["eu.europa.ec.av.1 "] = spaces["eu.europa.ec.av.1"]
    assert refused(response_of(document)) == errors.MALFORMED


@pytest.mark.parametrize("value", [1, "true", None, b"\x01"])
def test_value_that_is_not_true_proves_nothing(value):
    assert refused(Wallet(ISSUER, {18: value}).present(REQUEST)) == errors.MALFORMED


def test_document_of_another_type_is_refused():
    wallet = Wallet(ISSUER, doctype="org.iso.18013.5.1.mDL")
    assert refused(wallet.present(REQUEST)) == errors.WRONG_DOCTYPE


def test_security_object_of_another_type_of_document_is_refused():
    document = Wallet(ISSUER, doctype="org.iso.18013.5.1.mDL").document(REQUEST)
    document["docType"] = mdoc.DOCTYPE
    assert refused(response_of(document)) == errors.WRONG_DOCTYPE


@pytest.mark.parametrize(
    ("days", "code"), [(81, errors.EXPIRED), (-11, errors.NOT_YET_VALID)]
)
def test_attestation_counts_between_its_dates(days, code):
    response = Wallet(ISSUER).present(REQUEST)
    assert refused(response, moment=TODAY + timedelta(days=days)) == code


def test_digest_of_another_kind_is_refused():
    wallet = Wallet(ISSUER)
    wallet.algorithm = "MD5"
    assert refused(wallet.present(REQUEST)) == errors.UNSUPPORTED


# --- who answered, and to what ----------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        Request(REQUEST.response_uri, "another-nonce", 18),
        Request("https://other.example/age", REQUEST.nonce, 18),
    ],
)
def test_answer_to_another_request_is_refused(other):
    assert refused(Wallet(ISSUER).present(other)) == errors.WRONG_REQUEST


def test_attestation_on_another_device_is_refused():
    wallet = Wallet(ISSUER)
    document = wallet.document(REQUEST)
    stolen = Wallet(ISSUER).document(REQUEST)["deviceSigned"]
    document["deviceSigned"] = stolen
    assert refused(response_of(document)) == errors.WRONG_REQUEST


def test_answer_without_a_device_is_refused():
    document = Wallet(ISSUER).document(REQUEST)
    del document["deviceSigned"]
    assert refused(response_of(document)) == errors.MALFORMED


def test_code_in_place_of_a_signature_is_refused():
    document = Wallet(ISSUER).document(REQUEST)
    auth = document["deviceSigned"]["deviceAuth"]
    auth["deviceMac"] = auth.pop("deviceSignature")
    assert refused(response_of(document)) == errors.UNSUPPORTED


@pytest.mark.parametrize("algorithm", [-8, 5, "ES256", None, True])
def test_algorithm_that_nobody_agreed_on_is_refused(algorithm):
    document = Wallet(ISSUER).document(REQUEST)
    signature = document["deviceSigned"]["deviceAuth"]["deviceSignature"]
    signature[0] = encode({1: algorithm})
    assert refused(response_of(document)) == errors.UNSUPPORTED


def test_device_key_that_is_no_point_is_refused():
    wallet = Wallet(ISSUER)
    security = wallet.security_object()
    security["deviceKeyInfo"]["deviceKey"][-3] = b"\x01" * 32
    wallet.security_object = lambda: security
    assert refused(wallet.present(REQUEST)) == errors.MALFORMED


def test_refusal_of_the_wallet_is_no_proof():
    assert refused(encode({"version": "1.0", "status": 10})) == errors.REFUSED


def test_answer_without_documents_is_no_proof():
    response = encode({"version": "1.0", "status": 0})
    assert refused(response) == errors.WRONG_DOCTYPE


# --- documents of the profile -----------------------------------------------------

FIXTURES = Path(__file__).parent / "fixtures"
#: Written in annex A.10 of the profile (version 1.0.8): an attestation as it is issued, and
#: the answer to a request of the Digital Credentials API, without the device's part, as the
#: request is not given whole. Their certificate is the anchor; its authority's is not given.
PROFILE = [
    ("av_profile_attestation.b64", datetime(2025, 7, 1, tzinfo=timezone.utc)),
    ("av_profile_digital_credentials.b64", datetime(2025, 12, 1, tzinfo=timezone.utc)),
]


@pytest.mark.parametrize(("name", "moment"), PROFILE)
def test_documents_of_the_profile_are_those_of_its_issuer(name, moment):
    assert read_profile(name, moment) == {18: True}


@pytest.mark.parametrize(("name", "moment"), PROFILE)
def test_documents_of_the_profile_run_out(name, moment):
    with pytest.raises(MdocError) as caught:
        read_profile(name, moment + timedelta(days=90))
    assert caught.value.code == errors.EXPIRED


@pytest.mark.parametrize(("name", "moment"), PROFILE)
def test_profile_without_its_device_is_no_answer(name, moment):
    document = base64.b64decode((FIXTURES / name).read_text())
    assert refused(response_of(Raw(document)), moment=moment) == errors.UNTRUSTED


def read_profile(name, moment):
    """The steps of ``verify`` but the device's."""
    document = cbor.loads(base64.b64decode((FIXTURES / name).read_text()))
    signed = document["issuerSigned"]
    auth = cose.Sign1.read(signed["issuerAuth"])
    signer = x509.load_der_x509_certificate(auth.unprotected[cose.X5CHAIN])
    security = response._read_security_object(auth)
    response._check_issuer(auth, security, (signer,), moment)
    return response._read_ages(signed, security)


# --- the simulator's wallet -------------------------------------------------------


@pytest.mark.parametrize("ages", [{18: True}, {18: False}, {16: True, 21: False}])
def test_simulated_wallet_is_read_like_a_real_one(ages):
    issuer = simulated.make_issuer(TODAY)
    answer = simulated.present(issuer, REQUEST.get_transcript(), ages, TODAY)
    assert verify(answer, anchors=(issuer.certificate,)).ages == ages
    assert refused(answer) == errors.UNTRUSTED
