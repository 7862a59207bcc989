import json

from .settlement_staging_common import SettlementStagingCommon

COLUMNS = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount "
    "currency transaction-type order-id merchant-order-id adjustment-id shipment-id "
    "marketplace-name amount-type amount-description amount fulfillment-id posted-date "
    "posted-date-time order-item-code merchant-order-item-id "
    "merchant-adjustment-item-id sku quantity-purchased promotion-id"
).split()


class TestSettlementSource(SettlementStagingCommon):
    """Amazon tells of a settlement in a report and by its finances API."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.amazon = cls._create_channel("Amazon", "amazon")
        for code in ("ItemFees/Commission", "Expenses/Commission"):
            cls._map_fee(code, channel=cls.amazon)
        cls.name = cls.company.currency_id.name

    def _report(self, fee="-15.00", total="85.00"):
        """Return a settlement report V2 in the documented columns: 100.00 - 15.00."""
        head = {
            "settlement-start-date": "2024-03-15 00:00:00 UTC",
            "settlement-end-date": "2024-03-29 00:00:00 UTC",
            "deposit-date": "2024-04-02 00:00:00 UTC",
            "total-amount": total,
            "currency": self.name,
        }
        item = {
            "transaction-type": "Order",
            "order-id": "902-1",
            "marketplace-name": "Amazon.com",
            "posted-date": "2024-03-16",
            "posted-date-time": "2024-03-16 10:00:00 UTC",
            "order-item-code": "1",
            "sku": "BOWL",
        }
        kinds = (("ItemPrice", "Principal", "100.00"), ("ItemFees", "Commission", fee))
        rows = [head] + [
            {
                **item,
                "amount-type": kind,
                "amount-description": description,
                "amount": amount,
            }
            for kind, description, amount in kinds
        ]
        table = [COLUMNS] + [
            [{"settlement-id": "111", **row}.get(name, "") for name in COLUMNS]
            for row in rows
        ]
        return "\n".join("\t".join(cells) for cells in table).encode() + b"\n"

    def _finances(self, fee=-15.0, number=1, price=100.0):
        """Return a page of Amazon's finances API 2024-06-19 in the documented shape."""

        def money(amount):
            return {"currencyCode": self.name, "currencyAmount": amount}

        def breakdown(name, amount, *parts):
            return {
                "breakdownType": name,
                "breakdownAmount": money(amount),
                "breakdowns": list(parts),
            }

        return json.dumps(
            {
                "payload": {
                    "transactions": [
                        {
                            "sellingPartnerMetadata": {
                                "sellingPartnerId": "A",
                                "marketplaceId": "M",
                            },
                            "relatedIdentifiers": [
                                {
                                    "relatedIdentifierName": "ORDER_ID",
                                    "relatedIdentifierValue": f"902-{number}",
                                },
                                {
                                    "relatedIdentifierName": "SETTLEMENT_ID",
                                    "relatedIdentifierValue": "111",
                                },
                            ],
                            "transactionType": "Shipment",
                            "transactionId": f"T{number}",
                            "transactionStatus": "RELEASED",
                            "description": "Order Payment",
                            "postedDate": "2024-03-16T10:00:00Z",
                            "totalAmount": money(price + fee),
                            "marketplaceDetails": {
                                "marketplaceId": "M",
                                "marketplaceName": "Amazon.com",
                            },
                            "items": [],
                            "contexts": [],
                            "breakdowns": [
                                breakdown(
                                    "Sales", price, breakdown("Principal", price)
                                ),
                                breakdown(
                                    "Expenses", fee, breakdown("Commission", fee)
                                ),
                            ],
                        }
                    ]
                }
            }
        ).encode()

    def _read(self, *files):
        for number, content in enumerate(files, start=1):
            self._import(content, self.amazon, f"file{number}")
        return self.Settlement.search([("channel_id", "=", self.amazon.id)])

    def _assert_once(self, settlement, source):
        self.assertRecordValues(
            settlement,
            [
                {
                    "lines_amount": 85.0,
                    "imbalance": 0.0,
                    "line_count": 2,
                    "lines_source": source,
                }
            ],
        )

    def test_report_takes_the_place_of_finances_that_explain_no_payout(self):
        settlement = self._read(self._finances(), self._report())
        self._assert_once(settlement, "amazon.settlement")
        self.assertEqual(settlement.state, "posted")
        self.assertFalse(self._codes(settlement))
        self.assertEqual(
            set(settlement.other_lines), {"amazon.finances"}, settlement.other_lines
        )

    def test_finances_after_the_report_change_nothing_and_raise_nothing(self):
        settlement = self._read(self._report(), self._finances())
        self._assert_once(settlement, "amazon.settlement")
        self.assertEqual(settlement.state, "posted")
        self.assertFalse(self._codes(settlement))

    def test_difference_of_the_other_source_is_named_until_its_pages_are_there(self):
        settlement = self._read(self._report(), self._finances(fee=-9.0))
        self._assert_once(settlement, "amazon.settlement")
        self.assertEqual(self._codes(settlement), ["settlement_sources"])
        message = self._plain(settlement.issue_ids.message)
        self.assertRegex(message, r"9\.00 instead of .*15\.00 \(Expenses/Commission\)")
        self.assertNotIn("100.00", message)
        # The rest of the fees comes with the second page.
        self._read(self._finances(fee=-6.0, number=2, price=0.0))
        self.assertFalse(self._codes(settlement))

    def test_reversed_and_checked_again_the_report_is_booked_as_before(self):
        settlement = self._read(self._report(), self._finances())
        settlement.action_reverse()
        settlement.action_process()
        settlement.action_approve()
        self._assert_once(settlement, "amazon.settlement")
        self.assertEqual(settlement.state, "posted")

    def test_file_of_either_source_twice_is_unchanged(self):
        settlement = self._read(self._report(), self._finances())
        lines = settlement.line_ids
        self._read(self._report(), self._finances())
        self.assertEqual(settlement.line_ids, lines)
        self.assertFalse(self._codes(settlement))
