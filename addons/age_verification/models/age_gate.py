import logging
from contextlib import contextmanager

import psycopg2

from odoo import api, models
from odoo.tools import format_date, split_every

from ..engine import judging
from ..facts import AgeFacts, judge_document

_logger = logging.getLogger(__name__)

#: What has a gate, in the order in which it goes on.
GATED = ("sale.order", "account.move")
#: Held documents that are looked at together.
BATCH = 200
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

        :param baskets: :class:`facts.Basket`, those of a document one after the other
        :return: a :class:`facts.Verdict` for each document, in the order in which they
            appear. Writes nothing.
        """
        facts = AgeFacts(self.env, baskets)
        documents = {}
        for basket in baskets:
            documents.setdefault(basket.record, []).append(basket)
        return [judge_document(own, facts) for own in documents.values()]

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
        return {verdict.record: verdict for verdict in verdicts}

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
            self._prepare_incident(line.basket, kind, gate, line)
            for kind, line in found.items()
        ]

    @api.model
    def _prepare_incident(self, basket, kind, gate, line=None):
        """Values of an incident about a sale."""
        return {
            "kind": kind,
            "gate": gate,
            "company_id": basket.company.id,
            "partner_id": basket.person.id,
            **basket.links,
            "rule_id": line.resolution.rule.key if line and line.resolution.rule else 0,
            "verdict": line.judgement.verdict if line else False,
        }

    # === WORDS === #

    @api.model
    def _describe(self, verdict):
        """Why a document is held, in a sentence for each verdict, and what is in doubt."""
        sentences = []
        for code in dict.fromkeys(line.judgement.verdict for line in verdict.refused):
            lines = [li for li in verdict.refused if li.judgement.verdict == code]
            names = ", ".join(dict.fromkeys(li.product.display_name for li in lines))
            sentences.append(self._describe_verdict(code, names, lines[0]))
        doubts = [code for line in verdict.refused for code in line.resolution.warnings]
        if doubts:
            codes = dict.fromkeys(doubts)
            sentences.append(self.env["age.check"]._describe_warnings(codes))
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
        if code == judging.INCOMPLETE:
            return self.env._(
                "%(products)s: the law is not the same in the whole country. Give the "
                "state of the delivery address.",
                **values,
            )
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
    def _wake_up_judging(self):
        """Look soon whether confirmed orders are still covered."""
        self.env.ref("age_verification.ir_cron_judge_again").sudo()._trigger()

    @api.model
    def _cron_release(self):
        """Let orders and invoices go on whose buyers have proved their age meanwhile.

        All are judged at once; only those that may go on are taken up one by one.
        """
        cron = self.env["ir.cron"]
        held = [
            self.env[name].search(
                [("age_held_since", "!=", False)], order="age_held_since, id"
            )
            for name in GATED
        ]
        cron._commit_progress(remaining=sum(map(len, held)))
        for documents in held:
            for ids in split_every(BATCH, documents.ids):
                if not self._release_batch(documents.browse(ids)):
                    return

    @api.model
    def _release_batch(self, documents):
        """Release those of some held documents that may go on.

        :return: whether there is time left
        """
        cron = self.env["ir.cron"]
        due = self._find_due(documents)
        if not cron._commit_progress(len(documents - due)):
            return False
        for document in due:
            self._release_isolated(document)
            if not cron._commit_progress(1):
                return False
        return True

    @api.model
    def _find_due(self, documents):
        """Those of some held documents that may go on, or have nothing to wait for.

        Of the others, who was not asked before is asked.
        """
        over = documents.filtered(lambda document: document._is_age_over())
        waiting = documents - over
        verdicts = waiting._get_age_verdicts()
        due = waiting.filtered(
            lambda document: document._is_age_due(verdicts[document])
        )
        with self._isolate(waiting - due):
            (waiting - due)._age_ask_next_buyer(verdicts)
        return over | due

    @api.model
    def _release_isolated(self, document):
        """Release one document; its errors are its own and become a task on it."""
        try:
            with self._isolate(document):
                self._release(document)
        except Exception as error:
            _logger.warning("age gate: %s is not released: %s", document, error)
            self.env.invalidate_all(flush=False)
            document._age_give_task(
                self.env._("Not released after the proof of age"), str(error)
            )

    @api.model
    def _release(self, document):
        """Release a document, unless a person is at work on it or was faster."""
        if not document.try_lock_for_update(allow_referencing=True):
            return
        document.invalidate_recordset(["age_held_since", "state"])
        if document._is_age_over():
            document._age_unhold()
        elif document.age_held_since:
            document._age_release()

    @contextmanager
    def _isolate(self, documents):
        """What somebody else writes to right now is left to the next run."""
        try:
            with self.env.cr.savepoint():
                yield
        except psycopg2.OperationalError as error:
            _logger.info("age gate: %s is in use: %s", documents, error)
            self.env.invalidate_all(flush=False)
