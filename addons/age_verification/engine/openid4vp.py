"""OpenID for Verifiable Presentations 1.0, as the European proof of age profiles it. Pure.

The request goes by value in a link, the answer comes by ``direct_post``. No request is
signed and no answer encrypted: the profile relies on TLS and on the nonce.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from .bounds import check_age
from .mdoc import DOCTYPE, MAX_SIZE, MdocError, cbor
from .mdoc.errors import MALFORMED, OVERSIZED

#: Name of the only credential that is asked for.
QUERY = "proof_of_age"
#: ``av`` starts the apps of the profile, ``openid4vp`` any wallet.
SCHEMES = ("av", "openid4vp")
#: Ages that laws ask for, and wallets may have beside the mandatory 18.
USUAL_AGES = (16, 18, 20, 21, 25)


@dataclass(frozen=True, slots=True)
class Request:
    """One question to one wallet.

    :param response_uri: where the answer goes
    :param nonce: never used before
    :param age: the age that is asked for
    """

    response_uri: str
    nonce: str
    age: int

    @property
    def client_id(self):
        """Who asks: without registration, whoever is reached at that address."""
        return f"redirect_uri:{self.response_uri}"

    def get_parameters(self):
        """Name -> value, as they go into the link."""
        return {
            "response_type": "vp_token",
            "response_mode": "direct_post",
            "client_id": self.client_id,
            "response_uri": self.response_uri,
            "nonce": self.nonce,
            "dcql_query": json.dumps(age_query(self.age), separators=(",", ":")),
        }

    def get_link(self, scheme):
        """The whole request as a link that starts a wallet."""
        query = urlencode(self.get_parameters(), quote_via=quote)
        return f"{scheme}://?{query}"

    def get_transcript(self):
        """What the device signs beside its answer."""
        return session_transcript(self.client_id, self.nonce, None, self.response_uri)


def age_query(age: int) -> dict:
    """DCQL query for an age: its claim, or else one of the usual ages above.

    Every wallet has "over 18"; for any other age the wallet chooses what it has, the
    lowest first, as that says the least.
    """
    check_age(age)
    ages = [age] if age == 18 else [age, *(a for a in USUAL_AGES if a > age)]
    claims = [
        {"id": f"over_{a:02}", "path": [DOCTYPE, f"age_over_{a:02}"]} for a in ages
    ]
    credential = {
        "id": QUERY,
        "format": "mso_mdoc",
        "meta": {"doctype_value": DOCTYPE},
        "claims": claims,
    }
    if len(ages) == 1:
        del claims[0]["id"]
    else:
        credential["claim_sets"] = [[claim["id"]] for claim in claims]
    return {"credentials": [credential]}


def session_transcript(client_id, nonce, jwk_thumbprint, response_uri) -> bytes:
    """Encoded SessionTranscript of OpenID4VP 1.0, appendix B.2.6.1.

    :param jwk_thumbprint: of the key that encrypts the answer; None when none does
    """
    info = cbor.dumps([client_id, nonce, jwk_thumbprint, response_uri])
    return cbor.dumps(
        [None, None, ["OpenID4VPHandover", hashlib.sha256(info).digest()]]
    )


def read_vp_token(vp_token: str) -> bytes:
    """The DeviceResponse of an answer's ``vp_token``.

    :raises MdocError: there is none
    """
    if len(vp_token) > 2 * MAX_SIZE:
        raise MdocError(OVERSIZED, f"{len(vp_token)} characters")
    try:
        found = json.loads(vp_token)
    except (ValueError, RecursionError):
        # Drafts before 1.0 sent the presentation itself.
        found = {QUERY: vp_token}
    presentations = found.get(QUERY) if isinstance(found, dict) else None
    if isinstance(presentations, str):
        presentations = [presentations]
    if not isinstance(presentations, list) or len(presentations) != 1:
        raise MdocError(MALFORMED, "one presentation expected")
    return _decode(presentations[0])


def _decode(text):
    if not isinstance(text, str) or not text:
        raise MdocError(MALFORMED, "presentation is no text")
    padded = text.rstrip("=")
    padded += "=" * (-len(padded) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise MdocError(MALFORMED, "presentation is not base64url") from error
