from odoo import api, fields, models

from ..const import ISSUE_CODES, SUGGESTED_ACTIONS

#: Where a finding's suggestion is kept.
SUGGESTION_FIELDS = {
    "product.product": "suggested_product_id",
    "account.account": "suggested_account_id",
}


class MarketplaceIssueCause(models.Model):
    """One card of the review queue: all records that wait for the same thing."""

    _name = "marketplace.issue.cause"
    _description = "Marketplace Issue Cause"
    _order = "open_count desc, id desc"

    channel_id = fields.Many2one(
        "marketplace.channel", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="channel_id.company_id", store=True, index=True
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    code = fields.Selection(ISSUE_CODES, required=True)
    key = fields.Char(
        help="What the orders have in common: the SKU, the country, the currency.",
    )
    user_id = fields.Many2one("res.users", string="Owner", index="btree_not_null")
    suggested_product_id = fields.Many2one("product.product", ondelete="set null")
    suggested_account_id = fields.Many2one("account.account", ondelete="set null")
    suggested_action = fields.Char(compute="_compute_suggested_action")
    issue_ids = fields.One2many("marketplace.issue", "cause_id")
    open_count = fields.Integer(
        string="Records",
        compute="_compute_open",
        store=True,
        help="Records that wait for this.",
    )
    open_amount = fields.Monetary(
        string="Amount",
        currency_field="company_currency_id",
        compute="_compute_open",
        store=True,
        help="Invoice value that waits, in company currency at today's rates.",
    )
    first_seen = fields.Datetime(compute="_compute_open", store=True)
    age_days = fields.Integer(string="Age (days)", compute="_compute_age_days")

    _cause_uniq = models.UniqueIndex("(channel_id, code, COALESCE(key, ''))")

    @api.depends("code", "key")
    def _compute_display_name(self):
        labels = dict(self._fields["code"]._description_selection(self.env))
        for cause in self:
            label = labels.get(cause.code, "")
            cause.display_name = f"{label}: {cause.key}" if cause.key else label

    @api.depends("code")
    def _compute_suggested_action(self):
        for cause in self:
            text = SUGGESTED_ACTIONS.get(cause.code, "")
            cause.suggested_action = str(text) if text else False

    @api.depends("issue_ids.state", "issue_ids.amount_company")
    def _compute_open(self):
        groups = {
            cause: (count, amount, first)
            for cause, count, amount, first in self.env[
                "marketplace.issue"
            ]._read_group(
                [("cause_id", "in", self.ids), ("state", "=", "open")],
                ["cause_id"],
                ["__count", "amount_company:sum", "create_date:min"],
            )
        }
        for cause in self:
            cause.open_count, cause.open_amount, cause.first_seen = groups.get(
                cause, (0, 0.0, False)
            )

    @api.depends("first_seen")
    def _compute_age_days(self):
        now = fields.Datetime.now()
        for cause in self:
            cause.age_days = (now - cause.first_seen).days if cause.first_seen else 0

    # === BUSINESS ===

    @api.model
    def _get_or_create(self, channel, wanted):
        """Return {(code, key): cause} for one channel.

        :param wanted: {(code, key): suggested product or account, or an empty recordset}
        """
        causes = self.search(
            [
                ("channel_id", "=", channel.id),
                ("code", "in", [code for code, _key in wanted]),
                ("key", "in", [False, *(key for _code, key in wanted)]),
            ]
        )
        index = {(cause.code, cause.key or ""): cause for cause in causes}
        missing = [pair for pair in wanted if pair not in index]
        created = self.create(
            [
                {
                    "channel_id": channel.id,
                    "code": code,
                    "key": key,
                    "user_id": channel.user_id.id,
                }
                for code, key in missing
            ]
        )
        index.update(zip(missing, created, strict=True))
        for pair, suggestion in wanted.items():
            field = SUGGESTION_FIELDS.get(suggestion._name)
            if suggestion and index[pair][field] != suggestion:
                index[pair][field] = suggestion
        return {pair: index[pair] for pair in wanted}

    def _get_open_issues(self):
        return self.env["marketplace.issue"].search(
            [("cause_id", "in", self.ids), ("state", "=", "open")]
        )

    def _get_open_orders(self):
        return self._get_open_issues().order_id

    def _get_open_settlements(self):
        return self._get_open_issues().settlement_id

    def _requeue_orders(self):
        """Process again what waits for these causes, and only that."""
        self._get_open_issues()._requeue_records()

    # === ACTIONS ===

    def action_fix(self):
        """Open what removes the cause, filled in as far as we know."""
        self.ensure_one()
        handler = {
            "unknown_sku": self._action_fix_unknown_sku,
            "unknown_fee": self._action_fix_unknown_fee,
            "tax_liability_unknown": self._action_fix_tax_liability,
            "currency_without_rate": self._action_fix_currency,
            "missing_country": self.action_open_orders,
            "closed_period": self.action_invoice_today,
            "invoice_cancelled": self.action_recheck,
            "configuration": self._action_open_channel,
        }.get(self.code, self.action_open_issues)
        return handler()

    def _action_fix_unknown_sku(self):
        line = self._get_open_orders().line_ids.filtered(
            lambda line: line._get_code() == self.key
        )[:1]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Choose the Product"),
            "res_model": "marketplace.product.mapping",
            "view_mode": "form",
            "views": [
                (
                    self.env.ref(
                        "marketplace_invoicing.marketplace_product_mapping_view_form_fix"
                    ).id,
                    "form",
                )
            ],
            "target": "new",
            "context": {
                "default_channel_id": self.channel_id.id,
                "default_code": self.key,
                "default_title": line.title,
                "default_product_id": self.suggested_product_id.id,
            },
        }

    def _action_fix_unknown_fee(self):
        mapping = self.env["marketplace.fee.mapping"]._get_index(
            self.channel_id, [self.key]
        )
        view = self.env.ref(
            "marketplace_invoicing.marketplace_fee_mapping_view_form_fix"
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Choose the Account"),
            "res_model": "marketplace.fee.mapping",
            "view_mode": "form",
            "views": [(view.id, "form")],
            "target": "new",
            "res_id": mapping[self.key].id if self.key in mapping else False,
            "context": {
                "default_channel_id": self.channel_id.id,
                "default_code": self.key,
                "default_account_id": self.suggested_account_id.id,
            },
        }

    def _action_fix_tax_liability(self):
        if not self.key:
            # Without a country a rule would decide for all destinations.
            return self.action_open_orders()
        country = self.env["res.country"].search([("code", "=", self.key)], limit=1)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who owes the tax?"),
            "res_model": "marketplace.tax.rule",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_channel_id": self.channel_id.id,
                "default_country_id": country.id,
            },
        }

    def _action_fix_currency(self):
        """Activate the currency; open it where it still lacks a rate."""
        self.check_access("write")
        currency = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", self.key)], limit=1)
        )
        if currency and not currency.active:
            currency.sudo().active = True
            self._requeue_orders()
            if not self.open_count:
                return self.env["marketplace.order"]._notify(
                    self.env._("%(currency)s is active now.", currency=self.key)
                )
        return {
            "type": "ir.actions.act_window",
            "name": self.key,
            "res_model": "res.currency",
            "view_mode": "form",
            "res_id": currency.id,
        }

    def _action_open_channel(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": "marketplace.channel",
            "view_mode": "form",
            "res_id": self.channel_id.id,
        }

    def action_confirm_suggestion(self):
        """Accept what is suggested: one click on the card, or one for all of them."""
        fees = self.filtered(
            lambda c: c.code == "unknown_fee" and c.suggested_account_id
        )
        for channel, causes in fees.grouped("channel_id").items():
            self.env["marketplace.fee.mapping"]._set_accounts(
                channel, {cause.key: cause.suggested_account_id for cause in causes}
            )
        for cause in self.filtered(
            lambda c: c.code == "unknown_sku" and c.suggested_product_id
        ):
            self.env["marketplace.product.mapping"].create(
                {
                    "channel_id": cause.channel_id.id,
                    "code": cause.key,
                    "product_id": cause.suggested_product_id.id,
                }
            )

    def action_invoice_today(self):
        """Give the orders whose period is closed today's date as invoice date."""
        orders = self._get_open_orders()
        orders.invoice_date_forced = fields.Date.context_today(self)
        self._requeue_orders()

    def action_recheck(self):
        self.check_access("write")
        self._requeue_orders()

    def action_take(self):
        self.user_id = self.env.user

    def action_open_issues(self):
        """Open the open issues of this card; a single one as a form."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "marketplace_invoicing.marketplace_issue_action"
        )
        action["domain"] = [("cause_id", "=", self.id), ("state", "=", "open")]
        action["display_name"] = self.display_name
        issues = self.issue_ids.filtered(lambda issue: issue.state == "open")
        if len(issues) == 1:
            action.update(res_id=issues.id, view_mode="form", views=[(False, "form")])
        return action

    def action_open_orders(self):
        """Open the orders that wait; where it is payouts that wait, these."""
        self.ensure_one()
        if settlements := self._get_open_settlements():
            return settlements._open_list(self.display_name)
        action = self.env["ir.actions.actions"]._for_xml_id(
            "marketplace_invoicing.marketplace_order_action"
        )
        action["domain"] = [("id", "in", self._get_open_orders().ids)]
        action["context"] = {}
        action["display_name"] = self.display_name
        return action
