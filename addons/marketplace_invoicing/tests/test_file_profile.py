import base64

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .common import MarketplaceCommon

FAIR = """Bestellnummer;Datum;Artikelnummer;Menge;Preis;Steuer;Summe;Land
F-1;05.03.2024;BOWL;2;1.000,00;150,00;1.150,00;US
F-1;05.03.2024;SPOON;1;20,00;3,00;1.150,00;US
F-2;06.03.2024;BOWL;1;100,00;15,00;115,00;US
"""


class TestFileProfile(MarketplaceCommon):
    """Files of shops that are none of the known platforms."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.profile = cls.env["marketplace.file.profile"].create(
            {
                "name": "Fair",
                "company_id": cls.company.id,
                "decimal_point": "comma",
                "digit_group": "point",
                "date_format": "%d.%m.%Y",
                "prices_include_tax": "no",
                "default_liability": "seller",
                "line_ids": [
                    Command.create({"target": target, "column": column})
                    for target, column in {
                        "external_ref": "Bestellnummer",
                        "created_at": "Datum",
                        "line_sku": "Artikelnummer",
                        "line_quantity": "Menge",
                        "line_amount": "Preis",
                        "line_tax": "Steuer",
                        "amount_total": "Summe",
                        "ship_country": "Land",
                    }.items()
                ]
                + [
                    Command.create(
                        {
                            "target": "currency",
                            "constant": cls.company.currency_id.name,
                        }
                    )
                ],
            }
        )
        cls.fair = cls._create_channel(
            "Fair", "mapped", profile_id=cls.profile.id, invoice_trigger="order"
        )
        cls._map(cls.fair, cls.bowl)
        cls._map(cls.fair, cls.spoon)

    def test_rows_of_an_order_are_one_invoice_with_its_figures(self):
        content = FAIR.replace("1.150,00", "1.173,00")
        orders = self._import(content.encode(), self.fair, "fair.csv").order_ids
        self.assertEqual(
            orders.mapped("state"), ["invoiced"] * 2, orders.issue_ids.mapped("message")
        )
        # 1,000.00 + 20.00 net, 15 % of it is 153.00.
        self.assertEqual(
            sorted(orders.invoice_id.mapped("amount_total")), [115.0, 1173.0]
        )

    def test_total_that_forgets_a_row_goes_to_review(self):
        orders = self._import(FAIR.encode(), self.fair, "fair.csv").order_ids
        wrong = orders.filtered(lambda order: order.external_ref == "F-1")
        self.assertEqual(wrong.state, "exception")
        self.assertEqual(self._open_codes(wrong), ["total_difference"])

    def test_columns_of_a_sample_file_are_proposed(self):
        profile = self.env["marketplace.file.profile"].create({"name": "New"})
        with self.assertRaisesRegex(UserError, "sample file"):
            profile.action_suggest_columns()
        profile.sample_file = base64.b64encode(FAIR.encode())
        profile.action_suggest_columns()
        proposed = {line.target: line.column for line in profile.line_ids}
        self.assertEqual(proposed["external_ref"], "Bestellnummer")
        self.assertEqual(proposed["line_sku"], "Artikelnummer")
        self.assertEqual(proposed["line_quantity"], "Menge")

    def test_profile_without_the_orders_id_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "external_ref"):
            self.env["marketplace.file.profile"].create(
                {
                    "name": "Broken",
                    "line_ids": [
                        Command.create({"target": "line_amount", "column": "Price"})
                    ],
                }
            )

    def test_word_with_an_unknown_meaning_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "is not one of"):
            self.profile.value_ids = [
                Command.create({"word": "weg", "meaning": "away"})
            ]

    def test_own_words_are_understood(self):
        self.profile.write(
            {
                "line_ids": [Command.create({"target": "status", "column": "Stand"})],
                "value_ids": [
                    Command.create({"word": "storno", "meaning": "cancelled"})
                ],
            }
        )
        content = FAIR.splitlines()[0] + ";Stand\n" + FAIR.splitlines()[3] + ";storno\n"
        order = self._import(content.encode(), self.fair, "fair.csv").order_ids
        self.assertEqual(order.state, "cancelled")
