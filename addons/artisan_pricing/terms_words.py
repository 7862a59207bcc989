"""The engine's reasons for grades and terms, in words of the reader's language."""

from datetime import date
from decimal import Decimal

from odoo.tools import format_date, formatLang

from .decimals import to_decimal
from .engine import grades, terms
from .engine.grades import Reason

#: Reasons that are about the customer's past, for the customer's eyes as well.
FOR_CUSTOMERS = (
    grades.LATE,
    grades.WAITING,
    terms.GRADE_TERM,
    terms.MAKER_TERM,
    terms.DUE,
    terms.LIMIT,
)


def to_json(reasons):
    """Reasons as they are kept: a list of [code, {figure: text or number}]."""
    return [
        [reason.code, {name: _plain(value) for name, value in reason.figures}]
        for reason in reasons
    ]


def from_json(data):
    """The engine's reasons of what was kept by :func:`to_json`."""
    return tuple(
        Reason(
            code, tuple((name, _typed(name, value)) for name, value in figures.items())
        )
        for code, figures in data or ()
    )


def _plain(value):
    return str(value) if isinstance(value, Decimal | date) else value


def _typed(name, value):
    if name == "until":
        return date.fromisoformat(value)
    if name in ("points", "turnover", "days late"):
        return Decimal(value)
    return value


class TermsWords:
    """Says reasons. Grades and makers are named in the language of the environment.

    :param env: of the reader; grades and makers are read for anybody
    """

    def __init__(self, env):
        self._env = env

    def say_all(self, reasons, currency):
        """One sentence a line.

        :param currency: of amounts
        """
        return "\n".join(self.say(reason, currency) for reason in reasons)

    def say(self, reason, currency):
        """One sentence; an unknown code is said as it is."""
        figures = dict(reason.figures)
        speak = getattr(self, f"_say_{reason.code}", None)
        return speak(figures, currency) if speak else str(reason)

    # One for each code of the engine.

    def _say_score(self, figures, currency):
        return self._env._(
            "%(points)s of 100 points: turnover of 12 months %(turnover)s, %(days)s days "
            "late on average, %(disputes)s disputes.",
            points=self._number(figures["points"]),
            turnover=self._money(figures["turnover"], currency),
            days=self._number(figures["days late"]),
            disputes=figures["disputes"],
        )

    def _say_first_grade(self, figures, currency):
        return self._env._("The first grade, by what was bought and paid so far.")

    def _say_grade_kept(self, figures, currency):
        return self._env._("The grade is kept.")

    def _say_grade_earned(self, figures, currency):
        return self._env._(
            "One grade up, after %(days)s days without a late payment.",
            days=figures["clean days"],
        )

    def _say_invoice_late(self, figures, currency):
        return self._env._(
            "Invoice %(invoice)s was %(days)s days late: one grade down.",
            invoice=figures["invoice"],
            days=figures["days"],
        )

    def _say_score_fell(self, figures, currency):
        return self._env._(
            "The score is enough for %(grade)s only.",
            grade=self._grade(figures["earned"]),
        )

    def _say_waiting(self, figures, currency):
        return self._env._(
            "The score is enough for %(grade)s: one grade up on %(date)s, if everything is "
            "paid in time until then.",
            grade=self._grade(figures["earned"]),
            date=self._date(figures["until"]),
        )

    def _say_grade_term(self, figures, currency):
        return self._env._(
            "Grade %(grade)s: %(days)s days to pay.",
            grade=self._grade(figures["grade"]),
            days=figures["days"],
        )

    def _say_maker_term(self, figures, currency):
        return self._env._(
            "%(maker)s allows %(days)s days at most.",
            maker=self._maker(figures["maker"]),
            days=figures["days"],
        )

    def _say_due(self, figures, currency):
        return self._env._(
            "If it is invoiced today, it is due on %(date)s.",
            date=self._date(figures["due"]),
        )

    def _say_limit(self, figures, currency):
        return self._env._(
            "Up to %(amount)s may be open at a time.",
            amount=self._money(figures["amount"], currency),
        )

    def say_next(self, missing):
        """What the next grade needs.

        :param missing: ``order_terms.Missing``
        """
        grade = self._grade(missing.grade.key)
        if missing.turnover:
            return self._env._(
                "With %(turnover)s more of turnover in 12 months, and all invoices paid in "
                "time, we would gladly offer you %(grade)s: %(days)s days to pay.",
                turnover=self._money(missing.turnover, missing.currency),
                grade=grade,
                days=missing.grade.days,
            )
        return self._env._(
            "If all invoices are paid in time, we would gladly offer you %(grade)s: "
            "%(days)s days to pay.",
            grade=grade,
            days=missing.grade.days,
        )

    # Figures

    def _grade(self, key):
        grade = self._env["artisan.terms.grade"].sudo().browse(int(key)).exists()
        return grade.name or key

    def _maker(self, key):
        return self._env["res.partner"].sudo().browse(int(key)).exists().name or key

    def _date(self, value):
        return format_date(self._env, value)

    def _money(self, value, currency):
        return formatLang(self._env, float(value), currency_obj=currency)

    def _number(self, value):
        number = to_decimal(value)
        digits = 0 if number == number.to_integral_value() else 1
        return formatLang(self._env, float(number), digits=digits)
