"""Who reads a proof's bound leaves a trace."""

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

BOUND = "bound_date"
#: What the web client offers to do with a field, beside showing it.
OFFERS = ("searchable", "sortable", "groupable")


def _read_write(method):
    """Mark a method as one that writes: to read is to write to the log."""
    method._readonly = False
    return method


class AgeProof(models.Model):
    _inherit = "age.proof"

    def _read_format(self, fnames, load="_classic_read"):
        """Override: log it. All that is read from outside comes by here."""
        result = super()._read_format(fnames, load)
        if BOUND in fnames:
            self._log_reading("read")
        return result

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        """Override: log it, also when proofs are exported with the records above them."""
        result = super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)
        if any(path and path[0] == BOUND for path in fields):
            self._log_reading("export")
        return result

    def _log_reading(self, how):
        if self and not self.env.su:
            self.env["age.proof.access"].sudo()._record(self, how)

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """Override: who may ask "before 2005?" often enough has read it without a trace."""
        domain = Domain(domain)
        for condition in domain.iter_conditions():
            self._check_not_bound(condition.field_expr)
        return super()._search(domain, offset, limit, order, **kwargs)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Override: as :meth:`_search`, between persons whose age is known."""
        self._check_not_bound(field_name)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Override: offer nothing that is refused."""
        found = super().fields_get(allfields, attributes)
        offered = found.get(BOUND, {})
        offered.update({name: False for name in OFFERS if name in offered})
        return found

    def _read_group_select(self, aggregate_spec, query):
        """Override: a sum over one proof would read it without a trace."""
        self._check_not_bound(aggregate_spec)
        return super()._read_group_select(aggregate_spec, query)

    def _read_group_groupby(self, alias, groupby_spec, query):
        """Override: as :meth:`_read_group_select`."""
        self._check_not_bound(groupby_spec)
        return super()._read_group_groupby(alias, groupby_spec, query)

    def _check_not_bound(self, spec):
        is_bound = spec.replace(":", ".").split(".")[0] == BOUND
        if is_bound and not self.env.su:
            raise AccessError(
                self.env._("Bounds are read proof by proof, so that it can be logged.")
            )

    @_read_write
    def read(self, fields=None, load="_classic_read"):
        """Override: not on a read-only connection."""
        return super().read(fields, load)

    @_read_write
    @api.model
    def search_read(self, *args, **kwargs):
        """Override: not on a read-only connection."""
        return super().search_read(*args, **kwargs)

    @_read_write
    def web_read(self, specification):
        """Override: not on a read-only connection."""
        return super().web_read(specification)

    @_read_write
    @api.model
    def web_search_read(self, *args, **kwargs):
        """Override: not on a read-only connection."""
        return super().web_search_read(*args, **kwargs)
