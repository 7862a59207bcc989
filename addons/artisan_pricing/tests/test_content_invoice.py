from odoo.exceptions import AccessError
from odoo.tests import Form, HttpCase, tagged

from .content_common import ContentCommon


@tagged("post_install", "-at_install")
class TestContentInvoice(ContentCommon, HttpCase):
    def test_posted_invoice_keeps_what_it_said_when_the_block_changes_or_goes(self):
        block = self._create_block("<p>Wash by hand</p>")
        invoice = self._create_invoice()
        before = self._get_texts(invoice)
        block.text = "<p>Dishwasher is fine</p>"
        self.assertEqual(self._get_texts(invoice), before)
        self.assertEqual(invoice.artisan_snapshot_ids.version, 1)
        self.assertEqual(self._create_invoice().artisan_snapshot_ids.version, 2)
        block.unlink()
        self.assertEqual(self._get_texts(invoice), before)
        self.assertIn("Wash by hand", self._render(invoice))

    def test_invoice_posted_again_is_given_the_texts_of_that_day_once(self):
        block = self._create_block("<p>Old</p>")
        invoice = self._create_invoice()
        invoice.button_draft()
        block.text = "<p>New</p>"
        self.assertEqual(invoice._get_artisan_blocks(), [])
        invoice.action_post()
        self.assertRecordValues(
            invoice.artisan_snapshot_ids, [{"text": "<p>New</p>", "version": 2}]
        )

    def test_customer_reads_it_in_their_language(self):
        block = self._create_block("<p>Wash by hand</p>")
        block.update_field_translations(
            "text", {"fr_FR": {"Wash by hand": "Laver à la main"}}
        )
        self.cup.with_context(lang="fr_FR").name = "Tasse"
        self._create_block("cups", kind="note", categ_id=self.cups.id)
        invoice = self._create_invoice(self.cup, self.bowl, customer=self.french)
        snapshots = invoice.artisan_snapshot_ids
        self.assertEqual(snapshots.mapped("lang"), ["fr_FR", "fr_FR"])
        self.assertIn("<p>Laver à la main</p>", self._get_texts(invoice))
        self.assertIn("Tasse", snapshots.mapped("applies_to"))
        self.assertIn("Laver à la main", self._render(invoice))

    def test_invoice_is_printed_when_its_language_is_no_longer_in_use(self):
        self._create_block("<p>Wash by hand</p>")
        latvian = self.env["res.lang"]._activate_lang("lv_LV")
        self.customer.lang = latvian.code
        invoice = self._create_invoice()
        self.assertEqual(invoice.artisan_snapshot_ids.lang, latvian.code)
        self.customer.lang = "en_US"
        latvian.active = False
        self.assertIn("Wash by hand", self._render(invoice))

    def test_name_of_a_product_is_printed_as_text(self):
        self._create_block("<p>Wash by hand</p>", categ_id=self.pottery.id)
        self.cup.name = "<script>steal()</script>"
        document = self._render(self._create_invoice(self.cup, self.board))
        self.assertIn("&lt;script&gt;steal()", document)
        self.assertNotIn("<script>steal", document)

    def test_credit_notes_and_vendor_bills_tell_no_story(self):
        self._create_block("<p>Wash by hand</p>")
        invoice = self._create_invoice()
        credit = invoice._reverse_moves([{"invoice_date": "2026-06-16"}], cancel=True)
        bill = self._create_invoice(move_type="in_invoice")
        refund = self._create_invoice(move_type="out_refund")
        for move in (credit, bill, refund):
            self.assertEqual(move.state, "posted")
            self.assertFalse(move.artisan_snapshot_ids)
            self.assertNotIn("Wash by hand", self._render(move))

    def test_draft_previews_what_the_posted_invoice_shows(self):
        self._create_block("<p>Wash by hand</p>", categ_id=self.cups.id)
        draft = self._create_invoice(self.cup, self.board, post=False)
        preview = draft.artisan_content_preview
        self.assertIn("Wash by hand", preview)
        self.assertFalse(draft.artisan_snapshot_ids)
        draft.action_post()
        self.assertEqual(draft.artisan_content_preview, preview)

    def test_preview_follows_what_a_biller_types(self):
        self._create_block("<p>Wash by hand</p>", categ_id=self.cups.id)
        self._create_block("<p>Welcome back</p>", kind="loyalty", orders_from=2)
        self._create_orders(self.customer, 2)
        moves = self.env["account.move"].with_user(self.biller)
        with Form(moves.with_context(default_move_type="out_invoice")) as form:
            form.partner_id = self.customer
            self.assertFalse(form.artisan_content_preview)
            with form.invoice_line_ids.new() as line:
                line.product_id = self.cup
            self.assertIn("Wash by hand", form.artisan_content_preview)
            self.assertIn("Welcome back", form.artisan_content_preview)
            form.partner_id = self.french
            self.assertNotIn("Welcome back", form.artisan_content_preview)

    def test_invoice_without_content_has_no_room_for_it(self):
        self._create_block("cups", categ_id=self.cups.id)
        invoice = self._create_invoice(self.board)
        self.assertFalse(invoice.artisan_content_preview)
        self.assertNotIn("artisan_content", self._render(invoice))

    def test_customer_reads_it_on_the_portal_page(self):
        self._create_block("<p>Wash by hand</p><script>steal()</script>")
        invoice = self._create_invoice()
        page = self.url_open(invoice.get_portal_url(report_type="html"))
        self.assertEqual(page.status_code, 200)
        self.assertIn("Wash by hand", page.text)
        self.assertNotIn("steal", page.text)

    def test_biller_without_rights_on_blocks_posts_and_prints_them(self):
        self._create_block("<p>Wash by hand</p>")
        invoice = self._create_invoice(post=False).with_user(self.biller)
        self.assertIn("Wash by hand", invoice.artisan_content_preview)
        invoice.action_post()
        self.assertEqual(self._get_texts(invoice), ["<p>Wash by hand</p>"])
        with self.assertRaises(AccessError):
            invoice.artisan_snapshot_ids.text = "mine"

    def test_note_says_whose_it_is_as_they_were_called_at_posting(self):
        maker = self.env["res.partner"].create({"name": "Ilse <b>", "is_maker": True})
        self.cup.maker_id = maker
        self._create_block("<p>I throw cups.</p>", kind="note", maker_id=maker.id)
        self._create_block("<p>Wash by hand</p>", maker_id=maker.id)
        invoice = self._create_invoice(self.cup)
        maker.name = "Ilse & Co"
        blocks = {
            block["title"]: block["maker"] for block in invoice._get_artisan_blocks()
        }
        # What to do with a cup is nobody's letter.
        self.assertEqual(blocks, {"Maker's note": "Ilse <b>", "Care": False})
        self.assertIn("· Ilse &lt;b&gt;", self._render(invoice))

    def test_page_of_a_maker_shows_the_story(self):
        maker = self.env["res.partner"].create({"name": "Ilse", "is_maker": True})
        self.assertFalse(maker.maker_story)
        block = self._create_block(
            "<p>I throw cups.</p>", kind="note", maker_id=maker.id
        )
        self.env.invalidate_all()
        self.assertEqual(maker.maker_story, "<p>I throw cups.</p>")
        action = maker.action_open_maker_story()
        self.assertEqual(self.env["artisan.content"].search(action["domain"]), block)

    def test_lines_taken_back_and_notes_choose_nothing(self):
        self._create_block("<p>Wash by hand</p>", categ_id=self.pottery.id)
        values = self._prepare_invoice([self.board, self.cup])
        values["invoice_line_ids"][1][2]["quantity"] = -0.5
        values["invoice_line_ids"].append(
            (0, 0, {"display_type": "line_note", "name": "With thanks"})
        )
        invoice = self.env["account.move"].create(values)
        invoice.action_post()
        self.assertFalse(invoice.artisan_snapshot_ids)

    def test_fifty_invoices_take_as_many_queries_as_two(self):
        self._create_block("pottery", categ_id=self.pottery.id)
        self._create_block("regulars", kind="loyalty", orders_from=2)
        self._create_block("some", kind="note", share=50)
        customers = self.env["res.partner"].create(
            [
                {"name": f"Customer {number}", "lang": ("en_US", "fr_FR")[number % 2]}
                for number in range(50)
            ]
        )
        invoices = self.env["account.move"].create(
            [
                self._prepare_invoice([self.cup, self.board], customer=customer)
                for customer in customers
            ]
        )
        invoices.action_post()
        counts = [
            self._count_queries(invoices.browse(invoices[:size].ids))
            for size in (2, 50)
        ]
        self.assertEqual(counts[0], counts[1])

    def _count_queries(self, invoices):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        invoices._snapshot_artisan_content()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before
