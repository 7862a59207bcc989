"""Why an answer of a wallet proves nothing."""

MALFORMED = "malformed"
TRUNCATED = "truncated"
OVERSIZED = "oversized"
NESTED = "nested"
UNSUPPORTED = "unsupported"
REFUSED = "refused"
WRONG_DOCTYPE = "wrong_doctype"
UNTRUSTED = "untrusted"
CERTIFICATE_EXPIRED = "certificate_expired"
ISSUER_SIGNATURE = "issuer_signature"
DIGEST = "digest"
NOT_YET_VALID = "not_yet_valid"
EXPIRED = "expired"
#: The device signed something else: another request, another shop, an older nonce.
WRONG_REQUEST = "wrong_request"
NOT_DISCLOSED = "not_disclosed"
#: The issuer says that the person is younger than what was asked.
NOT_TRUE = "not_true"

#: What nobody sends by mistake: somebody tries to pass off what is not theirs.
FORGED = frozenset({UNTRUSTED, ISSUER_SIGNATURE, DIGEST, WRONG_REQUEST})


class MdocError(ValueError):
    """The answer proves nothing.

    :param code: one of the words above
    :param detail: what was found; never a value of the document
    """

    def __init__(self, code, detail):
        super().__init__(f"{code}: {detail}")
        self.code = code
