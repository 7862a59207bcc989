"""Who signed a document: certificates up to one that is trusted.

Only what ISO/IEC 18013-5 (annex B) needs: a signer, perhaps certificates between, and an
anchor of the trusted list. Name constraints and web rules (host names) play no part.
Revocation lists are not fetched: attestations of the European profile live three months.
"""

from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from .errors import CERTIFICATE_EXPIRED, MALFORMED, UNTRUSTED, MdocError

#: What ``cryptography`` raises at odd certificates, some of it late: it parses when asked.
ODDITIES = (
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
#: Signer and certificates between, without the anchor.
MAX_LENGTH = 4


def load_anchors(pem: str) -> tuple:
    """Certificates of a text in PEM, several one after the other.

    :raises ValueError: there is none, or one cannot be read
    """
    return tuple(x509.load_pem_x509_certificates(pem.encode()))


def describe(certificate) -> str:
    """A certificate in a line: whose it is, and until when it counts."""
    until = certificate.not_valid_after_utc.date()
    return f"{certificate.subject.rfc4514_string()} · {until}"


def check(encoded, anchors, moments) -> x509.Certificate:
    """Follow the certificates from the signer to an anchor.

    :param encoded: the header ``x5chain``: bytes in DER or a list of them, signer first
    :param anchors: trusted certificates; the signer itself may be one of them
    :param moments: at each of these moments the whole chain must have been valid
    :return: the signer's certificate
    :raises MdocError: it leads nowhere, or was not valid then
    """
    chain = _read(encoded)
    path = _path(chain, anchors)
    _check_roles(path)
    for certificate in path:
        _check_dates(certificate, moments)
    return chain[0]


def _read(encoded):
    parts = [encoded] if isinstance(encoded, bytes) else encoded
    if not isinstance(parts, list | tuple) or not 0 < len(parts) <= MAX_LENGTH:
        raise MdocError(MALFORMED, "no chain of certificates")
    if not all(isinstance(part, bytes) for part in parts):
        raise MdocError(MALFORMED, "certificates are bytes")
    try:
        return [x509.load_der_x509_certificate(part) for part in parts]
    except ODDITIES as error:
        raise MdocError(MALFORMED, "certificate that cannot be read") from error


def _path(chain, anchors):
    """The chain as far as it is needed, the anchor last.

    :raises MdocError: no anchor
    """
    for length, certificate in enumerate(chain, start=1):
        if certificate in anchors:
            return chain[:length]
        for anchor in anchors:
            if _issued(anchor, certificate):
                return [*chain[:length], anchor]
        if length < len(chain) and not _issued(chain[length], certificate):
            break
    raise MdocError(UNTRUSTED, "signed by nobody on the trusted list")


def _issued(issuer, certificate):
    """Whether the issuer's name and key are those of the certificate's signature."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except ODDITIES:
        return False
    return True


def _check_roles(path):
    """The signer may sign, and whoever issued a certificate was allowed to.

    The reference issuer's own certificates have an extension that is no proper ASN.1, which
    makes all of them unreadable. This is forgiven where somebody else vouches: a trusted
    authority for the signer, whoever wrote the list for the anchor.

    :raises MdocError: it was no certificate authority
    """
    signer, *between = path[:-1] or path
    usage = _extension(signer, x509.KeyUsage)
    if usage and not usage.digital_signature:
        raise MdocError(UNTRUSTED, "certificate that is not for signing")
    for certificate in between:
        if not _extension(certificate, x509.BasicConstraints):
            raise MdocError(UNTRUSTED, "issued by no authority")
    for below, certificate in enumerate(path[1:]):
        _check_authority(certificate, below)


def _check_authority(certificate, below):
    usage = _extension(certificate, x509.KeyUsage)
    constraints = _extension(certificate, x509.BasicConstraints)
    if constraints and not constraints.ca or usage and not usage.key_cert_sign:
        raise MdocError(UNTRUSTED, "issued by no authority")
    longest = constraints.path_length if constraints else None
    if longest is not None and longest < below:
        raise MdocError(UNTRUSTED, "more certificates between than allowed")


def _extension(certificate, kind):
    """The extension, or None where there is none that can be read."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, *ODDITIES):
        return None


def _check_dates(certificate, moments: list[datetime]):
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not all(start <= moment <= end for moment in moments):
        raise MdocError(CERTIFICATE_EXPIRED, f"certificate valid {start} to {end}")
