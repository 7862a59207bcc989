from odoo import api, models
from odoo.exceptions import AccessError

#: What says where the money of an account goes.
_WHERE = frozenset(("acc_number", "sanitized_acc_number", "partner_id", "bank_id"))


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    def write(self, vals):
        """Override: not everybody who may edit contacts says where makers are paid."""
        names = _WHERE.intersection(vals)
        if names:
            self.filtered(
                lambda account: any(
                    account._fields[name].convert_to_write(account[name], account)
                    != vals[name]
                    for name in names
                )
            )._check_pays_no_maker()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_pays_maker(self):
        self._check_pays_no_maker()

    def _check_pays_no_maker(self):
        """
        :raise AccessError: a maker is paid on one of these, and the user agrees nothing with
            makers
        """
        partners = self.env["res.partner"]
        if not self or partners._may_agree_with_makers():
            return
        # Who edits accounts need not see which one a maker is paid on.
        domain = [("maker_payout_bank_id", "in", self.ids)]
        if (
            partners.sudo()
            .with_context(active_test=False)
            .search_count(domain, limit=1)
        ):
            raise AccessError(
                self.env._(
                    "A maker is paid on this account: only managers of makers' prices and "
                    "of accounting change or delete it."
                )
            )
