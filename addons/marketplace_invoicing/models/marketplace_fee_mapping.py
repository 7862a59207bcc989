from odoo import api, fields, models

from ..channels.fee_codes import best_account, fee_kind
from ..const import SETTLED_STATES, SETTLEMENT_LINE_TYPES

#: Accounts that a fee may be suggested to be booked on; compensations come last.
ACCOUNT_TYPES = ("expense", "expense_direct_cost", "expense_other", "income_other")
#: Lines that the dialog shows of a code.
MOST_LINES = 40


class MarketplaceFeeMapping(models.Model):
    """Where amounts of one code are booked, because a person said so."""

    _name = "marketplace.fee.mapping"
    _description = "Marketplace Fee Mapping"
    _inherit = ["marketplace.channel.mixin", "analytic.mixin"]
    _order = "channel_id, code"
    _rec_name = "code"
    _check_company_auto = True

    code = fields.Char(
        required=True,
        help="The channel's own words, as on the settlement's lines: ItemFees/Commission.",
    )
    type = fields.Selection(
        SETTLEMENT_LINE_TYPES,
        string="Read As",
        help="Empty: as what the file says it is. Sales, refunds, withheld tax and "
        "transfers need no account.",
    )
    account_id = fields.Many2one(
        "account.account",
        check_company=True,
        index=True,
        help="Fees and adjustments of this code are booked here. Waiting settlements are "
        "processed again as soon as you save.",
    )
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        check_company=True,
        domain="[('type_tax_use', '=', 'purchase')]",
        help="The fee as charged by the channel contains them. Reverse charge: the tax for "
        "services from the channel's country.",
    )
    note = fields.Char()
    waiting_line_ids = fields.Many2many(
        "marketplace.settlement.line",
        string="What It Was Charged For",
        compute="_compute_waiting_line_ids",
        help="The newest lines of this code that are in no entry yet.",
    )

    _code_uniq = models.Constraint(
        "UNIQUE(channel_id, code)", "This code of the channel is already mapped."
    )

    # === COMPUTE ===

    @api.depends("channel_id", "code")
    def _compute_waiting_line_ids(self):
        """One query per mapping: only the dialog of a single one shows them."""
        for mapping in self:
            mapping.waiting_line_ids = self.env["marketplace.settlement.line"].search(
                [
                    ("channel_id", "=", mapping.channel_id.id),
                    ("code", "=", mapping.code),
                    (
                        "settlement_id.state",
                        "not in",
                        (*SETTLED_STATES, "cancelled"),
                    ),
                ],
                order="posted_date desc, id desc",
                limit=MOST_LINES,
            )

    # === CRUD ===

    @api.model_create_multi
    def create(self, vals_list):
        mappings = super().create(vals_list)
        mappings._requeue_settlements()
        return mappings

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"code", "type", "account_id"}:
            self._requeue_settlements("type" in vals)
        return result

    def _requeue_settlements(self, types_changed=False):
        """Process again exactly the settlements that wait for these codes.

        Those that wait for approval are checked again: what is approved is what is booked.

        :param types_changed: what waits for another cause may balance now
        """
        Settlement = self.env["marketplace.settlement"]
        states = ["ready"]
        if types_changed or any(self.mapped("type")):
            states.append("exception")
        settlements = Settlement.browse()
        for channel, mappings in self.grouped("channel_id").items():
            codes = mappings.mapped("code")
            settlements |= Settlement.search(
                [
                    ("channel_id", "=", channel.id),
                    ("state", "in", states),
                    ("line_ids.code", "in", codes),
                ]
            )
            causes = self.env["marketplace.issue.cause"].search(
                [
                    ("channel_id", "=", channel.id),
                    ("code", "=", "unknown_fee"),
                    ("key", "in", codes),
                ]
            )
            settlements |= causes._get_open_settlements()
        settlements._requeue()

    # === BUSINESS ===

    @api.model
    def _get_index(self, channel, codes):
        """Return {code: mapping} for one channel, in one query.

        :param channel: `marketplace.channel` record
        :param codes: iterable of codes as the channel writes them
        """
        mappings = self.search(
            [
                ("channel_id", "=", channel.id),
                ("code", "in", [code for code in codes if code]),
            ]
        )
        return {mapping.code: mapping for mapping in mappings}

    @api.model
    def _set_accounts(self, channel, accounts):
        """Map codes to accounts; a mapping without an account gets one.

        :param accounts: {code: `account.account`}
        """
        index = self._get_index(channel, accounts)
        for code, mapping in index.items():
            mapping.account_id = accounts[code]
        self.create(
            [
                {"channel_id": channel.id, "code": code, "account_id": account.id}
                for code, account in accounts.items()
                if code not in index
            ]
        )

    # === SUGGESTIONS ===

    @api.model
    def _suggest_accounts(self, channel, codes):
        """Propose an account per code.

        First the one that another channel of the company uses for the same code, those of
        the same platform before others; then the one used for fees of the same kind; else
        an account whose name fits.

        :param codes: iterable of codes without an account
        :return: {code: `account.account`}; codes without a candidate are left out
        """
        codes = {code for code in codes if code}
        if not codes:
            return {}
        used = self.search(
            [
                ("company_id", "=", channel.company_id.id),
                ("account_id", "!=", False),
            ]
        ).sorted(
            lambda m: (
                m.channel_id != channel,
                m.channel_id.platform != channel.platform,
            )
        )
        by_code, by_kind = {}, {}
        for mapping in used:
            kind = fee_kind(mapping.channel_id.platform, mapping.code)
            by_code.setdefault(mapping.code, mapping.account_id)
            by_kind.setdefault(kind, mapping.account_id)
        by_kind.pop(None, None)
        names = self._get_account_names(channel)
        suggestions = {}
        for code in codes:
            kind = fee_kind(channel.platform, code)
            account = by_code.get(code) or by_kind.get(kind)
            if not account and (found := best_account(code, kind, names)):
                account = self.env["account.account"].browse(found)
            if account:
                suggestions[code] = account
        return suggestions

    @api.model
    def _get_account_names(self, channel):
        """Return {id: name} of the company's accounts for expenses and other income."""
        Account = self.env["account.account"].with_company(channel.company_id)
        accounts = Account.search(
            [
                *Account._check_company_domain(channel.company_id),
                ("account_type", "in", ACCOUNT_TYPES),
            ]
        ).sorted(lambda account: ACCOUNT_TYPES.index(account.account_type))
        return {account.id: account.name for account in accounts}
