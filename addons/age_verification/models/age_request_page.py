from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date, hash_sign, verify_hash_signed

from ..engine import bounds, judging
from .age_request import WAITING

TOKEN_SCOPE = "age_verification.request"
#: Longer than any token of ours: what is longer is not worth decoding.
TOKEN_MAX_LENGTH = 200
#: A link works for so many days.
LINK_DAYS = 30


class AgeRequest(models.Model):
    """What the buyer sees: the link, and the page it leads to.

    Methods run in superuser mode for a reader without a login, so each of them keeps to
    the request's buyer, document and company.
    """

    _inherit = "age.request"

    # === LINK === #

    def _get_page_url(self):
        """Absolute address of the buyer's page, open without a login.

        All calls of one day return the same address.
        """
        return f"{self.get_base_url()}{self._get_page_path()}"

    def _get_page_path(self):
        self.ensure_one()
        today = self.company_id._get_age_today()
        last_day = fields.Date.add(today, days=LINK_DAYS)
        values = [self.id, self.partner_id.id, last_day.isoformat()]
        return f"/age/{self._sign_token(values)}"

    @api.model
    def _get_link_days(self):
        return LINK_DAYS

    @api.model
    def _sign_token(self, values):
        # The last day is signed as a value, not as core's expiration: an expired link
        # must be told from a forged one, as its reader gets an explanation.
        return hash_sign(self.env(su=True), TOKEN_SCOPE, values)

    @api.model
    def _find_by_token(self, token):
        """The request that a token was made for.

        :param str token: what the address holds, from anybody
        :return: request in superuser mode, empty unless the token was signed here; and
            whether the token still opens the page
        :rtype: tuple
        """
        values = self._read_token(token)
        record = self.sudo().browse(values[0] if values else ()).exists()
        if not record:
            return record, False
        today = record.company_id._get_age_today()
        is_valid = today <= fields.Date.to_date(values[2])
        return record, is_valid and record._is_of_buyer(values)

    def _is_of_buyer(self, values):
        """Whether a token's values name a present buyer of the document.

        The link of a former buyer must not show the present one's order.
        """
        document = self._get_document()
        buyers = self._get_people(document).get(document, ())
        return self.partner_id.id == values[1] and self.partner_id in buyers

    @api.model
    def _renew_link(self, token):
        """Write again to the buyer whose link has expired, at most once a day.

        Whoever has the old link learns nothing: the new one goes to the buyer's address.
        """
        values = self._read_token(token)
        record = self.sudo().browse(values[0] if values else ()).exists()
        if record and record._is_of_buyer(values):
            record._ask()

    @api.model
    def _read_token(self, token):
        """Values of a token that was signed here, else None."""
        if len(token) > TOKEN_MAX_LENGTH:
            return None
        try:
            values = verify_hash_signed(self.env(su=True), TOKEN_SCOPE, token)
        except ValueError:  # not base64, not text, another version
            return None
        # Base64 skips unknown characters: only the form that we hand out is accepted.
        if values is None or self._sign_token(values) != token:
            return None
        return values

    # === WHAT IS ASKED === #

    def _get_asked(self, verdict=None):
        """What the buyer has to prove, why and by which law, in their words.

        :return: list of {text, source}, one for each law
        """
        self.ensure_one()
        verdict = verdict or self._get_verdicts()[self]
        found = {}
        for line in self._get_own(verdict):
            resolution = line.resolution
            key = (resolution.requirement, resolution.rule and resolution.rule.key)
            found.setdefault(key, []).append(line)
        return [
            self._describe_law(same, requirement)
            for (requirement, _rule), same in found.items()
        ]

    def _describe_law(self, lines, requirement):
        """What one law asks for some lines, as a sentence, and where it can be read."""
        names = (line.product.with_context(lang=self.lang).name for line in lines)
        place, source = self._get_source(lines[0].resolution)
        values = {
            "products": Markup("<strong>%s</strong>") % ", ".join(dict.fromkeys(names)),
            "asks": self._describe_requirement(requirement),
            "place": place,
        }
        text = (
            self.env._(
                "%(products)s may be sold in %(place)s only to persons %(asks)s.",
                **values,
            )
            if place
            else self.env._("We sell %(products)s only to persons %(asks)s.", **values)
        )
        return {"text": text, "source": source}

    def _get_source(self, resolution):
        """Where the law is in force that asks for it, and the link to its text if that was
        read; no place when it is our own demand."""
        law = resolution.rule
        if not law or law.requirement != resolution.requirement:
            return "", ""
        rule = self.env["age.rule"].sudo().browse(law.key)
        source = rule.source.strip()
        is_link = source.startswith(("https://", "http://")) and " " not in source
        return rule.place, source if is_link and rule.confidence == "primary" else ""

    @api.model
    def _describe_requirement(self, requirement):
        """Whom a law lets buy, to follow "only for persons"."""
        if requirement.kind == bounds.CALENDAR_YEAR:
            return self.env._("who turn %s this year or are older", requirement.age)
        if requirement.kind == bounds.COHORT:
            day = format_date(self.env, requirement.born_before)
            return self.env._("born before %s", day)
        if requirement.kind == bounds.PROHIBITED:
            return self.env._("elsewhere")
        return self.env._("aged %s or over", requirement.age)

    def _get_required(self, verdict):
        """The bound to be proved for all that waits, and its age in full years.

        :return: (date, age); the age is None when none would do
        """
        required = min(line.resolution.bound for line in self._get_own(verdict))
        today = self.company_id._get_age_today()
        return required, bounds.age_to_ask(required, today)

    # === PAGE === #

    def _get_page_values(self):
        """Values to show how it stands and what the buyer can do.

        :return: ``state``: closed, disowned, proved, prohibited, underage, incomplete,
            person, waiting, failed, asked or contact; and what its part of the page needs
        """
        self.ensure_one()
        verdict = self._get_verdicts()[self]
        values = {
            **self._get_sender_values(verdict),
            "record": self,
            "document": self._get_document(),
            "asked": self._get_asked(verdict),
            "steps": [],
            "session": self.env["age.session"],
        }
        state = self._get_settled_state(verdict)
        if state:
            return {**values, "state": state}
        return {**values, **self._get_check_values(verdict)}

    def _get_sender_values(self, verdict=None):
        """Who asks and who answers: the only values on the page of an expired link."""
        self.ensure_one()
        return {
            "company": self.company_id,
            "owner": self._get_owner(self._get_policy(verdict)),
        }

    def _get_mail_owner(self):
        """The user who signs the mail and gets the answers; may be none."""
        return self._get_sender_values(self._get_verdicts()[self])["owner"]

    def _get_settled_state(self, verdict):
        """The state when the buyer has nothing to do, else None."""
        if self._get_document().state == "cancel":
            return "closed"
        if self.disowned_on:
            return "disowned"
        refused = {line.judgement.verdict for line in self._get_own(verdict)}
        if not refused:
            return "proved"
        if judging.PROHIBITED in refused:
            return "prohibited"
        if judging.UNDERAGE in refused:
            return "underage"
        return "incomplete" if refused - WAITING else None

    def _get_check_values(self, verdict):
        """Values of the checks: the one that runs or ended last, those that are left."""
        required, age = self._get_required(verdict)
        policy = self._get_policy(verdict)
        session = self._get_last_session(required)
        left = []
        if age is not None:
            left = self.env["age.session"]._get_steps_left(policy, self.partner_id, age)
        steps = [step for step, attempt in left]
        return {
            "state": self._get_check_state(session, steps),
            "session": session,
            "steps": steps,
            "age": age,
        }

    @api.model
    def _get_check_state(self, session, steps):
        if session.state == "pending" and session.provider_code == "person":
            return "person"
        if session.state == "pending" and session.expires_at > fields.Datetime.now():
            return "waiting"
        if not steps:
            return "contact"
        is_over = session.state in ("denied", "failed", "expired", "cancelled")
        return "failed" if is_over else "asked"

    def _get_last_session(self, required):
        """The buyer's last check that would do for what is asked now."""
        return (
            self.env["age.session"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", self.partner_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("required_date", "<=", required),
                    ("opened_at", "!=", False),
                ],
                order="opened_at desc, id desc",
                limit=1,
            )
        )

    # === CHECK === #

    def _start_check(self, step_id=None):
        """Begin a check, by the step that the buyer has chosen or the first.

        :param step_id: id of a step, from the page's form
        :return: (session, address to go on at); no session when there is nothing to
            prove, no address when the provider is down or a person checks
        """
        self.ensure_one()
        sessions = self.env["age.session"].sudo()
        verdict = self._get_verdicts()[self]
        if self._get_settled_state(verdict):
            return sessions, None
        required, age = self._get_required(verdict)
        if age is None:
            return sessions, None
        left = sessions._get_steps_left(self._get_policy(verdict), self.partner_id, age)
        step = next((step for step, attempt in left if step.id == step_id), None)
        session = sessions._start(
            self.partner_id,
            self.company_id,
            required,
            order=self.order_id or None,
            move=self.move_id or None,
            step=step,
        )
        # A person has been told already; a provider opens its page now.
        is_online = session and session.provider_code != "person"
        return session, session._open() if is_online else None
