"""Whether a message comes from the provider it claims to come from. Pure.

Each function takes the body as it was received: what is parsed and written again is not
what was signed. None of them raises on anything a stranger may send, and comparisons take
the same time wherever the difference is.
"""

import base64
import hashlib
import hmac
import json

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

#: Seconds that a Stripe message may be away from our clock.
STRIPE_TOLERANCE = 300
#: Members of a Yoti message that are not signed.
YOTI_UNSIGNED = ("sequence_number", "signature")
#: So many signatures are tried in one header: Stripe sends two while a secret is rolled.
MAX_SIGNATURES = 5


def _same(expected: str, received) -> bool:
    return hmac.compare_digest(
        expected.encode(), str(received or "").encode("utf-8", "replace")
    )


def is_from_agechecker(body: bytes, signature: str | None, secret: str) -> bool:
    """AgeChecker.Net: base64 of HMAC-SHA1 over the body, header X-AgeChecker-Signature."""
    if not secret or not signature:
        return False
    digest = hmac.new(secret.encode(), body, hashlib.sha1).digest()
    return _same(base64.b64encode(digest).decode(), signature)


def is_from_veriff(body: bytes, signature: str | None, secret: str) -> bool:
    """Veriff: hexadecimal HMAC-SHA256 over the body, header X-HMAC-SIGNATURE."""
    if not secret or not signature:
        return False
    return _same(sign_veriff(body, secret), signature.lower())


def sign_veriff(body: bytes, secret: str) -> str:
    """What goes into X-HMAC-SIGNATURE; for a GET it covers the session's id."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_from_stripe(body: bytes, header: str | None, secret: str, now: float) -> bool:
    """Stripe: HMAC-SHA256 over time and body, header ``Stripe-Signature: t=…,v1=…``.

    :param now: seconds since 1970; messages that are too old or too new are refused,
        which stops a recorded one from being sent again
    """
    if not secret or not header:
        return False
    pairs = [item.strip().partition("=") for item in header.split(",")]
    times = [value for name, _sep, value in pairs if name == "t"]
    if len(times) != 1 or not _is_close(times[0], now):
        return False
    message = times[0].encode() + b"." + body
    expected = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    received = [value for name, _sep, value in pairs if name == "v1"][:MAX_SIGNATURES]
    return any([_same(expected, value) for value in received])


def _is_close(text: str, now: float) -> bool:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        return False
    return abs(now - int(text)) <= STRIPE_TOLERANCE


def is_from_yoti(body: bytes, public_key: str) -> bool:
    """Yoti: RSA-PSS with SHA-256, MGF1 and the longest salt, inside the body.

    :param public_key: Yoti's, as PEM
    """
    parts = split_yoti(body)
    if not parts or not public_key:
        return False
    message, signature = parts
    try:
        key = load_pem_public_key(public_key.encode())
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        key.verify(signature, message, yoti_padding(key), hashes.SHA256())
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def yoti_padding(key) -> padding.PSS:
    """PSS with the longest salt, in bytes: told "longest", OpenSSL would take any."""
    digest = hashes.SHA256()
    length = padding.calculate_max_pss_salt_length(key, digest)
    return padding.PSS(mgf=padding.MGF1(digest), salt_length=length)


def split_yoti(body: bytes) -> tuple[bytes, bytes] | None:
    """What Yoti signed, and the signature; None when the body is no signed message."""
    try:
        payload = json.loads(body, object_pairs_hook=_without_doubles)
        signature = base64.b64decode(payload["signature"], validate=True)
        return yoti_message(payload), signature
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def yoti_message(payload: dict) -> bytes:
    """The signed part: compact JSON in the order received, without the unsigned members."""
    signed = {name: payload[name] for name in payload if name not in YOTI_UNSIGNED}
    return json.dumps(signed, separators=(",", ":"), ensure_ascii=False).encode()


def _without_doubles(pairs):
    """A member that is there twice could be signed once and read the other time."""
    payload = dict(pairs)
    if len(payload) != len(pairs):
        raise ValueError("a member is there twice")
    return payload
