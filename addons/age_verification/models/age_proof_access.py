from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL


class AgeProofAccess(models.Model):
    """A person has read when somebody was born at the latest."""

    _name = "age.proof.access"
    _description = "Reading of a Proof of Age"
    _log_access = False
    _order = "id desc"
    _rec_name = "user_id"

    date = fields.Datetime(required=True, readonly=True, index=True)
    user_id = fields.Many2one("res.users", "Read by", readonly=True, index=True)
    how = fields.Selection(
        [("read", "Opened"), ("export", "Exported")], required=True, readonly=True
    )
    # The log outlives the proof.
    proof_id = fields.Many2one("age.proof", readonly=True, index="btree_not_null")
    partner_id = fields.Many2one(
        "res.partner", "Person", readonly=True, index="btree_not_null"
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True)

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Override: the log is written by reading."""
        raise AccessError(self.env._("The log of readings is not written by hand."))

    def write(self, vals):  # pylint: disable=method-required-super
        """Override: the log is evidence."""
        raise AccessError(self.env._("The log of readings is not changed."))

    @api.model
    def _forget_buyers(self, domain):
        """Make readings anonymous: that somebody read, and when, stays."""
        query = self.sudo()._search(domain)
        self.env.cr.execute(
            SQL(
                "UPDATE age_proof_access SET partner_id = NULL WHERE id IN %s",
                query.subselect(),
            )
        )
        self.invalidate_model(["partner_id"])

    @api.model
    def _record(self, proofs, how):
        """Write down, in one statement, that the user has read these proofs."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO age_proof_access
                       (date, user_id, how, proof_id, partner_id, company_id)
                SELECT %s, %s, %s, id, partner_id, company_id
                  FROM age_proof WHERE id IN %s ORDER BY id
                """,
                fields.Datetime.now(),
                self.env.uid,
                how,
                tuple(proofs.ids),
            )
        )
