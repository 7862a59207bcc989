from odoo import api, models


class AgeGate(models.AbstractModel):
    """Attempts that anybody can repeat without end, with a new cart each time."""

    _inherit = "age.gate"

    @api.model
    def _prepare_incidents(self, verdict, gate):
        """Override: payments where no rule is known are told up to a number an hour.

        More of them neither fill the chain of incidents nor are forgotten: the next
        incident says how many were left out. Each decision is kept as a check in any case.
        """
        incidents = super()._prepare_incidents(verdict, gate)
        if gate != "payment":
            return incidents
        return [
            vals
            for vals in incidents
            if vals["kind"] != "unknown_rule" or self._admit_unknown(verdict, vals)
        ]

    @api.model
    def _admit_unknown(self, verdict, vals):
        """Whether the incident is written; it says how many before it were not."""
        country = verdict.basket.place.country_id
        key = f"{vals['company_id']}:{country.code or ''}"
        left_out = self.env["age.portal.log"].sudo()._admit({"unknown_rule": key})
        if left_out:
            vals["note"] = self.env._(
                "%s more before this one were only counted.", left_out
            )
        return left_out is not None
