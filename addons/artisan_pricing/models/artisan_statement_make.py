import logging
from collections import defaultdict

from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import mute_logger

from ..engine.periods import period_before

_logger = logging.getLogger(__name__)


class ArtisanStatement(models.Model):
    _inherit = "artisan.statement"

    @api.model
    def _make_statements(self, company, date_from, date_to, makers=None):
        """Draft statements of a period, one for each maker and currency with something to
        tell; whoever has a statement for a part of the period, or for a later one, gets none:
        what was booked since stands on the next.

        A maker whose statement cannot be made does not stop the others: an activity on the
        maker's page says why.

        :param makers: only these; none: all
        :return: the new statements
        """
        scope = Domain("company_id", "=", company.id)
        if makers:
            scope &= Domain("maker_id", "in", makers.ids)
        entries = self._get_open_entries(scope, date_to)
        previous = self._get_latest(scope & Domain("date_to", "<", date_from))
        # A later one begins with what is left over before it already.
        taken = self._get_latest(scope & Domain("date_to", ">=", date_from))
        period = {"date_from": date_from, "date_to": date_to, "company_id": company.id}
        made = self.browse()
        keys = (entries.keys() | previous.keys()) - taken.keys()
        # Two workers go through makers in the same order, or each would wait for the other.
        for key in sorted(keys, key=lambda key: [each.id for each in key]):
            maker, currency = key
            vals = period | {
                "maker_id": maker.id,
                "currency_id": currency.id,
                "previous_id": previous.get(key, self).id,
                "user_id": self._get_responsible(maker, company).id,
            }
            made |= self._try_making(vals, entries.get(key))
        return made.sorted(lambda statement: statement.maker_id.display_name)

    @api.model
    def _get_later(self, company, date_from, date_to, makers=None):
        """The statements of later periods for which makers get none of this period, although
        there is something to tell.

        :param makers: only these; none: all
        """
        scope = Domain("company_id", "=", company.id)
        if makers:
            scope &= Domain("maker_id", "in", makers.ids)
        later = self._get_latest(scope & Domain("date_from", ">", date_to))
        if not later:
            return self.browse()
        scope &= Domain("maker_id", "in", [maker.id for maker, _currency in later])
        entries = self._get_open_entries(scope, date_to)
        covered = self._get_latest(
            scope
            & Domain("date_from", "<=", date_to)
            & Domain("date_to", ">=", date_from)
        )
        return self.browse(
            later[key].id for key in later if key in entries and key not in covered
        )

    @api.model
    def _cron_make_statements(self):
        """Make the statements of the last period that is over, in each company that asks
        for it; what is there already stays."""
        companies = self.env["res.company"].search(
            [("artisan_statement_period", "!=", False)]
        )
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        for company in companies:
            self.with_company(company)._make_statements(
                company,
                *period_before(
                    company.artisan_statement_period, fields.Date.context_today(self)
                ),
            )
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def action_refresh(self):
        """Add to drafts what was booked, or paid by customers, since they were made."""
        self.check_access("write")
        for statement in self.filtered(lambda each: each.state == "draft"):
            scope = Domain("company_id", "=", statement.company_id.id) & Domain(
                "maker_id", "=", statement.maker_id.id
            )
            entries = self._get_open_entries(scope, statement.date_to)
            key = statement.maker_id, statement.currency_id
            entries.get(key, self.entry_ids.browse()).sudo().statement_id = statement

    def action_add_adjustment(self):
        """A form for an amount that a person adds or takes away, with the reason."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Adjustment"),
            "res_model": "artisan.payout.entry",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_statement_id": self.id,
                "default_maker_id": self.maker_id.id,
                "default_company_id": self.company_id.id,
                "default_currency_id": self.currency_id.id,
                "default_date": min(max(today, self.date_from), self.date_to),
            },
        }

    # Helpers

    @api.model
    def _get_open_entries(self, scope, date_to):
        """(maker, currency) -> entries that a statement up to a day lists."""
        Entry = self.env["artisan.payout.entry"]
        found = defaultdict(Entry.browse)
        for when, paid_only in (("invoiced", False), ("paid", True)):
            domain = Domain("maker_id.maker_payout_when", "=", when)
            if paid_only:
                domain |= Domain("maker_id.maker_payout_when", "=", False)
            entries = Entry.search(
                scope & domain & Entry._open_domain(date_to, paid_only)
            )
            for key, group in entries.grouped(
                lambda entry: (entry.maker_id, entry.currency_id)
            ).items():
                found[key] |= group
        return dict(found)

    @api.model
    def _get_latest(self, domain):
        """(maker, currency) -> the last of its statements."""
        return {
            (statement.maker_id, statement.currency_id): statement
            for statement in self.search(domain, order="date_to, id")
        }

    @api.model
    def _get_payout_minimum(self, maker, currency, company, date):
        amount = company.currency_id._convert(
            maker.maker_payout_minimum, currency, company, date
        )
        return currency.round(amount)

    @api.model
    def _get_payout_minimum_of(self, vals):
        """The values for the payout minimum of a statement with these values."""
        amount = self._get_payout_minimum(
            self.env["res.partner"].browse(vals["maker_id"]),
            self.env["res.currency"].browse(vals["currency_id"]),
            self.env["res.company"].browse(vals["company_id"]),
            vals["date_to"],
        )
        return {"payout_minimum": amount}

    @api.model
    def _try_making(self, vals, entries):
        """The draft of one maker; none when there is nothing to tell, or it cannot be made."""
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                # Who may make statements does not give their figures.
                self.check_access("create")
                minimum = self._get_payout_minimum_of(vals)
                statement = self.sudo().create(vals | minimum).with_env(self.env)
                if entries:
                    # Who makes statements changes no sales by hand.
                    entries.sudo().statement_id = statement
                elif not statement.payout:
                    statement.sudo().unlink()  # an accountant deletes none
                    return self.browse()
                self.env.flush_all()
                return statement
        except IntegrityError:
            _logger.info("Another worker made the statement of maker %s", vals)
        except UserError as error:
            maker = self.env["res.partner"].browse(vals["maker_id"])
            self._tell_not_made(maker, str(error))
        return self.browse()

    @api.model
    def _tell_not_made(self, maker, reason):
        """Have somebody look at it, once however often it is tried."""
        todo, summary = "mail.mail_activity_data_todo", self.env._("No statement")
        if not maker.activity_search(
            [todo], additional_domain=[("summary", "=", summary)]
        ):
            user = self._get_responsible(maker, self.env.company)
            maker.activity_schedule(todo, summary=summary, note=reason, user_id=user.id)

    @api.model
    def _get_responsible(self, maker, company):
        """Who is told about a maker's statements: who makes them, or by the job a manager."""
        if not self.env.user._is_superuser():
            return self.env.user
        return maker._get_change_approver(company)

    def _tell_unpaid(self, move, amount):
        """Have somebody decide on what was paid out for an invoice that is unpaid again, once
        however often it is."""
        self.ensure_one()
        user = self.user_id or self.env.user
        env = self.with_context(lang=user.lang).env
        todo = "mail.mail_activity_data_todo"
        summary = env._("%s is unpaid again", move.name)
        if self.activity_search([todo], additional_domain=[("summary", "=", summary)]):
            return
        self.activity_schedule(
            todo,
            summary=summary,
            note=env._(
                "This statement lists %(amount)s for %(invoice)s, which the customer has not "
                "paid any more. Collect the money, or take the amount off the next statement "
                "by an adjustment.",
                amount=self.currency_id.format(amount),
                invoice=move.name,
            ),
            user_id=user.id,
        )

    def _tell_paid_after_all(self, move):
        """Close what `_tell_unpaid` opened: the customer has paid again."""
        self.ensure_one()
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        summaries = [
            self.with_context(lang=code).env._("%s is unpaid again", move.name)
            for code in languages
        ]
        activities = self.activity_search(
            ["mail.mail_activity_data_todo"],
            additional_domain=[("summary", "in", summaries)],
        )
        for activity in activities:
            env = self.with_context(lang=activity.user_id.lang).env
            activity.action_feedback(env._("The customer has paid."))
