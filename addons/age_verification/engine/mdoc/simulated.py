"""A wallet that is none: it issues its own proof of age and shows it. For tests.

What it sends is what a real wallet would send, signatures included. Its issuer lives only
as long as the answer, so that nobody who finds a key can pass for somebody of age.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from . import cbor, cose
from .response import CLAIM, DOCTYPE, authentication

ES256 = {cose.ALGORITHM: -7}
OVER, UNDER, UNREADABLE, LEFT = "over", "under", "unreadable", "left"
#: A proof whose issuer nobody trusts.
FORGED = "forged"
OUTCOMES = (OVER, UNDER, UNREADABLE, FORGED, LEFT)
VALIDITY = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whoever signs simulated proofs.

    :param certificate: to be trusted, and by nobody but the simulator
    """

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_issuer(moment: datetime) -> Issuer:
    """A new issuer, whose certificate counts around a moment."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Simulated issuer")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + VALIDITY)
        .sign(key, hashes.SHA256())
    )
    return Issuer(certificate, key)


def present(issuer: Issuer, transcript: bytes, ages: dict, moment: datetime) -> bytes:
    """The DeviceResponse of a wallet that discloses everything it has.

    :param transcript: of the request
    :param ages: age -> whether it is reached
    """
    device = ec.generate_private_key(ec.SECP256R1())
    items = [_item(number, *claim) for number, claim in enumerate(ages.items())]
    namespaces = cbor.embed(cbor.dumps({}))
    document = {
        "docType": DOCTYPE,
        "issuerSigned": {
            "nameSpaces": {DOCTYPE: [cbor2.CBORTag(cbor.EMBEDDED, i) for i in items]},
            "issuerAuth": _issuer_auth(issuer, items, device.public_key(), moment),
        },
        "deviceSigned": {
            "nameSpaces": cbor2.CBORTag(cbor.EMBEDDED, cbor.dumps({})),
            "deviceAuth": {
                "deviceSignature": _sign(
                    device, authentication(transcript, DOCTYPE, namespaces), {}, None
                )
            },
        },
    }
    return cbor.dumps({"version": "1.0", "documents": [document], "status": 0})


def pack(query: str, response: bytes) -> str:
    """A DeviceResponse as ``vp_token``, for the credential of that name."""
    text = base64.urlsafe_b64encode(response).rstrip(b"=").decode()
    return json.dumps({query: [text]})


def _item(number, age, met):
    return cbor.dumps(
        {
            "digestID": number,
            "random": secrets.token_bytes(16),
            "elementIdentifier": f"{CLAIM}{age:02}",
            "elementValue": met,
        }
    )


def _issuer_auth(issuer, items, device_key, moment):
    point = device_key.public_numbers()
    start = moment.astimezone(timezone.utc).replace(microsecond=0)
    security = {
        "version": "1.0",
        "digestAlgorithm": "SHA-256",
        "valueDigests": {
            DOCTYPE: {
                number: hashlib.sha256(cbor.embed(item)).digest()
                for number, item in enumerate(items)
            }
        },
        "deviceKeyInfo": {
            "deviceKey": {
                1: 2,
                -1: 1,
                -2: point.x.to_bytes(32, "big"),
                -3: point.y.to_bytes(32, "big"),
            }
        },
        "docType": DOCTYPE,
        "validityInfo": {
            "signed": start,
            "validFrom": start,
            "validUntil": start + VALIDITY,
        },
    }
    header = {cose.X5CHAIN: issuer.certificate.public_bytes(Encoding.DER)}
    payload = cbor.embed(cbor.dumps(security))
    return _sign(issuer.key, payload, header, payload)


def _sign(key, payload, header, attached):
    """COSE_Sign1 over a payload that is in it, or not."""
    protected = cbor.dumps(ES256)
    signed = cbor.dumps(["Signature1", protected, b"", payload])
    numbers = utils.decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    signature = b"".join(number.to_bytes(32, "big") for number in numbers)
    return [protected, header, attached, signature]
