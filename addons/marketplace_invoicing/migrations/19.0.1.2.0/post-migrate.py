from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Let orders that came before know their payments, and payouts that they came back.

    The references of payments are in the payload that is kept with each order; the scheduler
    then gives these orders the lines of payouts that are in the books already. What a later
    payout took back was called "In the bank".
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["marketplace.order"]._fill_payment_refs()
    env["marketplace.settlement"].search(
        [("state", "=", "banked"), ("bank_line_id", "=", False)]
    )._update_banked()
