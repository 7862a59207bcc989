from odoo import Command

from ..engine.plain_text import plain_text
from .common import DunningCommon
from .ledger_common import TODAY

LANGUAGES = ("en_US", "de_DE", "fr_FR", "es_ES")
TONES = ("courtesy", "friendly", "firm", "final")


class NoticeCommon(DunningCommon):
    """A level with the default template for each tone, and notices made by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for lang in LANGUAGES[1:]:
            cls.env["res.lang"]._activate_lang(lang)
        cls.env["ir.module.module"]._load_module_terms(
            ["base", "account", "dunning_tiers"], list(LANGUAGES[1:])
        )
        for tone, level in cls._levels_by_tone().items():
            level.mail_template_id = cls.env.ref(f"dunning_tiers.mail_template_{tone}")

    @classmethod
    def _levels_by_tone(cls):
        courtesy = cls.env["dunning.level"].create(
            {
                "name": "Soon",
                "policy_id": cls.policy.id,
                "days": -3,
                "tone": "courtesy",
                "attach_invoices": False,
            }
        )
        return dict(
            zip(TONES, (courtesy, cls.friendly, cls.firm, cls.final), strict=True)
        )

    def _create_notice(self, tone="friendly", **kwargs):
        """A notice of one invoice of 1,234.50, ten days overdue or due in two days."""
        level = self.policy.level_ids.filtered(lambda level: level.tone == tone)[:1]
        move = kwargs.pop("move", None) or self._create_debt(
            1234.5, -2 if tone == "courtesy" else 10
        )
        run = self.env["dunning.run"].create(
            {"company_id": self.company.id, "date": TODAY}
        )
        lines = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        # Notices are made by runs: nobody may write one by hand.
        return (
            self.env["dunning.notice"]
            .sudo()
            .create(
                {
                    "name": f"DUN/TEST/{run.id}",
                    "run_id": run.id,
                    "company_id": self.company.id,
                    "date": TODAY,
                    "policy_id": self.policy.id,
                    "level_id": level.id,
                    "partner_id": self.customer.id,
                    "contact_id": self.customer.id,
                    "currency_id": move.currency_id.id,
                    "user_id": self.accountant.id,
                    "amount_items": sum(lines.mapped("amount_residual_currency")),
                    "item_ids": [
                        Command.create(self._prepare_item(run, level, line))
                        for line in lines
                    ],
                    **kwargs,
                }
            )
        )

    def _prepare_item(self, run, level, line):
        return {
            "run_id": run.id,
            "company_id": self.company.id,
            "date": TODAY,
            "policy_id": self.policy.id,
            "level_id": level.id,
            "move_line_id": line.id,
            "move_id": line.move_id.id,
            "partner_id": self.customer.id,
            "currency_id": line.currency_id.id,
            "date_maturity": line.date_maturity,
            "amount_residual": line.amount_residual_currency,
            "amount_asked": line.amount_residual_currency,
            "verdict": "send",
            "state": "open",
        }

    def _text(self, notice):
        _subject, body = notice._render_mail()
        # Core puts an invisible mark between a minus and its number.
        return " ".join(plain_text(body)[0].replace("\ufeff", "").split())
