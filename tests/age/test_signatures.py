"""Signatures of providers. The vectors were made with the command line of OpenSSL 3.0:

- ``openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:max -sign``
- ``openssl dgst -sha1 -hmac … -binary | base64`` and ``openssl dgst -sha256 -hmac …``
"""

import base64
import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from odoo.addons.age_verification.engine import signatures, simulator

PUBLIC_KEY = """\
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtrsCVl6ezUdBzxl6er7T
XajcAStoHu1rD3NkKtinZSjGsqwQpDfLecck67xyLzTYcHwcNoidZxkaagQ5vgJZ
izZbnRkxP7QwaXnr3f74gSHJs5RU8Gnxs26Wl1wcMIQ/FjCrJ2FButchS1VJZ22l
oKuEA5HZv3F/7+YZ42K3qkSte7xjAztR+CT7uJimo8LmBoECK4KsDZ5AZwTxnu7W
nmBL6G0FL2do6Jh18zWIGBXbZ1psye0pHzkc6zLhLU2x1sn3itK6K+lkEae8zKZo
9IsoD7TTb26lADGXqyDgNBCUlR7/PSoI3VjdVpqpQIwrR430tO3frhbCzqZoFkM9
IwIDAQAB
-----END PUBLIC KEY-----
"""
#: What Yoti signs: compact, in its order, with a word that is not ASCII.
SIGNED = (
    '{"method":"DOC_SCAN","result":true,"age":18,"session_key":"69db8ad4-c9'
    '83-40b3-b95a-a8fa576e70a6","reference_id":"order 7 – naïve","id":"2480'
    '375e-ddc0-4832-9b82-b1d14af5cf75","timestamp":1613482863,"notification'
    '_url":"https://shop.example.com/hook?a=1&b=2","evidence_id":"da4070de-'
    '3d34-44d7-86d4-7d6fdf547740","state":"COMPLETE","check_type":"NONE"}'
)
PSS_LONGEST_SALT = (
    "kIUaZdoA5ESZIF19ZVAZwX4BRv4yFvJmmpZJ23u0Jm+3RJ5RMW6I1j0dq6xQstiDycYj40Fo"
    "WRT7SGXbNBhv15mBFHzfQeNVgzHlDbFlrv/cZOwQPNQfOcB+H7iPm+t/lOnlBuZlVIuP2ooQ"
    "CF1T/bP45z5osugCEExRdu4oK9GxAsmG2VpuN+RNGmqLft/JOH3CkJq+fv/BVeSB41XkxlXn"
    "MYEfS/K7hvwBs/OejUDdQrjhFnnbPZa+ap3Ac58XLWvpvpKgLIPfzIro0X3DCUgxMQfCBUQY"
    "IZc+c9z7T1XaY8h09rD27RHFqp8CkUJiyHmjU4OiK8GwW4+txo/JKA=="
)
PSS_SALT_OF_32 = (
    "HEdTchZbMPEphHZICka0jYVt/2qfntGLUAaLIPSv6OTVqvWXryvh5ElA3GmOSALoWH2u0i43"
    "VaJnp8ancQsQD114gcpxagE1Rqf6AkTfw2VDNuCycjWGKA3bKrGEEZRrHOHJnEJg9zyZtLeW"
    "fLhcvzTBYvPCQ20LK2otuRYTHKjKgvizEpbuwKn+Z4sNCPh/qDIyu1U2SBmNjg3Byuh5pThS"
    "oX9PwT0j6aVOBJ0WRiT/dcYr9sx9ExzWS/0kGd4yKOxsV0iiOaiOdzenmVkfs2hIiztfAF4M"
    "WVVG2Ycpids61rOUNS42PeQP++2W7jbPMoZsF/TX24pHA8rNIGv/+g=="
)
PKCS1 = (
    "RyiRBbIcOSj7/4Pp2ZAAOrE1zprjNxyai9n8jO1aUjsC83c2/ncvKYcLsQLh5GgmSh9oOrR0"
    "PMIzroRVFBF8QG6yyMQHl06IBxLjvFcdjAulqiTRdztHjVvZAciXAOhtZCLPPJe7w1GqhCZp"
    "VmiJ8iJhSC+3KiR/wekc69tqovAspg+ahPfhQiwWr4eJfqfNiilwYFyFmuSIfoaWkv6CigEs"
    "BknEnVlt8lu7tNb7WSC42FMVUJvob8g3uIjY6FWMGUGOv0Qs/zLVdSeAaETpxdhQrKkjllnt"
    "zTscTZ0ywoEKKGCIBim26de8pqIsQS40jd0nCPM88DX6ls+C6ZlzeQ=="
)
SECRET = "sample_secret5e9"
AGECHECKER = (
    b'{"uuid":"kf0xJcZBX0t59SVYa106rt","status":"denied","reason":"underage"}',
    "KPW5QA7elHn2SnmudHLecOw2NZM=",
)
VERIFF_SECRET = "abcdef12-abcd-abcd-abcd-abcdef012345"
VERIFF = (
    b'{"status":"success","verification":{"id":"f04bdb47-d3be-4b28-b028-a652feb060b5",'
    b'"code":9001}}',
    "8fe087ec831efc7f0becfa6c7f54de148bf1f9a7c4292ce2beb639fdba9f254a",
)
STRIPE = b'{"id":"evt_1","type":"identity.verification_session.verified"}'
STRIPE_SECRET = "whsec_test"
STRIPE_TIME = 1700000000
STRIPE_V1 = "b9caa32071e54241e3a5a9ddd0050744fd95ca780a7ff2a5b1032fdf47f6d5ba"


