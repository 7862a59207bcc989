from odoo import api, models
from odoo.fields import Domain
from odoo.tools import plaintext2html


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "marketplace.document.mixin"]

    # Two workers can never make two sale orders of one channel order.
    _marketplace_order_uniq = models.UniqueIndex(
        "(marketplace_order_id) WHERE state != 'cancel' AND marketplace_order_id IS NOT NULL",
        "This channel order already has a sale order.",
    )

    @api.depends("marketplace_order_id")
    def _compute_currency_id(self):
        """Override of `sale`: the buyer paid in the channel's currency, whatever price list."""
        result = super()._compute_currency_id()
        for order in self.filtered("marketplace_order_id"):
            order.currency_id = order.marketplace_order_id.currency_id
        return result

    def _prepare_invoice(self):
        """Override of `sale` to carry the channel's facts to the invoice."""
        values = super()._prepare_invoice()
        if self.marketplace_order_id:
            values.update(self.marketplace_order_id._prepare_invoice_values())
        return values

    # === AUTOMATIC INVOICING OF ORDINARY ORDERS ===

    @api.model
    def _to_invoice_domain(self, company):
        """Return the ordinary sale orders that the company's trigger would invoice now."""
        domain = (
            Domain("company_id", "=", company.id)
            & Domain("marketplace_order_id", "=", False)
            & Domain("state", "=", "sale")
            & Domain("invoice_status", "=", "to invoice")
            & Domain("amount_total", ">", 0)
        )
        if company.sale_auto_invoice_since:
            domain &= Domain("date_order", ">=", company.sale_auto_invoice_since)
        if company.sale_auto_invoice_trigger == "delivered":
            # Every line is either delivered in full or not delivered by quantity.
            domain &= ~Domain(
                "order_line",
                "any",
                Domain("display_type", "=", False)
                & Domain("product_id.type", "!=", "service")
                & Domain("invoice_status", "=", "no"),
            )
        return domain

    def _is_invoice_triggered(self):
        """Tell whether the company's trigger has fired for this ordinary sale order."""
        self.ensure_one()
        trigger = self.company_id.sale_auto_invoice_trigger
        if trigger == "paid":
            return (
                self.currency_id.compare_amounts(self.amount_paid, self.amount_total)
                >= 0
            )
        if trigger == "delivered":
            goods = self.order_line.filtered(
                lambda line: not line.display_type and line.product_id.type != "service"
            )
            return all(line.qty_delivered >= line.product_uom_qty for line in goods)
        return trigger == "order"

    @api.model
    def _cron_auto_invoice(self, batch_size=100):
        """Invoice ordinary sale orders as their company asks; one failure stops no other."""
        companies = self.env["res.company"].search(
            [("sale_auto_invoice_trigger", "!=", "manual")]
        )
        for company in companies:
            orders = self.with_company(company).search(
                self._to_invoice_domain(company), order="id"
            )
            ready = orders.filtered(lambda order: order._is_invoice_triggered())
            self.env["ir.cron"]._commit_progress(remaining=len(ready))
            for start in range(0, len(ready), batch_size):
                if not ready[start : start + batch_size]._auto_invoice():
                    return

    def _auto_invoice(self):
        """Invoice and post each order in its own savepoint; return the time left."""
        time_left = 1.0
        for order in self:
            order = order.try_lock_for_update().filtered_domain(
                [("invoice_status", "=", "to invoice")]
            )
            if order:
                order._auto_invoice_one()
            time_left = self.env["ir.cron"]._commit_progress(1)
            if not time_left:
                break
        return time_left

    def _auto_invoice_one(self):
        self.ensure_one()
        error = self.env["marketplace.order"]._try_in_savepoint(
            lambda: self._create_invoices(grouped=True, final=True)._post()
        )
        summary = self.env._("Automatic invoice failed")
        if error and summary not in self.activity_ids.mapped("summary"):
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=summary,
                note=plaintext2html(error),
                user_id=self.user_id.id or self.env.uid,
            )
