from datetime import timedelta

from markupsafe import Markup
from psycopg2.errors import UniqueViolation

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import formatLang, mute_logger
from odoo.tools.misc import format_date

from ..engine.answer import read_amount, read_date, read_id, read_line, read_text

#: Form -> kind of hold.
ANSWERS = {"paid": "paid_claim", "dispute": "dispute", "promise": "promise"}
#: A payment longer ago has been matched, or is a matter for a phone call.
PAID_MAX_DAYS = 366
#: Form -> days until somebody should have looked at it.
ANSWER_DAYS = {"paid": 0, "dispute": 2}


class DunningNotice(models.Model):
    """What the customer says on the page: checked, and turned into holds.

    Texts for the customer are in the language of the context, texts for the company in
    that of the person who answers.
    """

    _inherit = "dunning.notice"

    def _take_answer(self, form, lines, values):
        """Hold reminders for what the customer says, and tell who answers.

        :param str form: one of :data:`ANSWERS`
        :param lines: the customer's lines of one invoice, or none for all that is due
        :param dict values: the form as it was sent, by anybody
        :return: texts of what has to be corrected, by field; empty when it was taken
        """
        self.ensure_one()
        open_lines = lines.filtered(lambda line: not line.reconciled)
        if lines and not open_lines:
            return {
                "invoice": self.env._("This invoice is paid: nothing is left to do.")
            }
        read = getattr(self, f"_read_{ANSWERS[form]}")
        hold_values, errors = read(open_lines, values)
        if not errors:
            self._hold_answer(
                form, {**self._prepare_answer(form, lines), **hold_values}
            )
        return errors

    def _prepare_answer(self, form, lines):
        """Values of a hold that do not depend on what was typed."""
        return {
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "move_id": lines.move_id.id,
            "currency_id": self._get_answer_currency(lines).id,
            "kind": ANSWERS[form],
            "origin": "customer",
            "user_id": self._get_page_owner().id,
            "date_from": self.company_id._get_dunning_today(),
        }

    # === FORMS === #

    def _get_form_values(self, form, lines):
        """Values to show a form about one invoice, or about all that is due."""
        self.ensure_one()
        today = self.company_id._get_dunning_today()
        open_amount = self._get_open_amount(lines)
        currency = self._get_answer_currency(lines)
        last = self._get_last_promise_day()
        day = today if form == "paid" else min(last, today + timedelta(days=7))
        return {
            **self._get_sender_values(),
            "form": form,
            "move": lines.move_id,
            "open_amount": open_amount,
            "currency": currency,
            "step": f"{10**-currency.decimal_places:.{currency.decimal_places}f}",
            "is_closed": currency.is_zero(open_amount),
            "today": today,
            "last_day": last,
            "active_hold": self._get_active_hold(self._prepare_answer(form, lines)),
            "limit": self._get_answer_limit(form, lines),
            "disputable": self._get_disputable_lines(lines),
            "defaults": {
                "date": day.isoformat(),
                "amount": f"{open_amount:.{currency.decimal_places}f}",
                "part": "all",
                "lines": [],
            },
        }

    # === READING === #

    def _read_paid_claim(self, lines, values):
        """Values of the hold, and errors by field."""
        today = self.company_id._get_dunning_today()
        paid_on = read_date(values.get("date"))
        amount = read_amount(values.get("amount"))
        limit = self._get_answer_limit("paid", lines)
        errors = {"invoice": limit} if limit else {}
        if not paid_on or not self._is_between(paid_on, -PAID_MAX_DAYS, 0):
            errors["date"] = self.env._(
                "Enter the day on which you paid. It cannot be in the future."
            )
        if not amount:
            errors["amount"] = self.env._("Enter the amount that you paid.")
        if errors:
            return {}, errors
        internal = self._for_owner()
        reference = read_line(values.get("reference"))
        return {
            "amount": self._round(amount, lines),
            "date_end": today + timedelta(days=self.policy_id.paid_claim_days),
            "reason": internal.env._(
                "Paid %(amount)s on %(date)s. Reference: %(reference)s",
                amount=internal._format_amount(amount, lines),
                date=format_date(internal.env, paid_on),
                reference=reference or internal.env._("none"),
            ),
        }, {}

    def _read_dispute(self, lines, values):
        """Values of the hold, and errors by field."""
        today = self.company_id._get_dunning_today()
        reason = read_text(values.get("reason"))
        part, errors = self._read_disputed_part(lines, values)
        if not lines:
            errors["invoice"] = self.env._("Choose the invoice that you dispute.")
        if not reason:
            errors["reason"] = self.env._("Tell us what is wrong.")
        if errors:
            return {}, errors
        return {
            **part,
            "reason": reason,
            "date_end": today + timedelta(days=self.policy_id.dispute_days),
        }, {}

    def _read_disputed_part(self, lines, values):
        """All of the invoice, an amount, or some of its lines."""
        part = values.get("part")
        if part == "amount":
            amount = read_amount(values.get("amount"))
            if not amount or not self._is_open_amount(amount, lines):
                return {}, {"amount": self._get_amount_error(lines)}
            return {"amount": self._round(amount, lines)}, {}
        if part == "lines":
            chosen = {read_id(text) for text in values.get("lines") or ()}
            disputed = self._get_disputable_lines(lines)
            disputed = disputed.filtered(lambda line: line.id in chosen)
            # A line of another invoice is not dropped silently: the form was changed.
            if not chosen or set(disputed.ids) != chosen:
                return {}, {"lines": self.env._("Choose the lines that you dispute.")}
            return {"line_ids": [fields.Command.set(disputed.ids)]}, {}
        if part == "all":
            return {}, {}
        return {}, {"part": self.env._("Choose what you dispute.")}

    def _get_disputable_lines(self, lines):
        """Products of the invoice that the customer can see on it."""
        move = lines.move_id
        if len(move) != 1 or not self._is_page_invoice(move):
            return move.line_ids.browse()
        return move.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )

    def _read_promise(self, lines, values):
        """Values of the hold, and errors by field."""
        pay_on = read_date(values.get("date"))
        amount = read_amount(values.get("amount"))
        limit = self._get_answer_limit("promise", lines)
        errors = {"invoice": limit} if limit else {}
        if not pay_on or not self._is_between(
            pay_on, 0, self.policy_id.promise_max_days
        ):
            errors["date"] = self.env._(
                "Choose a day from today to %s.",
                format_date(self.env, self._get_last_promise_day()),
            )
        if not amount or not self._is_open_amount(amount, lines):
            errors["amount"] = self._get_amount_error(lines)
        elif self._is_small_promise(amount, lines):
            errors["amount"] = self._get_small_promise_error(lines)
        if errors:
            return {}, errors
        internal = self._for_owner()
        return {
            "amount": self._round(amount, lines),
            "date_end": pay_on,
            "reason": internal.env._(
                "Promises to pay %(amount)s by %(date)s.",
                amount=internal._format_amount(amount, lines),
                date=format_date(internal.env, pay_on),
            ),
        }, {}

    # === AMOUNTS AND DAYS === #

    def _is_between(self, day, first, last):
        """Whether a day lies so many days from today, both ends included."""
        today = self.company_id._get_dunning_today()
        return first <= (day - today).days <= last

    def _get_open_amount(self, lines):
        """What is open on the lines; on all that is due in the notice's currency."""
        if lines:
            currency = self._get_answer_currency(lines)
            return sum(
                line.amount_residual_currency
                for line in lines
                if line.currency_id == currency
            )
        overdue = self._sum_by_currency(self._get_overdue_domain())
        return overdue[self.currency_id]

    def _get_answer_currency(self, lines):
        # An entry of opening balances can hold debts in several currencies.
        return lines[:1].currency_id or self.currency_id

    def _is_open_amount(self, amount, lines):
        currency = self._get_answer_currency(lines)
        open_amount = self._get_open_amount(lines)
        return currency.compare_amounts(float(amount), open_amount) <= 0

    def _get_amount_error(self, lines):
        return self.env._(
            "Enter an amount up to %s, which is what is open.",
            self._format_amount(self._get_open_amount(lines), lines),
        )

    def _round(self, amount, lines):
        return self._get_answer_currency(lines).round(float(amount))

    def _format_amount(self, amount, lines):
        currency = self._get_answer_currency(lines)
        return formatLang(self.env, float(amount), currency_obj=currency)

    # === HOLDING === #

    def _for_owner(self):
        """The notice in the language of the person who answers."""
        owner = self._get_page_owner()
        return self.with_context(lang=owner.lang or self.env.lang)

    def _hold_answer(self, form, values):
        """Make the hold, unless there is one already, and pass the message on."""
        holds = self._for_owner().env["dunning.hold"]
        holds._update_ended(values["date_from"], self.company_id, self.partner_id)
        active = self._get_active_hold(values)
        if active and self._is_repeated(active, values):
            return
        if not active:
            try:
                with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                    active = holds.create(values)
            except UniqueViolation:
                return  # the same form, sent twice at the same moment
        self._for_owner()._pass_on_answer(form, active, values)

    def _get_active_hold(self, values):
        """The customer's hold of this kind for the same invoice, if one goes on."""
        return self.env["dunning.hold"].search(
            Domain.AND(
                Domain(name, "=", values[name])
                for name in ("company_id", "partner_id", "move_id", "kind", "origin")
            )
            & Domain(
                [("state", "=", "active"), ("date_end", ">=", values["date_from"])]
            ),
            limit=1,
        )

    def _is_repeated(self, hold, values):
        """Whether the customer sent the same once more."""
        commands = values.get("line_ids") or [(6, 0, [])]
        return (
            hold.reason == values["reason"]
            and hold.date_end == values["date_end"]
            and not hold.currency_id.compare_amounts(
                hold.amount, values.get("amount", 0.0)
            )
            and set(hold.line_ids.ids) == set(commands[0][2])
        )

    def _pass_on_answer(self, form, hold, values):
        """Tell the person who answers, in the notice's messages and as a task."""
        owner = self._get_page_owner()
        body = self._prepare_answer_body(hold, values)
        # An internal note: followers who are customers get no copy of it.
        self.with_context(mail_post_autofollow=False).message_post(
            body=body,
            author_id=(self.contact_id or self.partner_id).id,
            partner_ids=owner.partner_id.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            force_send=False,
        )
        if form in ANSWER_DAYS:
            self._plan_answer(form, owner, body)

    def _prepare_answer_body(self, hold, values):
        text = Markup("<br/>").join(values["reason"].split("\n"))
        return Markup("<p>%s %s</p><p>%s</p>") % (
            self.env._("Through the customer page:"),
            hold._get_html_link(),
            text,
        )

    def _plan_answer(self, form, owner, body):
        summaries = {
            "paid": self.env._("Find and match the customer's payment"),
            "dispute": self.env._("Answer the customer's dispute"),
        }
        today = self.company_id._get_dunning_today()
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=today + timedelta(days=ANSWER_DAYS[form]),
            summary=summaries[form],
            note=body,
            user_id=owner.id,
        )
