"""What the tests of wallets share: a request, an issuer, and how an answer is read."""

import pytest

from odoo.addons.age_verification.engine import mdoc
from odoo.addons.age_verification.engine.mdoc import MdocError
from odoo.addons.age_verification.engine.openid4vp import Request
from odoo.addons.age_verification.tests.wallet import TODAY, Issuer, encode

REQUEST = Request("https://shop.example/age/wallet/response/abc", "n-0S6_WzA2Mj", 18)
ISSUER = Issuer()
ANCHORS = mdoc.load_anchors(ISSUER.pem)


def verify(response, anchors=ANCHORS, request=REQUEST, moment=TODAY):
    return mdoc.verify(response, request.get_transcript(), anchors, moment)


def refused(response, **kwargs):
    """The code of the error that the answer is refused with."""
    with pytest.raises(MdocError) as caught:
        verify(response, **kwargs)
    return caught.value.code


def response_of(document):
    return encode({"version": "1.0", "documents": [document], "status": 0})
