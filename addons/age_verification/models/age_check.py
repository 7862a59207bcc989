import json

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .. import const


class AgeCheck(models.Model):
    """What was decided about a sale, when and by which rule: kept as evidence."""

    _name = "age.check"
    _description = "Age Check"
    _order = "id desc"
    _rec_name = "verdict"

    date = fields.Datetime(required=True, readonly=True)
    gate = fields.Selection(const.GATES, required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
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
    document = fields.Char(readonly=True, help="Name of the delivery then.")
    partner_id = fields.Many2one(
        "res.partner", "Buyer", readonly=True, index="btree_not_null"
    )
    class_id = fields.Many2one("age.product.class", "Products", readonly=True)
    rule_id = fields.Many2one("age.rule", readonly=True, index="btree_not_null")
    country_id = fields.Many2one("res.country", "Destination", readonly=True)
    state_id = fields.Many2one("res.country.state", readonly=True)
    day = fields.Date("Law of", readonly=True, help="The day whose law was applied.")
    required_date = fields.Date(
        "To be born on or before",
        readonly=True,
        help="What the rule asked on that day.",
    )
    verdict = fields.Selection(const.VERDICTS, required=True, readonly=True)
    warnings = fields.Json(readonly=True, export_string_translation=False)
    warning_text = fields.Char("Doubts", compute="_compute_warning_text")
    proof_id = fields.Many2one("age.proof", readonly=True, index="btree_not_null")

    _document_idx = models.Index("(company_id, date)")

    @api.depends("warnings")
    @api.depends_context("lang")
    def _compute_warning_text(self):
        for check in self:
            check.warning_text = self._describe_warnings(check.warnings or ())

    @api.depends("verdict", "class_id", "order_id", "move_id", "document")
    def _compute_display_name(self):
        verdicts = dict(self._fields["verdict"]._description_selection(self.env))
        for check in self:
            words = [
                check.document or (check.order_id or check.move_id).display_name,
                check.class_id.name,
                verdicts.get(check.verdict),
            ]
            check.display_name = ", ".join(filter(None, words))

    @api.model
    def _describe_warnings(self, codes):
        return " ".join(
            self.env._(const.WARNINGS[code]) for code in codes if code in const.WARNINGS
        )

    @api.model_create_multi
    def create(self, vals_list):
        """Override: checks are made by the gate."""
        if not self.env.su:
            raise AccessError(self.env._("Checks are written by the gate only."))
        return super().create(vals_list)

    def write(self, vals):
        """Override: what was decided stays as it was."""
        # pylint: disable=method-required-super
        raise AccessError(self.env._("Checks are evidence: they are not changed."))

    @api.model
    def _forget_buyers(self, domain):
        """Make checks anonymous: what was decided stays, and by which rule."""
        query = self.sudo()._search(domain)
        self.env.cr.execute(
            SQL(
                "UPDATE age_check SET partner_id = NULL, proof_id = NULL WHERE id IN %s",
                query.subselect(),
            )
        )
        self.invalidate_model(["partner_id", "proof_id"])

    @api.model
    def _record(self, verdicts, gate):
        """Keep what was decided, one row for each rule of a document, in one statement.

        :param verdicts: :class:`facts.Verdict`; what has no restricted line leaves nothing
        :param gate: a code of ``const.GATES``
        """
        rows = [row for verdict in verdicts for row in self._prepare_rows(verdict)]
        if not rows:
            return
        self._insert(rows, gate)
        self._keep_refused(rows, gate)
        self.env["sale.order"].invalidate_model(["age_check_ids"])
        self.env["account.move"].invalidate_model(["age_check_ids"])

    def _insert(self, rows, gate):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO age_check (
                    date, gate, company_id, order_id, move_id, document, partner_id,
                    class_id, rule_id, country_id, state_id, day, required_date, verdict,
                    warnings, proof_id, create_uid, create_date, write_uid, write_date)
                SELECT %(now)s, %(gate)s, company_id, order_id, move_id, document,
                       partner_id, class_id, rule_id, country_id, state_id, day,
                       required_date, verdict, warnings, proof_id,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM jsonb_to_recordset(%(rows)s::jsonb) AS row(
                    company_id int, order_id int, move_id int, document text,
                    partner_id int, class_id int, rule_id int, country_id int, state_id int,
                    day date, required_date date, verdict text, warnings jsonb, proof_id int)
                """,
                now=fields.Datetime.now(),
                gate=gate,
                uid=self.env.uid,
                rows=json.dumps(rows, default=str),
            )
        )

    def _prepare_rows(self, verdict):
        rows = {}
        for line in verdict.lines:
            basket = line.basket
            rule = line.resolution.rule
            key = (
                basket.person.id,
                basket.place.id,
                line.product_class.id,
                rule and rule.key,
                line.resolution.bound,
            )
            rows[key] = {
                "company_id": basket.company.id,
                **{name: value or None for name, value in basket.links.items()},
                "document": self._get_document(basket.record),
                "partner_id": basket.person.id or None,
                "class_id": line.product_class.id,
                "rule_id": rule.key if rule else None,
                "country_id": basket.place.country_id.id or None,
                "state_id": basket.place.state_id.id or None,
                "day": basket.day,
                "required_date": line.resolution.bound,
                "verdict": line.judgement.verdict,
                "warnings": list(line.resolution.warnings) or None,
                "proof_id": line.judgement.proof.key if line.judgement.proof else None,
            }
        return rows.values()

    @api.model
    def _get_document(self, record):
        """Name of what is neither an order nor an invoice, as a delivery; None for these."""
        return None
