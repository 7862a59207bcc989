import base64
import io

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..channels import intake, profile_settlement, profile_words, profiles
from ..channels.base import ChannelParseError

YES_NO_UNKNOWN = [("yes", "Yes"), ("no", "No"), ("unknown", "Not known")]
SIGNS = {"point": ".", "comma": ",", "space": " ", "apostrophe": "'"}
AS_BOOL = {"yes": True, "no": False, "unknown": None}


class MarketplaceFileProfile(models.Model):
    """How to read the files of a shop that is none of the known platforms."""

    _name = "marketplace.file.profile"
    _description = "Marketplace File Profile"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for all companies."
    )
    channel_ids = fields.One2many(
        "marketplace.channel", "profile_id", string="Channels"
    )
    settlement_channel_ids = fields.One2many(
        "marketplace.channel", "settlement_profile_id", string="Channels with Payouts"
    )
    document = fields.Selection(
        [("orders", "Orders"), ("settlement", "Payouts")],
        string="What the File Holds",
        required=True,
        default="orders",
        help="Payouts: what the marketplace pays you, with fees and refunds. Such a file is a "
        "table, and any channel may use the profile for reports that are not known otherwise.",
    )
    kind = fields.Selection(
        [
            ("csv", "CSV"),
            ("tsv", "Tab separated"),
            ("xlsx", "Excel (XLSX)"),
            ("json", "JSON"),
            ("xml", "XML"),
        ],
        string="File Type",
        required=True,
        default="csv",
    )
    delimiter = fields.Char(
        size=1, help="Empty: found by itself, by which one shows the columns below."
    )
    encoding = fields.Char(help="Empty: UTF-8, else Windows-1252.")
    skip_lines = fields.Integer(help="Lines above the header.")
    sheet = fields.Char(help="Empty: the first visible sheet.")
    decimal_point = fields.Selection(
        [("point", "Point"), ("comma", "Comma")],
        required=True,
        default="point",
        help="Never guessed: 1,234 is a thousand or one and a bit.",
    )
    digit_group = fields.Selection(
        [
            ("point", "Point"),
            ("comma", "Comma"),
            ("space", "Space"),
            ("apostrophe", "Apostrophe"),
        ],
        string="Thousands Separator",
    )
    date_format = fields.Char(
        help="As in %d.%m.%Y %H:%M; empty for ISO dates (2026-01-31), "
        "epoch for seconds since 1970.",
    )
    timezone = fields.Char(default="UTC", required=True)
    rows = fields.Selection(
        [("line", "One line of an order"), ("order", "One whole order")],
        string="One Row Is",
        required=True,
        default="line",
    )
    record_path = fields.Char(
        string="Path of the Orders", help="JSON: data.orders[] - XML: Order"
    )
    line_path = fields.Char(
        string="Path of the Lines",
        help="Inside an order. JSON: lines[] - XML: Lines.Line",
    )
    offline_methods = fields.Char(
        string="Direct Payment Methods",
        help="Separated by commas. Orders paid so stay open receivables: the buyer pays you, "
        "not the marketplace.",
    )
    paid_through_channel = fields.Selection(
        YES_NO_UNKNOWN,
        string="Channel Collects the Money",
        required=True,
        default="unknown",
        help="For all other payment methods.",
    )
    default_liability = fields.Selection(
        [
            ("seller", "We owe the tax"),
            ("marketplace", "The marketplace owes the tax"),
            ("unknown", "Ask"),
        ],
        string="Who Owes the Tax",
        required=True,
        default="unknown",
        help="Where no column says it. Ask sends such orders to review.",
    )
    prices_include_tax = fields.Selection(
        YES_NO_UNKNOWN,
        required=True,
        default="unknown",
        help="Not known: the channel's setting decides.",
    )
    total_includes_marketplace_tax = fields.Boolean(
        string="Total Includes Collected Tax", default=True
    )
    tax_rate_unit = fields.Selection(
        [("percent", "Percent (19)"), ("fraction", "Fraction (0.19)")],
        required=True,
        default="percent",
    )
    line_ids = fields.One2many(
        "marketplace.file.profile.line", "profile_id", string="Columns", copy=True
    )
    value_ids = fields.One2many(
        "marketplace.file.profile.value", "profile_id", string="Words", copy=True
    )
    sample_file = fields.Binary(
        attachment=False, help="A file of this shop; its columns are proposed below."
    )
    sample_name = fields.Char()

    @api.constrains(
        "document",
        "kind",
        "delimiter",
        "encoding",
        "decimal_point",
        "digit_group",
        "timezone",
        "record_path",
        "line_ids",
        "value_ids",
    )
    def _check_readable(self):
        for profile in self.filtered("line_ids"):
            try:
                profile._to_profile()
            except ChannelParseError as error:
                raise ValidationError(error.reason) from error

    def _to_profile(self):
        """Return the values as the parsers take them.

        :return: `channels.profiles.Profile`
        :raises ChannelParseError: the settings contradict each other
        """
        self.ensure_one()
        return profiles.Profile(
            name=self.name,
            kind=self.kind,
            document=self.document,
            columns={line.target: line.column for line in self.line_ids if line.column},
            constants={
                line.target: line.constant
                for line in self.line_ids
                if line.constant and not line.column
            },
            delimiter=self.delimiter or "",
            encoding=self.encoding or "",
            skip_lines=self.skip_lines,
            sheet=self.sheet or "",
            decimal_point=SIGNS[self.decimal_point],
            digit_group=SIGNS.get(self.digit_group, ""),
            date_format=self.date_format or "",
            timezone=self.timezone,
            rows=self.rows,
            record_path=self.record_path or "",
            line_path=self.line_path or "",
            offline_methods=frozenset(
                method.strip()
                for method in (self.offline_methods or "").split(",")
                if method.strip()
            ),
            paid_through_channel=AS_BOOL[self.paid_through_channel],
            default_liability=self.default_liability,
            prices_include_tax=AS_BOOL[self.prices_include_tax],
            total_includes_marketplace_tax=self.total_includes_marketplace_tax,
            tax_rate_unit=self.tax_rate_unit,
            **self._get_words(),
        )

    def _get_words(self):
        """Return the shop's own words on top of the usual ones, per subject."""
        self.ensure_one()
        usual = {
            "statuses": profile_words.STATUSES,
            "payment_statuses": profile_words.PAYMENT_STATUSES,
            "liabilities": profile_words.LIABILITIES,
            "countries": {},
            "line_types": profile_settlement.LINE_TYPES,
        }
        own = self.value_ids.grouped("subject")
        return {
            subject: {**words, **{v.word: v.meaning for v in own.get(subject, ())}}
            for subject, words in usual.items()
        }

    def action_suggest_columns(self):
        """Propose the columns of the sample file; what is mapped already stays.

        :raises UserError: there is no sample file, or it cannot be read
        """
        self.ensure_one()
        if not self.sample_file:
            raise UserError(self.env._("Add a sample file first."))
        content = io.BytesIO(
            base64.b64decode(self.with_context(bin_size=False).sample_file)
        )
        try:
            document = intake.open_document(content, self.sample_name or "sample")
            sample = intake.sample(document)
        except ChannelParseError as error:
            raise UserError(str(error)) from error
        found = profiles.propose(sample, self.document)
        self.write(
            {
                "record_path": self.record_path or found.record_path,
                "line_path": self.line_path or found.line_path,
                "line_ids": self._prepare_proposed_lines(found.columns),
            }
        )

    def _prepare_proposed_lines(self, columns):
        """Return the commands that add what is not mapped yet.

        :param columns: {target: column} as proposed
        """
        known = set(self.line_ids.mapped("target"))
        lines = [
            {"target": target, "column": column}
            for target, column in columns.items()
            if target not in known
        ]
        if self.document == "settlement" and "currency" not in {*known, *columns}:
            # Many payout reports are silent about it; without one nothing can be read.
            currency = (self.company_id or self.env.company).currency_id
            lines.append({"target": "currency", "constant": currency.name})
        return [Command.create(values) for values in lines]
