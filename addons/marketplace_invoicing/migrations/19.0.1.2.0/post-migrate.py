from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Let orders that came before know the references of their payments.

    They are in the payload that is kept with each order. The scheduler then gives these orders
    the lines of payouts that are in the books already.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["marketplace.order"]._fill_payment_refs()
