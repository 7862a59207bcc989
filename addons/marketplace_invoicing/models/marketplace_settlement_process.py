from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..channels.settlement import ParsedSettlement
from ..const import SETTLED_STATES
from .marketplace_queue_mixin import SYNCHRONOUS_LIMIT
from .marketplace_settlement import OPEN_STATES


class MarketplaceSettlement(models.Model):
    """From a staged settlement to its entries: check, approval, posting."""

    _name = "marketplace.settlement"
    _inherit = "marketplace.settlement"

    # === PIPELINE ===

    def _process(self):
        """Take each settlement as far as it can go now. A bad one never holds another.

        Every step may run again: it takes up the settlements by their state.
        """
        drafts = self.filtered(lambda s: s.state == "draft")
        drafts._drop_cancelled()
        (drafts - drafts.filtered("is_waiting"))._run_isolated("_map_and_check")
        ready = self.filtered(lambda s: s.state == "ready" and s.approval != "needed")
        ready._run_isolated("_post")

    def _drop_cancelled(self):
        """Close payouts that the channel took back: their money comes in another one."""
        cancelled = self.filtered(lambda settlement: settlement.status == "cancelled")
        cancelled -= cancelled._filter_returned()
        cancelled.issue_ids._close("resolved")
        cancelled._update_state(
            ("draft",), "cancelled", self.env._("Cancelled on the channel")
        )

    def _map_and_check(self):
        """Read the lines as the fee mappings say, find their orders, look for what is wrong."""
        drafts = self.filtered(lambda settlement: settlement.state == "draft")
        drafts._map_types()
        drafts._check()

    def _map_types(self):
        """Give each line the type that its code's mapping says, else the stated one."""
        Mapping = self.env["marketplace.fee.mapping"]
        for channel, settlements in self.grouped("channel_id").items():
            lines = settlements.line_ids
            types = {
                code: mapping.type
                for code, mapping in Mapping._get_index(
                    channel, set(lines.mapped("code"))
                ).items()
                if mapping.type
            }
            wrong = {}
            for line in lines:
                wanted = types.get(line.code) or line.stated_type
                if line.type != wanted:
                    wrong.setdefault(wanted, []).append(line.id)
            for wanted, ids in wrong.items():
                lines.browse(ids).type = wanted

    def _post(self):
        """Book ready settlements, all at once."""
        self._post_entries()

    def _fail(self, message):
        """Send one settlement to review with what went wrong."""
        self.ensure_one()
        self._add_issue("processing_error", message, key=message[:120])
        self._update_state(("draft", "ready"), "exception", message[:200])

    @api.model
    def _to_process_domain(self):
        """Return the settlements for which the pipeline has something to do now."""
        return Domain("channel_id.active", "=", True) & (
            (
                Domain("state", "=", "draft")
                & (
                    Domain("is_waiting", "=", False)
                    | Domain("status", "=", "cancelled")
                )
            )
            | (Domain("state", "=", "ready") & Domain("approval", "!=", "needed"))
        )

    def _requeue(self):
        """Check and process again; at once for a handful, else by the scheduler."""
        settlements = self.sudo().filtered(lambda record: record.state in OPEN_STATES)
        with settlements._log_as_one() as quiet:
            quiet._read_files_again()
            quiet._update_state(("exception", "ready"), "draft")
            if len(quiet) <= SYNCHRONOUS_LIMIT:
                quiet._process()
            else:
                self._enqueue()

    @contextmanager
    def _log_as_one(self):
        """Write into the chatter where these settlements went, not each step on the way.

        Steps of a batch leave no message, so without it the last one told would be the first
        step of what a person began.

        :return: context manager of these records, without messages of their own
        """
        fnames = ("state", "approval")
        before = {record.id: {name: record[name] for name in fnames} for record in self}
        yield self.with_context(tracking_disable=True)
        self.env.flush_all()
        self._message_track(fnames, before)

    def _read_files_again(self):
        """Take over what files said while an entry stood for what was said before."""
        issues = self.issue_ids.filtered(
            lambda issue: issue.code == "settlement_changed" and issue.state == "open"
        )
        for settlement in issues.settlement_id:
            for record in settlement.import_ids.sorted("id"):
                with record._open() as stream:
                    _format, found = record._read(stream)
                    mine = [
                        parsed
                        for parsed in found
                        if isinstance(parsed, ParsedSettlement)
                        and self._get_staging_ref(parsed) == settlement.external_ref
                    ]
                self._stage(settlement.channel_id, mine, record)
        issues._close("resolved")

    # === ISSUES ===

    def _add_issue(self, code, message, key="", severity="blocking", payload=False):
        """Raise one issue outside the checks; where it is open already, say it anew.

        :param payload: text kept with the issue
        """
        Issue = self.env["marketplace.issue"].sudo()
        known = Issue._raise(self, code, message, key, severity, payload)
        known.write({"message": message, "payload": payload})

    def _get_amount_company(self):
        """Return what waits, in company currency at today's rate."""
        self.ensure_one()
        if not self.currency_id:
            return 0.0
        return self.currency_id._convert(
            abs(self.amount_payout or self.lines_amount),
            self.company_id.currency_id,
            self.company_id,
            fields.Date.context_today(self),
        )

    # === ACTIONS ===

    def action_process(self):
        """Check again, and post what is right and approved."""
        self.check_access("write")
        self._requeue()

    def action_approve(self):
        """Post the settlements that wait for a person.

        They are checked once more: what is approved is what the reviewer sees.

        :raises UserError: none of them waits for approval
        """
        self.check_access("write")
        settlements = self.sudo().filtered(
            lambda s: s.state == "ready" and s.approval == "needed"
        )
        if not settlements:
            raise UserError(self.env._("None of these settlements waits for approval."))
        seen = {record: record._get_figures() for record in settlements}
        with settlements._log_as_one() as quiet:
            quiet._update_state(("ready",), "draft")
            quiet._run_isolated("_map_and_check")
            approved = quiet.filtered(
                lambda s: s.state == "ready" and s._get_figures() == seen[s]
            )
            approved.write({"approval": "approved", "approved_by_id": self.env.uid})
            approved._process()
        if changed := settlements - approved:
            return self.env["marketplace.order"]._notify(
                self.env._(
                    "%(count)s settlements come to other figures now. Look at them again: "
                    "%(names)s",
                    count=len(changed),
                    names=", ".join(changed.mapped("name")[:10]),
                ),
                "warning",
            )
        return True

    def _get_figures(self):
        """Return what a reviewer approves."""
        self.ensure_one()
        return self.amount_payout, self.lines_amount, self._get_sums("type")

    def action_cancel(self):
        """Drop settlements that are in no entry: one of two that tell of the same money.

        :raises UserError: a settlement is in the books, or is no payout
        """
        self.check_access("write")
        if self.filtered(lambda settlement: settlement.state in SETTLED_STATES):
            raise UserError(self.env._("Reverse a posted settlement first."))
        if self.filtered("is_open_account"):
            raise UserError(
                self.env._(
                    "What is in no payout yet waits for one; it cannot be dropped."
                )
            )
        settlements = self.sudo()
        settlements.issue_ids._close("resolved")
        settlements._update_state(
            OPEN_STATES, "cancelled", self.env._("Dropped by a person")
        )

    def action_reopen(self):
        """Take up again what a person dropped."""
        self.check_access("write")
        self.sudo()._update_state(("cancelled",), "draft")
        self._requeue()

    def action_accept_suggestions(self):
        """Map every unknown fee of these settlements to the account suggested for it."""
        self.check_access("write")
        self._get_suggested_causes().action_confirm_suggestion()

    def _get_suggested_causes(self):
        issues = self.issue_ids.filtered(
            lambda issue: issue.state == "open" and issue.code == "unknown_fee"
        )
        return issues.cause_id.filtered("suggested_account_id")

    @api.model
    def _get_action(self):
        return self.env["ir.actions.actions"]._for_xml_id(
            "marketplace_invoicing.marketplace_settlement_action"
        )

    def _open_list(self, name):
        """Return the action that shows these settlements."""
        return {
            **self._get_action(),
            "domain": [("id", "in", self.ids)],
            "context": {},
            "display_name": name,
        }

    def action_open_entries(self):
        self.ensure_one()
        return self.move_ids._open_entries(self.env._("Entries"))

    def action_open_bank_line(self):
        self.ensure_one()
        return self.bank_line_id.move_id._get_records_action()

    def action_open_orders(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "marketplace_invoicing.marketplace_order_action"
        )
        action["domain"] = [("id", "in", self.line_ids.order_id.ids)]
        action["context"] = {}
        return action

    def action_open_issues(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "marketplace_invoicing.marketplace_issue_action"
        )
        action["domain"] = [("settlement_id", "=", self.id)]
        action["context"] = {"search_default_open": 1}
        return action

    def action_open_lines(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "marketplace_invoicing.marketplace_settlement_line_action"
        )
        action["domain"] = [("settlement_id", "=", self.id)]
        return action
