"""COSE_Sign1 (RFC 9052) with elliptic curves: one signature, one key."""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from . import cbor
from .errors import MALFORMED, UNSUPPORTED, MdocError

ALGORITHM, X5CHAIN = 1, 33
_P256 = (ec.SECP256R1, hashes.SHA256)
_P384 = (ec.SECP384R1, hashes.SHA384)
_P521 = (ec.SECP521R1, hashes.SHA512)
#: Signature algorithms (IANA "COSE Algorithms"): curve and hash. The first three leave the
#: curve open, but ISO/IEC 18013-5 pairs them so; the others (RFC 9864) name it.
ALGORITHMS = {
    -7: _P256,
    -35: _P384,
    -36: _P521,
    -9: _P256,
    -51: _P384,
    -52: _P521,
}
#: Curves of COSE_Key (IANA "COSE Elliptic Curves").
CURVES = {1: ec.SECP256R1, 2: ec.SECP384R1, 3: ec.SECP521R1}
_KEY_TYPE, _EC2 = 1, 2
_CURVE, _X, _Y = -1, -2, -3


@dataclass(frozen=True, slots=True)
class Sign1:
    """A signature as it came: headers, signed payload (None when detached), signature."""

    protected: bytes
    algorithm: int
    unprotected: dict
    payload: bytes | None
    signature: bytes

    @classmethod
    def read(cls, value):
        """Take a decoded COSE_Sign1 apart.

        :raises MdocError: it is none
        """
        value = cbor.untagged(value, cbor.COSE_SIGN1)
        if not isinstance(value, list | tuple) or len(value) != 4:
            raise MdocError(MALFORMED, "COSE_Sign1 has four parts")
        protected, unprotected, payload, signature = value
        if not (
            isinstance(protected, bytes)
            and hasattr(unprotected, "get")
            and isinstance(payload, bytes | None)
            and isinstance(signature, bytes)
        ):
            raise MdocError(MALFORMED, "COSE_Sign1 with parts of other types")
        header = cbor.loads(protected) if protected else {}
        algorithm = header.get(ALGORITHM) if hasattr(header, "get") else None
        if not isinstance(algorithm, int) or algorithm not in ALGORITHMS:
            raise MdocError(UNSUPPORTED, "algorithm of the signature")
        return cls(protected, algorithm, unprotected, payload, signature)

    def is_signed_by(self, key, payload: bytes) -> bool:
        """Whether the key made this signature over the payload.

        :param key: public key of ``cryptography``
        """
        curve, digest = ALGORITHMS[self.algorithm]
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        width = (key.curve.key_size + 7) // 8
        if not isinstance(key.curve, curve) or len(self.signature) != 2 * width:
            return False
        signed = cbor.dumps(["Signature1", self.protected, b"", payload])
        halves = self.signature[:width], self.signature[width:]
        der = utils.encode_dss_signature(*(int.from_bytes(h, "big") for h in halves))
        try:
            key.verify(der, signed, ec.ECDSA(digest()))
        except InvalidSignature:
            return False
        return True


def read_key(value):
    """Public key of a decoded COSE_Key.

    :raises MdocError: it is none, or of a kind that nobody uses here
    """
    if not hasattr(value, "get") or value.get(_KEY_TYPE) != _EC2:
        raise MdocError(UNSUPPORTED, "type of the device's key")
    curve, x, y = value.get(_CURVE), value.get(_X), value.get(_Y)
    if not isinstance(curve, int) or curve not in CURVES:
        raise MdocError(UNSUPPORTED, "curve of the device's key")
    if not isinstance(x, bytes) or not isinstance(y, bytes | bool):
        raise MdocError(MALFORMED, "device's key without coordinates")
    # A boolean y is the sign bit of a compressed point (RFC 9053, section 7.1.1).
    point = bytes([2 + y]) + x if isinstance(y, bool) else b"\x04" + x + y
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVES[curve](), point)
    except ValueError as error:
        raise MdocError(MALFORMED, "device's key is no point of its curve") from error
