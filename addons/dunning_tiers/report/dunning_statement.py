from odoo import api, models

from ..engine.kpi import AGEING_BUCKETS

#: More open items than this are summed up, but not listed one by one.
MAX_ITEMS = 500


class DunningStatement(models.AbstractModel):
    """What a customer owes and has in credit, by company and currency."""

    _name = "dunning.statement"
    _description = "Statement of Account"

    @api.model
    def _get_statements(self, partner, companies, max_items=MAX_ITEMS):
        """Return the open items of a customer, read with the rights of the environment.

        :param partner: the customer or one of its contacts
        :param companies: the companies whose claims are shown
        :param int max_items: list no more than so many items of a statement, oldest first;
            its totals are of all
        :return: list of dicts, one a company and currency: ``company``, ``currency``
            (records), ``items`` (rows of the ageing report), ``hidden_count`` (items not
            listed), ``ageing`` ((label, amount of debts) of each bucket),
            ``amount_overdue``, ``amount_credits`` (negative) and ``amount_total``, in
            ``currency``. Without open items the list is empty
        """
        report = self.env["dunning.ageing.report"]
        domain = self._get_domain(partner, companies)
        groups = {}
        for company, currency, bucket, kind, amount, count in report._read_group(
            domain,
            ["company_id", "currency_id", "bucket", "kind"],
            ["amount_residual_currency:sum", "__count"],
        ):
            sums = groups.setdefault((company, currency), {})
            sums[bucket if kind == "debt" else kind] = (
                sums.get(bucket if kind == "debt" else kind, 0) + amount
            )
            sums["count"] = sums.get("count", 0) + count
        return [
            self._prepare_statement(domain, company, currency, sums, max_items)
            for (company, currency), sums in sorted(
                groups.items(), key=lambda group: [record.id for record in group[0]]
            )
        ]

    @api.model
    def _get_domain(self, partner, companies):
        return [
            ("partner_id", "=", partner.commercial_partner_id.id),
            ("company_id", "in", companies.ids),
        ]

    @api.model
    def _count_debts(self, partner, companies):
        """Number of open debts of a customer, credits not counted."""
        domain = [*self._get_domain(partner, companies), ("kind", "=", "debt")]
        return self.env["dunning.ageing.report"].search_count(domain)

    def _prepare_statement(self, domain, company, currency, sums, max_items):
        report = self.env["dunning.ageing.report"]
        items = report.search(
            [
                *domain,
                ("company_id", "=", company.id),
                ("currency_id", "=", currency.id),
            ],
            order="kind desc, date_maturity, id",
            limit=max_items,
        )
        debts = {bucket: sums.get(bucket, 0.0) for bucket in AGEING_BUCKETS}
        labels = dict(report._fields["bucket"]._description_selection(self.env))
        credit = currency.round(sums.get("credit", 0.0))
        return {
            "company": company,
            "currency": currency,
            "items": items,
            "hidden_count": sums["count"] - len(items),
            "ageing": [(labels[bucket], amount) for bucket, amount in debts.items()],
            "amount_overdue": currency.round(
                sum(debts.values()) - debts[AGEING_BUCKETS[0]]
            ),
            "amount_credits": credit,
            "amount_total": currency.round(sum(debts.values()) + credit),
        }


class ReportDunningStatement(models.AbstractModel):
    """The statement of account on paper."""

    _name = "report.dunning_tiers.report_statement"
    _description = "Statement of Account (PDF)"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Give the template each customer with its statements.

        Whoever may not read the aged receivables gets no statement; a customer's own is
        printed by the portal, which has looked at whose it is.
        """
        partners = self.env["res.partner"].browse(docids)
        statement = self.env["dunning.statement"]
        return {
            "doc_ids": docids,
            "doc_model": "res.partner",
            "docs": partners,
            "statements": {
                partner.id: statement.with_context(
                    lang=partner.lang or self.env.lang
                )._get_statements(partner, self.env.companies)
                for partner in partners
            },
        }
