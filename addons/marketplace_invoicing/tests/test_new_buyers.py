"""Buyers seen for the first time: the same contacts as core makes, in few queries."""

from odoo import Command
from odoo.tests import tagged

from .common import MarketplaceCommon

#: What differs between two contacts of the same values, whoever made them.
OWN_FIELDS = {
    "id",
    "create_uid",
    "write_uid",
    "parent_id",
    "commercial_partner_id",
    "parent_path",
}
#: Orders whose queries are counted, and how many there may be for each.
ORDERS = 100
QUERIES = 12


class NewBuyersCommon(MarketplaceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.companies = cls.company | cls.env["res.company"].create(
            [{"name": "Sister"}, {"name": "Brother"}]
        )
        cls.env.user.company_ids |= cls.companies
        cls.terms = cls.env.ref("account.account_payment_term_30days")

    def _describe(self, partners):
        """Return what core stores of each contact: every field in every company, and the row."""
        self.env.flush_all()
        self.env.invalidate_all()
        names = [
            name
            for name, field in partners._fields.items()
            if field.store
            # Moments, and lists of what points here.
            and field.type not in ("datetime", "one2many")
            and name not in OWN_FIELDS
        ]
        self.env.cr.execute(
            "SELECT * FROM res_partner WHERE id = ANY(%s)", [partners.ids]
        )
        rows = {
            row["id"]: {name: row[name] for name in row if name in names}
            for row in self.env.cr.dictfetchall()
        }
        return [
            {
                "row": rows[partner.id],
                "messages": len(partner.message_ids),
                "followers": partner.message_partner_ids.ids,
                **{
                    company.name: partner.with_company(company)
                    .sudo()
                    .read(names, load=False)[0]
                    | {"id": 0}
                    for company in self.companies
                },
            }
            for partner in partners
        ]


@tagged("post_install", "-at_install")
class TestContactsEqualCore(NewBuyersCommon):
    """What core makes of the same values, one contact after the other, is what is expected."""

    def _assert_same(self, partners, expected):
        self.assertEqual(len(partners), len(expected))
        pairs = zip(self._describe(partners), self._describe(expected), strict=True)
        for found, wanted in pairs:
            self.assertEqual(found, wanted)

    def _create_customers(self):
        """Customers that have something in one company, in all, in none, or from a company."""
        Partner = self.env["res.partner"]
        account = self.company_data["default_account_receivable"]
        plain, taxed, here, everywhere, firm = Partner.create(
            [
                {"name": "Plain"},
                {"name": "Taxed", "vat": "BE0477472701", "company_registry": "77"},
                {"name": "Here", "property_payment_term_id": self.terms.id},
                {"name": "Everywhere", "vat": "BE0477472701"},
                {"name": "Firm", "is_company": True, "vat": "BE0477472701"},
            ]
        )
        here.property_account_receivable_id = account.copy()
        for company in self.companies:
            everywhere.with_company(company).write(
                {
                    "property_payment_term_id": self.terms.id,
                    "credit_limit": 100.0 + company.id,
                }
            )
        below = Partner.create({"name": "Below", "parent_id": firm.id, "lang": "en_US"})
        below.with_company(self.companies[1]).property_payment_term_id = self.terms
        return plain | taxed | here | everywhere | firm | below

    def _prepare(self, customers):
        return [
            {
                "name": f"{contact_type} {number}",
                "parent_id": customer.id,
                "type": contact_type,
                "street": f"{number} Main Street" if number % 3 else False,
                "city": "Portland",
                "country_id": self.country.id,
                "company_id": self.company.id,
            }
            for number, customer in enumerate(customers)
            for contact_type in ("invoice", "delivery")
        ]

    def test_contacts_have_from_their_customers_what_core_gives_them(self):
        customers = self._create_customers()
        values = self._prepare(customers)
        Partner = self.env["res.partner"]
        batch = Partner._create_contacts([dict(vals) for vals in values])
        one_by_one = Partner.concat(*(Partner.create(dict(vals)) for vals in values))
        self._assert_same(batch, one_by_one)
        for company in self.companies:
            self.assertEqual(
                batch[6:8].sudo().with_company(company).mapped("credit_limit"),
                [100.0 + company.id] * 2,
            )
        self.assertEqual(batch[2:4].mapped("vat"), ["BE0477472701"] * 2)

    def test_contacts_below_a_contact_have_what_their_company_has(self):
        *_others, firm, below = self._create_customers()
        values = self._prepare(below)
        contacts = self.env["res.partner"]._create_contacts(values)
        self.assertEqual(contacts.commercial_partner_id, firm)
        self.assertEqual(contacts.mapped("vat"), ["BE0477472701"] * 2)

    def test_defaults_of_a_company_are_not_written_to_each_contact(self):
        self.env["ir.default"].set(
            "res.partner",
            "property_payment_term_id",
            self.terms.id,
            company_id=self.companies[2].id,
        )
        values = self._prepare(self._create_customers())
        Partner = self.env["res.partner"]
        batch = Partner._create_contacts([dict(vals) for vals in values])
        one_by_one = Partner.concat(*(Partner.create(dict(vals)) for vals in values))
        self._assert_same(batch, one_by_one)
        terms = batch[0].sudo().with_company(self.companies[2]).property_payment_term_id
        self.assertEqual(terms, self.terms)

    def test_buyers_of_an_import_are_the_contacts_that_core_makes_one_by_one(self):
        orders = self._import(
            [
                self._woo_order(
                    number,
                    billing=self._get_billing(number),
                    meta_data=[{"key": "_vat_number", "value": "BE0477472701"}]
                    if number % 2
                    else [],
                )
                for number in range(1, 9)
            ]
        ).order_ids.sorted("id")
        self.assertEqual(set(orders.mapped("state")), {"invoiced"})
        partners = {
            name: self.env["res.partner"].concat(*(order[name] for order in orders))
            for name in ("partner_id", "partner_invoice_id", "partner_shipping_id")
        }
        self.assertEqual(len(partners["partner_id"]), 8)
        self.assertEqual(len(partners["partner_shipping_id"]), 8)
        self.assertFalse(partners["partner_id"] & partners["partner_shipping_id"])
        made = [self._make_by_core(order) for order in orders]
        for name, found in partners.items():
            expected = self.env["res.partner"].concat(*(one[name] for one in made))
            # How often a customer bought is counted when the invoice is posted.
            (found | expected).write({"customer_rank": 1})
            self._assert_same(found, expected)

    def _get_billing(self, number):
        return {
            **self._woo_order(number)["billing"],
            "company": f"Firm {number} LLC" if number % 2 else "",
            "address_1": f"{number} Broadway",
            "country": "DE" if number % 3 == 0 else "US",
            "phone": f"+1 503 555 010{number}",
        }

    def _make_by_core(self, order):
        """Create what the order's buyer is, as a person would: one contact after the other."""
        Partner = self.env["res.partner"].with_context(tracking_disable=True)
        countries = order._get_address_countries()
        customer = Partner.create(order._prepare_partner(countries))
        made = {"partner_id": customer, "partner_invoice_id": customer}
        for part, contact_type, name in (
            ("billing", "invoice", "partner_invoice_id"),
            ("shipping", "delivery", "partner_shipping_id"),
        ):
            if order[name] != order.partner_id:
                values = order._prepare_contact(
                    order.buyer[part], contact_type, countries
                )
                made[name] = Partner.create({**values, "parent_id": customer.id})
        return made


@tagged("post_install", "-at_install")
class TestPositionsOfNewBuyers(MarketplaceCommon):
    """One look at the rules for many destinations finds what one look for each would."""

    def _create_position(self, name, **kwargs):
        return self.env["account.fiscal.position"].create(
            {
                "name": name,
                "auto_apply": True,
                "country_id": self.country.id,
                "company_id": self.company.id,
                **kwargs,
            }
        )

    def _assert_positions(self, expected):
        """Check {(zip code, state): fiscal position} in one batch and by core's own look-up."""
        orders = self._import(
            [
                self._woo_order(
                    number,
                    shipping={
                        **self._woo_order(number)["shipping"],
                        "postcode": zip_code,
                        "state": state,
                    },
                )
                for number, (zip_code, state) in enumerate(expected, start=1)
            ]
        ).order_ids.sorted("id")
        self.assertEqual(
            [order.fiscal_position_id for order in orders], list(expected.values())
        )
        Position = self.env["account.fiscal.position"].with_company(self.company)
        countries = orders._get_address_countries()
        for order in orders:
            address = order._prepare_address(order.buyer["shipping"], countries)
            contact = self.env["res.partner"].create({"name": order.name, **address})
            found = Position._get_fiscal_position(contact)
            self.assertEqual(order.fiscal_position_id, found, order.name)

    def test_zip_codes_of_one_batch_have_their_own_positions(self):
        inside = self._create_position(
            "Metro", zip_from="97200", zip_to="97299", sequence=1
        )
        outside = self._create_position("Elsewhere", sequence=2)
        self._assert_positions(
            {
                ("97201", "OR"): inside,
                ("97301", "OR"): outside,
                ("97299", "OR"): inside,
                ("", "OR"): outside,
            }
        )

    def test_states_of_one_batch_have_their_own_positions(self):
        oregon = self._create_position(
            "Oregon",
            state_ids=[Command.set(self.env.ref("base.state_us_32").ids)],
            sequence=1,
        )
        outside = self._create_position("Elsewhere", sequence=2)
        self._assert_positions(
            {
                ("97201", "OR"): oregon,
                ("98101", "WA"): outside,
                ("97202", "Oregon"): oregon,
            }
        )


@tagged("post_install", "-at_install")
class TestQueriesOfNewBuyers(NewBuyersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Core looks at a customer in each company, for each contact.
        cls.env["res.company"].create([{"name": f"Cousin {n}"} for n in range(4)])
        cls.articles = cls.env["product.product"].concat(
            *(
                # Goods would be delivered where stock is installed: queries of its own.
                cls._create_article(f"SET-{number}", f"Set {number}", type="service")
                for number in range(10)
            )
        )
        for article in cls.articles:
            cls._map(cls.channel, article)
        cls.env["account.fiscal.position"].create(
            {
                "name": "Exports",
                "auto_apply": True,
                "country_id": cls.env.ref("base.jp").id,
                "company_id": cls.company.id,
                "tax_ids": [Command.clear()],
            }
        )

    def _make_orders(self, first, count):
        """Each of another buyer who lives elsewhere, billed here and delivered there."""
        return [
            self._woo_order(
                number,
                lines=[
                    (f"SET-{(number + place) % 10}", 1, "20.00", "3.00")
                    for place in range(3)
                ],
                date_created_gmt=f"2024-03-{1 + number % 10:02}T10:00:00",
                date_paid_gmt=f"2024-03-{1 + number % 10:02}T11:00:00",
                billing={
                    **self._woo_order(number)["billing"],
                    "address_1": f"{number} Broadway",
                    "postcode": f"{10_000 + number}",
                    "country": "CA" if number % 2 else "US",
                    "state": "",
                },
                shipping={
                    **self._woo_order(number)["shipping"],
                    "first_name": "Bob",
                    "postcode": f"{20_000 + number}",
                },
            )
            for number in range(first, first + count)
        ]

    def test_new_buyers_cost_few_queries_from_the_file_to_the_cleared_payment(self):
        self._import(self._make_orders(1, 3), name="first.json")
        orders = self._make_orders(1001, ORDERS)
        record, queries = self._count_queries(self._import, orders)
        found = record.order_ids
        self.assertEqual(len(found), ORDERS)
        self.assertEqual(set(found.mapped("invoice_id.payment_state")), {"paid"})
        self.assertEqual(len(found.partner_id), ORDERS)
        self.assertEqual(len(found.partner_shipping_id - found.partner_id), ORDERS)
        self.assertLessEqual(queries / ORDERS, QUERIES)
