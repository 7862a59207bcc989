from odoo import api, models

from ..const import is_pipeline
from ..extension import is_extended

#: Key of the ranks that wait in the transaction.
RANKS = "marketplace_invoicing.ranks"
#: What core does with the fields that a contact has from its customer.
SYNC_METHODS = (
    "_fields_sync",
    "_commercial_sync_from_company",
    "_company_dependent_commercial_sync",
    "_children_sync",
)


class ResPartner(models.Model):
    _inherit = "res.partner"

    # === CONTACTS OF CUSTOMERS ===

    @api.model
    def _create_contacts(self, vals_list):
        """Create invoice and delivery contacts of customers, many at a time.

        What a contact has from its customer (core's commercial fields: VAT number, accounts,
        payment terms ... in each company) core reads and writes contact by contact, company by
        company. Here the same values go to all contacts that get them at once.

        :param vals_list: values with ``parent_id``, without commercial fields
        :return: contacts, in that order
        """
        if is_extended(self, *SYNC_METHODS):
            return self.create(vals_list)
        contacts = self.with_context(_partners_skip_fields_sync=True).create(vals_list)
        contacts = contacts.with_env(self.env)
        direct = contacts.filtered(lambda contact: contact._has_all_from_parent())
        direct.sudo()._copy_commercial_fields()
        # A customer that is a contact of a company himself: core looks at all three.
        for contact, vals in zip(contacts, vals_list, strict=True):
            if contact not in direct:
                contact._fields_sync(self._add_missing_default_values(vals))
        return contacts

    def _has_all_from_parent(self):
        """Tell whether core would do no more for this new contact than copy fields to it."""
        self.ensure_one()
        return (
            self.type in ("invoice", "delivery")
            and not self.is_company
            and self.commercial_partner_id == self.parent_id
        )

    def _copy_commercial_fields(self):
        """Copy them from the customers: in this company those that are set, as core does."""
        self._write_grouped(lambda customer: customer._get_commercial_values())
        names = self._company_dependent_commercial_fields()
        if not (self and names):
            return
        others = self.env["res.company"].search([("id", "!=", self.env.company.id)])
        for company in others:
            self.with_company(company)._write_grouped(
                lambda customer: customer._convert_fields_to_values(names)
            )

    def _write_grouped(self, get_values):
        """Write to contacts what their customers have.

        :param get_values: function of a customer that returns values
        """
        customers = self.commercial_partner_id
        values = {customer: get_values(customer) for customer in customers}
        groups = self.grouped(lambda c: repr(values[c.commercial_partner_id]))
        for contacts in groups.values():
            if vals := values[contacts[0].commercial_partner_id]:
                contacts.write(vals)

    # === RANKS ===

    def _increase_rank(self, field, n=1):
        """Override of `account`: count up once for a whole batch of channel orders."""
        if not is_pipeline(self.env):
            return super()._increase_rank(field, n)
        precommit = self.env.cr.precommit
        if RANKS not in precommit.data:
            precommit.add(self.env[self._name]._increase_waiting_ranks)
        ranks = precommit.data.setdefault(RANKS, {})
        for partner in self:
            ranks[field, partner.id] = ranks.get((field, partner.id), 0) + n
        return None

    def _increase_waiting_ranks(self):
        """Write the ranks that wait: new customers at once, the others as core does."""
        ranks = self.env.cr.precommit.data.pop(RANKS, {})
        groups = {}
        for (field, partner_id), count in ranks.items():
            groups.setdefault((field, count), []).append(partner_id)
        for (field, count), ids in groups.items():
            partners = self.sudo().browse(ids)
            new = partners.filtered(lambda partner, field=field: not partner[field])
            new.write({field: count})
            partners = (partners - new).with_context(marketplace_batch=False)
            partners._increase_rank(field, count)
