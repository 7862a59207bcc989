import hashlib
import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .. import const


class AgeProof(models.Model):
    """That a person was born on or before a day, and how that is known.

    No date of birth, picture or document is kept. The bound is the day of the proof less
    the age that was proved: it says nothing more than "over 18" did.
    """

    _name = "age.proof"
    _description = "Proof of Age"
    _inherit = ["age.uncopied"]
    _order = "proved_on desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        help="Who asked for it: proofs are not shared between companies.",
    )
    order_id = fields.Many2one(
        "sale.order",
        "Only for",
        index="btree_not_null",
        ondelete="cascade",
        help="The proof counts for this order only, as when a marketplace made it.",
    )
    bound_date = fields.Date(
        "Born on or before",
        required=True,
        groups="age_verification.group_age_officer",
    )
    method = fields.Selection(const.METHODS, required=True)
    assurance = fields.Selection(const.ASSURANCES, required=True)
    provider_id = fields.Many2one("age.provider", ondelete="restrict", index=True)
    reference_salt = fields.Char(groups="base.group_no_one")
    reference_hash = fields.Char(
        groups="base.group_no_one",
        index="btree_not_null",
        help="Salted hash of the provider's reference: it can be confirmed, not read.",
    )
    proved_on = fields.Date(required=True)
    recorded_at = fields.Datetime(
        "Recorded on",
        required=True,
        readonly=True,
        default=fields.Datetime.now,
        help="Tells whether it came before or after a refusal of the same day.",
    )
    valid_until = fields.Date(help="Last day on which it counts.")
    revoked_on = fields.Date()
    revoked_reason = fields.Char()
    is_test = fields.Boolean(
        "Made in test mode", readonly=True, help="Revoked when the test mode ends."
    )
    user_id = fields.Many2one("res.users", "Checked by", readonly=True)
    second_user_id = fields.Many2one("res.users", "Confirmed by", readonly=True)

    _validity_order = models.Constraint(
        "CHECK(valid_until IS NULL OR valid_until >= proved_on)",
        "A proof ends after it was made.",
    )
    _person_idx = models.Index("(partner_id, company_id) WHERE revoked_on IS NULL")

    @api.model_create_multi
    def create(self, vals_list):
        """Override: proofs come from the steps that make them, not from a form."""
        self._check_by_hand()
        return super().create(vals_list)

    def write(self, vals):
        """Override: what was proved is not edited."""
        self._check_by_hand()
        return super().write(vals)

    def _check_by_hand(self):
        if not self.env.su:
            raise AccessError(self.env._("Proofs of age are not written by hand."))

    @api.model
    def _record(self, vals_list):
        """Keep proofs and look again at what waits for them.

        :param vals_list: values of proofs; ``reference``, the provider's, is hashed
        :return: the proofs
        """
        proofs = self.sudo().create([self._hash_reference(vals) for vals in vals_list])
        self.env["age.gate"]._wake_up()
        return proofs

    @api.model
    def _counting_domain(self):
        """Proofs that may count: not revoked, nor made in a test mode that is over."""
        is_real = Domain("is_test", "=", False)
        return Domain("revoked_on", "=", False) & (
            is_real | Domain("company_id.age_test_mode", "=", True)
        )

    def _hash_reference(self, vals):
        vals = dict(vals)
        reference = vals.pop("reference", None)
        if reference:
            salt = secrets.token_hex(16)
            vals |= {"reference_salt": salt, "reference_hash": _hash(salt, reference)}
        return vals

    def _has_reference(self, reference):
        """Whether the proof was made under this reference of its provider."""
        self.ensure_one()
        proof = self.sudo()
        return bool(proof.reference_salt) and secrets.compare_digest(
            proof.reference_hash, _hash(proof.reference_salt, reference)
        )

    def _revoke(self, reason):
        """The proof no longer counts; that it was there stays on record."""
        self.sudo().write({"revoked_on": fields.Date.today(), "revoked_reason": reason})


def _hash(salt, reference):
    return hashlib.sha256(f"{salt}:{reference}".encode()).hexdigest()
