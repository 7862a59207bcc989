import base64
import io

import qrcode

from odoo import http
from odoo.http import request

from ..engine.mdoc import MAX_SIZE
from ..engine.mdoc.simulated import OUTCOMES
from .age_session import HEADERS, age_route, find_by_token
from .language import speak

#: Longest answer in bytes: the document in base64, JSON around it, encoded as a form.
MAX_BODY = 2 * MAX_SIZE


class AgeWallet(http.Controller):
    """Shows a question to a wallet, and takes in the answer."""

    @age_route("wallet/<string:token>", ["GET"])
    def age_wallet(self, token, **kwargs):
        session = self._find(token)
        if not session:
            raise request.not_found()
        speak(session)
        question = session._get_wallet_request()
        if not question:
            return request.redirect(f"/age/return/{session.access_token}")
        link = question.get_link("av")
        response = request.render(
            "age_verification.age_wallet_page",
            {
                "session": session,
                "link": link,
                "other_link": question.get_link("openid4vp"),
                "picture": self._draw(link),
                "is_simulating": session.provider_id._is_simulating(),
                "page_name": "age_session",
            },
        )
        response.headers.update(HEADERS)
        return response

    @age_route("wallet/<string:token>/open", ["GET"])
    def age_wallet_open(self, token, **kwargs):
        """Whether the question still waits: a phone answers behind the page's back."""
        session = self._find(token)
        return self._answer({"open": bool(session and session._get_wallet_request())})

    @age_route("wallet/<string:token>", ["POST"])
    def age_wallet_simulate(self, token, outcome=None, **kwargs):
        """The buyer has no wallet, and the provider is a simulator."""
        session = self._find(token)
        if not session or outcome not in OUTCOMES:
            raise request.not_found()
        session._simulate_wallet(outcome)
        return request.redirect(f"/age/return/{session.access_token}")

    @http.route(
        "/age/wallet/response/<string:token>",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=MAX_BODY,
    )
    def age_wallet_response(self, token, vp_token=None, error=None, **kwargs):
        """The wallet's answer (``direct_post``): a presentation or an error."""
        session = self._find(token)
        if not session:
            return self._answer({"error": "invalid_request"}, 404)
        # A part of a form may also be a file.
        if error is None and not isinstance(vp_token, str):
            return self._answer({"error": "invalid_request"}, 400)
        result = session._receive_wallet_answer(None if error else vp_token)
        if not result:
            return self._answer({"error": "invalid_request"}, 409)
        if result.state == "failed":
            description = {"error_description": result.reason}
            return self._answer({"error": "invalid_request", **description}, 400)
        return self._answer({"redirect_uri": session._get_return_url()})

    def _find(self, token):
        return find_by_token("age.session", token)

    def _draw(self, link):
        """The link as a QR code, for ``src`` of an image."""
        code = qrcode.QRCode(
            error_correction=qrcode.constants.ERROR_CORRECT_L, box_size=4
        )
        code.add_data(link)
        picture = io.BytesIO()
        code.make_image().save(picture, format="PNG")
        return f"data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}"

    def _answer(self, values, status=200):
        return request.make_json_response(
            values, headers=list(HEADERS.items()), status=status
        )
