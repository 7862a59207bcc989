from odoo import models

from ..const import is_pipeline


class MarketplaceBatchMixin(models.AbstractModel):
    """Core's documents and their lines, where the pipeline makes hundreds of them at once."""

    _name = "marketplace.batch.mixin"
    _description = "Made in Batches"

    def _check_company(self, fnames=None):
        """Override of `base`: of a batch's records that link the same one, check the first.

        Core asks for each record and link, though the answer lies in the company of both alone.

        :raises UserError: as core does; it then names the first of the records
        """
        if not is_pipeline(self.env):
            return super()._check_company(fnames)
        if fnames is None or "company_id" in fnames:
            fnames = self._fields
        for name in fnames:
            field = self._fields[name]
            if field.relational and field.check_company:
                unlike = self._get_unlike(name)
                super(MarketplaceBatchMixin, unlike)._check_company([name])
        return None

    def _get_unlike(self, name):
        """Return one record for each pair of a company and what the field links to."""
        first = {}
        for record in self.sudo():
            first.setdefault((record.company_id.id, record[name]._ids), record.id)
        return self.browse(first.values())
