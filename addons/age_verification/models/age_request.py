from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine import judging

#: Verdicts that the buyer can change by proving their age.
WAITING = frozenset({judging.UNPROVED, judging.EXPIRED, judging.WEAK})
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
    is_ask_due = fields.Boolean(
        "To be asked", readonly=True, help="A job writes to the buyer in a moment."
    )
    followed_up_on = fields.Datetime(
        "Followed up on",
        readonly=True,
        help="When a person was told that nothing had happened.",
    )
    disowned_on = fields.Datetime(
        "Disowned on",
        readonly=True,
        help="When the buyer said that they did not order.",
    )

    state = fields.Selection(
        [
            ("open", "Not asked"),
            ("due", "To be asked"),
            ("asked", "Asked"),
            ("disowned", "Not ordered by the buyer"),
            ("settled", "Nothing waits"),
        ],
        compute="_compute_state",
        compute_sudo=True,
    )

    _order_uniq = models.UniqueIndex(
        "(order_id) WHERE order_id IS NOT NULL", "There is a request for this order."
    )
    _move_uniq = models.UniqueIndex(
        "(move_id) WHERE move_id IS NOT NULL", "There is a request for this invoice."
    )
    _ask_due_idx = models.Index("(id) WHERE is_ask_due")
    _one_document = models.Constraint(
        "CHECK((order_id IS NULL) != (move_id IS NULL))",
        "A request is about an order or an invoice.",
    )

    @api.depends("partner_id.lang", "company_id.partner_id.lang")
    def _compute_lang(self):
        for record in self:
            record.lang = record.partner_id.lang or record.company_id.partner_id.lang

    def write(self, vals):
        """Override: documents show at once what their buyers say."""
        result = super().write(vals)
        if "disowned_on" in vals:
            for documents in (self.order_id, self.move_id):
                documents.invalidate_model(["is_age_disowned"], flush=False)
        return result

    @api.depends("asked_on", "is_ask_due", "disowned_on")
    def _compute_state(self):
        for record, verdict in self._get_verdicts().items():
            record.state = record._get_state(verdict)

    def _get_state(self, verdict):
        if self.disowned_on:
            return "disowned"
        if not verdict.refused or self._get_document().state == "cancel":
            return "settled"
        if self.is_ask_due:
            return "due"
        return "asked" if self.asked_on else "open"

    # === REQUESTS OF DOCUMENTS === #

    @api.model
    def _get_for(self, documents):
        """The requests of orders or invoices, made where there are none yet.

        The buyer of a document may have changed: whoever it is now is asked. Nobody can be
        asked about a document without a buyer: it has no request.

        :param documents: ``sale.order`` or ``account.move``
        :return: requests in superuser mode, in the order of the documents
        """
        requests = self.sudo()
        people = requests._get_people(documents)
        known = requests._find_for(documents)
        missing = [document for document in people if document not in known]
        if missing:
            requests._insert({document: people[document][:1] for document in missing})
            known = requests._find_for(documents)
        found = requests.union(*(known[document] for document in people))
        found._follow_buyer(people)
        return found

    @api.model
    def _get_people(self, documents):
        """{document: those whom it is sold to}, without documents that have no buyer."""
        people = {}
        for basket in documents.sudo()._get_age_baskets():
            if basket.person:
                known = people.get(basket.record, basket.person)
                people[basket.record] = known | basket.person
        return people

    @api.model
    def _find_for(self, documents):
        """{document: its request}"""
        name = self._get_link(documents)
        return {record[name]: record for record in self._search_for(documents)}

    @api.model
    def _search_for(self, documents, domain=Domain.TRUE):
        """The requests about the documents."""
        return self.search_fetch(
            Domain(self._get_link(documents), "in", documents.ids) & domain
        )

    @api.model
    def _get_link(self, documents):
        """The field that leads from a request to such documents."""
        return "order_id" if documents._name == "sale.order" else "move_id"

    def _insert(self, buyers):
        """Make requests, unless somebody else makes them right now.

        Then the database waits for them, and if they succeed has this transaction begin
        again, which finds what they have made: core repeats what fails like that.

        :param buyers: {document: whom to ask}
        """
        name = self._get_link(next(iter(buyers)))
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO age_request (
                    %(link)s, company_id, partner_id,
                    create_uid, create_date, write_uid, write_date)
                SELECT document, company, partner, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM unnest(%(documents)s, %(companies)s, %(partners)s)
                    AS row(document, company, partner)
                    ON CONFLICT DO NOTHING
                """,
                link=SQL.identifier(name),
                uid=self.env.uid,
                now=now,
                documents=[document.id for document in buyers],
                companies=[document.company_id.id for document in buyers],
                partners=[buyer.id for buyer in buyers.values()],
            ),
            log_exceptions=False,
        )
        self.env["sale.order"].invalidate_model(["age_request_ids"])

    def _follow_buyer(self, people):
        """Turn to the present buyers; what former ones said does not count for them.

        :param people: {document: those whom it is sold to}
        """
        for record in self:
            buyers = people[record._get_document()]
            if record.partner_id not in buyers:
                record._turn_to(buyers[:1])

    def _turn_to(self, buyer):
        self.write(
            {
                "partner_id": buyer.id,
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
        judged = {}
        for documents in (self.order_id, self.move_id):
            if documents:
                judged |= documents._get_age_verdicts()
        return {record: judged[record._get_document()] for record in self}

    def _get_own(self, verdict):
        """The refused lines that are for this buyer: an invoice may have several."""
        return [
            line for line in verdict.refused if line.basket.person == self.partner_id
        ]

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

    # === WHO ANSWERS === #

    def _give_task(self, verdict, summary):
        """A task on the document for the person who answers, once.

        :return: whether it is a new one
        """
        self.ensure_one()
        user = self._get_owner(self._get_policy(verdict))
        document = self._get_document()
        known = document.activity_ids.filtered(lambda task: task.summary == summary)
        if known:
            return False
        if user:
            document.activity_schedule(
                "mail.mail_activity_data_todo", summary=summary, user_id=user.id
            )
        else:  # nobody is responsible: at least it is on the document
            document._message_log(body=summary)
        return True

    def _get_policy(self, verdict=None):
        """The policy of what asks most of what waits, else the company's."""
        waiting = (self._get_own(verdict) or verdict.refused) if verdict else []
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
        disowned = Domain("disowned_on", "!=", False)
        found = self.sudo()._search_for(documents, disowned)
        return found[self._get_link(documents)].with_env(documents.env)
