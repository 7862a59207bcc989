from decimal import Decimal

from odoo import api, models
from odoo.tools import html2plaintext

from ..decimals import to_decimal
from ..engine import statement as engine

#: Letters of a maker's story that stand on a statement.
STORY_LENGTH = 200


class ArtisanStatement(models.Model):
    _inherit = "artisan.statement"

    def action_send(self):
        """A letter to the maker with the statement, to look over and send."""
        self.ensure_one()
        template = self.env.ref("artisan_pricing.mail_template_artisan_statement")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": template.id,
                "default_composition_mode": "comment",
                "force_email": True,
            },
        }

    def _get_report_base_filename(self):
        """What the portal calls the file."""
        self.ensure_one()
        return self.env._("Statement %s", self.display_name)

    def _is_paid_out(self):
        """Whether the maker has the money, and not a bill only."""
        self.ensure_one()
        return self.bill_id.payment_state in ("in_payment", "paid")

    def _get_documents(self):
        """The entries by document, in order.

        :return: [{"name", "order", "date", "entries", "total"}]
        """
        self.ensure_one()
        entries = self.entry_ids.sorted(lambda each: each._get_rank())
        return [
            {
                "name": document,
                "order": ", ".join(
                    dict.fromkeys(filter(None, group.mapped("order_ref")))
                ),
                "date": min(group.mapped("date")),
                "entries": group,
                "total": sum(group.mapped("amount")),
            }
            for document, group in entries.grouped("document").items()
        ]

    @api.model
    def _get_entry_words(self, entry):
        """Kind and text of an entry; no kind where the text begins with it."""
        kind = dict(entry._fields["kind"]._description_selection(self.env))[entry.kind]
        if entry.name.casefold().startswith(kind.casefold()):
            return "", entry.name
        return kind, entry.name

    def _get_table(self):
        """The statement for a spreadsheet: its amounts sum to the balance.

        :return: titles of the columns, and rows of cells (text, date, Decimal or None)
        """
        self.ensure_one()
        env, kinds = self.env, self.entry_ids._fields["kind"]
        kinds = dict(kinds._description_selection(env))
        step = Decimal(1).scaleb(-self.currency_id.decimal_places)
        before = [
            (self.date_from, None, None, kinds[engine.CARRIED], None, None),
        ] * bool(self.carried_in)
        entries = self.entry_ids.sorted(lambda each: each._get_rank())
        rows = before + [
            (
                entry.date,
                entry.document,
                entry.order_ref,
                kinds[entry.kind],
                entry.name,
                entry.rate,
            )
            for entry in entries
        ]
        amounts = [self.carried_in] * len(before) + entries.mapped("amount")
        header = [
            env._("Date"),
            env._("Document"),
            env._("Order"),
            env._("Kind"),
            env._("What for"),
            env._("Rate"),
            env._("Amount"),
            env._("Currency"),
        ]
        return header, [
            (*row, to_decimal(amount).quantize(step), self.currency_id.name)
            for row, amount in zip(rows, amounts, strict=True)
        ]

    def _get_commissions(self):
        """Part of the commission, with its rate -> its sum."""
        self.ensure_one()
        sums = {}
        for entry in self.entry_ids.sorted(lambda each: each._get_rank()):
            if entry.kind != engine.COMMISSION:
                continue
            source = entry.reversal_of_id or entry
            label = f"{source.name} {source.rate or ''}".strip()
            sums[label] = sums.get(label, 0) + entry.amount
        return sums

    def _get_story_line(self):
        """The beginning of what the maker tells customers, in the maker's language."""
        self.ensure_one()
        maker = self.maker_id
        note = maker.sudo()._get_maker_notes(self.company_id)[:1]
        text = html2plaintext(note.with_context(lang=maker.lang).text or "").strip()
        if len(text) <= STORY_LENGTH:
            return text
        return f"{text[:STORY_LENGTH].rsplit(' ', 1)[0]}…"
