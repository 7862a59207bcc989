from odoo import fields, models


class DunningDispatch(models.Model):
    """A notice was handed to the mail server.

    Written and committed on a connection of its own before the mail goes. When a process
    dies between the mail server's answer and the commit, this row tells the next one that
    the notice may have left, so nobody gets it twice and a person decides.
    """

    _name = "dunning.dispatch"
    _description = "Dunning Dispatch"
    _order = "id desc"

    # No foreign key: the sending transaction holds the notice's row locked.
    notice_ref = fields.Integer("Notice number", required=True, index=True)
    date = fields.Datetime(default=fields.Datetime.now, required=True)
    email = fields.Char()

    _notice_uniq = models.Constraint(
        "UNIQUE(notice_ref)", "This notice was handed over already."
    )
