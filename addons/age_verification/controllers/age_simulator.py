from odoo.http import Controller, request

from .age_session import HEADERS, age_route, find_by_token


class AgeSimulator(Controller):
    """Pages of the simulated provider, in test mode only."""

    @age_route("simulator/<string:token>", ["GET"])
    def age_simulator(self, token, **kwargs):
        check = self._find(token)
        if not check:
            raise request.not_found()
        response = request.render(
            "age_verification.age_simulator_page",
            {
                "check": check,
                "session": check.session_id,
                "outcomes": check._fields["outcome"]._description_selection(
                    request.env
                ),
            },
        )
        response.headers.update(HEADERS)
        return response

    @age_route("simulator/<string:token>", ["POST"])
    def age_simulator_choose(self, token, outcome=None, **kwargs):
        """The signed message, which the page sends to the webhook.

        The browser does it in place of the provider's server, so that one worker of
        Odoo never waits for another.
        """
        check = self._find(token)
        if not check or outcome not in dict(check._fields["outcome"].selection):
            raise request.not_found()
        message = check._choose(outcome)
        session = check.session_id
        return request.make_json_response(
            {
                "method": message.method,
                "url": check.provider_id._get_webhook_path(session),
                "headers": {"Content-Type": "application/json", **message.headers},
                "body": message.body,
                "next": f"/age/return/{session.access_token}",
            },
            headers=list(HEADERS.items()),
        )

    def _find(self, token):
        check = find_by_token("age.simulation", token)
        return check if check.provider_id._is_simulating() else check.browse()
