from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

#: Rows that are deleted at once; the vacuum comes back for the rest.
BATCH = 10000


class AgeRetention(models.AbstractModel):
    """Nothing about a person is kept longer than the company says.

    Proofs go some days after they stopped counting. Evidence goes after some years, but
    incidents stay: they lose the buyer only, as their chain must hold.
    """

    _name = "age.retention"
    _description = "Retention of Proofs and Evidence"

    @api.autovacuum
    def _gc_proofs(self):
        """Delete proofs that have not counted for the company's number of days."""
        return self._delete("age.proof", self._ended_proofs)

    @api.autovacuum
    def _gc_checks(self):
        return self._delete("age.check", self._before_evidence)

    @api.autovacuum
    def _gc_proof_accesses(self):
        return self._delete("age.proof.access", self._before_evidence)

    @api.autovacuum
    def _gc_sessions(self):
        return self._delete("age.session", self._closed_sessions)

    @api.autovacuum
    def _gc_incident_buyers(self):
        """Forget the buyers of incidents; the incidents stay."""
        for company in self._get_companies():
            domain = self._before_evidence(company) & Domain("partner_ref", "!=", False)
            self.env["age.incident"]._forget_buyers(domain)

    @api.model
    def _get_companies(self):
        return self.env["res.company"].sudo().search_fetch([], limit=None)

    @api.model
    def _ended_proofs(self, company):
        """Domain of a company's proofs that need not be kept any more."""
        day = fields.Date.subtract(
            company._get_age_today(), days=company.age_proof_keep_days
        )
        ended = Domain("valid_until", "<", day) | Domain("revoked_on", "<", day)
        return Domain("company_id", "=", company.id) & ended

    @api.model
    def _before_evidence(self, company):
        """Domain of a company's evidence that need not be kept any more."""
        since = fields.Datetime.now() - timedelta(days=company.age_evidence_keep_days)
        return Domain("company_id", "=", company.id) & Domain("date", "<", since)

    @api.model
    def _closed_sessions(self, company):
        """Domain of a company's sessions that need not be kept any more.

        What a provider has yet to delete is told to it first.
        """
        since = fields.Datetime.now() - timedelta(days=company.age_evidence_keep_days)
        return (
            Domain("company_id", "=", company.id)
            & Domain("closed_at", "<", since)
            & Domain("is_forget_due", "=", False)
        )

    @api.model
    def _delete(self, model, get_domain):
        """Delete some of what may go.

        :param get_domain: company -> domain
        :return: how many are deleted, and how many remain, as the vacuum wants to know
        """
        records = self.env[model].sudo()
        domain = Domain.OR(get_domain(company) for company in self._get_companies())
        found = records.search(domain, limit=BATCH, order="id")
        found.unlink()
        remaining = records.search_count(domain) if len(found) == BATCH else 0
        return len(found), remaining
