from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import content_html
from ..engine import content as engine


class ArtisanContent(models.Model):
    _name = "artisan.content"
    _description = "Content for Invoices"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, help="For your own use, customers do not see it.")
    kind = fields.Selection(
        selection=[
            ("note", "Maker's note"),
            ("care", "Care"),
            ("warranty", "Warranty"),
            ("parts", "Part compatibility"),
            ("related", "Goes well with it"),
            ("loyalty", "Your loyalty status"),
            ("shipping", "Shipping option"),
        ],
        required=True,
        default="note",
        help="A line of an invoice shows one block of a kind: the one that is most "
        "about it. Product goes before category, category before maker.",
    )
    text = fields.Html(
        translate=True,
        required=True,
        strip_style=True,
        strip_classes=True,
        help="Simple text: paragraphs, lists, bold, links to web pages. Anything else is "
        "left out.",
    )
    version = fields.Integer(
        default=1,
        readonly=True,
        copy=False,
        help="Rises with each change of the text, in any language.",
    )
    # Restricted: a block whose last product or tag is deleted would be shown for all.
    product_tmpl_ids = fields.Many2many(
        "product.template", string="Products", check_company=True, ondelete="restrict"
    )
    categ_id = fields.Many2one(
        "product.category",
        "Product category",
        index="btree_not_null",
        ondelete="restrict",
        help="Products of this category and of those below it.",
    )
    maker_id = fields.Many2one(
        "res.partner",
        domain=[("is_maker", "=", True)],
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Products of this maker.",
    )
    partner_tag_ids = fields.Many2many(
        "res.partner.category",
        string="Customer tags",
        ondelete="restrict",
        help="Customers with one of these tags.",
    )
    orders_from = fields.Integer(
        "From order",
        default=1,
        required=True,
        help="Shown from this confirmed order of the customer on. 1 is for everybody.",
    )
    date_from = fields.Date("From")
    date_to = fields.Date("Until", help="The last day, by the date of the invoice.")
    share = fields.Integer(
        "Share of customers",
        default=100,
        required=True,
        help="In percent. A customer always stays on the same side; the others get the "
        "next block that fits, if there is one.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty: invoices of all companies.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    shown_count = fields.Integer(
        "Invoices with it",
        compute="_compute_counts",
        compute_sudo=True,
        help="Posted invoices that show it.",
    )
    kept_back_count = fields.Integer(
        "Invoices without it",
        compute="_compute_counts",
        compute_sudo=True,
        help="Posted invoices that it fits, of customers outside the share.",
    )

    _share_percent = models.Constraint(
        "CHECK(share BETWEEN 1 AND 100)",
        "The share of customers is from 1 to 100 percent.",
    )
    _orders_from_positive = models.Constraint(
        "CHECK(orders_from >= 1)", "Orders are counted from 1."
    )
    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "The last day is not before the first."
    )

    def _compute_counts(self):
        groups = self.env["artisan.content.snapshot"]._read_group(
            [("content_id", "in", self.ids), ("move_id.state", "=", "posted")],
            ["content_id", "kept_back"],
            ["__count"],
        )
        counts = {(content, kept_back): count for content, kept_back, count in groups}
        for content in self:
            content.shown_count = counts.get((content._origin, False), 0)
            content.kept_back_count = counts.get((content._origin, True), 0)

    @api.model_create_multi
    def create(self, vals_list):
        """Override: texts are cleaned, and start at version 1."""
        return super().create([self._prepare_text_vals(vals) for vals in vals_list])

    def write(self, vals):
        """Override: texts are cleaned, and a changed one is a new version."""
        if "text" not in vals and "version" not in vals:
            return super().write(vals)
        before = {content: content.text for content in self}
        result = super().write(self._prepare_text_vals(vals))
        changed = self.filtered(lambda content: content.text != before[content])
        changed._raise_version()
        return result

    def copy(self, default=None):
        """Override: a copy begins at version 1, with its translations."""
        copies = super().copy(default)
        copies._write_version(dict.fromkeys(copies, 1))
        return copies

    def _update_field_translations(self, field_name, translations, *args, **kwargs):
        """Override: translated texts are cleaned, and are a new version, too."""
        if field_name != "text":
            return super()._update_field_translations(
                field_name, translations, *args, **kwargs
            )
        clean = {
            lang: {term: new and self._clean_text(new) for term, new in terms.items()}
            for lang, terms in translations.items()
        }
        result = super()._update_field_translations(field_name, clean, *args, **kwargs)
        for lang in clean:
            # Terms that are short enough may be too long together.
            self._clean_text(self.with_context(lang=lang).text)
        self._raise_version()
        return result

    def _raise_version(self):
        self._write_version({content: content.version + 1 for content in self})

    @api.model
    def _write_version(self, versions):
        """Past `write`, which takes no version from anybody."""
        for content, version in versions.items():
            models.Model.write(content, {"version": version})

    @api.model
    def _prepare_text_vals(self, vals):
        """Values without what users may not give, the text clean."""
        vals = {name: value for name, value in vals.items() if name != "version"}
        if "text" in vals:
            vals["text"] = self._clean_text(vals["text"])
        return vals

    @api.model
    def _clean_text(self, text):
        """Return the text as it may be printed.

        :raise ValidationError: too long, too deep or empty
        """
        try:
            clean = content_html.clean_html(text)
        except content_html.ContentHtmlError as error:
            raise ValidationError(self._get_refusal(error)) from error
        if not clean:
            raise ValidationError(self.env._("The text has nothing to read in it."))
        return clean

    @api.model
    def _get_titles(self, lang):
        """{kind: what stands above such a block in that language, if it is in use}"""
        lang = self.env["res.lang"]._get_code(lang) or "en_US"
        field = self._fields["kind"]
        return dict(field._description_selection(self.with_context(lang=lang).env))

    @api.model
    def _get_refusal(self, error):
        figures = {"value": error.value, "limit": error.limit}
        if error.code == "characters":
            return self.env._(
                "The text has %(value)s characters, an invoice has room for %(limit)s.",
                **figures,
            )
        if error.code == "source":
            return self.env._(
                "The text with its marks has %(value)s characters, %(limit)s are "
                "allowed. Paste it without its formatting.",
                **figures,
            )
        return self.env._(
            "The text has more than %(limit)s marks inside each other. Paste it "
            "without its formatting.",
            **figures,
        )

    def _to_block(self):
        """What the block states, for the engine."""
        self.ensure_one()
        # A block of archived products stays theirs.
        self = self.with_context(active_test=False)  # noqa: PLW0642
        return engine.Block(
            key=self.id,
            kind=self.kind,
            products=frozenset(self.product_tmpl_ids.ids),
            category=self.categ_id.id or None,
            maker=self.maker_id.id or None,
            tags=frozenset(self.partner_tag_ids.ids),
            orders_from=self.orders_from,
            date_from=self.date_from or None,
            date_to=self.date_to or None,
            company=self.company_id.id or None,
            sequence=self.sequence,
            share=self.share,
        )
