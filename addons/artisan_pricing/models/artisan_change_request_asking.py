from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .artisan_change_request import ACTIVITY, OPEN
from .res_partner_limits import APPROVAL, FREE

#: Requests of a maker in 24 hours: many for a person, few for a program.
MAX_PER_DAY = 300


class ArtisanChangeRequest(models.Model):
    _inherit = "artisan.change.request"

    # How a maker asks. What becomes of it is in `artisan_change_request`.

    @api.model
    def _propose_price(self, target, typed, seen, reason="", date_effective=None):
        """Ask for another price, or change it at once where the maker may.

        :param target: :class:`~..change_targets.PriceTarget` of the maker
        :param typed: the new number as typed
        :param seen: the old number (float) that the maker saw
        :return: the request
        :raise UserError: no number, outside the limits, or changed meanwhile
        """
        maker = target.maker
        self._check_permission(maker, target.kind)
        new = target.read(typed)
        target.check(new)
        target.record.lock_for_update(allow_referencing=True)
        old = target.value
        if not target.is_same(old, seen):
            raise UserError(
                self.env._("Somebody changed this meanwhile. Please look at it again.")
            )
        if target.is_same(old, float(new)):
            raise UserError(self.env._("This is the present value."))
        self._check_none_open([(target.link, "=", target.record.id)])
        growth = self._check_limits(target, old, new)
        vals = {
            "old_amount": old,
            "new_amount": float(new),
            "growth": float(growth or 0),
            # Nothing to measure a change with: a person looks at it.
            "is_at_once": growth is not None and self._is_free(maker, target.kind),
        }
        request = self._create_for(target, vals, reason, date_effective)
        request._go_on()
        return request

    @api.model
    def _save_story(self, target, text, reason="", date_effective=None):
        """Keep a text as draft; the draft that there is gets it.

        :param target: :class:`~..change_targets.Story`, in the text's language
        :param text: HTML
        :return: the request, not sent
        :raise UserError: empty, too long, or a request is waiting already
        """
        maker = target.maker
        self._check_permission(maker, target.kind)
        text = target.record._clean_text(text)
        maker.lock_for_update(allow_referencing=True)
        domain = [(target.link, "=", target.record.id), ("kind", "=", "story")]
        if not target.record:
            domain += [("maker_id", "=", maker.id), ("is_first_story", "=", True)]
        draft = self.sudo().search([*domain, ("state", "=", "draft")])
        if not draft:
            self._check_none_open(domain)
        vals = {
            "state": "draft",
            "lang": target.env.lang,
            "old_version": target.version,
            "old_text": target.value,
            "new_text": text,
            "is_first_story": not target.record,
        }
        if draft:
            vals |= self._prepare_wish_vals(maker, reason, date_effective)
            draft.write(vals)
            return draft
        return self._create_for(target, vals, reason, date_effective)

    def _send_story(self):
        """Ask for the text of a draft, or put it in the place of the old one at once.

        :raise UserError: it is the present text, or changed meanwhile
        """
        self.ensure_one()
        target = self._get_target()
        self._check_permission(self.maker_id, self.kind)
        if self.state != "draft":
            raise UserError(self.env._("This was sent already."))
        if not self._is_as_seen(target):
            raise UserError(
                self.env._("Somebody changed this meanwhile. Please look at it again.")
            )
        if target.is_same(self.new_text, self.old_text):
            raise UserError(self.env._("This is the present text."))
        is_at_once = self._is_free(self.maker_id, self.kind)
        self.sudo().write({"state": "asked", "is_at_once": is_at_once})
        self._go_on()

    def _create_for(self, target, vals, reason, date_effective):
        self._check_not_too_many(target.maker)
        return self.sudo().create(
            {
                "kind": target.kind,
                target.link: target.record.id,
                "maker_id": target.maker.id,
                "company_id": target.company.id,
                "currency_id": target.currency.id,
                "subject": target.subject,
                **self._prepare_wish_vals(target.maker, reason, date_effective),
                **vals,
            }
        )

    def _prepare_wish_vals(self, maker, reason, date_effective):
        """What the maker says beside the value.

        :raise UserError: a day that is past or far away
        """
        today = fields.Date.context_today(self)
        day = date_effective or today
        if not today <= day <= today + relativedelta(years=1):
            raise UserError(
                self.env._("Please choose a day from today on, within a year.")
            )
        return {
            "asked_by_id": self.env.uid,
            "reason": " ".join((reason or "").split())[:250],
            "date_effective": day,
        }

    def _go_on(self):
        """Apply what nobody has to approve, and have a manager look at the rest."""
        at_once = self.filtered("is_at_once")
        at_once.sudo().write({"state": "approved"})
        at_once._apply_if_due()
        for request in (self - at_once).sudo():
            maker = request.maker_id
            request.activity_schedule(
                ACTIVITY,
                summary=self.env._("Decide about a change of %s", maker.name),
                user_id=maker._get_change_approver(request.company_id).id,
            )

    # === LIMITS === #

    def _is_free(self, maker, kind):
        return maker._get_maker_permission(kind) == FREE

    def _check_permission(self, maker, kind):
        if maker._get_maker_permission(kind) not in (APPROVAL, FREE):
            raise UserError(self.env._("You may not change this. Please contact us."))

    def _check_none_open(self, domain):
        if self.sudo().search_count([*domain, ("state", "in", OPEN)], limit=1):
            raise UserError(
                self.env._("A change of this is open already. Withdraw it first.")
            )

    def _check_not_too_many(self, maker):
        """
        :raise UserError: each of them asks for a manager's time
        """
        since = fields.Datetime.now() - timedelta(days=1)
        domain = [("maker_id", "=", maker.id), ("create_date", ">", since)]
        if self.sudo().search_count(domain, limit=MAX_PER_DAY) >= MAX_PER_DAY:
            raise UserError(
                self.env._("These are many changes for one day. Please go on tomorrow.")
            )

    def _check_limits(self, target, old, new):
        """Check by how much a price changes.

        Changes at once are measured together over a day: many small ones are a large one.

        :return: growth in percent (Decimal) from the present value; None: not measurable
        :raise UserError: by more than the maker may
        """
        earlier = self.sudo().search(
            [
                (target.link, "=", target.record.id),
                ("state", "=", "applied"),
                ("is_at_once", "=", True),
                ("applied_at", ">", fields.Datetime.now() - timedelta(days=1)),
            ],
            order="applied_at, id",
            limit=1,
        )
        maker = target.maker.sudo()
        first = earlier.old_amount if earlier else old
        growth = target.get_growth(first, new)
        if growth is None:
            return None
        if growth > maker.maker_max_increase:
            raise UserError(
                self.env._(
                    "You may raise prices by at most %(limit)s %% at a time.",
                    limit=f"{maker.maker_max_increase:g}",
                )
            )
        if -growth > maker.maker_max_decrease:
            raise UserError(
                self.env._(
                    "You may cut prices by at most %(limit)s %% at a time.",
                    limit=f"{maker.maker_max_decrease:g}",
                )
            )
        return target.get_growth(old, new)
