"""Requests to wallets. Vectors: OpenID for Verifiable Presentations 1.0, appendix B.2.6.1."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.age_verification.engine import openid4vp
from odoo.addons.age_verification.engine.mdoc import MAX_SIZE, MdocError, errors
from odoo.addons.age_verification.engine.openid4vp import Request
from odoo.addons.age_verification.tests import wallet as testing

REQUEST = Request("https://client.example.org/post", "n-0S6_WzA2Mj", 18)


def test_transcript_is_that_of_the_standard():
    thumbprint = "4283ec927ae0f208daaa2d026a814f2b22dca52cf85ffa8f3f8626c6bd669047"
    transcript = openid4vp.session_transcript(
        "x509_san_dns:example.com",
        "exc7gBkxjx1rdc9udRrveKvSsJIq80avlXeLHhGwqtA",
        bytes.fromhex(thumbprint),
        "https://example.com/response",
    )
    assert transcript.hex() == (
        "83f6f682714f70656e494434565048616e646f7665725820048bc053c00442af9b8e"
        "ed494cefdd9d95240d254b046b11b68013722aad38ac"
    )


def test_transcript_without_encryption_is_that_of_the_wallet():
    assert REQUEST.get_transcript() == testing.transcript(REQUEST)


def test_link_carries_the_request_of_the_profile():
    link = urlsplit(REQUEST.get_link("av"))
    assert link.scheme == "av"
    parameters = {name: values[0] for name, values in parse_qs(link.query).items()}
    query = json.loads(parameters.pop("dcql_query"))
    assert parameters == {
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "client_id": "redirect_uri:https://client.example.org/post",
        "response_uri": "https://client.example.org/post",
        "nonce": "n-0S6_WzA2Mj",
    }
    assert query == {
        "credentials": [
            {
                "id": "proof_of_age",
                "format": "mso_mdoc",
                "meta": {"doctype_value": "eu.europa.ec.av.1"},
                "claims": [{"path": ["eu.europa.ec.av.1", "age_over_18"]}],
            }
        ]
    }


def test_other_ages_may_be_proved_by_a_higher_one_that_the_wallet_has():
    (credential,) = openid4vp.age_query(20)["credentials"]
    asked = {claim["id"]: claim["path"][1] for claim in credential["claims"]}
    assert [asked[name] for (name,) in credential["claim_sets"]] == [
        "age_over_20",
        "age_over_21",
        "age_over_25",
    ]


@pytest.mark.parametrize("age", [-1, 100])
def test_age_that_no_claim_has_is_not_asked(age):
    with pytest.raises(ValueError, match="no age"):
        openid4vp.age_query(age)


@pytest.mark.parametrize(
    "vp_token",
    [
        '{"proof_of_age": ["-_8"]}',
        '{"proof_of_age": ["-_8="]}',
        '{"proof_of_age": "-_8"}',
        "-_8",
    ],
)
def test_presentation_is_found_as_the_standard_and_its_drafts_send_it(vp_token):
    assert openid4vp.read_vp_token(vp_token) == b"\xfb\xff"


@pytest.mark.parametrize(
    "vp_token",
    [
        "",
        "{}",
        "[]",
        "null",
        "{",
        "[" * 20000,
        '{"proof_of_age": []}',
        '{"proof_of_age": ["AA", "AA"]}',
        '{"proof_of_age": [1]}',
        '{"proof_of_age": ["A"]}',
        '{"proof_of_age": ["AA AA"]}',
        '{"other": ["AA"]}',
    ],
)
def test_token_that_is_none_is_refused(vp_token):
    with pytest.raises(MdocError) as caught:
        openid4vp.read_vp_token(vp_token)
    assert caught.value.code == errors.MALFORMED


def test_oversized_token_is_not_even_read():
    with pytest.raises(MdocError) as caught:
        openid4vp.read_vp_token("A" * (2 * MAX_SIZE + 1))
    assert caught.value.code == errors.OVERSIZED


@given(st.text() | st.binary().map(testing.pack))
def test_any_token_is_bytes_or_refused_by_name(vp_token):
    try:
        assert isinstance(openid4vp.read_vp_token(vp_token), bytes)
    except MdocError:
        pass
