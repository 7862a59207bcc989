import base64
import io

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.marketplace_invoicing.channels.base import ChannelParseError

from .common import MarketplaceCommon

REPORT = """Auszahlung;Datum;Art;Betrag;Bestellung;Auszahlungsbetrag
A-7;05.03.2024;Umsatz;1.000,00;F-1;880,00
A-7;06.03.2024;Provision;-120,00;F-1;880,00
"""


def _stream(content):
    return io.BytesIO(content.encode())


@tagged("post_install", "-at_install")
class TestSettlementProfile(MarketplaceCommon):
    """Payout reports of any shape, read as a person has set up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        columns = {
            "settlement_ref": "Auszahlung",
            "entry_date": "Datum",
            "entry_type": "Art",
            "entry_amount": "Betrag",
            "entry_order_ref": "Bestellung",
            "settlement_total": "Auszahlungsbetrag",
        }
        cls.profile = cls.env["marketplace.file.profile"].create(
            {
                "name": "Fair payouts",
                "document": "settlement",
                "company_id": cls.company.id,
                "decimal_point": "comma",
                "digit_group": "point",
                "date_format": "%d.%m.%Y",
                "line_ids": [
                    *(
                        Command.create({"target": target, "column": column})
                        for target, column in columns.items()
                    ),
                    Command.create(
                        {
                            "target": "currency",
                            "constant": cls.company.currency_id.name,
                        }
                    ),
                ],
                "value_ids": [
                    Command.create(
                        {"subject": "line_types", "word": "Umsatz", "meaning": "sale"}
                    )
                ],
            }
        )
        cls.channel.settlement_profile_id = cls.profile

    def _import_report(self, content=REPORT, channel=None):
        record = self._import(content.encode(), channel, "payouts.csv")
        return self.env["marketplace.settlement"].search(
            [("import_ids", "in", record.ids)]
        ), record

    def test_report_of_any_shape_becomes_a_settlement_of_the_channel(self):
        settlement, record = self._import_report()
        self.assertEqual(record.state, "done")
        self.assertEqual(settlement.external_ref, "A-7")
        self.assertEqual(settlement.amount_total, 880.0)
        self.assertEqual(settlement.imbalance, 0.0)
        self.assertEqual(
            settlement.line_ids.mapped(lambda x: (x.type, x.code, x.amount)),
            [("sale", "Umsatz", 1000.0), ("fee", "Provision", -120.0)],
        )
        self.assertEqual(set(settlement.line_ids.mapped("order_ref")), {"F-1"})

    def test_same_report_twice_is_one_settlement(self):
        first, _record = self._import_report()
        again, _record = self._import_report(REPORT + "\n")
        self.assertEqual(first, again)
        self.assertEqual(len(again.line_ids), 2)

    def test_channel_without_the_profile_knows_no_such_report(self):
        self.channel.settlement_profile_id = False
        with self.assertRaisesRegex(ChannelParseError, "unknown format"):
            self.channel._read_stream(_stream(REPORT), "payouts.csv")

    def test_orders_of_the_channel_are_read_as_before(self):
        order = self._import_one()
        self.assertEqual(order.external_ref, "1")

    def test_mapped_channel_tells_orders_and_payouts_apart(self):
        orders = self.env["marketplace.file.profile"].create(
            {
                "name": "Fair orders",
                "line_ids": [
                    Command.create({"target": "external_ref", "column": "Nummer"}),
                    Command.create({"target": "line_amount", "column": "Preis"}),
                ],
            }
        )
        fair = self._create_channel(
            "Fair",
            "mapped",
            profile_id=orders.id,
            settlement_profile_id=self.profile.id,
        )
        for content, kind in (
            (REPORT, "settlement"),
            ("Nummer;Preis\n1;5\n", "orders"),
        ):
            file_format, records = fair._read_stream(_stream(content), "file.csv")
            self.assertEqual(file_format.kind, kind)
            self.assertEqual(file_format.platform, "mapped")
            self.assertEqual(len(list(records)), 1)

    def test_columns_of_a_payout_report_are_proposed(self):
        profile = self.env["marketplace.file.profile"].create(
            {"name": "New", "document": "settlement"}
        )
        profile.sample_file = base64.b64encode(REPORT.encode())
        profile.action_suggest_columns()
        self.assertEqual(
            {line.target: line.column for line in profile.line_ids if line.column},
            {
                "settlement_ref": "Auszahlung",
                "entry_date": "Datum",
                "entry_type": "Art",
                "entry_amount": "Betrag",
                "entry_order_ref": "Bestellung",
                "settlement_total": "Auszahlungsbetrag",
            },
        )
        # The report does not say in what currency it is.
        constants = profile.line_ids.filtered("constant")
        self.assertEqual(constants.mapped("target"), ["currency"])
        self.assertEqual(constants.constant, self.env.company.currency_id.name)

    def test_profile_of_payouts_without_an_amount_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "amount of a row"):
            self.profile.line_ids.filtered(
                lambda line: line.target == "entry_amount"
            ).unlink()
            self.profile._check_readable()

    def test_column_of_an_order_is_refused_in_a_profile_of_payouts(self):
        with self.assertRaisesRegex(ValidationError, "no such target: line_sku"):
            self.profile.line_ids = [
                Command.create({"target": "line_sku", "column": "Artikel"})
            ]

    def test_word_with_an_unknown_meaning_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "is not one of"):
            self.profile.value_ids = [
                Command.create(
                    {"subject": "line_types", "word": "Umsatz 2", "meaning": "revenue"}
                )
            ]
