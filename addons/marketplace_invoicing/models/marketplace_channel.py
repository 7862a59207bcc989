import hashlib

from odoo import api, fields, models
from odoo.fields import Domain

from ..channels import mapped
from ..const import PLATFORMS


class MarketplaceChannel(models.Model):
    """One shop on one platform: what becomes of its orders, and who decides."""

    _name = "marketplace.channel"
    _description = "Marketplace Channel"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=False)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    platform = fields.Selection(
        PLATFORMS,
        required=True,
        index=True,
        help="Files of other platforms are refused. Mapped files need a file profile.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        help="Owns the issues of this channel until somebody else takes them.",
    )
    profile_id = fields.Many2one(
        "marketplace.file.profile",
        string="File Profile",
        check_company=True,
        help="Which column of a mapped file holds what. Needed for files of other shops.",
    )

    # Review
    review_mode = fields.Selection(
        [("review", "A person approves every order"), ("automatic", "Automatic")],
        required=True,
        default="review",
        tracking=True,
        help="A new channel starts with a person approving each order before anything is "
        "posted. Switch to automatic once the results are right.",
    )
    sample_percent = fields.Integer(
        string="Sample (%)",
        default=5,
        tracking=True,
        help="In automatic mode, this share of the orders still waits for a person.",
    )

    # Orders and invoices
    invoice_trigger = fields.Selection(
        [
            ("order", "When the order arrives"),
            ("paid", "When the buyer has paid"),
            ("shipped", "When the channel says shipped"),
            ("manual", "By hand"),
        ],
        required=True,
        default="paid",
        tracking=True,
        help="When the invoice is created and posted. Until then the order waits.",
    )
    invoice_date_policy = fields.Selection(
        [
            ("order", "Order date"),
            ("shipped", "Shipping date"),
            ("today", "Date of processing"),
        ],
        string="Invoice Date",
        required=True,
        default="order",
        tracking=True,
        help="Shipping date falls back to the order date while the channel has not said "
        "when it shipped. Dates in a closed period go to review.",
    )
    timezone = fields.Selection(
        "_selection_timezone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
        help="Day boundaries of orders and payments, for the invoice date.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        domain="[('type', '=', 'sale')]",
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        help="Sales journal of the invoices of this channel.",
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        check_company=True,
        help="Set on the sale orders and invoices of this channel.",
    )
    unknown_sku_policy = fields.Selection(
        [
            ("review", "Send to review"),
            ("create", "Create the product"),
            ("placeholder", "Use the placeholder product"),
        ],
        required=True,
        default="review",
        tracking=True,
        help="What happens when a SKU has no product.",
    )
    placeholder_product_id = fields.Many2one(
        "product.product",
        check_company=True,
        default=lambda self: self._default_product("product_placeholder"),
        help="Stands for every SKU without a product, where the policy says so.",
    )
    shipping_product_id = fields.Many2one(
        "product.product",
        check_company=True,
        default=lambda self: self._default_product("product_shipping"),
        help="Its taxes and income account are used for shipping lines.",
    )
    charge_product_id = fields.Many2one(
        "product.product",
        string="Other Charges Product",
        check_company=True,
        default=lambda self: self._default_product("product_charge"),
        help="For gift wrap, handling fees, tips and order-level discounts.",
    )
    buyer_policy = fields.Selection(
        [
            ("contact", "One contact per buyer"),
            ("anonymous", "All orders to one anonymous buyer"),
        ],
        required=True,
        default="contact",
        help="Buyers are recognised by the channel's own buyer id, never by name. Orders "
        "whose buyer the channel withholds always go to the anonymous buyer.",
    )
    anonymous_partner_id = fields.Many2one(
        "res.partner",
        string="Anonymous Buyer",
        check_company=True,
        help="Customer of orders whose buyer the channel withholds. Made when first needed.",
    )

    # Taxes and differences
    prices_include_tax = fields.Boolean(
        tracking=True,
        help="For files that do not say themselves whether prices include tax (Amazon). "
        "Usual in Europe, unusual in North America.",
    )
    marketplace_tax_id = fields.Many2one(
        "account.tax",
        string="Tax for Marketplace-Collected Sales",
        check_company=True,
        domain="[('type_tax_use', '=', 'sale'), ('amount', '=', 0)]",
        help="A 0 % tax for sales whose tax the marketplace owes, so that the turnover still "
        "shows in the tax return. Empty: such lines carry no tax.",
    )
    rounding_tolerance = fields.Float(
        digits=(16, 4),
        default=0.02,
        tracking=True,
        help="A difference between the invoice and the channel's total up to this amount is "
        "booked to the rounding account; a larger one goes to review. In the order's currency.",
    )
    tax_tolerance = fields.Float(
        digits=(16, 4),
        default=0.02,
        tracking=True,
        help="A larger difference between the computed tax and the channel's goes to review. "
        "In the order's currency.",
    )
    rounding_account_id = fields.Many2one(
        "account.account",
        tracking=True,
        check_company=True,
        help="Receives rounding differences. Without it every difference goes to review.",
    )

    # Payments
    clearing_account_id = fields.Many2one(
        "account.account",
        tracking=True,
        check_company=True,
        domain="[('reconcile', '=', True), ('account_type', '=', 'asset_current')]",
        help="What the marketplace owes us: paid orders wait here for the payout. Without "
        "it the invoices stay open.",
    )
    clearing_journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        domain="[('type', '=', 'general')]",
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        help="Journal of the entries that move paid orders to the clearing account.",
    )

    # Overview
    count_to_review = fields.Integer(compute="_compute_counts")
    count_to_approve = fields.Integer(compute="_compute_counts")
    count_to_invoice = fields.Integer(compute="_compute_counts")
    count_invoiced_today = fields.Integer(compute="_compute_counts")
    count_import_errors = fields.Integer(compute="_compute_counts")
    last_import_date = fields.Datetime(compute="_compute_counts")

    _name_company_uniq = models.Constraint(
        "UNIQUE(company_id, name)", "There is already a channel of this name."
    )
    _sample_percent_range = models.Constraint(
        "CHECK(sample_percent BETWEEN 0 AND 100)", "The sample must be from 0 to 100 %."
    )
    _tolerance_positive = models.Constraint(
        "CHECK(rounding_tolerance >= 0 AND tax_tolerance >= 0)",
        "A tolerance cannot be negative.",
    )

    # === COMPUTE ===

    @api.model
    def _selection_timezone(self):
        return self.env["res.partner"]._fields["tz"]._description_selection(self.env)

    @api.model
    def _default_product(self, name):
        return self.env.ref(f"marketplace_invoicing.{name}", raise_if_not_found=False)

    @api.depends("company_id")
    def _compute_journal_id(self):
        for channel in self:
            journals = self.env["account.journal"].search(
                [
                    *self.env["account.journal"]._check_company_domain(
                        channel.company_id
                    ),
                    ("type", "in", ("sale", "general")),
                ]
            )
            if channel.journal_id.company_id != channel.company_id:
                channel.journal_id = journals.filtered(lambda j: j.type == "sale")[:1]
            if channel.clearing_journal_id.company_id != channel.company_id:
                channel.clearing_journal_id = journals.filtered(
                    lambda j: j.type == "general"
                )[:1]

    def _compute_counts(self):
        counts = {
            "count_to_review": self._count_to_review(),
            "count_to_approve": self._count_orders(self._to_approve_domain()),
            "count_to_invoice": self._count_orders(self._to_invoice_domain()),
            "count_invoiced_today": self._count_orders(
                [("invoiced_date", ">=", "today")]
            ),
            "count_import_errors": dict(
                self.env["marketplace.import"]._read_group(
                    [("channel_id", "in", self.ids), ("state", "=", "rejected")],
                    ["channel_id"],
                    ["__count"],
                )
            ),
        }
        last = dict(
            self.env["marketplace.import"]._read_group(
                [("channel_id", "in", self.ids)], ["channel_id"], ["create_date:max"]
            )
        )
        for channel in self:
            for name, per_channel in counts.items():
                channel[name] = per_channel.get(channel, 0)
            channel.last_import_date = last.get(channel, False)

    @api.model
    def _to_approve_domain(self):
        return Domain("state", "=", "ready") & Domain("approval", "=", "needed")

    @api.model
    def _to_invoice_domain(self):
        """Return orders that wait for payment, shipping or the scheduler, not for a person."""
        return Domain("state", "=", "ordered") | (
            Domain("state", "=", "ready") & Domain("approval", "!=", "needed")
        )

    def _count_to_review(self):
        """Return {channel: number of records that somebody has to look at}."""
        return self._count_orders([("state", "=", "exception")])

    def _count_orders(self, domain):
        """Return {channel: number of orders in the domain}."""
        return self._count("marketplace.order", domain)

    def _count(self, model_name, domain):
        """Return {channel: number of a model's records in the domain}."""
        return dict(
            self.env[model_name]._read_group(
                Domain("channel_id", "in", self.ids) & Domain(domain),
                ["channel_id"],
                ["__count"],
            )
        )

    # === CRUD ===

    @api.model_create_multi
    def create(self, vals_list):
        channels = super().create(vals_list)
        channels._ensure_default_product_taxes()
        return channels

    def _ensure_default_product_taxes(self):
        """Give our own service products the company's default sale tax, once per company.

        They are created at installation, often before the company has a chart of accounts.
        """
        for channel in self.sudo():
            products = channel.shipping_product_id | channel.charge_product_id
            tax = channel.company_id.account_sale_tax_id
            for product in products:
                if tax and not product.taxes_id._filter_taxes_by_company(
                    channel.company_id
                ):
                    product.taxes_id |= tax

    # === ACTIONS ===

    def action_set_up_accounts(self):
        """Create the clearing and rounding accounts that are still missing."""
        self.check_access("write")
        for channel in self:
            if not channel.clearing_account_id:
                channel.clearing_account_id = channel._create_account(
                    self.env._("Clearing %(channel)s", channel=channel.name),
                    "asset_current",
                    reconcile=True,
                )
            if not channel.rounding_account_id:
                channel.rounding_account_id = channel._get_rounding_account()

    def _get_rounding_account(self):
        """Return the company's rounding account for channels; one serves them all."""
        self.ensure_one()
        sibling = self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("rounding_account_id", "!=", False),
            ],
            limit=1,
        )
        return sibling.rounding_account_id or self._create_account(
            self.env._("Marketplace Rounding Differences"), "income_other"
        )

    def _create_account(self, name, account_type, reconcile=False):
        # A manager of channels need not be one of the chart of accounts.
        Account = self.env["account.account"].sudo().with_company(self.company_id)
        like = Account.search(
            [
                *Account._check_company_domain(self.company_id),
                ("account_type", "=", account_type),
            ],
            order="code desc",
            limit=1,
        )
        code = Account._search_new_account_code(like.code or "100000")
        return Account.create(
            {
                "name": name,
                "code": code,
                "account_type": account_type,
                "reconcile": reconcile,
                "company_ids": [fields.Command.set(self.company_id.ids)],
            }
        )

    def action_open_orders(self):
        """Open this channel's orders; the context may name a default filter."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "marketplace_invoicing.marketplace_order_action"
        )
        action["domain"] = [("channel_id", "=", self.id)]
        filter_name = self.env.context.get("order_filter")
        action["context"] = {f"search_default_{filter_name}": 1} if filter_name else {}
        return action

    def action_open_issues(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "marketplace_invoicing.marketplace_issue_cause_action"
        )
        action["domain"] = [("channel_id", "=", self.id)]
        return action

    def action_open_imports(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "marketplace_invoicing.marketplace_import_action"
        )
        action["domain"] = [("channel_id", "=", self.id)]
        return action

    def action_import(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.actions"]._for_xml_id(
                "marketplace_invoicing.marketplace_import_wizard_action"
            ),
            "context": {"default_channel_id": self.id},
        }

    # === BUSINESS ===

    def _is_sampled(self, external_ref):
        """Tell whether a person looks at this order although the channel is automatic.

        Decided by a hash of the reference, so that the same order gets the same answer every
        time it is processed and by whichever worker.
        """
        self.ensure_one()
        digest = hashlib.sha256(f"{self.id}:{external_ref}".encode()).digest()
        return int.from_bytes(digest[:4], "big") % 100 < self.sample_percent

    def _needs_approval(self, external_ref):
        self.ensure_one()
        return self.review_mode == "review" or self._is_sampled(external_ref)

    def _get_anonymous_partner(self):
        """Return the buyer for orders whose buyer the channel withholds."""
        self.ensure_one()
        if not self.anonymous_partner_id:
            self.anonymous_partner_id = self.env["res.partner"].create(
                {
                    "name": self.env._("%(channel)s buyer", channel=self.name),
                    "company_id": self.company_id.id,
                    "comment": self.env._(
                        "The channel does not tell who this buyer is."
                    ),
                }
            )
        return self.anonymous_partner_id

    def _recheck_ready_orders(self):
        """Check the orders that wait for approval again, as a decision of theirs changed."""
        self.env["marketplace.order"].search(
            Domain("channel_id", "in", self.ids) & self._to_approve_domain()
        )._requeue()

    def _get_profile(self):
        """Return the `channels.profiles.Profile` of mapped files, or None."""
        self.ensure_one()
        if self.platform != "mapped" or not self.profile_id:
            return None
        return self.profile_id._to_profile()

    def _read_file(self, stream, name, platform=None):
        """Find out what a file is, and whose.

        :param stream: seekable binary stream
        :param self: the channel a person chose, or empty to find it by the content
        :param platform: only where the content fits several
        :return: (channel, format, iterator of records); the channel is empty where the company
            has none or more than one for it
        :raises ChannelParseError: refused, of an unknown format, or with nothing to import
        """
        mapped_channels = self.search(
            [
                ("platform", "=", "mapped"),
                ("profile_id", "!=", False),
                ("company_id", "in", self.env.companies.ids),
            ]
        )
        by_label = {
            mapped.channel_format(channel._get_profile()).label: channel
            for channel in mapped_channels
        }
        file_format, records = self._read_stream(
            stream,
            name,
            platform=platform,
            fallbacks=[channel._get_profile() for channel in by_label.values()],
        )
        channel = self or by_label.get(file_format.label)
        return channel or self._find_only(file_format.platform), file_format, records

    @api.model
    def _find_only(self, platform):
        """Return the only channel of the platform, or none."""
        channels = self.search(
            [("platform", "=", platform), ("company_id", "in", self.env.companies.ids)],
            limit=2,
        )
        return channels if len(channels) == 1 else self.browse()
