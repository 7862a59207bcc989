import psycopg2

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .content_common import ContentCommon

NASTY = (
    '<p onclick="steal()">Wash by <b onmouseover="steal()">hand</b></p>'
    "<script>steal()</script><style>p {color: red}</style>"
    '<img src="http://127.0.0.1:8069/web" onerror="steal()">'
    '<a href="javascript:steal()">here</a> <a href="JaVa&#09;script:steal()">there</a>'
    '<a href="https://example.com/care?a=1&amp;b=2">how</a>'
    '<svg onload="steal()"><script>steal()</script></svg>'
    '<iframe src="https://example.com/steal"></iframe>'
    '<p style="background:url(\'http://127.0.0.1\')" t-out="env.cr">Dry</p>'
)


@tagged("post_install", "-at_install")
class TestContent(ContentCommon):
    def test_html_of_a_maker_is_harmless_in_block_document_and_preview(self):
        block = self._create_block(NASTY)
        invoice = self._create_invoice(post=False)
        preview = str(invoice.artisan_content_preview)
        invoice.action_post()
        document = self._render(invoice)
        for html in (str(block.text), preview, *self._get_texts(invoice), document):
            self.assertIn("<b>hand</b>", html)
            self.assertIn('href="https://example.com/care?a=1&amp;b=2"', html)
            for bad in ("steal", "javascript:", "127.0.0.1:8069/web", "onclick", "svg"):
                self.assertNotIn(bad, html)

    def test_html_that_came_in_past_the_form_is_harmless_on_the_invoice(self):
        block = self._create_block("<p>Wash</p>")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE artisan_content SET text = jsonb_build_object('en_US', %s::text) "
            "WHERE id = %s",
            [NASTY, block.id],
        )
        self.env.invalidate_all()
        document = self._render(self._create_invoice())
        self.assertIn("<b>hand</b>", document)
        self.assertNotIn("steal", document)

    def test_text_that_is_too_long_or_empty_is_refused(self):
        self._create_block("a" * 2000)
        for text, reason in (
            ("a" * 2001, "2001 characters"),
            ("<p></p>" * 3000, "21000 characters"),
            ("<b>" * 31 + "deep", "inside each other"),
            ("<script>steal()</script>", "nothing to read"),
        ):
            with self.assertRaisesRegex(ValidationError, reason):
                self._create_block(text)

    def test_text_past_the_limits_in_the_database_does_not_stop_the_invoice(self):
        block = self._create_block("<p>Wash</p>")
        self._create_block("<p>Thank you</p>", kind="note")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE artisan_content SET text = jsonb_build_object('en_US', %s::text) "
            "WHERE id = %s",
            ["a" * 5000, block.id],
        )
        self.env.invalidate_all()
        with self.assertLogs("odoo.addons.artisan_pricing.invoice_content") as logs:
            invoice = self._create_invoice()
        self.assertIn("5000", logs.output[0])
        self.assertEqual(self._get_texts(invoice), ["<p>Thank you</p>"])

    def test_version_rises_with_the_text_in_any_language_and_with_nothing_else(self):
        block = self._create_block("<p>Wash</p>")
        block.write({"name": "Washing", "version": 9, "text": "<p>Wash</p>"})
        self.assertEqual(block.version, 1)
        block.text = "<p>Wash by hand</p>"
        self.assertEqual(block.version, 2)
        block.update_field_translations(
            "text", {"fr_FR": {"Wash by hand": "Laver à la main"}}
        )
        self.assertEqual(block.version, 3)
        self.assertEqual(block.copy().version, 1)

    def test_translation_of_a_translator_is_cleaned_and_limited(self):
        block = self._create_block("<p>Wash</p><p>Dry</p>")
        block.update_field_translations(
            "text", {"fr_FR": {"Wash": 'Laver<img src="x" onerror="steal()">'}}
        )
        french = block.with_context(lang="fr_FR")
        self.assertEqual(french.text, "<p>Laver</p><p>Dry</p>")
        with self.assertRaisesRegex(ValidationError, "2002 characters"):
            block.update_field_translations(
                "text", {"fr_FR": {"Wash": "a" * 1000, "Dry": "b" * 1002}}
            )

    def test_most_specific_block_of_a_kind_wins(self):
        tag = self.env["res.partner.category"].create({"name": "Gallery"})
        self.customer.category_id = tag
        self.cup.maker_id = self.maker
        blocks = [
            self._create_block("all"),
            self._create_block("gallery", partner_tag_ids=[Command.link(tag.id)]),
            self._create_block("ana", maker_id=self.maker.id),
            self._create_block("goods", categ_id=self.goods.id),
            self._create_block("pottery", categ_id=self.pottery.id),
            self._create_block(
                "cup",
                product_tmpl_ids=[Command.link(self.cup.product_tmpl_id.id)],
                sequence=99,
            ),
        ]
        for expected in reversed(blocks):
            text = self._get_texts(self._create_invoice(self.cup))
            self.assertEqual(text, [str(expected.text)])
            expected.active = False
        self.assertFalse(self._get_texts(self._create_invoice(self.cup)))

    def test_block_of_a_category_reaches_those_below_and_not_beside(self):
        self._create_block("pottery", categ_id=self.pottery.id)
        self.assertTrue(self._get_texts(self._create_invoice(self.cup)))
        self.assertFalse(self._get_texts(self._create_invoice(self.board)))

    def test_note_of_a_maker_is_with_their_pieces_only(self):
        self.cup.maker_id = self.maker
        self._create_block("Made in my barn", kind="note", maker_id=self.maker.id)
        invoice = self._create_invoice(self.cup, self.board)
        self.assertEqual(invoice.artisan_snapshot_ids.applies_to, "Cup")
        variant = self._create_piece("Cup", self.cups)
        variant.maker_id = self.maker
        invoice = self._create_invoice(self.cup, variant, self.board)
        self.assertEqual(invoice.artisan_snapshot_ids.applies_to, "Cup")
        self.assertFalse(self._get_texts(self._create_invoice(self.board)))

    def test_block_of_some_lines_names_their_products(self):
        self._create_block("pottery", categ_id=self.pottery.id)
        self._create_block("thanks", kind="note")
        invoice = self._create_invoice(self.cup, self.board, self.bowl)
        self.assertEqual(
            [(b["title"], b["applies_to"]) for b in invoice._get_artisan_blocks()],
            [("Care", "Cup, Bowl"), ("Maker's note", False)],
        )

    def test_block_of_regulars_waits_for_their_third_order(self):
        self._create_block("regulars", kind="loyalty", orders_from=3)
        person = self._create_customer("Ann", parent_id=self.customer.id)
        self._create_orders(self.customer, 1)
        self._create_orders(person, 1)
        self.assertFalse(self._get_texts(self._create_invoice()))
        self._create_orders(person, 1)
        self.assertTrue(self._get_texts(self._create_invoice()))
        self.assertFalse(self._get_texts(self._create_invoice(customer=self.french)))

    def test_block_is_shown_on_its_first_and_last_day_only(self):
        self._create_block("summer", date_from="2026-06-15", date_to="2026-06-30")
        shown = {
            day: bool(self._get_texts(self._create_invoice(invoice_date=day)))
            for day in ("2026-06-14", "2026-06-15", "2026-06-30", "2026-07-01")
        }
        self.assertEqual(list(shown.values()), [False, True, True, False])

    def test_block_of_another_company_is_not_shown(self):
        other = self.env["res.company"].create({"name": "Other market"})
        self._create_block("other", company_id=other.id)
        self.assertFalse(self._get_texts(self._create_invoice()))
        self._create_block("everywhere", company_id=False)
        self.assertTrue(self._get_texts(self._create_invoice()))

    def test_block_of_an_archived_product_is_not_shown_for_others(self):
        self._create_block(
            "cup", product_tmpl_ids=[Command.link(self.cup.product_tmpl_id.id)]
        )
        self.cup.product_tmpl_id.active = False
        self.assertFalse(self._get_texts(self._create_invoice(self.bowl)))

    def test_what_a_block_is_about_cannot_be_deleted_so_that_all_would_see_it(self):
        tag = self.env["res.partner.category"].create({"name": "Gallery"})
        vase = self._create_piece("Vase", self.pottery).product_tmpl_id
        category = self._create_category("Vases")
        jar_maker = self._create_customer("Jo", is_maker=True)
        self._create_block(
            "rare",
            partner_tag_ids=[Command.link(tag.id)],
            product_tmpl_ids=[Command.link(vase.id)],
            categ_id=category.id,
            maker_id=jar_maker.id,
        )
        for record in (tag, vase, category, jar_maker):
            with (
                self.subTest(record=record),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.ForeignKeyViolation),
                self.env.cr.savepoint(),
            ):
                record.unlink()
                self.env.flush_all()

    def test_half_of_the_customers_see_a_split_block_and_stay_on_their_side(self):
        block = self._create_block("A", sequence=1, share=50)
        self._create_block("B", sequence=2)
        customers = self.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(40)]
        )
        texts = []
        for _round in range(2):
            invoices = self.env["account.move"].create(
                [self._prepare_invoice(self.cup, customer=who) for who in customers]
            )
            invoices.action_post()
            texts.append([self._get_texts(invoice)[0] for invoice in invoices])
        self.assertEqual(texts[0], texts[1])
        seen = texts[0].count(str(block.text))
        self.assertTrue(8 <= seen <= 32, seen)
        self.assertEqual(block.shown_count, 2 * seen)
        self.assertEqual(block.kept_back_count, 80 - 2 * seen)

    def test_ordinary_users_read_blocks_and_change_none(self):
        block = self._create_block("Wash")
        as_seller = block.with_user(self.seller)
        self.assertEqual(as_seller.name, "Wash")
        for deed in (
            lambda: as_seller.write({"text": "mine"}),
            lambda: as_seller.copy(),
            lambda: as_seller.unlink(),
            lambda: block.with_user(self.biller).read(["text"]),
        ):
            with self.assertRaises(AccessError):
                deed()

    def test_blocks_and_snapshots_of_another_company_are_out_of_sight(self):
        other = self.env["res.company"].create({"name": "Other market"})
        block = self._create_block("Wash")
        invoice = self._create_invoice()
        stranger = self.seller.copy({"login": "stranger"})
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        for record in (block, invoice.artisan_snapshot_ids):
            self.assertTrue(record.with_user(self.seller).has_access("read"))
            self.assertFalse(record.with_user(stranger).has_access("read"))
