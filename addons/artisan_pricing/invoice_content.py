"""The blocks of content of many customer invoices at once, with a fixed number of queries."""

import logging
from collections import defaultdict

from markupsafe import Markup

from odoo import fields
from odoo.fields import Command, Domain

from .content_html import ContentHtmlError, clean_html
from .engine.content import Chooser, Line

_logger = logging.getLogger(__name__)


class InvoiceContent:
    """What customer invoices tell their readers about what was bought.

    :param moves: ``account.move`` of customers, in an environment that may read
        everything about them; drafts and records not yet saved, too
    """

    def __init__(self, moves):
        self.env = moves.env
        self.moves = moves
        self.contents = self._get_contents()
        self.orders = self._count_orders()

    def prepare_vals(self):
        """Values of ``artisan.content.snapshot`` for each of the invoices.

        :return: {move: [vals]}, those shown first, by the blocks' order
        """
        if not self.contents:
            return {}
        chosen = self._choose()
        texts = self._get_texts(chosen)
        names = self._get_product_names(chosen)
        return {
            move: [
                self._prepare_snapshot_vals(move, content, *entry, texts, names)
                for content, entry in sorted(
                    entries.items(),
                    key=lambda item: (item[1][1], item[0].sequence, item[0].id),
                )
            ]
            for move, entries in chosen.items()
        }

    def _get_contents(self):
        """Blocks that may concern any of the invoices."""
        contents = self.env["artisan.content"].sudo()
        if not self.moves:
            return contents
        days = [self._get_day(move) for move in self.moves]
        companies = self.moves.company_id.parent_ids.ids
        return contents.search(
            Domain("company_id", "in", [False, *companies])
            & (Domain("date_from", "=", False) | Domain("date_from", "<=", max(days)))
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", min(days)))
        )

    def _count_orders(self):
        """Confirmed orders by customer and company, if any block asks for them."""
        counts = defaultdict(int)
        if any(content.orders_from > 1 for content in self.contents):
            groups = (
                self.env["sale.order"]
                .sudo()
                ._read_group(
                    [
                        ("state", "=", "sale"),
                        ("company_id", "in", self.moves.company_id.ids),
                        (
                            "partner_id.commercial_partner_id",
                            "in",
                            self.moves.commercial_partner_id.ids,
                        ),
                    ],
                    ["partner_id", "company_id"],
                    ["__count"],
                )
            )
            for partner, company, count in groups:
                counts[partner.commercial_partner_id, company] += count
        return counts

    def _choose(self):
        """{move: {content: [lines, whether kept back]}}"""
        by_key = {content.id: content for content in self.contents}
        chooser = Chooser([content._to_block() for content in self.contents])
        chosen = {}
        for move in self.moves:
            entries = chosen[move] = {}
            for line in self._get_lines(move):
                choice = chooser.choose(self._to_line(move, line))
                for kept_back, blocks in (
                    (False, choice.shown),
                    (True, choice.kept_back),
                ):
                    for block in blocks:
                        content = by_key[block.key]
                        entries.setdefault(content, ([], kept_back))[0].append(line)
        return chosen

    def _get_lines(self, move):
        """Lines that sell something; what is taken back or deducted tells no story."""
        return [
            line
            for line in move.invoice_line_ids
            if line.display_type == "product" and line.quantity > 0
        ]

    def _to_line(self, move, line):
        template = line.product_id.product_tmpl_id
        customer = move.commercial_partner_id
        path = template.categ_id.parent_path or ""
        return Line(
            customer=customer._origin.id or 0,
            day=self._get_day(move),
            product=template._origin.id or None,
            categories=tuple(int(key) for key in reversed(path.split("/")[:-1])),
            maker=template.maker_id.id or None,
            tags=frozenset((move.partner_id.category_id | customer.category_id).ids),
            orders=self.orders[customer._origin, move.company_id] or 1,
            companies=frozenset(move.company_id.parent_ids.ids),
        )

    def _get_day(self, move):
        return move.invoice_date or fields.Date.context_today(move)

    def _get_lang(self, move):
        """The customer's language, if it is (still) in use."""
        langs = self.env["res.lang"]
        return (
            langs._get_code(move.partner_id.lang)
            or langs._get_code(move.company_id.partner_id.lang)
            or "en_US"
        )

    def _get_texts(self, chosen):
        """{(content, lang): text}; cleaned again, as old or imported ones may not be."""
        contents_by_lang = defaultdict(lambda: self.contents.browse())
        for move, entries in chosen.items():
            shown = [content for content, entry in entries.items() if not entry[1]]
            contents_by_lang[self._get_lang(move)] |= self.contents.browse().concat(
                *shown
            )
        return {
            (content, lang): self._get_clean_text(content.with_context(lang=lang))
            for lang, contents in contents_by_lang.items()
            for content in contents
        }

    def _get_clean_text(self, content):
        """The text, or nothing: what came in past the form does not stop an invoice."""
        try:
            return Markup(clean_html(content.text))
        except ContentHtmlError as error:
            _logger.warning("Block %s is not printed: %s", content.id, error)
            return Markup()

    def _get_product_names(self, chosen):
        """{(product, lang): name}"""
        langs = {self._get_lang(move) for move in chosen}
        products = self.moves.invoice_line_ids.product_id
        return {
            (product, lang): product.with_context(lang=lang).name
            for lang in langs
            for product in products
        }

    def _prepare_snapshot_vals(self, move, content, lines, kept_back, texts, names):
        lang = self._get_lang(move)
        products = dict.fromkeys(line.product_id for line in lines if line.product_id)
        is_for_all = len(lines) == len(self._get_lines(move))
        return {
            "move_id": move.id,
            "content_id": content.id,
            "version": content.version,
            "kind": content.kind,
            "text": False if kept_back else texts[content, lang],
            "lang": lang,
            "product_ids": [Command.set([product.id for product in products])],
            "applies_to": not is_for_all
            # Variants have one name.
            and ", ".join(dict.fromkeys(names[product, lang] for product in products)),
            "maker_name": content.kind == "note" and content.maker_id.name,
            "kept_back": kept_back,
            "sequence": content.sequence,
        }
