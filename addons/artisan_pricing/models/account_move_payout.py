import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..engine.money import PricingError
from ..groups import MONEY_GROUPS
from ..payout_booking import PayoutBooking
from ..payout_refund import CUSTOMER_TYPES

_logger = logging.getLogger(__name__)

#: Who books by hand what was not booked by itself.
BOOKERS = ("artisan_pricing.group_artisan_manager", "account.group_account_invoice")


class AccountMove(models.Model):
    _inherit = "account.move"

    artisan_entry_ids = fields.One2many(
        "artisan.payout.entry",
        "move_id",
        "Entries of Makers",
        groups=MONEY_GROUPS,
        readonly=True,
        copy=False,
    )
    artisan_booking_note = fields.Char(
        "Not Booked For Makers",
        index="btree_not_null",
        groups=MONEY_GROUPS,
        readonly=True,
        copy=False,
        help="Why what this brings its makers could not be booked.",
    )

    artisan_statement_ids = fields.One2many(
        "artisan.statement",
        "bill_id",
        "Statements Paid Out",
        groups=MONEY_GROUPS,
        readonly=True,
        copy=False,
    )

    def _post(self, soft=True):
        """Override of `account` to book what invoices bring their makers."""
        posted = super()._post(soft)
        posted._book_payouts()
        return posted

    def button_draft(self):
        """Override of `account` to take back what was booked."""
        res = super().button_draft()
        self._unbook_payouts()
        return res

    def button_cancel(self):
        """Override of `account` to let a statement be billed again."""
        res = super().button_cancel()
        self._release_statements()
        return res

    def unlink(self):
        """Override of `account` to let a statement be billed again."""
        self._release_statements()
        return super().unlink()

    def action_book_payouts(self):
        """Try again what could not be booked."""
        self._check_may_book()
        self._book_payouts()

    def action_ignore_payouts(self):
        """Take invoices off the list of what is not booked."""
        self._check_may_book()
        self.sudo().artisan_booking_note = False
        self.sudo().activity_feedback(["artisan_pricing.mail_activity_payout"])

    def _release_statements(self):
        """Statements whose bill is given up are confirmed, and not billed."""
        bills = self.filtered(lambda move: move.move_type == "in_invoice")
        if bills:
            bills.sudo().artisan_statement_ids.write(
                {"state": "confirmed", "bill_id": False}
            )

    # Booking

    def _check_may_book(self):
        """What makers are owed is for those who see these invoices and settle with makers.

        :raise AccessError: for anybody else
        """
        self.check_access("read")
        if not self.env.su and not any(map(self.env.user.has_group, BOOKERS)):
            raise AccessError(
                self.env._("You may not book what invoices bring their makers.")
            )

    def _get_maker_lines(self):
        """The lines of customers' invoices and credit notes that sell a maker's product, or
        one that was a maker's when it was ordered, or take back one that was when it was
        sold."""
        refunds = self.filtered(lambda move: move.move_type == "out_refund")
        booked = refunds.reversed_entry_id._get_booked_products()
        of_orders = refunds.filtered(lambda move: not move.reversed_entry_id)
        sold = of_orders.invoice_line_ids._get_booked_sale_lines()
        return self.invoice_line_ids.filtered(
            lambda line: (
                line.display_type == "product"
                and (
                    line.product_id.product_tmpl_id.maker_id
                    or line._is_sold_for_maker()
                    or line.product_id in booked.get(line.move_id.reversed_entry_id, ())
                    or (line.move_id in of_orders and line.sale_line_ids & sold)
                )
            )
        )

    @api.model
    def _sold_for_domain(self, makers=None):
        """Invoices with a line of a product that is a maker's, or was when it was ordered.

        :param makers: of one of these; none: of any
        """
        value = ("in", makers.ids) if makers else ("!=", False)
        return Domain("invoice_line_ids.product_id.maker_id", *value) | Domain(
            "invoice_line_ids.sale_line_ids.sold_maker_id", *value
        )

    def _get_booked_products(self):
        """Invoice -> products that were booked for a maker."""
        if not self:
            return {}
        Entry = self.env["artisan.payout.entry"]
        domain = Entry._live_domain() & Domain("move_id", "in", self.ids)
        return dict(
            Entry._read_group(domain, ["move_id"], ["product_id:recordset"]),
        )

    def _book_payouts(self):
        """Book what confirmed invoices bring their makers; what is booked stays as it is.

        A confirmation never fails for it: what cannot be booked is noted for a person.
        """
        # Nobody needs rights on what makers are owed to confirm an invoice.
        moves = self.sudo().filtered(
            lambda move: move.state == "posted" and move.move_type in CUSTOMER_TYPES
        )
        moves = moves._get_maker_lines().move_id
        if moves:
            moves._have_ledger_alone()
            moves -= self._get_booked(moves)
        if not moves or moves._try_booking():
            return
        # One by one, invoices before what takes them back.
        for move in (
            moves.sorted(lambda move: (move.date, move.id)) if moves[1:] else ()
        ):
            move._try_booking()

    def _have_ledger_alone(self):
        """Keep others from booking the same, or other parts of the same order or invoice, at
        the same time: parts must sum to the whole. None: nothing happens.

        A lock is not enough, since the other one does not see what was booked meanwhile. So
        its transaction is made to fail, and is done once more.

        :raise OperationalError: another worker was faster
        """
        moves = self | self.reversed_entry_id
        sale_lines = self.invoice_line_ids.sale_line_ids
        # What is charged beside an order, and its fees, are settled over all its lines.
        for records in (moves, sale_lines, sale_lines.order_id):
            if records:
                self.env.cr.execute(
                    SQL(
                        "UPDATE %(table)s SET write_date = write_date WHERE id IN %(ids)s",
                        table=SQL.identifier(records._table),
                        ids=tuple(records.ids),
                    )
                )

    def _get_booked(self, moves):
        entries = self.env["artisan.payout.entry"].sudo()
        domain = entries._live_domain() & Domain("move_id", "in", moves.ids)
        return moves.browse(
            move.id for (move,) in entries._read_group(domain, ["move_id"])
        )

    def _try_booking(self):
        """Book all of these or none; whether it went well. One alone is noted."""
        try:
            with self.env.cr.savepoint():
                vals_list, notes = PayoutBooking(self).prepare_vals()
                self.env["artisan.payout.entry"].sudo().create(vals_list)
        except OperationalError:
            raise  # another worker was faster: all of it is tried again
        except (PricingError, UserError) as error:
            return self._note_not_booked(str(error))
        except Exception as error:
            _logger.exception("Invoices %s bring their makers nothing yet", self.ids)
            return self._note_not_booked(repr(error))
        noted = self.filtered("artisan_booking_note")
        noted.artisan_booking_note = False
        noted.activity_feedback(["artisan_pricing.mail_activity_payout"])
        for move, note in notes:
            move._schedule_payout_activity(note)
        return True

    def _note_not_booked(self, reason):
        if len(self) == 1:
            if not self.artisan_booking_note:
                self._schedule_payout_activity(reason)
            self.artisan_booking_note = reason
        return False

    def _schedule_payout_activity(self, note):
        user = self.env.user
        if not user._is_internal() or not user.active:
            user = self.invoice_user_id or self.env.ref("base.user_admin")
        self.activity_schedule(
            "artisan_pricing.mail_activity_payout", note=note, user_id=user.id
        )

    def _unbook_payouts(self):
        """Take back what was booked: deleted, or reversed where a statement lists it."""
        Entry = self.env["artisan.payout.entry"].sudo()
        moves = self.sudo().filtered(lambda move: move.move_type in CUSTOMER_TYPES)
        if not moves:
            return
        entries = Entry.search(
            Entry._live_domain() & Domain("move_id", "in", moves.ids)
        )
        entries.move_id._have_ledger_alone()
        locked = entries.filtered("is_locked")
        (entries - locked).unlink()
        Entry.create([entry._prepare_reversal() for entry in locked])
        noted = moves.filtered("artisan_booking_note")
        noted.artisan_booking_note = False
        noted.activity_unlink(["artisan_pricing.mail_activity_payout"])