def yoti(signature, sequence=1, signed=SIGNED, **dump):
    """A message as it comes: signature and sequence are members among the others."""
    payload = {**json.loads(signed), "sequence_number": sequence}
    return json.dumps({**payload, "signature": signature}, **dump).encode()


def stripe(header, body=STRIPE, secret=STRIPE_SECRET, now=STRIPE_TIME):
    return signatures.is_from_stripe(body, header, secret, now)


# Yoti


@pytest.mark.parametrize(
    "dump", [{}, {"indent": 2}, {"separators": (",", ":"), "ensure_ascii": False}]
)
def test_yoti_message_is_known_however_it_is_spaced(dump):
    assert signatures.is_from_yoti(yoti(PSS_LONGEST_SALT, **dump), PUBLIC_KEY)


def test_yoti_sequence_number_is_not_signed():
    assert signatures.is_from_yoti(yoti(PSS_LONGEST_SALT, sequence=7), PUBLIC_KEY)


@pytest.mark.parametrize("signature", [PSS_SALT_OF_32, PKCS1, "", "AAAA", "no base64!"])
def test_yoti_signature_of_another_kind_is_refused(signature):
    assert not signatures.is_from_yoti(yoti(signature), PUBLIC_KEY)


def test_yoti_message_with_another_state_is_refused():
    changed = SIGNED.replace("true", "false")
    assert not signatures.is_from_yoti(
        yoti(PSS_LONGEST_SALT, signed=changed), PUBLIC_KEY
    )


def test_yoti_message_in_another_order_is_refused():
    pairs = list(json.loads(SIGNED).items())
    changed = json.dumps(dict(reversed(pairs)))
    assert not signatures.is_from_yoti(
        yoti(PSS_LONGEST_SALT, signed=changed), PUBLIC_KEY
    )


def test_yoti_member_that_is_there_twice_is_refused():
    body = yoti(PSS_LONGEST_SALT)
    doubled = body.replace(
        b'"state": "COMPLETE"', b'"state": "FAIL", "state": "COMPLETE"'
    )
    assert doubled != body
    assert not signatures.is_from_yoti(doubled, PUBLIC_KEY)


def test_yoti_spaces_within_values_are_signed():
    changed = SIGNED.replace("order 7", "order7")
    assert not signatures.is_from_yoti(
        yoti(PSS_LONGEST_SALT, signed=changed), PUBLIC_KEY
    )


@pytest.mark.parametrize("key", ["", "no key", PUBLIC_KEY.replace("M", "N", 3)])
def test_yoti_without_a_usable_key_nothing_is_believed(key):
    assert not signatures.is_from_yoti(yoti(PSS_LONGEST_SALT), key)


def test_yoti_deep_nesting_is_refused():
    body = b'{"signature":"AAAA","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert not signatures.is_from_yoti(body, PUBLIC_KEY)


# HMAC


def test_agechecker_hmac_sha1_in_base64():
    body, signature = AGECHECKER
    assert signatures.is_from_agechecker(body, signature, SECRET)
    assert not signatures.is_from_agechecker(body + b" ", signature, SECRET)
    assert not signatures.is_from_agechecker(body, signature, SECRET + "x")


