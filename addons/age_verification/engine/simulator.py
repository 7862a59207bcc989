"""Messages as Yoti, AgeChecker.Net, Veriff and Stripe send them, signed. Pure.

For the simulator that stands in for them where nobody has an account.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from .signatures import sign_veriff, yoti_message, yoti_padding


@dataclass(frozen=True, slots=True)
class Message:
    """A request to the webhook."""

    method: str
    headers: dict
    body: str


def make_key() -> tuple[str, str]:
    """A new RSA key for Yoti's format: private and public, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ).decode()
    public = key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    return private, public.decode()


def sign_yoti(payload: dict, private_key: str) -> str:
    """The body of a Yoti message with its signature in it."""
    key = load_pem_private_key(private_key.encode(), password=None)
    signature = key.sign(yoti_message(payload), yoti_padding(key), hashes.SHA256())
    return json.dumps({**payload, "signature": base64.b64encode(signature).decode()})


def message_yoti(payload: dict, private_key: str) -> Message:
    """A message of Yoti."""
    return Message("POST", {}, sign_yoti(payload, private_key))


def message_agechecker(payload: dict, secret: str) -> Message:
    """A message of AgeChecker.Net, which come by PUT."""
    body = json.dumps(payload)
    digest = hmac.new(secret.encode(), body.encode(), hashlib.sha1).digest()
    signature = base64.b64encode(digest).decode()
    return Message("PUT", {"X-AgeChecker-Signature": signature}, body)


def message_veriff(payload: dict, secret: str) -> Message:
    """A message of Veriff."""
    body = json.dumps(payload)
    signature = sign_veriff(body.encode(), secret)
    return Message("POST", {"X-HMAC-SIGNATURE": signature}, body)


def message_stripe(payload: dict, secret: str, now: int) -> Message:
    """A message of Stripe, sent at ``now`` in seconds since 1970."""
    body = json.dumps(payload)
    signature = hmac.new(
        secret.encode(), f"{now}.{body}".encode(), hashlib.sha256
    ).hexdigest()
    return Message("POST", {"Stripe-Signature": f"t={now},v1={signature}"}, body)
