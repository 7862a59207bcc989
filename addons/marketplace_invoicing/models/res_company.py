from datetime import timedelta

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    sale_auto_invoice_trigger = fields.Selection(
        [
            ("manual", "By hand"),
            ("order", "When confirmed"),
            ("paid", "When paid online"),
            ("delivered", "When delivered in full"),
        ],
        string="Invoice Sale Orders",
        required=True,
        default="manual",
        help="Creates and posts the invoice of ordinary sale orders by itself. Orders of "
        "marketplace channels follow their channel.",
    )
    sale_auto_invoice_since = fields.Date(
        string="Orders Since",
        help="Older orders are left alone. Set when automatic invoicing is switched on.",
    )

    def write(self, vals):
        """Override of `base`: switching on must not invoice years of old orders at once."""
        if vals.get("sale_auto_invoice_trigger", "manual") != "manual":
            fresh = self.filtered(
                lambda company: (
                    company.sale_auto_invoice_trigger == "manual"
                    and not company.sale_auto_invoice_since
                )
            )
            if fresh and "sale_auto_invoice_since" not in vals:
                super(ResCompany, fresh).write(
                    {"sale_auto_invoice_since": fields.Date.context_today(self)}
                )
        return super().write(vals)

    def _get_first_open_day(self, day, journal, has_tax=False):
        """Return the day an entry can be booked on: the given one, or the first after locks.

        :param day: date
        :param journal: `account.journal` of the entry
        :param has_tax: whether the entry moves taxes, which may be locked for longer
        """
        self.ensure_one()
        locks = self._get_violated_lock_dates(day, has_tax, journal)
        return locks[-1][0] + timedelta(days=1) if locks else day
