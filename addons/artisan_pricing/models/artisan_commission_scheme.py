from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..decimals import to_decimal
from ..engine import commission as engine
from ..engine.money import PricingError
from ..refusal_words import say_refusal


class ArtisanCommissionScheme(models.Model):
    _name = "artisan.commission.scheme"
    _description = "Commission Scheme"
    _inherit = ["mail.thread"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Of amounts in the scheme. Invoices in another currency use the rate of "
        "their date.",
    )
    part_ids = fields.One2many("artisan.commission.part", "scheme_id", copy=True)
    minimum = fields.Monetary(
        tracking=True,
        help="The least of all parts together for a maker's lines of an order; zero: none.",
    )
    maximum = fields.Monetary(
        tracking=True,
        help="The most of all parts together for a maker's lines of an order; zero: none.",
    )

    @api.constrains("part_ids", "minimum", "maximum")
    def _check_scheme(self):
        for scheme in self:
            try:
                scheme._to_engine()
            except PricingError as error:
                raise ValidationError(
                    self.env._(
                        "%(name)s makes no commission: %(error)s",
                        name=scheme.name,
                        error=say_refusal(self.env, error),
                    )
                ) from error

    # The name: a scheme that is created without parts is looked at as well.
    @api.constrains("name", "part_ids")
    def _check_has_parts(self):
        for scheme in self:
            if not scheme.part_ids:
                raise ValidationError(
                    self.env._(
                        "%(name)s has no parts. Add one, with 0 %% where no commission is "
                        "taken.",
                        name=scheme.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        """Makers who lost their scheme would pay another commission, or none."""
        # Whoever deletes may not see all companies, nor all makers.
        companies = self.env["res.company"].sudo().search(Domain.TRUE)
        users = companies.filtered(
            lambda each: each.artisan_commission_scheme_id in self
        ).partner_id
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        for company in companies:
            users |= partners.with_company(company).search(
                [("commission_scheme_id", "in", self.ids)], limit=10
            )
        if users:
            raise UserError(
                self.env._(
                    "%(schemes)s: this is the commission of %(users)s. Give them another "
                    "one first.",
                    schemes=", ".join(self.mapped("name")),
                    users=", ".join(users[:10].mapped("display_name")),
                )
            )

    def _to_engine(self, currency=None, company=None, date=None):
        """The engine's scheme; no record: no commission.

        :param currency: what its amounts are converted to; none: the scheme's own
        :param date: of the rate
        :raise PricingError: parts that make no commission
        :raise UserError: a currency without rate
        """
        if not self:
            return engine.Scheme()
        self.ensure_one()
        rate = self._get_rate(currency or self.currency_id, company, date)
        return engine.Scheme(
            tuple(part._to_engine(rate) for part in self.part_ids),
            self._to_bound(self.minimum, rate),
            self._to_bound(self.maximum, rate),
        )

    @api.model
    def _to_bound(self, amount, rate):
        """A minimum or maximum (Decimal); None where the field is empty."""
        return to_decimal(amount) * rate if amount else None

    def _get_rate(self, currency, company, date):
        """What an amount of the scheme is multiplied with (Decimal)."""
        if currency == self.currency_id:
            return to_decimal(1)
        company = company or self.company_id or self.env.company
        for each in currency | self.currency_id:
            # Core takes a currency without rate for one of equal worth.
            if each != company.currency_id and not each.with_company(company).rate_ids:
                raise UserError(
                    self.env._(
                        "%(currency)s has no rate, so %(scheme)s cannot be used.",
                        currency=each.name,
                        scheme=self.name,
                    )
                )
        return to_decimal(
            self.currency_id._get_conversion_rate(
                self.currency_id, currency, company, date
            )
        )

    def _get_labels(self):
        """Code of a part -> (its name, its rate in words), bounds included."""
        return {
            engine.MINIMUM: (self.env._("Least commission"), ""),
            engine.MAXIMUM: (self.env._("Most commission"), ""),
        } | {part.code: (part.name, part._get_rate_text()) for part in self.part_ids}
