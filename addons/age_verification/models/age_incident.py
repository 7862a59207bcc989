from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import const
from ..engine import chain

#: Where an incident points to: a number without a foreign key, and what it stands for.
LINKS = {
    "partner_id": "partner_ref",
    "order_id": "order_ref",
    "move_id": "move_ref",
    "rule_id": "rule_ref",
    "provider_id": "provider_ref",
    "user_id": "user_ref",
}


def _refers_to(ref, query):
    """Domain of the incidents whose number is one of a query, of any length."""
    return Domain.custom(
        to_sql=lambda model, alias, outer: SQL(
            "%s IN %s", model._field_to_sql(alias, ref, outer), query.subselect()
        )
    )


def _search_link(name):
    """Search method of a link, by ids or by words of the name."""

    def search(self, operator, value):
        model = self.env[self._fields[name].comodel_name]
        if operator in ("any", "any!", "not any", "not any!"):
            found = _refers_to(LINKS[name], model._search(value))
            return ~found if operator.startswith("not") else found
        if operator not in ("in", "not in"):
            ids = model.search([("display_name", operator, value)]).ids
            operator, value = "in", ids
        return Domain(LINKS[name], operator, value)

    return search


class AgeIncident(models.Model):
    """Something that a company must be able to show it noticed.

    Nobody edits or deletes incidents, and each company's are chained: see
    :mod:`engine.chain`. There are no foreign keys, for two reasons. The transaction that
    reports waits for this one, and may itself hold the order locked or not have written it
    yet. And an incident outlives the order it is about.

    The buyer can be forgotten without breaking the chain: it holds a salted hash of who it
    was, of which the salt is kept beside it until then.
    """

    _name = "age.incident"
    _description = "Age Incident"
    _log_access = False
    _order = "id desc"
    _rec_name = "kind"

    date = fields.Datetime(required=True, readonly=True)
    kind = fields.Selection(const.INCIDENT_KINDS, required=True, readonly=True)
    gate = fields.Selection(const.GATES, readonly=True)
    company_ref = fields.Integer("Company number", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", search="_search_company_id"
    )
    document = fields.Char(
        readonly=True, help="Name of the order, invoice or product then."
    )
    verdict = fields.Selection(const.VERDICTS, readonly=True)
    note = fields.Char(readonly=True)
    number = fields.Integer(required=True, readonly=True, aggregator=None)
    previous = fields.Char("Hash before", required=True, readonly=True)
    digest = fields.Char("Hash", required=True, readonly=True)

    partner_ref = fields.Integer("Buyer number", readonly=True, aggregator=None)
    partner_salt = fields.Char(readonly=True, groups="base.group_no_one")
    partner_hash = fields.Char(readonly=True, groups="base.group_no_one")
    order_ref = fields.Integer("Order number", readonly=True, aggregator=None)
    move_ref = fields.Integer("Invoice number", readonly=True, aggregator=None)
    rule_ref = fields.Integer("Rule number", readonly=True, aggregator=None)
    provider_ref = fields.Integer("Provider number", readonly=True, aggregator=None)
    user_ref = fields.Integer("User number", readonly=True, aggregator=None)

    partner_id = fields.Many2one(
        "res.partner",
        "Buyer",
        compute="_compute_links",
        search=_search_link("partner_id"),
    )
    order_id = fields.Many2one(
        "sale.order", compute="_compute_links", search=_search_link("order_id")
    )
    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        compute="_compute_links",
        search=_search_link("move_id"),
    )
    rule_id = fields.Many2one(
        "age.rule", compute="_compute_links", search=_search_link("rule_id")
    )
    provider_id = fields.Many2one(
        "age.provider", compute="_compute_links", search=_search_link("provider_id")
    )
    user_id = fields.Many2one(
        "res.users", "Actor", compute="_compute_links", search=_search_link("user_id")
    )

    _chain_uniq = models.Constraint(
        "UNIQUE(company_ref, number)", "A chain has one incident at each place."
    )
    _recent_idx = models.Index("(company_ref, date)")
    _order_idx = models.Index("(order_ref) WHERE order_ref IS NOT NULL")
    _move_idx = models.Index("(move_ref) WHERE move_ref IS NOT NULL")
    _partner_idx = models.Index("(partner_ref) WHERE partner_ref IS NOT NULL")

    def init(self):
        """The database itself refuses to change what was written down."""
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION age_incident_is_final() RETURNS trigger AS $$
            BEGIN
                IF TG_OP = 'UPDATE' THEN
                    IF NEW.partner_ref IS NULL AND NEW.partner_salt IS NULL
                       AND to_jsonb(NEW) - '{partner_ref,partner_salt}'::text[]
                         = to_jsonb(OLD) - '{partner_ref,partner_salt}'::text[]
                    THEN
                        RETURN NEW;  -- the buyer is forgotten, the chain holds
                    END IF;
                END IF;
                RAISE EXCEPTION 'age incidents are neither changed nor deleted'
                    USING ERRCODE = 'restrict_violation';
            END $$ LANGUAGE plpgsql;

            DROP TRIGGER IF EXISTS age_incident_is_final ON age_incident;
            CREATE TRIGGER age_incident_is_final BEFORE UPDATE OR DELETE ON age_incident
                FOR EACH ROW EXECUTE FUNCTION age_incident_is_final();

            DROP TRIGGER IF EXISTS age_incident_stays ON age_incident;
            CREATE TRIGGER age_incident_stays BEFORE TRUNCATE ON age_incident
                FOR EACH STATEMENT EXECUTE FUNCTION age_incident_is_final();
            """
        )

    # === COMPUTE === #

    @api.depends("company_ref")
    def _compute_company_id(self):
        for incident in self:
            incident.company_id = incident.company_ref

    def _search_company_id(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        return Domain("company_ref", operator, value)

    @api.depends(*LINKS.values())
    def _compute_links(self):
        """What an incident is about, as far as it is still there."""
        for name, ref in LINKS.items():
            model = self.env[self._fields[name].comodel_name]
            ids = [incident[ref] for incident in self if incident[ref]]
            found = set(model.browse(ids).exists().ids)
            for incident in self:
                incident[name] = incident[ref] if incident[ref] in found else False

    @api.depends("kind", "document", "number")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for incident in self:
            words = [kinds.get(incident.kind), incident.document]
            incident.display_name = f"#{incident.number} " + ", ".join(
                word for word in words if word
            )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Override: incidents come from :meth:`_record` alone."""
        raise AccessError(self.env._("Incidents are not written by hand."))

    def write(self, vals):  # pylint: disable=method-required-super
        """Override: incidents are evidence."""
        raise AccessError(self.env._("Incidents are evidence: they are not changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_incident(self):
        raise AccessError(self.env._("Incidents are evidence: they are not deleted."))

    # === VERIFYING === #

    @api.model
    def _verify_chains(self, companies):
        """Look at the chains of incidents from end to end.

        :return: {company: (number of incidents, hash of the last, None or
            :class:`engine.chain.Break`)}
        """
        heads = self.env["age.incident.head"]._get_heads(companies)
        return {
            company: (
                heads[company].number,
                heads[company].digest,
                chain.verify(self._read_links(company), heads[company]),
            )
            for company in companies
        }

    def action_verify_chain(self):
        """Tell whether the user's companies' incidents are as they were written."""
        self.browse().check_access("read")
        results = self._verify_chains(self.env.companies)
        broken = [found for *_head, found in results.values() if found]
        lines = [self._describe_chain(*item) for item in results.items()]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if broken else "success",
                "sticky": bool(broken),
                "message": "\n".join(lines),
            },
        }

    @api.model
    def _describe_chain(self, company, result):
        count, digest, broken = result
        if not broken:
            return self.env._(
                "%(company)s: %(count)s incidents, none changed or missing. Last hash: "
                "%(hash)s",
                company=company.name,
                count=count,
                hash=digest,
            )
        return self.env._(
            "%(company)s: the chain is broken at incident %(number)s. %(why)s",
            company=company.name,
            number=broken.number,
            why=self.env._(const.CHAIN_BREAKS[broken.reason]),
        )
