from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import const
from ..access import check_changed, check_chosen


class AccountMove(models.Model):
    _inherit = "account.move"

    dunning_policy_id = fields.Many2one(
        "dunning.policy",
        "Dunning policy",
        check_company=True,
        copy=False,
        index="btree_not_null",
        help="Used for this invoice instead of the customer's or the company's policy.",
    )
    dunning_level_id = fields.Many2one(
        "dunning.level",
        "Dunning level",
        compute="_compute_dunning_level_id",
        store=True,
        copy=False,
        index="btree_not_null",
        help="The highest level whose notice reached the customer.",
    )
    dunning_date = fields.Date(
        "Last notice", compute="_compute_dunning_level_id", store=True, copy=False
    )
    dunning_status = fields.Selection(
        [
            ("none", "Not reminded"),
            ("reminded", "Reminded"),
            ("held", "On hold"),
            ("escalated", "With a person"),
            ("excluded", "No reminders"),
        ],
        compute="_compute_dunning_status",
        # Salespeople see invoices too, and may not read holds and levels.
        compute_sudo=True,
        search="_search_dunning_status",
    )
    dunning_item_ids = fields.One2many("dunning.item", "move_id")
    dunning_notice_count = fields.Integer(
        compute="_compute_dunning_notice_count", compute_sudo=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Override: dunning users choose the policy."""
        check_chosen(self.env, ["dunning_policy_id"], vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """Override: dunning users choose the policy."""
        check_changed(self, ["dunning_policy_id"], vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reminded(self):
        sent = (
            self.env["dunning.item"]
            .sudo()
            .search([("move_id", "in", self.ids), ("state", "=", "sent")])
        )
        if sent:
            raise UserError(
                self.env._(
                    "Customers were reminded of these entries, and what was sent is "
                    "kept. Cancel them instead: %s",
                    ", ".join(sent.move_id[:5].mapped("display_name")),
                )
            )

    @api.depends("line_ids.dunning_level_id", "line_ids.dunning_date")
    def _compute_dunning_level_id(self):
        for move in self:
            lines = move.line_ids.filtered("dunning_level_id")
            top = lines.sorted(lambda line: line.dunning_level_id.days)[-1:]
            move.dunning_level_id = top.dunning_level_id
            move.dunning_date = max(lines.mapped("dunning_date"), default=False)

    @api.depends("dunning_level_id", "no_followup", "payment_state")
    def _compute_dunning_status(self):
        held = self._get_moves_on_hold()
        for move in self:
            if not move.is_sale_document() or move.state != "posted":
                move.dunning_status = False
            elif move.payment_state in ("paid", "reversed"):
                move.dunning_status = False
            elif move.no_followup:
                move.dunning_status = "excluded"
            elif move in held:
                move.dunning_status = "held"
            elif move.dunning_level_id.kind == "escalation":
                move.dunning_status = "escalated"
            else:
                move.dunning_status = "reminded" if move.dunning_level_id else "none"

    def _get_moves_on_hold(self):
        """Those of the invoices that a hold keeps from being reminded today."""
        holds = self.env["dunning.hold"].search(
            self._get_hold_domain()
            & Domain("company_id", "in", self.company_id.ids)
            & Domain("partner_id", "in", self.commercial_partner_id.ids)
        )
        partners = holds.filtered(lambda hold: not hold.move_id).partner_id
        return self.filtered(
            lambda move: move in holds.move_id or move.commercial_partner_id in partners
        )

    @api.model
    def _get_hold_domain(self):
        """Holds that count today: those of past days end only with the next proposal."""
        today = self.env.company._get_dunning_today()
        return Domain(
            [
                ("state", "=", "active"),
                ("date_from", "<=", today),
                "|",
                ("date_end", "=", False),
                ("date_end", ">=", today),
            ]
        )

    def _search_dunning_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._get_status_domain(status) for status in value)

    @api.model
    def _get_status_domain(self, status):
        """Domain of one status; the order of the statuses is that of the compute."""
        open_sale = Domain(
            [
                ("move_type", "in", self.get_sale_types(include_receipts=True)),
                ("state", "=", "posted"),
                ("payment_state", "not in", ("paid", "reversed")),
            ]
        )
        if not status:
            return ~open_sale
        excluded = Domain(
            "line_ids",
            "any",
            [
                ("no_followup", "=", True),
                ("account_id.account_type", "=", "asset_receivable"),
            ],
        )
        holds = self.env["dunning.hold"].sudo().search(self._get_hold_domain())
        partner_holds = holds.filtered(lambda hold: not hold.move_id)
        held = Domain("id", "in", holds.move_id.ids) | Domain(
            "commercial_partner_id", "in", partner_holds.partner_id.ids
        )
        levels = self.env["dunning.level"].sudo().with_context(active_test=False)
        escalations = levels.search([("kind", "=", "escalation")])
        escalated = Domain("dunning_level_id", "in", escalations.ids)
        reminded = Domain("dunning_level_id", "!=", False)
        domains = {
            "excluded": excluded,
            "held": ~excluded & held,
            "escalated": ~excluded & ~held & escalated,
            "reminded": ~excluded & ~held & reminded & ~escalated,
            "none": ~excluded & ~held & ~reminded,
        }
        return open_sale & domains.get(status, Domain.FALSE)

    def _compute_dunning_notice_count(self):
        counts = dict(
            self.env["dunning.item"]._read_group(
                [("move_id", "in", self.ids), ("state", "in", const.COUNTED_STATES)],
                ["move_id"],
                ["notice_id:count_distinct"],
            )
        )
        for move in self:
            move.dunning_notice_count = counts.get(move, 0)

    def action_open_dunning_notices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dunning_tiers.dunning_notice_action"
        )
        return {**action, "domain": [("item_ids.move_id", "=", self.id)], "context": {}}

    def action_hold_dunning(self):
        """Open a new hold for these invoices' customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hold reminders"),
            "res_model": "dunning.hold",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_move_id": self.id,
                "default_partner_id": self.commercial_partner_id.id,
                "default_company_id": self.company_id.id,
            },
        }

    def action_open_dunning_holds(self):
        """Holds of the invoice, and of its customer as a whole."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dunning_tiers.dunning_hold_action"
        )
        domain = [
            ("company_id", "=", self.company_id.id),
            ("partner_id", "=", self.commercial_partner_id.id),
            ("move_id", "in", (self.id, False)),
        ]
        return {**action, "domain": domain}

    def action_propose_dunning_writeoff(self):
        """Open the write-off of these invoices, all of one customer."""
        customer = self.commercial_partner_id
        company = self.company_id
        if len(customer) != 1 or len(company) != 1:
            raise UserError(
                self.env._("Choose invoices of one customer and one company.")
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dunning_tiers.dunning_writeoff_wizard_action"
        )
        context = {
            "default_partner_id": customer.id,
            "default_company_id": company.id,
            "dunning_move_ids": self.ids,
        }
        return {**action, "context": context}
