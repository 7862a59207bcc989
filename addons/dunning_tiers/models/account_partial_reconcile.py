from odoo import models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def unlink(self):
        """Override of `account` to open a new dunning cycle for debts that were paid.

        A returned payment makes the debt open again. It starts with the first level: the
        customer had paid, and what was said before is settled.
        """
        paid = self.debit_move_id.filtered(
            lambda line: line.reconciled and line.dunning_level_id
        )
        result = super().unlink()
        reopened = paid.exists().filtered(lambda line: not line.reconciled)
        reopened._open_dunning_cycle()
        return result
