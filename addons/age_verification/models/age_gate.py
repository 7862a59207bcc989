import logging

from odoo import api, models
from odoo.tools import format_date

from ..engine import judging
from ..facts import AgeFacts, judge_basket

_logger = logging.getLogger(__name__)

#: Verdicts that are written down as incidents, with the type of the incident.
INCIDENTS = {
    judging.UNDERAGE: "underage",
    judging.PROHIBITED: "prohibited",
    judging.EXPIRED: "expired",
}


class AgeGate(models.AbstractModel):
    """Decides whether orders and invoices may go on.

    Orders, payments and invoices ask the same question; what they do about the answer is
    theirs. Another addon adds evidence by extending :meth:`_judge`.
    """

    _name = "age.gate"
    _description = "Age Gate"

    @api.model
    def _judge(self, baskets):
        """Decide about many documents with a fixed number of queries.

        :param baskets: :class:`facts.Basket`
        :return: :class:`facts.Verdict` in the same order. Writes nothing.
        """
        facts = AgeFacts(self.env, baskets)
        return [judge_basket(basket, facts) for basket in baskets]

    @api.model
    def _judge_and_record(self, records, gate):
        """Decide about orders or invoices, keep the decisions and count incidents.

        :param records: ``sale.order`` or ``account.move``
        :param gate: where it happens, a code of ``const.GATES``
        :return: {record: :class:`facts.Verdict`}
        """
        verdicts = self._judge(records._get_age_baskets())
        restricted = [verdict for verdict in verdicts if verdict.lines]
        self.env["age.check"].sudo()._record(restricted, gate)
        incidents = [
            vals
            for verdict in restricted
            for vals in self._prepare_incidents(verdict, gate)
        ]
        self.env["age.incident"]._record(incidents)
        return {verdict.basket.record: verdict for verdict in verdicts}

    @api.model
    def _prepare_incidents(self, verdict, gate):
        """Values of the incidents of one document, each type once."""
        found = {}
        for line in verdict.lines:
            kind = INCIDENTS.get(line.judgement.verdict)
            if kind:
                found.setdefault(kind, line)
            if not line.resolution.rule:
                found.setdefault("unknown_rule", line)
        return [
            self._prepare_incident(verdict.basket, kind, gate, line)
            for kind, line in found.items()
        ]

    @api.model
    def _prepare_incident(self, basket, kind, gate, line=None):
        """Values of an incident about a document."""
        record = basket.record
        return {
            "kind": kind,
            "gate": gate,
            "company_id": basket.company.id,
            "partner_id": basket.person.id,
            "order_id": record.id if record._name == "sale.order" else False,
            "move_id": record.id if record._name == "account.move" else False,
            "rule_id": line.resolution.rule.key if line and line.resolution.rule else 0,
            "verdict": line.judgement.verdict if line else False,
        }

    # === WORDS === #

    @api.model
    def _describe(self, verdict):
        """Why a document is held, in a sentence for each verdict."""
        sentences = []
        for code in dict.fromkeys(line.judgement.verdict for line in verdict.refused):
            lines = [li for li in verdict.refused if li.judgement.verdict == code]
            names = ", ".join(dict.fromkeys(li.product.display_name for li in lines))
            sentences.append(self._describe_verdict(code, names, lines[0]))
        return "\n".join(sentences)

    @api.model
    def _describe_verdict(self, code, names, line):
        values = {
            "products": names,
            "date": format_date(self.env, line.resolution.bound)
            if not line.resolution.is_prohibited
            else "",
        }
        if code == judging.PROHIBITED:
            return self.env._("%(products)s may not be sold there.", **values)
        if code == judging.UNDERAGE:
            return self.env._(
                "%(products)s: the buyer was found to be too young.", **values
            )
        if code == judging.EXPIRED:
            return self.env._(
                "%(products)s: the proof of age no longer counts. A new one must show "
                "that the buyer was born on or before %(date)s.",
                **values,
            )
        if code == judging.WEAK:
            return self.env._(
                "%(products)s: the proof of age is not strong enough. A stronger one must "
                "show that the buyer was born on or before %(date)s.",
                **values,
            )
        return self.env._(
            "%(products)s: the buyer has to prove to be born on or before %(date)s.",
            **values,
        )

    @api.model
    def _describe_release(self, verdict):
        """Why a document that was held goes on."""
        codes = [line.judgement.verdict for line in verdict.lines]
        if judging.OVERRIDDEN in codes:
            return self.env._("Two persons let it pass without proof of age.")
        return self.env._("The buyer's age is proved.")

    # === RELEASE === #

    @api.model
    def _wake_up(self):
        """Look soon, in the background, whether what is held may go on."""
        self.env.ref("age_verification.ir_cron_release").sudo()._trigger()

    @api.model
    def _cron_release(self):
        """Let orders and invoices go on whose buyers have proved their age meanwhile."""
        cron = self.env["ir.cron"]
        held = [
            record
            for model in ("sale.order", "account.move")
            for record in self.env[model].search(
                [("age_held_since", "!=", False)], order="age_held_since, id"
            )
        ]
        cron._commit_progress(remaining=len(held))
        for record in held:
            self._release_isolated(record)
            if not cron._commit_progress(1):
                break

    @api.model
    def _release_isolated(self, record):
        """Release one document; its errors are its own and stay on it."""
        try:
            with self.env.cr.savepoint():
                record._age_release()
        except Exception as error:
            _logger.warning("age gate: %s is not released: %s", record, error)
            self.env.invalidate_all()
            record._message_log(
                body=self.env._("Not released after the proof of age: %s", error)
            )
