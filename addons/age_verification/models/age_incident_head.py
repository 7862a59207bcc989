from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import chain


class AgeIncidentHead(models.Model):
    """The last incident of a company's chain, kept apart so that its end holds too.

    Who adds to the chain locks this row, so that two processes never add at one place.
    """

    _name = "age.incident.head"
    _description = "End of an Incident Chain"
    _log_access = False
    _rec_name = "digest"

    # No foreign keys: the transaction that reports may hold the company locked.
    company_ref = fields.Integer("Company number", required=True, readonly=True)
    number = fields.Integer(required=True, readonly=True)
    digest = fields.Char("Hash", required=True, readonly=True)

    _company_uniq = models.Constraint(
        "UNIQUE(company_ref)", "A company has one chain of incidents."
    )

    @api.model
    def _get_heads(self, companies):
        """{company: :class:`engine.chain.Head`}; without incidents it is the beginning."""
        heads = self.sudo().search_fetch([("company_ref", "in", companies.ids)])
        found = {
            head.company_ref: chain.Head(head.number, head.digest) for head in heads
        }
        return {company: found.get(company.id, chain.Head()) for company in companies}

    def _lock(self, company_ref):
        """Wait until nobody else adds to the chain.

        :return: its end, as a :class:`engine.chain.Head`
        """
        self.env.cr.execute(
            SQL(
                "INSERT INTO age_incident_head (company_ref, number, digest)"
                " VALUES (%s, 0, %s) ON CONFLICT (company_ref) DO NOTHING",
                company_ref,
                chain.GENESIS,
            )
        )
        self.env.cr.execute(
            SQL(
                "SELECT number, digest FROM age_incident_head"
                " WHERE company_ref = %s FOR UPDATE",
                company_ref,
            )
        )
        return chain.Head(*self.env.cr.fetchone())

    def _move(self, company_ref, link):
        """The chain ends at this row now."""
        self.env.cr.execute(
            SQL(
                "UPDATE age_incident_head SET number = %s, digest = %s"
                " WHERE company_ref = %s",
                link.number,
                link.digest,
                company_ref,
            )
        )
        self.invalidate_model(["number", "digest"])
