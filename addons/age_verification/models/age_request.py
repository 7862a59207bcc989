from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..engine import judging

#: Verdicts that the buyer can change by proving their age.
WAITING = frozenset({judging.UNPROVED, judging.EXPIRED, judging.WEAK})
#: The same buyer is not written to again about the same document for so many hours.
SILENT_HOURS = 24
#: A request is followed for so many days.
KEEP_ON_DAYS = 90


class AgeRequest(models.Model):
    """That a buyer was asked for proof of age for an order or an invoice.

    It is what the link in the mail leads to. It holds neither what was proved nor how.
    """

    _name = "age.request"
    _description = "Request for Proof of Age"
    _order = "id desc"
    _rec_name = "partner_id"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Buyer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    order_id = fields.Many2one(
        "sale.order", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    lang = fields.Char(compute="_compute_lang")
    asked_on = fields.Datetime(readonly=True, help="When the last mail was written.")
    followed_up_on = fields.Datetime(
        readonly=True, help="When a person was told that nothing had happened."
    )
    disowned_on = fields.Datetime(
        readonly=True, help="When the buyer said that they did not order."
    )

    _order_uniq = models.UniqueIndex(
        "(order_id) WHERE order_id IS NOT NULL", "There is a request for this order."
    )
    _move_uniq = models.UniqueIndex(
        "(move_id) WHERE move_id IS NOT NULL", "There is a request for this invoice."
    )
    _one_document = models.Constraint(
        "CHECK((order_id IS NULL) != (move_id IS NULL))",
        "A request is about an order or an invoice.",
    )

    @api.depends("partner_id.lang", "company_id.partner_id.lang")
    def _compute_lang(self):
        for record in self:
            record.lang = record.partner_id.lang or record.company_id.partner_id.lang

    # === REQUESTS OF DOCUMENTS === #

    @api.model
    def _get_for(self, documents):
        """The requests of orders or invoices, made where there are none yet.

        The buyer of a document may have changed: whoever it is now is asked.

        :param documents: ``sale.order`` or ``account.move``
        :return: requests in superuser mode, in the order of the documents
        """
        name = "order_id" if documents._name == "sale.order" else "move_id"
        requests = self.sudo()
        known = {
            record[name]: record
            for record in requests.search([(name, "in", documents.ids)])
        }
        missing = documents.sudo().filtered(lambda document: document not in known)
        created = requests.create(
            [
                {
                    name: document.id,
                    "company_id": document.company_id.id,
                    "partner_id": document._get_age_baskets()[0].person.id,
                }
                for document in missing
            ]
        )
        known.update((record[name], record) for record in created)
        found = requests.union(*(known[document] for document in documents.sudo()))
        found._follow_buyer()
        return found

    def _follow_buyer(self):
        """Ask the present buyer; what the former one said does not count for them."""
        for record in self:
            person = record._get_document()._get_age_baskets()[0].person
            if record.partner_id != person:
                record.write(
                    {
                        "partner_id": person.id,
                        "asked_on": False,
                        "followed_up_on": False,
                        "disowned_on": False,
                    }
                )

    def _get_document(self):
        """The order or invoice."""
        self.ensure_one()
        return self.order_id or self.move_id

    def _get_verdicts(self):
        """{request: :class:`facts.Verdict`} on their documents, judged at once."""
        baskets = [record._get_document()._get_age_baskets()[0] for record in self]
        verdicts = self.env["age.gate"].sudo()._judge(baskets)
        return dict(zip(self, verdicts, strict=True))

    def _get_owner(self, policy):
        """The user who answers: the policy's, else the document's; may be none."""
        self.ensure_one()
        document = self._get_document()
        seller = document.user_id if self.order_id else document.invoice_user_id
        candidates = [policy.user_id, seller]
        return next(
            (user for user in candidates if user and user.active and not user.share),
            self.env["res.users"],
        )

    # === ASKING === #

    def _ask(self):
        """Write to the buyers who can do something, tell a person about the others."""
        for record, verdict in self._get_verdicts().items():
            refused = {line.judgement.verdict for line in verdict.refused}
            if not refused or record.disowned_on:
                continue
            if refused - WAITING:
                record._give_task(
                    verdict,
                    self.env._(
                        "Cannot be sold to %s: see why", record.partner_id.display_name
                    ),
                )
            elif not record.partner_id.email:
                record._give_task(
                    verdict,
                    self.env._(
                        "%s has no e-mail address: ask for proof of age",
                        record.partner_id.display_name,
                    ),
                )
            elif not record._is_asked_lately():
                record._try_to_send(verdict)

    def _is_asked_lately(self):
        limit = fields.Datetime.now() - timedelta(hours=SILENT_HOURS)
        return bool(self.asked_on) and self.asked_on > limit

    def _try_to_send(self, verdict):
        """Write, or tell a person why not: a template that somebody has broken must not
        stop an invoice or a payment that is on its way."""
        try:
            with self.env.cr.savepoint():
                self._send()
        except UserError as error:
            document = self._get_document()
            document._message_log(body=self.env._("The buyer is not asked: %s", error))
            self._give_task(
                verdict,
                self.env._(
                    "The mail to %s cannot be written: ask for proof of age",
                    self.partner_id.display_name,
                ),
            )

    def _send(self):
        """Queue the mail, and note on the document that the buyer was asked."""
        self.ensure_one()
        template = self.env.ref(
            "age_verification.mail_template_request", raise_if_not_found=False
        )
        if not template:  # deleted by a user: no mail is wanted
            return
        template.sudo().send_mail(
            self.id, email_layout_xmlid="age_verification.request_mail_layout"
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        self.write({"asked_on": fields.Datetime.now(), "followed_up_on": False})
        self._get_document()._message_log(
            body=self.env._(
                "%s is asked for proof of age by e-mail.",
                self.partner_id.display_name,
            )
        )

    def _give_task(self, verdict, summary):
        """A task on the document for the person who answers, once."""
        self.ensure_one()
        user = self._get_owner(self._get_policy(verdict))
        document = self._get_document()
        known = document.activity_ids.filtered(lambda task: task.summary == summary)
        if known:
            return
        if user:
            document.activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, user_id=user.id
            )
        else:  # nobody is responsible: at least it is on the document
            document._message_log(body=summary)

    def _get_policy(self, verdict=None):
        """The policy of what asks most of what waits, else the company's."""
        waiting = verdict.refused if verdict else []
        strictest = min(waiting, key=lambda line: line.resolution.bound, default=None)
        return strictest.policy if strictest else self.company_id.age_policy_id

    # === FOLLOW-UP === #

    @api.model
    def _cron_follow_up(self):
        """Tell a person of buyers who were asked and have done nothing."""
        open_requests = self.search(self._get_follow_up_domain(), order="asked_on, id")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(open_requests))
        for start in range(0, len(open_requests), 200):
            batch = open_requests[start : start + 200]
            batch._follow_up()
            if not cron._commit_progress(len(batch)):
                break

    @api.model
    def _get_follow_up_domain(self):
        """Requests of documents that wait, wholly or in part, and nobody was told of."""
        is_partly = Domain("order_id.state", "=", "sale") & Domain(
            "order_id.invoice_status", "!=", "invoiced"
        )
        return (
            Domain(
                "asked_on", ">", fields.Datetime.now() - timedelta(days=KEEP_ON_DAYS)
            )
            & Domain("followed_up_on", "=", False)
            & Domain("disowned_on", "=", False)
            & (
                Domain("order_id.age_held_since", "!=", False)
                | Domain("move_id.age_held_since", "!=", False)
                | is_partly
            )
        )

    def _follow_up(self):
        """A task for those whose policy's days are over."""
        now = fields.Datetime.now()
        for record, verdict in self._get_verdicts().items():
            if not verdict.refused:
                continue
            days = record._get_policy(verdict).follow_up_days
            if not days or record.asked_on > now - timedelta(days=days):
                continue
            record.followed_up_on = now
            record._give_task(
                verdict,
                self.env._(
                    "%(buyer)s has not proved their age for %(days)s days",
                    buyer=record.partner_id.display_name,
                    days=days,
                ),
            )

    # === THE BUYER'S ANSWER === #

    def _disown(self):
        """The buyer says that they did not order: it goes no further by itself."""
        self.ensure_one()
        if self.disowned_on:
            return
        self.disowned_on = fields.Datetime.now()
        document = self._get_document()
        if not document.age_held_since:
            document._age_hold_disowned()
        document._message_log(
            body=self.env._(
                "%s says that this was not ordered by them.",
                self.partner_id.display_name,
            )
        )
        self._give_task(
            self._get_verdicts()[self],
            self.env._("%s did not order this", self.partner_id.display_name),
        )

    @api.model
    def _get_disowned(self, documents):
        """Those of the documents whose buyers say that they did not order."""
        name = "order_id" if documents._name == "sale.order" else "move_id"
        domain = Domain(name, "in", documents.ids) & Domain("disowned_on", "!=", False)
        return self.sudo().search(domain)[name].with_env(documents.env)
