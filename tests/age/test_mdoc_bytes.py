"""Answers of wallets that are none: broken, enormous, made to hurt, changed at random."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mdoc_support import ISSUER, REQUEST, refused, response_of, verify

from odoo.addons.age_verification.engine import mdoc
from odoo.addons.age_verification.engine.mdoc import MdocError, errors
from odoo.addons.age_verification.tests.wallet import Raw, Tag, Wallet, encode, to_der


def test_oversized_answer_is_not_even_read():
    assert refused(b"\xff" * (mdoc.MAX_SIZE + 1)) == errors.OVERSIZED


def test_answer_that_breaks_off_is_named_so():
    response = Wallet(ISSUER).present(REQUEST)
    codes = {refused(response[:length]) for length in range(len(response))}
    assert codes == {errors.TRUNCATED}


def test_bytes_after_the_end_are_refused():
    response = Wallet(ISSUER).present(REQUEST)
    assert refused(response + b"\x00") == errors.MALFORMED


@pytest.mark.parametrize(
    "bomb", [b"\x81" * 30000 + b"\x00", b"\xd8\x18" * 6000 + b"\x40", b"\x9f" * 30000]
)
def test_nested_answer_ends_at_its_depth(bomb):
    assert refused(bomb) == errors.NESTED


def test_answer_with_thousands_of_items_is_refused():
    assert refused(encode([0] * 20000)) == errors.NESTED


@pytest.mark.parametrize(
    "item", [Tag(4, [10**9, 1]), Tag(35, "(a+)+$"), Tag(2, b"\x01"), Tag(28, 0)]
)
def test_tags_that_cost_more_than_they_say_are_not_decoded(item):
    response = encode({"version": "1.0", "documents": [item], "status": 0})
    assert refused(response) == errors.UNSUPPORTED


@pytest.mark.parametrize(
    "data",
    [
        b"\x1c",  # a reserved length
        b"\x9f\x00",  # no break
        b"\xff",  # a break of nothing
        b"\x61\xff",  # no UTF-8
        b"\xc0\x61a",  # no date
        b"\xa1\xa0\x00",  # a map as key
        b"\xa1\x80\x00",  # a list as key
        b"\x5f\x00\xff",  # a number among bytes
        b"\xbf\x00\xff",  # a key without value
        b"\xc0\x78\x1b99999-99-99T99:99:99.999999Z",
        b"\xc1\xfb\x7f\xef\xff\xff\xff\xff\xff\xff",  # a moment far away
        b"\xd9\x03\xec\x61a",  # no day
    ],
)
def test_odd_cbor_is_refused(data):
    with pytest.raises(MdocError):
        verify(data)


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_by_name(data):
    with pytest.raises(MdocError):
        verify(data)


def mutations(data):
    """The data with bytes changed, cut out or put in."""
    place = st.integers(0, len(data) - 1)
    edit = st.tuples(place, st.integers(0, 3), st.binary(max_size=4))
    return st.lists(edit, min_size=1, max_size=4).map(lambda es: mutate(data, es))


def mutate(data, edits):
    changed = bytearray(data)
    for place, cut, put in edits:
        changed[place : place + cut] = put
    return bytes(changed)


GOOD = Wallet(ISSUER).present(REQUEST)


@settings(max_examples=600)
@given(mutations(GOOD))
def test_changed_answer_is_refused_by_name_or_says_the_same(data):
    try:
        attestation = verify(data)
    except MdocError:
        return
    # Headers that nobody signed may change: labels that nobody reads, other lengths.
    assert attestation.ages in ({18: True}, {})


@settings(max_examples=300)
@given(mutations(encode(Wallet(ISSUER).security_object())))
def test_odd_security_object_of_a_trusted_issuer_is_refused_by_name(data):
    wallet = Wallet(ISSUER)
    wallet.security_object = lambda: Raw(data)
    try:
        verify(wallet.present(REQUEST))
    except MdocError:
        pass


CERTIFICATE = to_der(ISSUER.signer)


def with_certificate(certificate):
    document = Wallet(ISSUER).document(REQUEST)
    document["issuerSigned"]["issuerAuth"][1] = {33: certificate}
    return response_of(document)


def test_certificate_of_an_unknown_version_is_refused():
    version_3, version_19 = b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x12"
    odd = CERTIFICATE.replace(version_3, version_19, 1)
    assert refused(with_certificate(odd)) == errors.MALFORMED


@settings(max_examples=300)
@given(mutations(CERTIFICATE).filter(lambda odd: odd != CERTIFICATE))
def test_changed_certificate_is_refused_by_name(odd):
    assert refused(with_certificate(odd)) in (errors.MALFORMED, errors.UNTRUSTED)