def test_veriff_hmac_sha256_in_hexadecimal():
    body, signature = VERIFF
    assert signatures.is_from_veriff(body, signature, VERIFF_SECRET)
    assert signatures.is_from_veriff(body, signature.upper(), VERIFF_SECRET)
    assert not signatures.is_from_veriff(body[:-1], signature, VERIFF_SECRET)


@pytest.mark.parametrize("secret", ["", None])
@pytest.mark.parametrize("signature", ["", None, "KPW5QA7elHn2SnmudHLecOw2NZM="])
def test_nothing_is_believed_without_a_secret(secret, signature):
    body = AGECHECKER[0]
    assert not signatures.is_from_agechecker(body, signature, secret)
    assert not signatures.is_from_veriff(body, signature, secret)
    assert not stripe(signature, body=body, secret=secret)


# Stripe


@pytest.mark.parametrize("away", [0, 300, -300])
def test_stripe_message_counts_for_five_minutes(away):
    assert stripe(f"t={STRIPE_TIME},v1={STRIPE_V1}", now=STRIPE_TIME + away)


@pytest.mark.parametrize("away", [301, -301, 86400])
def test_stripe_recorded_message_is_refused_later(away):
    assert not stripe(f"t={STRIPE_TIME},v1={STRIPE_V1}", now=STRIPE_TIME + away)


def test_stripe_one_of_two_signatures_is_enough_while_a_secret_is_rolled():
    assert stripe(f"t={STRIPE_TIME},v1={'0' * 64},v1={STRIPE_V1},v0=abc")


@pytest.mark.parametrize(
    "header",
    [
        f"t={STRIPE_TIME + 1},v1={STRIPE_V1}",
        f"t={STRIPE_TIME},v0={STRIPE_V1}",
        f"v1={STRIPE_V1}",
        f"t={STRIPE_TIME}",
        f"t={STRIPE_TIME},t={STRIPE_TIME},v1={STRIPE_V1}",
        f"t=\u0661,v1={STRIPE_V1}",
        f"t=-{STRIPE_TIME},v1={STRIPE_V1}",
        f"t={'9' * 5000},v1={STRIPE_V1}",
        ",,,=,",
    ],
)
def test_stripe_header_that_is_not_right_is_refused(header):
    assert not stripe(header)


# Fuzz

bodies = st.binary(max_size=400)
headers = st.one_of(st.none(), st.text(max_size=200))


@given(bodies, headers)
def test_nothing_a_stranger_sends_is_believed_or_raises(body, header):
    assert not signatures.is_from_agechecker(body, header, "secret")
    assert not signatures.is_from_veriff(body, header, "secret")
    assert not signatures.is_from_stripe(body, header, "secret", 0)
    assert not signatures.is_from_yoti(body, PUBLIC_KEY)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text(max_size=12), json_values, max_size=5), st.text(max_size=9)
)
def test_yoti_no_made_up_message_is_believed(payload, signature):
    signed = json.dumps({**payload, "signature": signature}).encode()
    assert not signatures.is_from_yoti(signed, PUBLIC_KEY)


@given(st.integers(0, len(AGECHECKER[0]) - 1), st.integers(1, 255))
def test_each_byte_of_the_body_counts(place, change):
    body = bytearray(AGECHECKER[0])
    body[place] ^= change
    assert not signatures.is_from_agechecker(bytes(body), AGECHECKER[1], SECRET)


PRIVATE, OWN_PUBLIC = simulator.make_key()


@settings(max_examples=20)
@given(
    st.dictionaries(
        st.text(max_size=12),
        st.text(max_size=20) | st.integers() | st.none(),
        max_size=5,
    )
)
def test_yoti_what_the_simulator_signs_is_believed_and_no_other_key(payload):
    assume("signature" not in payload and "sequence_number" not in payload)
    body = simulator.sign_yoti({**payload, "sequence_number": 3}, PRIVATE).encode()
    assert signatures.is_from_yoti(body, OWN_PUBLIC)
    assert not signatures.is_from_yoti(body, PUBLIC_KEY)
    forged = json.loads(body)
    forged["state"] = "COMPLETE!"
    assert not signatures.is_from_yoti(json.dumps(forged).encode(), OWN_PUBLIC)


def test_signature_is_of_the_length_of_the_key():
    assert len(base64.b64decode(PSS_LONGEST_SALT)) == 256
