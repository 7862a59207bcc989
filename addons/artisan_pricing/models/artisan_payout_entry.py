from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..decimals import to_decimal
from ..engine import statement as engine

#: Payment states of an invoice that the customer has settled.
SETTLED = ("paid", "in_payment", "reversed", "invoicing_legacy")


class ArtisanPayoutEntry(models.Model):
    _name = "artisan.payout.entry"
    _description = "Entry of What a Maker Is Owed"
    _order = "date, document, move_line_id, id"
    _check_company_auto = True

    name = fields.Char("What for", required=True, help="For an adjustment: its reason.")
    maker_id = fields.Many2one(
        "res.partner",
        domain=[("is_maker", "=", True)],
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    date = fields.Date(
        required=True, index=True, default=lambda self: fields.Date.context_today(self)
    )
    kind = fields.Selection(
        [
            (engine.CARRIED, "Carried forward"),
            (engine.SALE, "Sale"),
            (engine.REFUND, "Refund"),
            (engine.DISCOUNT, "Discount"),
            (engine.COMMISSION, "Commission"),
            (engine.ADJUSTMENT, "Adjustment"),
        ],
        required=True,
        default=engine.ADJUSTMENT,
    )
    amount = fields.Monetary(
        help="What it adds to what the maker is owed, without tax; below zero: what it "
        "takes away.",
    )
    platform_amount = fields.Monetary(
        "Borne by Platform",
        help="What the platform bears of a discount, below zero.",
    )
    quantity = fields.Float(
        digits="Product Unit",
        help="Of a sale or refund, in the unit of measure of the line first sold.",
    )
    part = fields.Char(
        readonly=True,
        help="Of a refund: which part of the line first sold came back, as a fraction; "
        "exactly, so that refunds in parts sum to the sale.",
    )
    basis = fields.Json(
        readonly=True,
        help="Of a sale: the scheme that its commission was taken by, and what the invoice "
        "charged beside its order.",
    )
    document = fields.Char(help="Number of the invoice or credit note.")
    order_ref = fields.Char("Order")
    code = fields.Char(help="The promotion of a discount or the part of a commission.")
    rate = fields.Char(help="Of a commission, as it was agreed on at that time.")
    product_id = fields.Many2one(
        "product.product", index="btree_not_null", ondelete="set null"
    )
    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
    )
    move_line_id = fields.Many2one(
        "account.move.line", "Invoice Line", index="btree_not_null", ondelete="set null"
    )
    origin_line_id = fields.Many2one(
        "account.move.line",
        "Refunded Line",
        index="btree_not_null",
        ondelete="set null",
        help="The invoice line whose figures a refund takes back.",
    )
    source_move_id = fields.Many2one(
        "account.move",
        "Payment Of",
        index="btree_not_null",
        ondelete="set null",
        help="The invoice that the customer pays: for a refund, the one refunded.",
    )
    booking = fields.Integer(
        default=1,
        readonly=True,
        help="Counts up each time that an invoice is confirmed anew.",
    )
    reversal_of_id = fields.Many2one(
        "artisan.payout.entry", index="btree_not_null", ondelete="restrict"
    )
    reversal_ids = fields.One2many("artisan.payout.entry", "reversal_of_id")
    statement_id = fields.Many2one(
        "artisan.statement",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
    )
    is_locked = fields.Boolean(
        compute="_compute_is_locked", help="It stands on a confirmed statement."
    )

    _once_idx = models.UniqueIndex(
        "(move_line_id, COALESCE(origin_line_id, 0), kind, COALESCE(code, ''), booking) "
        "WHERE reversal_of_id IS NULL AND move_line_id IS NOT NULL",
        "What an invoice line brings its maker is booked once.",
    )
    _reversed_once_idx = models.UniqueIndex(
        "(reversal_of_id) WHERE reversal_of_id IS NOT NULL",
        "An entry is reversed once.",
    )

    @api.depends("statement_id.state")
    def _compute_is_locked(self):
        for entry in self:
            entry.is_locked = entry.statement_id.state in ("confirmed", "billed")

    @api.model_create_multi
    def create(self, vals_list):
        """Only adjustments are made by hand; the rest follows from invoices."""
        if not self.env.su:
            self._check_given(vals_list)
        entries = super().create(vals_list)
        entries._check_not_locked()
        return entries

    def write(self, vals):
        """What stands on a confirmed statement stays as it is."""
        self.check_access("write")
        if not self.env.su:
            self._check_by_hand(vals)
        self._check_not_locked()
        res = super().write(vals)
        self._check_not_locked()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        self._check_not_locked()
        if not self.env.su:
            self._check_by_hand({})

    #: What a person gives of an adjustment.
    _ADJUSTABLE = frozenset(
        (
            "name",
            "maker_id",
            "company_id",
            "currency_id",
            "date",
            "kind",
            "amount",
            "statement_id",
        )
    )

    @api.model
    def _check_given(self, vals_list):
        """
        :raise UserError: more than an adjustment, also by defaults in the context
        """
        defaults = self.default_get(list(self._fields))
        if defaults.get("booking") == 1:
            del defaults["booking"]
        kinds = {vals.get("kind", defaults.get("kind")) for vals in vals_list}
        if kinds != {engine.ADJUSTMENT} or not self._ADJUSTABLE.issuperset(
            set(defaults).union(*vals_list)
        ):
            raise UserError(
                self.env._("By hand only adjustments are made, with a reason.")
            )

    def _check_by_hand(self, vals):
        """
        :raise UserError: entries, or fields of them, that a person does not change
        """
        kinds = {*self.mapped("kind"), vals.get("kind", engine.ADJUSTMENT)}
        if kinds - {engine.ADJUSTMENT} or not self._ADJUSTABLE.issuperset(vals):
            raise UserError(
                self.env._(
                    "Only adjustments are changed by hand: what an invoice brings its "
                    "maker follows from the invoice."
                )
            )

    def _check_not_locked(self):
        locked = self.filtered("is_locked")
        if locked:
            raise UserError(
                self.env._(
                    "%(statement)s is confirmed: make an adjustment, which stands on the "
                    "next statement.",
                    statement=locked[0].statement_id.display_name,
                )
            )

    @api.constrains("statement_id", "maker_id", "currency_id", "company_id")
    def _check_statement(self):
        for entry in self.filtered("statement_id"):
            statement = entry.statement_id
            ours = entry.maker_id, entry.currency_id, entry.company_id
            theirs = statement.maker_id, statement.currency_id, statement.company_id
            if ours != theirs:
                raise UserError(
                    self.env._(
                        "%(entry)s is not about the maker, currency and company of "
                        "%(statement)s.",
                        entry=entry.name,
                        statement=statement.display_name,
                    )
                )

    @api.model
    def _live_domain(self):
        """Entries that count: neither reversed nor the reversal of one."""
        return Domain("reversal_of_id", "=", False) & Domain("reversal_ids", "=", False)

    @api.model
    def _booked_domain(self):
        """Entries of what invoices sold, credit notes left out."""
        return Domain("origin_line_id", "=", False) & Domain(
            "move_line_id", "!=", False
        )

    def _get_part(self):
        """Which part of a line these refunds of it took back (Fraction)."""
        total = Fraction(0)
        for entry in self.filtered(lambda entry: entry.kind == engine.REFUND):
            sold = to_decimal(entry.origin_line_id.quantity)
            if entry.part:
                total += Fraction(entry.part)
            elif sold:
                total += Fraction(to_decimal(entry.quantity)) / Fraction(sold)
        return total

    def _prepare_reversal(self):
        """Values of the entry that takes this one back, today."""
        self.ensure_one()
        vals = self.copy_data()[0]
        env = self.with_context(lang=self.maker_id.lang).env
        return vals | {
            "name": env._("Reversed: %(name)s", name=self.name),
            "date": fields.Date.context_today(self),
            "amount": -self.amount,
            "platform_amount": -self.platform_amount,
            "quantity": -self.quantity,
            "statement_id": False,
            "reversal_of_id": self.id,
        }

    @api.model
    def _open_domain(self, date_to, paid_only=False):
        """Entries that stand on no statement yet.

        :param date_to: the last day
        :param paid_only: leave out what the customer has not paid; what takes back an entry
            that stands on a statement never waits
        """
        domain = Domain("statement_id", "=", False) & Domain("date", "<=", date_to)
        # An invoice that was booked anew waits for what takes back the first booking: else
        # it is paid out twice for a time.
        later = Domain("reversal_of_id", "!=", False) & Domain("date", ">", date_to)
        domain &= ~Domain("move_id", "any", [("artisan_entry_ids", "any", later)])
        if not paid_only:
            return domain
        return domain & (
            Domain("source_move_id", "=", False)
            | Domain("source_move_id.payment_state", "in", SETTLED)
            | Domain("reversal_of_id", "!=", False)
            | Domain("source_move_id.artisan_entry_ids.statement_id", "!=", False)
        )

    def _to_engine(self, date_from, date_to):
        """The engine's entries of a statement; one that is late stands on its first day."""
        return tuple(
            engine.Entry(
                entry.kind,
                min(max(entry.date, date_from), date_to),
                entry.document or "",
                # One invoice line may have several: each is an entry of its own.
                str(entry.id or entry._origin.id),
                entry.code or "",
                to_decimal(entry.amount),
            )
            for entry in self
        )

    def _get_rank(self):
        """Documents by date, and what stands under one in the order of kinds."""
        self.ensure_one()
        kinds = engine.KINDS
        return self.date, self.document or "", kinds.index(self.kind), self.id

    def _get_bill_taxes(self, position):
        """Purchase taxes of the goods that it is about.

        :param position: fiscal position of the maker
        """
        self.ensure_one()
        taxes = self.product_id.supplier_taxes_id
        return position.map_tax(taxes._filter_taxes_by_company(self.company_id))

    def _get_bill_account(self, journal, position):
        """The journal's default account, or else the expense account of the product.

        :raise UserError: neither is there
        """
        self.ensure_one()
        account = journal.default_account_id
        if not account:
            product = self.product_id.with_company(self.company_id)
            account = product._get_product_accounts()["expense"]
        if not account:
            raise UserError(
                self.env._(
                    "Give the journal %(journal)s a default account: there is none for "
                    "%(entry)s.",
                    journal=journal.display_name,
                    entry=self.name,
                )
            )
        return position.map_account(account)
