"""An issuer and a wallet for tests: credentials from the ground up.

CBOR is written by hand here, on purpose: what is tested reads it with a library.
"""

import base64
import hashlib
import json
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import NameOID

UTC = timezone.utc
DOCTYPE = "eu.europa.ec.av.1"
TODAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Raw(bytes):
    """CBOR that is encoded already."""


class Tag:
    def __init__(self, number, value):
        self.number, self.value = number, value


def encode(value):
    """CBOR of a value, lengths definite and shortest."""
    if isinstance(value, Raw):
        return bytes(value)
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    if isinstance(value, dict):
        pairs = (encode(key) + encode(item) for key, item in value.items())
        return head(5, len(value)) + b"".join(pairs)
    if isinstance(value, Tag):
        return head(6, value.number) + encode(value.value)
    if isinstance(value, datetime):
        return encode(Tag(0, value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")))
    raise TypeError(value)


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for info, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * width):
            return bytes([major << 5 | info]) + number.to_bytes(width, "big")
    raise OverflowError(number)


def embed(value):
    """Encoded CBOR within CBOR (tag 24)."""
    return Raw(encode(Tag(24, encode(value))))


def sign(key, payload, detached=False):
    """COSE_Sign1 with ES256, the certificates left to the caller."""
    protected = encode({1: -7})
    der = key.sign(
        encode(["Signature1", protected, b"", payload]), ec.ECDSA(hashes.SHA256())
    )
    r, s = utils.decode_dss_signature(der)
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return [protected, {}, None if detached else payload, signature]


def make_certificate(name, issuer=None, issuer_key=None, ca=False, **validity):
    """(certificate, key); self-signed without an issuer.

    :param validity: ``start`` and ``end``, moments, or the ``moment`` in their middle
    """
    moment = validity.get("moment", TODAY)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys(
        (
            "content_commitment key_encipherment data_encipherment key_agreement "
            "crl_sign encipher_only decipher_only"
        ).split(),
        False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(validity.get("start", moment - timedelta(days=300)))
        .not_valid_after(validity.get("end", moment + timedelta(days=300)))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=not ca, key_cert_sign=ca, **usage),
            critical=True,
        )
        .sign(issuer_key or key, hashes.SHA256())
    )
    return certificate, key


def to_der(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)


def to_pem(*certificates):
    pem = serialization.Encoding.PEM
    return b"".join(c.public_bytes(pem) for c in certificates).decode()


class Issuer:
    """Issues proofs of age: an authority and its document signer."""

    def __init__(self, moment=TODAY, **validity):
        self.moment = moment
        self.authority, self.authority_key = make_certificate(
            "Test AP CA", ca=True, moment=moment
        )
        self.signer, self.signer_key = make_certificate(
            "Test AP signer",
            self.authority,
            self.authority_key,
            moment=moment,
            **validity,
        )
        self.chain = [to_der(self.signer)]

    @property
    def pem(self):
        return to_pem(self.authority)


class Wallet:
    """Holds one proof of age of an issuer and answers requests.

    Attributes may be changed before :meth:`present` to make a wallet that cheats.
    """

    def __init__(self, issuer, ages=None, doctype=DOCTYPE):
        self.issuer = issuer
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.doctype = doctype
        self.ages = {18: True} if ages is None else ages
        self.validity = {
            "signed": issuer.moment - timedelta(days=10),
            "validFrom": issuer.moment - timedelta(days=10),
            "validUntil": issuer.moment + timedelta(days=80),
        }
        self.items = [
            {
                "random": hashlib.sha256(f"salt {age}".encode()).digest(),
                "digestID": number,
                "elementValue": value,
                "elementIdentifier": f"age_over_{age:02}",
            }
            for number, (age, value) in enumerate(self.ages.items())
        ]
        self.issued = [dict(item) for item in self.items]
        self.algorithm = "SHA-256"

    def security_object(self):
        digests = {
            item["digestID"]: hashlib.sha256(embed(item)).digest()
            for item in self.issued
        }
        point = self.key.public_key().public_numbers()
        return {
            "docType": self.doctype,
            "version": "1.0",
            "validityInfo": self.validity,
            "valueDigests": {self.doctype: digests},
            "deviceKeyInfo": {
                "deviceKey": {
                    1: 2,
                    -1: 1,
                    -2: point.x.to_bytes(32, "big"),
                    -3: point.y.to_bytes(32, "big"),
                }
            },
            "digestAlgorithm": self.algorithm,
        }

    def issuer_auth(self):
        signed = sign(self.issuer.signer_key, encode(embed(self.security_object())))
        chain = self.issuer.chain
        signed[1] = {33: chain[0] if len(chain) == 1 else chain}
        return signed

    def document(self, request):
        """The document for a request: anything with what a transcript needs."""
        device_items = embed({})
        authentication = [
            "DeviceAuthentication",
            Raw(transcript(request)),
            self.doctype,
            device_items,
        ]
        signature = sign(self.key, encode(embed(authentication)), detached=True)
        return {
            "docType": self.doctype,
            "issuerSigned": {
                "nameSpaces": {self.doctype: [embed(item) for item in self.items]},
                "issuerAuth": self.issuer_auth(),
            },
            "deviceSigned": {
                "nameSpaces": device_items,
                "deviceAuth": {"deviceSignature": signature},
            },
        }

    def present(self, request):
        """Encoded DeviceResponse."""
        documents = [self.document(request)]
        return encode({"version": "1.0", "documents": documents, "status": 0})

    def vp_token(self, request):
        """The field ``vp_token`` of the answer."""
        return pack(self.present(request))


def pack(response):
    encoded = base64.urlsafe_b64encode(response).rstrip(b"=").decode()
    return json.dumps({"proof_of_age": [encoded]})


def transcript(request):
    """SessionTranscript of OpenID4VP 1.0, B.2.6.1, without encryption."""
    info = [request.client_id, request.nonce, None, request.response_uri]
    digest = hashlib.sha256(encode(info)).digest()
    return encode([None, None, ["OpenID4VPHandover", digest]])
