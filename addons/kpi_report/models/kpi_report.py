from decimal import ROUND_HALF_UP, Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..periods import list_months

#: Longer than anybody compares month by month.
MAX_MONTHS = 240


class KpiReport(models.AbstractModel):
    """Key figures of companies over a period and by its calendar months.

    It has none of its own: an addon that has figures extends :meth:`_get_sections`.
    """

    _name = "kpi.report"
    _description = "KPI Report"

    @api.model
    def _get_report(self, companies, date_from, date_to):
        """Return the figures of companies as one document that JSON can hold.

        Access is not checked: the caller says for whom it asks. Days after today are left
        out: what happens on them is not known yet.

        :param companies: ``res.company`` records
        :param date date_from: first day
        :param date date_to: last day; the user's today at the latest
        :return: ``date_from``, ``date_to`` (as they were taken), ``months`` (``YYYY-MM`` of
            each), ``companies`` (name and currency) and ``sections``, see
            :meth:`_get_sections`
        :raise UserError: there is no day in the period, or it is too long
        """
        date_to = min(date_to, fields.Date.context_today(self))
        self._check_period(date_from, date_to)
        companies = companies.sudo()
        return {
            "date_from": date_from.isoformat(),
            "date_to": date_to.isoformat(),
            "months": [
                self._get_month_key(month) for month in list_months(date_from, date_to)
            ],
            "companies": [self._prepare_company(company) for company in companies],
            "sections": self._get_sections(companies, date_from, date_to)
            if companies
            else [],
        }

    @api.model
    def _check_period(self, date_from, date_to):
        if date_from > date_to:
            raise UserError(
                self.env._(
                    "There is no day between %(date_from)s and %(date_to)s.",
                    date_from=date_from,
                    date_to=date_to,
                )
            )
        if len(list_months(date_from, date_to)) > MAX_MONTHS:
            raise UserError(
                self.env._("The period has more than %s months.", MAX_MONTHS)
            )

    # === SECTIONS === #

    @api.model
    def _get_sections(self, companies, date_from, date_to):
        """Hook: return the figures by subject; an addon appends its own section.

        :param companies: ``res.company`` records, at least one
        :param date date_from: first day
        :param date date_to: last day, not before the first and not after today
        :return: list of :meth:`_prepare_section`
        """
        return []

    @api.model
    def _prepare_section(self, code, title, figures):
        """Return the figures of one subject.

        :param code: name for scripts
        :param title: name for people
        :param figures: company -> list of :meth:`_prepare_figure`
        """
        return {
            "code": code,
            "title": title,
            "companies": [
                {**self._prepare_company(company), "figures": rows}
                for company, rows in figures.items()
            ],
        }

    @api.model
    def _prepare_company(self, company):
        return {"company": company.name, "currency": company.currency_id.name}

    @api.model
    def _prepare_figure(self, code, title, unit, value, months):
        """Return one figure of one company.

        Counts stay whole numbers. All else becomes a decimal string, of the currency's
        decimal places or of two; ``None`` says that the figure has no meaning there.

        :param code: name for scripts
        :param title: name for people
        :param unit: a ``res.currency``, whose code is stated; or ``count``, ``percent``,
            ``days``, ``minutes``
        :param value: number of the whole period: ``int``, ``Decimal``, ``float`` or ``None``
        :param months: the same by first day of month, for each month of the period
        """
        is_amount = isinstance(unit, models.BaseModel)
        places = unit.decimal_places if is_amount else 2
        return {
            "code": code,
            "title": title,
            "unit": unit.name if is_amount else unit,
            "value": self._convert_value(value, places),
            "months": {
                self._get_month_key(month): self._convert_value(number, places)
                for month, number in months.items()
            },
        }

    @api.model
    def _prepare_count(self, code, title, months):
        """Return a figure that counts, of the months' counts; see :meth:`_prepare_figure`."""
        return self._prepare_figure(code, title, "count", sum(months.values()), months)

    @api.model
    def _convert_value(self, value, places):
        if value is None or value is False:  # a group's average of nothing is False
            return None
        if isinstance(value, int):
            return value
        step = Decimal(1).scaleb(-places)
        rounded = Decimal(str(value)).quantize(step, ROUND_HALF_UP)
        return str(rounded + 0)  # no "-0.00"

    @api.model
    def _get_month_key(self, month):
        return f"{month:%Y-%m}"

    # === HELPERS OF SECTIONS === #

    @api.model
    def _get_months(self, date_from, date_to):
        """Return the first day of each calendar month of the period."""
        return list_months(date_from, date_to)

    @api.model
    def _get_rate(self, part, whole):
        """Return ``part`` in percent of ``whole``, or ``None`` of nothing at all."""
        return Decimal(part) * 100 / whole if whole else None
