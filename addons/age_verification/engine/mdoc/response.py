"""The answer of a wallet (DeviceResponse, ISO/IEC 18013-5 clause 8.3.2.1.2.2).

Four things must hold before a single claim is believed: an issuer of the trusted list
signed the digests; the claim is one of those digests; the issuer's time has not run out;
the device that the issuer named signed our very request.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from . import cbor, chain, cose
from .errors import (
    DIGEST,
    EXPIRED,
    ISSUER_SIGNATURE,
    MALFORMED,
    NOT_DISCLOSED,
    NOT_TRUE,
    NOT_YET_VALID,
    OVERSIZED,
    REFUSED,
    UNSUPPORTED,
    WRONG_DOCTYPE,
    WRONG_REQUEST,
    MdocError,
)

#: Document type and namespace of the European proof of age.
DOCTYPE = "eu.europa.ec.av.1"
#: Bytes of an answer; those of the reference wallet have about 2,000.
MAX_SIZE = 32 * 1024
CLAIM = "age_over_"
DIGESTS = {
    "SHA-256": hashlib.sha256,
    "SHA-384": hashlib.sha384,
    "SHA-512": hashlib.sha512,
}


@dataclass(frozen=True, slots=True)
class Attestation:
    """What an issuer says of the age of whoever holds the wallet.

    :param ages: age -> whether the person has reached it, as far as it was disclosed
    :param valid_until: when the attestation, not what it says, runs out
    """

    ages: dict
    valid_until: datetime

    def prove(self, asked: int) -> int:
        """The lowest age, of those disclosed, that proves the one that was asked.

        "Over 21" proves 18 although no "over 18" was disclosed.

        :raises MdocError: ``not_true`` when the issuer denies it, ``not_disclosed`` when
            it does not say
        """
        # Who is not over 16 is not over 18. That somebody is not over 21 says nothing.
        if any(not met and age <= asked for age, met in self.ages.items()):
            raise MdocError(NOT_TRUE, f"not over {asked}")
        proving = [age for age, met in self.ages.items() if met and age >= asked]
        if not proving:
            raise MdocError(NOT_DISCLOSED, f"nothing about over {asked}")
        return min(proving)


def verify(response: bytes, transcript: bytes, anchors, moment: datetime):
    """Read an answer and believe it, or say why not.

    :param response: the DeviceResponse
    :param transcript: encoded SessionTranscript of the request that we sent
    :param anchors: certificates of :func:`load_anchors`
    :param moment: now, with a time zone
    :return: :class:`Attestation`
    :raises MdocError: it proves nothing
    """
    if len(response) > MAX_SIZE:
        raise MdocError(OVERSIZED, f"{len(response)} bytes")
    document = _find_document(cbor.loads(response))
    signed = _get(document, "issuerSigned", dict)
    auth = cose.Sign1.read(signed.get("issuerAuth"))
    security = _read_security_object(auth)
    valid_until = _check_issuer(auth, security, anchors, moment)
    doctype = _get(document, "docType", str)
    if _get(security, "docType", str) != doctype:
        raise MdocError(WRONG_DOCTYPE, "signed for a document of another type")
    _check_device(document, security, doctype, transcript)
    return Attestation(_read_ages(signed, security), valid_until)


def _find_document(response):
    """The proof of age among the documents of the answer."""
    if _get(response, "version", str).partition(".")[0] != "1":
        raise MdocError(UNSUPPORTED, "version of the answer")
    if _get(response, "status", int) != 0:
        raise MdocError(REFUSED, "the wallet reports an error")
    documents = response.get("documents") or []
    if not isinstance(documents, list | tuple):
        raise MdocError(MALFORMED, "documents are a list")
    for document in documents:
        if _is_ours(_get(document, "docType", str)):
            return document
    raise MdocError(WRONG_DOCTYPE, "no proof of age in the answer")


def _is_ours(name):
    # The profile's own example of a request has a trailing space.
    return name.rstrip(" ") == DOCTYPE


def _read_security_object(auth):
    """The digests and dates that the issuer signed; nothing is believed yet."""
    if auth.payload is None:
        raise MdocError(MALFORMED, "the issuer signed nothing")
    return cbor.loads(cbor.embedded(cbor.loads(auth.payload)))


def _check_issuer(auth, security, anchors, moment):
    """Certificate, signature, dates.

    :return: when the attestation runs out
    """
    validity = _get(security, "validityInfo", dict)
    signed_at = _get_moment(validity, "signed")
    certificate = chain.check(
        auth.unprotected.get(cose.X5CHAIN), anchors, [signed_at, moment]
    )
    if not auth.is_signed_by(certificate.public_key(), auth.payload):
        raise MdocError(ISSUER_SIGNATURE, "not signed by the certificate's key")
    valid_until = _get_moment(validity, "validUntil")
    if moment < max(signed_at, _get_moment(validity, "validFrom")):
        raise MdocError(NOT_YET_VALID, "attestation of the future")
    if moment > valid_until:
        raise MdocError(EXPIRED, f"attestation until {valid_until}")
    return valid_until


def _check_device(document, security, doctype, transcript):
    """The device of the attestation signed our request, and no other."""
    key = cose.read_key(_get(security, "deviceKeyInfo", dict).get("deviceKey"))
    device = _get(document, "deviceSigned", dict)
    auth = _get(device, "deviceAuth", dict)
    if "deviceSignature" not in auth:
        # A code (deviceMac) needs a key of ours, which this profile does not exchange.
        raise MdocError(UNSUPPORTED, "answer that is not signed by the device")
    signature = cose.Sign1.read(auth["deviceSignature"])
    namespaces = cbor.embed(cbor.embedded(device.get("nameSpaces")))
    if not signature.is_signed_by(key, authentication(transcript, doctype, namespaces)):
        raise MdocError(WRONG_REQUEST, "the device did not sign this request")
    if signature.payload is not None:
        raise MdocError(MALFORMED, "the device's signature is detached")


def authentication(transcript, doctype, namespaces):
    """DeviceAuthenticationBytes (clause 9.1.3.4), from parts that are encoded already."""
    head = b"\x84" + cbor.dumps("DeviceAuthentication")
    return cbor.embed(head + transcript + cbor.dumps(doctype) + namespaces)


def _read_ages(signed, security):
    """Age -> reached or not, of the items whose digests the issuer signed."""
    digest = DIGESTS.get(_get(security, "digestAlgorithm", str))
    if digest is None:
        raise MdocError(UNSUPPORTED, "digest of another kind")
    every_digest = _get(security, "valueDigests", dict)
    ages = {}
    for namespace, items in _get(signed, "nameSpaces", dict).items():
        if not isinstance(namespace, str) or not isinstance(items, list | tuple):
            raise MdocError(MALFORMED, "namespaces are lists of items")
        if not _is_ours(namespace):
            continue
        digests = _get(every_digest, namespace, dict)
        for item in items:
            ages |= _read_item(cbor.embedded(item), digests, digest)
    return ages


def _read_item(encoded, digests, digest):
    """Age and answer of one disclosed item; empty when it is about something else."""
    item = cbor.loads(encoded)
    expected = digests.get(_get(item, "digestID", int))
    found = digest(cbor.embed(encoded)).digest()
    if not isinstance(expected, bytes) or not hmac.compare_digest(found, expected):
        raise MdocError(DIGEST, "item that the issuer did not sign")
    name = _get(item, "elementIdentifier", str)
    age = name.removeprefix(CLAIM)
    # ISO/IEC 18013-5, table 5: two digits.
    if not name.startswith(CLAIM) or not (age.isascii() and age.isdigit()):
        return {}
    return {int(age[:2]): _get(item, "elementValue", bool)} if len(age) == 2 else {}


def _get(mapping, key, kind):
    """A value of the type that it must have."""
    if not hasattr(mapping, "get"):
        raise MdocError(MALFORMED, f"no map around {key}")
    value = mapping.get(key)
    # True is an int in Python, not in CBOR.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise MdocError(MALFORMED, f"{key} missing or of another type")
    return value


def _get_moment(mapping, key):
    moment = _get(mapping, key, datetime)
    if moment.tzinfo is None:
        raise MdocError(MALFORMED, f"{key} without a time zone")
    return moment
