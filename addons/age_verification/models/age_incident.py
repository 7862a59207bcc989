from odoo import SUPERUSER_ID, api, fields, models

from .. import const


class AgeIncident(models.Model):
    """Something that a company must be able to show it noticed."""

    _name = "age.incident"
    _description = "Age Incident"
    _order = "id desc"
    _rec_name = "kind"

    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    kind = fields.Selection(
        [
            ("underage", "Underage attempt"),
            ("expired", "Expired proof"),
            ("mismatch", "Somebody else's proof"),
            ("destination", "Destination changed after the proof"),
            ("override", "Override"),
            ("forged", "Forged message of a provider"),
            ("unknown_rule", "No rule known"),
            ("prohibited", "Prohibited sale attempted"),
        ],
        required=True,
        readonly=True,
    )
    gate = fields.Selection(const.GATES, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    partner_id = fields.Many2one("res.partner", "Buyer", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True, index="btree_not_null")
    move_id = fields.Many2one("account.move", readonly=True, index="btree_not_null")
    rule_id = fields.Many2one("age.rule", readonly=True)
    provider_id = fields.Many2one("age.provider", readonly=True)
    verdict = fields.Selection(const.VERDICTS, readonly=True)
    user_id = fields.Many2one("res.users", "Actor", readonly=True)
    note = fields.Char(readonly=True)

    @api.model
    def _record(self, vals_list):
        """Write incidents down on a connection of their own: a rollback keeps them."""
        if not vals_list:
            return
        actor = self.env.uid
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["age.incident"].create(
                [{"user_id": actor, **vals} for vals in vals_list]
            )
