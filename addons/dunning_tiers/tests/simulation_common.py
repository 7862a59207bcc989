from odoo.tools import SQL

from .common import DunningCommon


class SimulationCommon(DunningCommon):
    """A ledger that was recorded on chosen days, and replays of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.country_id = cls.env.ref("base.us")
        # Any day, so that levels come on the days that can be counted off.
        cls.policy.write({"send_weekends": True, "respect_holidays": False})
        cls.Simulation = cls.env["dunning.simulation"].with_user(cls.accountant)

    @classmethod
    def _set_recorded(cls, records, day):
        """Let rows of one table be made at noon of the day, as the database knows it."""
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL(
                "UPDATE %s SET create_date = %s::date + time '12:00' WHERE id = ANY(%s)",
                SQL.identifier(records._table),
                day,
                records.ids,
            )
        )
        records.invalidate_recordset(["create_date"])

    @classmethod
    def _record_on_date(cls):
        """Let everything in the ledger have been recorded on its own date."""
        cls.env.flush_all()
        for table, column in [
            ("account_move", "COALESCE(invoice_date, date)"),
            ("account_move_line", "COALESCE(invoice_date, date)"),
            ("account_partial_reconcile", "max_date"),
        ]:
            cls.env.cr.execute(
                f"UPDATE {table} SET create_date = {column} + time '12:00'"
                " WHERE company_id = %s",
                [cls.company.id],
            )
        cls.env.invalidate_all()

    def _record_payment(self, move, day, matched=None):
        """The invoice's payment was recorded that day, and matched then or later."""
        partials = self._receivable(move).matched_credit_ids
        lines = partials.credit_move_id
        self._set_recorded(lines, day)
        self._set_recorded(lines.move_id, day)
        self._set_recorded(partials, matched or day)

    def _simulate(self, **kwargs):
        replay = self.Simulation.create(
            {
                "company_id": self.company.id,
                "policy_id": self.policy.id,
                "date_from": "2026-01-01",
                "date_to": self._day(0),
                **kwargs,
            }
        )
        replay.action_run()
        return replay

    def _counts(self, replay, policy=None):
        """Days of the level -> (notices, wrong)."""
        lines = replay.line_ids.filtered(
            lambda line: line.policy_id == (policy or self.policy)
        )
        return {line.days: (line.notice_count, line.wrong_count) for line in lines}
