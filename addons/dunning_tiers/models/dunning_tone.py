from odoo import api, models

from ..engine.tone import Finding


class DunningTone(models.AbstractModel):
    """Says in the user's language what breaks the tone contract."""

    _name = "dunning.tone"
    _description = "Tone Contract of Reminders"

    @api.model
    def _describe(self, finding: Finding) -> str:
        """One sentence that names the words and the rule."""
        describe = getattr(self, f"_describe_{finding.code}")
        return describe(finding, ", ".join(finding.words))

    @api.model
    def _get_rule_label(self, rule):
        labels = {
            "overdue": self.env._("the payment is late"),
            "pressure": self.env._("pressing the customer"),
            "last_chance": self.env._("a last chance"),
            "legal_action": self.env._("courts and legal action"),
            "lawyer": self.env._("lawyers"),
            "collection": self.env._("collection agencies"),
            "enforcement": self.env._("seizure and enforcement"),
            "credit_record": self.env._("credit records"),
            "threat": self.env._("threats"),
        }
        return labels.get(rule, rule)

    @api.model
    def _get_tone_label(self, tone):
        field = self.env["dunning.level"]._fields["tone"]
        return dict(field._description_selection(self.env)).get(tone, tone)

    def _describe_word(self, finding, words):
        return self.env._(
            "“%(words)s”: %(rule)s may be named from the tone “%(tone)s” on, not before.",
            words=words,
            rule=self._get_rule_label(finding.rule),
            tone=self._get_tone_label(finding.allowed_from),
        )

    def _describe_never(self, finding, words):
        return self.env._(
            "“%(words)s”: %(rule)s have no place in a reminder.",
            words=words,
            rule=self._get_rule_label(finding.rule),
        )

    def _describe_promotion(self, finding, words):
        return self.env._("“%s”: a reminder must not hold promotion.", words)

    def _describe_promotion_link(self, finding, words):
        return self.env._("A reminder must not link to promotion: %s", words)

    def _describe_first_fee(self, finding, words):
        return self.env._(
            "The first notice to a consumer in Germany must not ask for a fee."
        )

    def _describe_third_party(self, finding, words):
        return self.env._("A reminder goes to nobody but the customer: %s", words)

    def _describe_missing(self, finding, words):
        labels = {
            "invoices": self.env._("the number of each invoice"),
            "amounts": self.env._("the amounts"),
            "due_dates": self.env._("the due dates"),
            "payee": self.env._("who is to be paid"),
            "payment": self.env._("how to pay (bank account or payment page)"),
            "dispute": self.env._("whom to write to when something is wrong"),
        }
        fact = labels[finding.rule]
        if not words:
            return self.env._("The text must say %(fact)s.", fact=fact)
        return self.env._(
            "The text must say %(fact)s: %(words)s", fact=fact, words=words
        )

    def _describe_unresolved(self, finding, words):
        return self.env._("A place of the text was not filled in: %s", words)

    def _describe_shouting(self, finding, words):
        return self.env._("“%s”: a reminder does not shout.", words)
