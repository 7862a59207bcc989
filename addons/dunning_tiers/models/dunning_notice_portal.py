import base64

from odoo import api, fields, models
from odoo.tools import hash_sign, verify_hash_signed
from odoo.tools.image import image_data_uri

TOKEN_SCOPE = "dunning_tiers.customer_page"
#: Longer than any token of ours: what is longer is not worth decoding.
TOKEN_MAX_LENGTH = 200


class DunningNotice(models.Model):
    """Links of a notice: the customer's page, and where to pay."""

    _inherit = "dunning.notice"

    # === CUSTOMER PAGE === #

    def _get_portal_url(self):
        """Absolute address of the customer's page, open without a login.

        It works for the days that the policy gives, from today. All calls of one day
        return the same address.
        """
        self.ensure_one()
        last_day = fields.Date.add(
            self.company_id._get_dunning_today(),
            days=self.policy_id.sudo().link_valid_days,
        )
        values = [self.id, self.partner_id.id, last_day.isoformat()]
        return f"{self.get_base_url()}/dunning/{self._sign_portal_token(values)}"

    @api.model
    def _sign_portal_token(self, values):
        # The last day is signed as a value, not as core's expiration: an expired link
        # must be told from a forged one, as its reader gets an explanation.
        return hash_sign(self.env(su=True), TOKEN_SCOPE, values)

    @api.model
    def _find_by_portal_token(self, token):
        """The notice that a token was made for.

        :param str token: what the address holds, from anybody
        :return: notice in superuser mode, empty unless the token was signed here; and
            whether the token still opens the page
        :rtype: tuple
        """
        notice = self.sudo().browse()
        values = self._read_portal_token(token)
        if values is None:
            return notice, False
        notice_id, partner_id, last_day = values
        notice = notice.browse(notice_id).exists()
        today = notice.company_id._get_dunning_today()
        is_valid = today <= fields.Date.to_date(last_day)
        # A customer who was merged into another one must not show the other's debts.
        return notice, is_valid and notice.partner_id.id == partner_id

    @api.model
    def _read_portal_token(self, token):
        """Values of a token that was signed here, else None."""
        if len(token) > TOKEN_MAX_LENGTH:
            return None
        try:
            values = verify_hash_signed(self.env(su=True), TOKEN_SCOPE, token)
        except ValueError:  # not base64, not text, another version
            return None
        # Base64 skips unknown characters: only the form that we hand out is accepted.
        if values is None or self._sign_portal_token(values) != token:
            return None
        return values

    # === PAYING === #

    def _get_payment_url(self):
        """Absolute address to pay at, or False when nothing can be paid online.

        One invoice that is asked for in full leads to core's payment page, anything else
        to the customer's page with a button for each invoice: core's link pays one
        invoice, and all that is open on it.
        """
        self.ensure_one()
        if not self._can_pay_online():
            return False
        invoice = self._get_only_invoice()
        if not invoice:
            return self._get_portal_url()
        # Core makes a wizard for each link: one is enough for all places of a text.
        links = self.env.cr.cache.setdefault("dunning_payment_links", {})
        key = (invoice.id, invoice.amount_residual)
        if key not in links:
            links[key] = invoice._get_portal_payment_link()
        return links[key]

    def _get_payment_qr(self):
        """QR code of the address to pay at, else of the customer's page.

        :return: the picture as a ``data:`` address
        :rtype: str
        """
        self.ensure_one()
        invoice = self._can_pay_online() and self._get_only_invoice()
        if invoice:
            return invoice._generate_portal_payment_qr()
        code = self.env["ir.actions.report"].barcode(
            "QR", self._get_portal_url(), width=128, height=128, quiet=False
        )
        return image_data_uri(base64.b64encode(code))

    def _can_pay_online(self):
        """Whether a provider takes payments for one of the invoices."""
        self.ensure_one()
        return self._has_payment_provider() and any(
            move._has_to_be_paid() for move in self.sudo().item_ids.move_id
        )

    def _has_payment_provider(self):
        providers = self.env["payment.provider"].sudo()
        domain = [
            *providers._check_company_domain(self.company_id),
            ("state", "in", ("enabled", "test")),
            ("is_published", "=", True),
        ]
        return bool(providers.search_count(domain, limit=1))

    def _get_only_invoice(self):
        """The notice's invoice when there is only one, and all that is open is asked.

        Core's link knows nothing of credits that are not matched yet: it would ask for
        more than the notice does.
        """
        if self.credit_line_ids:
            return self.env["account.move"]
        items = self.sudo().item_ids
        move = items.move_id
        if len(move) != 1 or not move._has_to_be_paid():
            return move.browse()
        asked = sum(items.mapped("amount_asked"))
        is_all = not move.currency_id.compare_amounts(asked, move.amount_residual)
        return move if is_all else move.browse()
