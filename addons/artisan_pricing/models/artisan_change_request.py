import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.tools import formatLang

from ..change_targets import ListPrice, Story, TierValue
from ..content_html import clean_html
from ..story_markup import to_words

_logger = logging.getLogger(__name__)

#: States in which somebody still has to do something.
OPEN = ("draft", "asked", "approved")
_OPEN_SQL = "state IN ('draft', 'asked', 'approved')"
#: By which managers are asked to decide.
ACTIVITY = "mail.mail_activity_data_todo"


class ArtisanChangeRequest(models.Model):
    _name = "artisan.change.request"
    _description = "Change Request of a Maker"
    _inherit = ["portal.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "subject"

    maker_id = fields.Many2one("res.partner", required=True, index=True, readonly=True)
    company_id = fields.Many2one("res.company", index=True, readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    kind = fields.Selection(
        [("story", "Story"), ("list_price", "List price"), ("tier", "Tier")],
        required=True,
        readonly=True,
    )
    subject = fields.Char(
        required=True, readonly=True, help="What was to change, by its name then."
    )
    product_tmpl_id = fields.Many2one(
        "product.template",
        "Product",
        index="btree_not_null",
        readonly=True,
        ondelete="set null",
    )
    tier_id = fields.Many2one(
        "artisan.price.tier", index="btree_not_null", readonly=True, ondelete="set null"
    )
    content_id = fields.Many2one(
        "artisan.content",
        "Text",
        index="btree_not_null",
        readonly=True,
        ondelete="set null",
    )
    is_first_story = fields.Boolean(
        readonly=True, help="There was no text that this one takes the place of."
    )
    old_amount = fields.Float("Old number", digits=(16, 6), readonly=True)
    new_amount = fields.Float("New number", digits=(16, 6), readonly=True)
    growth = fields.Float(
        "Price change",
        digits=(16, 1),
        readonly=True,
        help="By how many percent the price rises or, negative, falls.",
    )
    lang = fields.Char(readonly=True, help="Language of the text.")
    old_version = fields.Integer(
        readonly=True, help="Of the text that the maker saw, in any language."
    )
    old_text = fields.Html(readonly=True, strip_style=True, strip_classes=True)
    new_text = fields.Html(readonly=True, strip_style=True, strip_classes=True)
    old_value = fields.Char("Old", compute="_compute_values")
    new_value = fields.Char("New", compute="_compute_values")
    reason = fields.Char(readonly=True, help="Why the maker asks for it.")
    date_effective = fields.Date(
        "From",
        required=True,
        default=fields.Date.context_today,
        readonly=True,
        help="The day from which on it counts. Open orders keep their prices.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("asked", "To decide"),
            ("approved", "Approved"),
            ("applied", "Applied"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        default="asked",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    is_at_once = fields.Boolean(
        readonly=True,
        help="Within the maker's limits, so that nobody had to approve it.",
    )
    asked_by_id = fields.Many2one("res.users", required=True, readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True)
    applied_at = fields.Datetime(readonly=True)
    refusal = fields.Char("Why refused", readonly=True)

    # A second one is refused by the database, too, when two workers are at it.
    _open_price_uniq = models.UniqueIndex(
        f"(product_tmpl_id) WHERE kind = 'list_price' AND {_OPEN_SQL}",
        "There is an open request for this price already.",
    )
    _open_tier_uniq = models.UniqueIndex(
        f"(tier_id) WHERE kind = 'tier' AND {_OPEN_SQL}",
        "There is an open request for this tier already.",
    )
    _open_story_uniq = models.UniqueIndex(
        f"(content_id) WHERE kind = 'story' AND {_OPEN_SQL}",
        "There is an open request for this text already.",
    )
    _open_first_story_uniq = models.UniqueIndex(
        f"(maker_id) WHERE is_first_story AND {_OPEN_SQL}",
        "There is an open request for a story already.",
    )

    @api.depends("kind", "old_amount", "new_amount", "old_text", "new_text")
    @api.depends_context("lang")
    def _compute_values(self):
        for request in self:
            request.old_value = request._format("old")
            request.new_value = request._format("new")

    def _format(self, which):
        """The old or new value in a few words."""
        self.ensure_one()
        if self.kind == "story":
            words = to_words(self[f"{which}_text"])
            return words if len(words) <= 80 else f"{words[:79]}…"
        amount = self[f"{which}_amount"]
        if self.currency_id:
            return formatLang(self.env, amount, currency_obj=self.currency_id)
        return self.env._("%(percent)s%% off", percent=f"{amount:g}")

    def _compute_access_url(self):
        """Override of `portal`: makers see their requests on one page."""
        for request in self:
            request.access_url = "/my/maker/changes"

    def write(self, vals):
        """Override: what was asked and decided is not edited, only decided with buttons."""
        if not self.env.su:
            raise AccessError(
                self.env._("Change requests are accepted or refused, not edited.")
            )
        return super().write(vals)

    # === DECIDE === #

    def action_accept(self):
        """Accept what makers ask for. It counts from its day on.

        Of several, those that cannot be accepted stay as they are.

        :raise UserError: none can be accepted
        """
        self._check_decider()
        self._lock_in("asked")
        errors = []
        for request in self:
            try:
                with self.env.cr.savepoint():
                    request._accept()
            except UserError as error:
                errors.append(str(error))
        if errors and len(errors) == len(self):
            raise UserError("\n".join(errors))
        if not errors:
            return None
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Not accepted"),
                "message": "\n".join(errors),
                "type": "warning",
                "sticky": True,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _accept(self):
        self.sudo().write({"state": "approved", "decided_by_id": self.env.uid})
        self._apply_if_due()
        self._tell_maker(lambda env: env._("Your change was accepted."))

    def action_open_refusal(self):
        """Ask why, then refuse."""
        self._check_decider()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refuse"),
            "res_model": "artisan.change.refusal",
            "view_mode": "form",
            "target": "new",
            "context": {"default_request_ids": self.ids},
        }

    def _refuse(self, reason):
        """Refuse what makers ask for, and tell them why."""
        self._check_decider()
        self._lock_in("asked", "approved")
        self.sudo().write(
            {"state": "refused", "refusal": reason, "decided_by_id": self.env.uid}
        )
        self._tell_maker(
            lambda env: env._("Your change was not accepted: %(reason)s", reason=reason)
        )

    def _withdraw(self):
        """The maker thinks better of it. A draft, which nobody saw, is gone.

        :raise UserError: it counts already, or was refused
        """
        self._lock_in(*OPEN)
        drafts = self.filtered(lambda request: request.state == "draft").sudo()
        withdrawn = self.sudo() - drafts
        drafts.unlink()
        withdrawn.write({"state": "withdrawn"})
        withdrawn.activity_unlink([ACTIVITY])

    def _check_decider(self):
        """Check that a second person decides.

        :raise AccessError: not a manager
        :raise UserError: the one who asked
        """
        if not self.env.user.has_group("artisan_pricing.group_artisan_manager"):
            raise AccessError(self.env._("A manager decides about changes of makers."))
        self.check_access("read")
        mine = self.filtered(
            lambda request: (
                request.asked_by_id == self.env.user
                or request.maker_id == self.env.user.commercial_partner_id
            )
        )
        if mine:
            raise UserError(
                self.env._(
                    "%(subject)s: somebody else than the one who asked decides.",
                    subject=mine[0].subject,
                )
            )

    def _lock_in(self, *states):
        """Have the requests for this transaction alone, if they are still in these states.

        :raise UserError: somebody was quicker
        """
        self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset(["state"])
        if any(request.state not in states for request in self):
            raise UserError(self.env._("This was decided already."))

    def _tell_maker(self, say):
        """Write to makers, in their language.

        :param say: words for an environment of that language
        """
        for request in self.sudo():
            lang = request.asked_by_id.lang
            request.activity_unlink([ACTIVITY])
            request.message_post(
                body=say(request.with_context(lang=lang).env),
                partner_ids=request.asked_by_id.partner_id.ids,
                subtype_xmlid="mail.mt_comment",
                author_id=self.env.user.partner_id.id,
            )

    # === APPLY === #

    def _apply_if_due(self):
        for request in self:
            if request.date_effective <= fields.Date.context_today(request):
                request._apply()

    def _apply(self):
        """Change the value, if it is still what the maker saw.

        :raise UserError: it is not, or it is no longer there or no longer theirs
        """
        self.ensure_one()
        target = self._get_target()
        is_story = self.kind == "story"
        old, new = (self[f"{which}_{'text' if is_story else 'amount'}"]
                    for which in ("old", "new"))  # fmt: skip
        target.record.lock_for_update(allow_referencing=True)
        target.record.invalidate_recordset()
        if target.maker != self.maker_id:
            raise UserError(
                self.env._(
                    "%(subject)s is no longer of %(maker)s.",
                    subject=self.subject,
                    maker=self.maker_id.name,
                )
            )
        if not self._is_as_seen(target):
            raise UserError(
                self.env._(
                    "%(subject)s was changed meanwhile by somebody else; it is not "
                    "overwritten. The maker can ask again.",
                    subject=self.subject,
                )
            )
        self._check_still_at_once(target)
        written = target.put(clean_html(new) if is_story else new)
        vals = {"state": "applied", "applied_at": fields.Datetime.now()}
        if is_story:
            vals["content_id"] = written.id
        self.sudo().write(vals)

    def _is_as_seen(self, target):
        """Whether the value is still what the maker saw; a text in all its languages."""
        if self.kind == "story":
            return target.version == self.old_version
        return target.is_same(target.value, self.old_amount)

    def _check_still_at_once(self, target):
        """Check again, on its day, what nobody had to approve.

        :raise UserError: the maker may no longer do so
        """
        if not self.is_at_once:
            return
        if not self._is_free(self.maker_id, self.kind):
            raise UserError(
                self.env._("This now needs to be approved. Please ask again.")
            )
        if self.kind != "story":
            self._check_limits(target, self.old_amount, self.new_amount)

    def _get_target(self):
        """Where the value lies, for writing: the request was checked, or is.

        :raise UserError: it was deleted
        """
        self.ensure_one()
        request = self.sudo()
        if request.kind == "story":
            request = request.with_context(lang=request.lang)
            target = Story(request.content_id, request.maker_id)
            exists = request.is_first_story or request.content_id
        else:
            kind = ListPrice if request.kind == "list_price" else TierValue
            target = kind(request[kind.link])
            exists = target.record
        if not exists:
            raise UserError(
                self.env._("%(subject)s was deleted.", subject=self.subject)
            )
        return target

    @api.model
    def _cron_apply_due(self):
        """Apply approved changes on their day. What cannot be is refused, with the reason."""
        domain = [
            ("state", "=", "approved"),
            ("date_effective", "<=", fields.Date.context_today(self)),
        ]
        requests = self.search(domain, order="date_effective, id")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(requests))
        for request in requests:
            request = request.try_lock_for_update(allow_referencing=True)
            request = request.filtered_domain(domain)
            if request:
                request._apply_or_refuse()
            if not cron._commit_progress(1):
                break

    def _apply_or_refuse(self):
        # The maker reads why.
        request = self.with_context(lang=self.asked_by_id.lang)
        try:
            with self.env.cr.savepoint():
                request._apply()
        except LockError:
            _logger.info("Somebody works on what %s would change: it waits", self)
        except UserError as error:
            why = str(error)
            self.write({"state": "refused", "refusal": why})
            self._tell_maker(
                lambda env: env._("Your change could not be made: %(error)s", error=why)
            )
