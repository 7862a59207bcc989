from datetime import timedelta

from odoo import Command, fields, http
from odoo.tests import tagged
from odoo.tools import mute_logger

from .portal_common import MakerPageCase

#: Pages of a maker that need no number.
PAGES = ("", "/products", "/orders", "/statements", "/story", "/changes", "/orders.csv")


@tagged("post_install", "-at_install")
class TestMakerPortal(MakerPageCase):
    """A maker's own pages, and what everybody else gets of them."""

    # === WHO === #

    def test_pages_are_the_makers(self):
        for path in PAGES:
            with self.subTest(path=path):
                self._get(path)

    def test_nobody_else_has_these_pages(self):
        product = f"/products/{self.template.id}"
        pages = (*PAGES, product, f"{product}/image")
        for user in (self.customer_user, self.seller, self.manager):
            self.authenticate(user.login, user.login)
            for path in pages:
                with self.subTest(path=path, user=user.login):
                    self._get(path, 404)
            for path in (f"{product}/price", "/story"):
                with self.subTest(path=path, user=user.login):
                    self._post_with_token(path, 404, value="1", text="x")

    def test_visitor_is_asked_to_log_in(self):
        self.authenticate(None, None)
        for path in PAGES:
            with self.subTest(path=path):
                response = self._get(path, 303)
                self.assertIn("/web/login", response.headers["Location"])

    def test_files_in_place_of_words_and_odd_addresses_break_nothing(self):
        self.authenticate("ana", "ana")
        self._get("/products?search=%00")
        self._get("/products?search=Can%00dle")
        self.env.flush_all()
        for field in ("value", "reason", "date_effective", "seen"):
            with self.subTest(field=field):
                response = self.url_open(
                    f"/my/maker/products/{self.candle.product_tmpl_id.id}/price",
                    data={"csrf_token": http.Request.csrf_token(self), "value": "abc"},
                    files={field: ("file.txt", b"file")},
                    allow_redirects=False,
                )
                self.assertEqual(response.status_code, 422, response.text[:500])

    def test_internal_user_who_is_a_maker_has_the_pages(self):
        self.seller.partner_id.is_maker = True
        self.candle.product_tmpl_id.maker_id = self.seller.partner_id
        self.authenticate(self.seller.login, self.seller.login)
        self.assertIn("Candle", self._text("/products"))

    def test_home_has_the_card_for_makers_only(self):
        self.env.flush_all()
        card = "portal_maker_category"
        self.assertIn(card, self.url_open("/my").text)
        self.authenticate("carl", "carl")
        self.assertNotIn(card, self.url_open("/my").text)

    def test_archived_maker_has_no_pages_left(self):
        self.maker.is_maker = False if not self.template.maker_id else True
        self.template.maker_id = False
        self.model.item_ids.unlink()
        self.maker.is_maker = False
        self._get("", 404)

    # === PRODUCTS === #

    def test_products_are_own_ones(self):
        text = self._text("/products")
        self.assertIn("Candle", text)
        self.assertIn("40.00", text)
        self.assertIn("Wholesale", text)
        self.assertNotIn("Soap", text)
        soap = self.soap.product_tmpl_id.id
        for path in (f"/products/{soap}", f"/products/{soap}/image", "/products/0"):
            self._get(path, 404)
        self._get("/products/99999999999999999999", 404)

    def test_products_of_other_companies_do_not_exist(self):
        company = self._create_other_company()
        abroad = self._create_craft("Torch", 50, company_id=company.id)
        self.assertNotIn("Torch", self._text("/products"))
        self._get(f"/products/{abroad.product_tmpl_id.id}", 404)
        self.assertNotIn("Torch", self._text(f"/products?cids={company.id}"))

    def test_products_are_searched_and_filtered(self):
        self._create_craft("Lantern", 60, sale_ok=False)
        self.assertNotIn("Lantern", self._text("/products?search=cand"))
        self.assertNotIn("Lantern", self._text("/products?filterby=on_sale"))
        text = self._text("/products?filterby=off_sale")
        self.assertIn("Lantern", text)
        self.assertNotIn("Candle", text)
        self._get("/products?filterby=__class__&search=%25%27%22%5C")

    def test_product_page_has_tiers_as_prices(self):
        text = self._text(f"/products/{self.template.id}")
        for words in ("from 10", "10 % off", "36.00 each", "from 50", "28.00 a piece"):
            self.assertIn(words, text)

    def test_image_is_one(self):
        response = self._get(f"/products/{self.template.id}/image")
        self.assertTrue(response.headers["Content-Type"].startswith("image/"))

    # === PRICES === #

    def _propose(self, status=303, **values):
        page = f"/products/{self.template.id}"
        return self._fill_in(page, f"{page}/price", status, **values)

    def test_price_is_proposed_and_then_waits(self):
        response = self._propose(value="44,50", reason="Wax <b>")
        self.assertIn("said=asked", response.headers["Location"])
        request = self._get_requests(maker_id=self.maker.id)
        self.assertRecordValues(
            request,
            [
                {
                    "state": "asked",
                    "new_amount": 44.5,
                    "asked_by_id": self.ana.id,
                    "date_effective": fields.Date.context_today(request),
                }
            ],
        )
        self.assertEqual(self.template.list_price, 40)
        text = self._text(f"/products/{self.template.id}?said=asked")
        self.assertIn("Waits for approval: $ 44.50", text)
        self.assertIn("We look at it", text)
        self.assertFalse(
            self._read(f"/products/{self.template.id}").xpath(
                "//form[contains(@action, '/price')]"
            )
        )

    def test_tier_is_changed_at_once_where_the_maker_may(self):
        self.maker.maker_price_permission = "free"
        page = f"/products/{self.template.id}"
        response = self._fill_in(page, f"{page}/tiers/{self.tier.id}", value="12.5")
        self.assertIn("said=applied", response.headers["Location"])
        self.assertEqual(self.tier.value, 12.5)
        self.assertIn("12.5 % off", self._text(page))

    def test_bad_numbers_come_back_with_words(self):
        for value in ("-1", "0", "NaN", "1e5", "1,234.00", "999999999", "<script>"):
            with self.subTest(value=value):
                response = self._propose(422, value=value)
                self.assertTrue(self._get_error(response))
                self.assertNotIn(b'value="<script>', response.content)
        self.assertFalse(self._get_requests(maker_id=self.maker.id))
        self.assertEqual(self.template.list_price, 40)

    def test_bad_days_come_back_with_words(self):
        for day in ("yesterday", "2001-01-01", "2999-01-01", "2026-13-45"):
            with self.subTest(day=day):
                self._propose(422, value="44", date_effective=day)

    def test_price_that_changed_while_the_form_was_open_is_told(self):
        for seen in ("39.0", "", "nan", "abc"):
            response = self._propose(422, value="44", seen=seen)
            self.assertIn("meanwhile", self._get_error(response))

    def test_form_sent_twice_asks_once(self):
        page = f"/products/{self.template.id}"
        tree = self._read(page)
        [form] = tree.xpath(f"//form[@action='/my/maker{page}/price']")
        data = {**dict(form.form_values()), "value": "44"}
        self._post(f"{page}/price", data)
        self._post(f"{page}/price", data, 422)
        self.assertEqual(len(self._get_requests(maker_id=self.maker.id)), 1)

    def test_form_writes_nothing_but_the_number(self):
        self._propose(
            value="44",
            state="applied",
            is_at_once="1",
            maker_id=self.other_maker.id,
            product_tmpl_id=self.soap.product_tmpl_id.id,
            decided_by_id=self.ana.id,
            maker_price_permission="free",
            list_price="1",
            company_id="1",
            old_amount="1",
            context="{}",
        )
        self.assertRecordValues(
            self._get_requests(asked_by_id=self.ana.id),
            [
                {
                    "state": "asked",
                    "is_at_once": False,
                    "maker_id": self.maker.id,
                    "product_tmpl_id": self.template.id,
                    "old_amount": 40.0,
                    "decided_by_id": False,
                }
            ],
        )
        self.assertEqual(self.maker.maker_price_permission, "approval")

    def test_prices_of_others_cannot_be_proposed(self):
        soap = self.soap.product_tmpl_id
        model = self._create_price_model(
            (5, "percent", 5), maker_id=self.other_maker.id
        )
        values = {"value": "9", "seen": "8.0"}
        self._post_with_token(f"/products/{soap.id}/price", 404, **values)
        for product in (soap, self.template):
            path = f"/products/{product.id}/tiers/{model.tier_ids.id}"
            self._post_with_token(path, 404, value="6", seen="5.0")
        self.assertFalse(self._get_requests(asked_by_id=self.ana.id))

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_http")
    def test_forms_need_the_token_of_the_session(self):
        values = {"value": "44", "seen": "40.0"}
        for token in ("", "0" * 40):
            self._post(
                f"/products/{self.template.id}/price",
                {**values, "csrf_token": token},
                400,
            )
        self.assertFalse(self._get_requests(maker_id=self.maker.id))

    def test_pages_change_nothing_when_only_read(self):
        self._get(f"/products/{self.template.id}/price?value=44&seen=40.0", 405)
        self._get("/story?text=Hello&action=send")
        self.assertFalse(self._get_requests(maker_id=self.maker.id))

    def test_maker_who_may_not_change_prices_has_no_form(self):
        self.maker.maker_price_permission = "no"
        page = f"/products/{self.template.id}"
        self.assertFalse(self._read(page).xpath("//form[contains(@action, 'price')]"))
        response = self._post_with_token(f"{page}/price", 422, value="44", seen="40.0")
        self.assertIn("contact us", self._get_error(response))

    # === CHANGES === #

    def test_request_is_withdrawn_by_its_maker_only(self):
        self._propose(value="44")
        request = self._get_requests(maker_id=self.maker.id)
        path = f"/changes/{request.id}/withdraw"
        self.authenticate("ben", "ben")
        self._post_with_token(path, 404)
        self.assertEqual(request.state, "asked")
        self.assertNotIn("Candle", self._text("/changes"))
        self.authenticate("ana", "ana")
        self._fill_in("/changes", path)
        self.assertEqual(request.state, "withdrawn")
        response = self._post_with_token(path, 422)
        self.assertIn("decided already", self._get_error(response))

    def test_refusal_is_read_with_its_reason(self):
        self._propose(value="44")
        request = self._get_requests(maker_id=self.maker.id)
        request.with_user(self.manager)._refuse("Wait for <May>")
        self.assertIn("Why not: Wait for <May>", self._text("/changes"))

    # === ORDERS === #

    def test_sold_lines_are_own_ones_of_confirmed_orders(self):
        mixed = self._sell((self.candle, 2), (self.soap, 3))
        draft = self._create_order((self.candle, 7))
        text = self._text("/orders")
        self.assertIn(mixed.name, text)
        self.assertIn("80.00", text)
        for words in ("Soap", "24.00", "104.00", draft.name):
            self.assertNotIn(words, text)

    def test_who_bought_is_told_only_where_the_company_says_so(self):
        self.partner.write({"name": "Carla Private", "street": "Secret Lane 1"})
        self._sell((self.candle, 2))
        for path in ("/orders", "/orders.csv"):
            content = self._get(path).text
            self.assertNotIn("Carla", content)
            self.assertNotIn("Secret", content)
        self.env.company.maker_sees_customer = True
        for path in ("/orders", "/orders.csv"):
            content = self._get(path).text
            self.assertIn("Carla Private", content)
            self.assertNotIn("Secret", content)

    def test_orders_of_other_companies_are_not_listed(self):
        company = self._create_other_company()
        order = self._sell((self.candle, 2))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order_line SET company_id = %s WHERE order_id = %s",
            [company.id, order.id],
        )
        self.env.invalidate_all()
        self.assertNotIn(order.name, self._text("/orders"))

    def test_orders_are_filtered_by_period_and_paged(self):
        old = self._sell((self.candle, 1))
        old.date_order = fields.Datetime.now() - timedelta(days=800)
        new = self._sell((self.candle, 1))
        text = self._text("/orders?filterby=month")
        self.assertIn(new.name, text)
        self.assertNotIn(old.name, text)
        for filterby in ("all", "last_month", "year", "last_year", "nonsense"):
            self._get(f"/orders?filterby={filterby}")
        self._get("/orders/page/999?filterby=all")

    def test_discount_of_the_maker_is_shown_and_lowers_what_is_left(self):
        program = self.env["loyalty.program"].create(
            {
                "name": "Candle week",
                "program_type": "promotion",
                "applies_on": "current",
                "trigger": "auto",
                "maker_id": self.maker.id,
                "rule_ids": [Command.create({"minimum_qty": 1})],
                "reward_ids": [
                    Command.create({"reward_type": "discount", "discount": 10})
                ],
            }
        )
        order = self._create_order((self.candle, 2))
        order._update_programs_and_rewards()
        claimable = order._get_claimable_rewards()
        for coupon, rewards in claimable.items():
            order._apply_program_reward(rewards[0], coupon)
        self.assertEqual(program.reward_ids.maker_percent, 100)
        order.action_confirm()
        [row] = self._read("/orders").xpath("//table//tbody/tr")
        text = " ".join(row.text_content().split())
        for words in ("80.00", "8.00", "72.00", "before commission"):
            self.assertIn(words, text)

    def test_file_has_no_formula_in_it(self):
        self.candle.name = '=HYPERLINK("https://evil.example")'
        self.template.list_price = 40
        self._sell((self.candle, 2))
        response = self._get("/orders.csv?filterby=year")
        self.assertIn("text/csv", response.headers["Content-Type"])
        self.assertIn("orders-year.csv", response.headers["Content-Disposition"])
        content = response.content.decode("utf-8-sig")
        self.assertNotIn(",=", content)
        self.assertIn("\"'=HYPERLINK", content)
        self.assertIn("80", content)

    # === STORY === #

    def _write_story(self, text, action="send", status=303, path="/story"):
        return self._fill_in(path, path, status, text=text, action=action)

    def test_story_is_previewed_then_sent(self):
        note = self._create_note()
        self.assertIn("I pour candles.", self._text("/story"))
        self._write_story("I pour **bees** wax.\n\n- slowly\n- well", "preview")
        preview = self._read("/story").xpath("//*[@id='maker_story_preview']")[0]
        self.assertEqual(preview.xpath(".//b/text()"), ["bees"])
        self.assertEqual(preview.xpath(".//li/text()"), ["slowly", "well"])
        self.assertIn("Maker's note", preview.text_content())
        self.assertEqual(note.version, 1)
        request = self._get_requests(content_id=note.id)
        self.assertEqual(request.state, "draft")
        self._write_story("I pour **bees** wax.")
        self.assertEqual(request.state, "asked")
        self.assertIn("waits for approval", self._text("/story"))
        request.with_user(self.manager).action_accept()
        self.assertEqual(note.text, "<p>I pour <b>bees</b> wax.</p>")
        self.assertIn("version 2", self._text("/story"))

    def test_script_in_a_story_is_text(self):
        self._create_note()
        self._write_story("<script>alert(1)</script> <img src=x onerror=alert(1)>")
        request = self._get_requests(kind="story")
        for path in ("/story", "/changes"):
            tree = self._read(path)
            self.assertFalse(tree.xpath("//main//script | //main//img"))
        self.assertIn("&lt;script&gt;", request.new_text)
        request.with_user(self.manager).action_accept()
        self.assertNotIn("<script", request.content_id.text)

    def test_link_with_a_script_is_text(self):
        self._create_note()
        self._write_story("[x](javascript:alert(1)) [y](https://a.example/'onclick='z)")
        self.assertFalse(
            self._read("/story").xpath("//*[@id='maker_story_preview']//a")
        )

    def test_long_and_empty_stories_come_back_as_typed(self):
        self._create_note()
        for text in ("x" * 2001, " ", "**" * 3 + " "):
            response = self._write_story(text, status=422)
            self.assertTrue(self._get_error(response))
        self.assertFalse(self._get_requests(kind="story"))

    def test_first_story_is_written_where_there_is_none(self):
        self.maker.maker_story_permission = "free"
        response = self._write_story("Hello from the workshop")
        self.assertIn("said=applied", response.headers["Location"])
        notes = self.env["artisan.content"].search([("maker_id", "=", self.maker.id)])
        self.assertRecordValues(
            notes, [{"kind": "note", "text": "<p>Hello from the workshop</p>"}]
        )

    def test_refused_story_says_why_and_is_where_the_maker_goes_on(self):
        self._create_note()
        self._write_story("I pour gold.")
        request = self._get_requests(kind="story")
        request.with_user(self.manager)._refuse("Gold?")
        tree = self._read("/story")
        self.assertEqual(tree.xpath("//textarea")[0].value.strip(), "I pour gold.")
        self.assertIn("Gold?", self._text("/story"))
        preview = tree.xpath("//*[@id='maker_story_preview']")[0].text_content()
        self.assertIn("I pour candles.", preview)

    def test_discarded_draft_is_gone(self):
        note = self._create_note()
        self._write_story("I pour gold.", "preview")
        draft = self._get_requests(kind="story")
        self._fill_in(f"/story/{note.id}", f"/changes/{draft.id}/withdraw")
        self.assertFalse(draft.exists())
        self.assertNotIn("gold", self._text("/story"))

    def test_texts_of_others_and_other_kinds_do_not_exist(self):
        theirs = self._create_note(maker_id=self.other_maker.id)
        care = self._create_note(kind="care")
        platform = self._create_note(maker_id=False)
        abroad = self._create_note(company_id=self._create_other_company().id)
        for note in theirs | care | platform | abroad:
            self._get(f"/story/{note.id}", 404)
            self._post_with_token(f"/story/{note.id}", 404, text="x", action="send")
        self.assertFalse(self._get_requests(kind="story"))

    def test_second_text_has_its_own_page(self):
        self._create_note()
        about = self._create_note(
            "<p>About the candle</p>", product_tmpl_ids=self.template.ids
        )
        self.assertIn("About the candle", self._text(f"/story/{about.id}"))
        self.assertNotIn("About the candle", self._text("/story"))
        path = f"/story/{about.id}"
        self._write_story("Only about this candle", path=path)
        self.assertEqual(self._get_requests(kind="story").content_id, about)

    # === ELSE === #

    def test_pages_go_into_no_frame_and_no_cache(self):
        headers = self._get("/products").headers
        self.assertEqual(headers["X-Frame-Options"], "SAMEORIGIN")
        self.assertEqual(headers["Cache-Control"], "no-store")

    def test_no_rights_come_with_the_portal(self):
        # Products of a website may be read by anybody.
        for model in (
            "artisan.price.model",
            "artisan.price.tier",
            "artisan.content",
        ):
            with self.subTest(model=model):
                self.assertFalse(self.env[model].with_user(self.ana).has_access("read"))
        requests = self.env["artisan.change.request"].with_user(self.ana)
        for operation in ("write", "create", "unlink"):
            self.assertFalse(requests.has_access(operation))

    def test_queries_of_the_lists_are_flat(self):
        def count(path):
            self._get(path)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self._get(path)
            return self.env.cr.sql_log_count - before

        def fill():
            for number in range(8):
                craft = self._create_craft(f"Craft {number}", 10)
                self._sell((craft, 1), (self.candle, 1))

        self._sell((self.candle, 1))
        before = count("/products"), count("/orders")
        fill()
        after = count("/products"), count("/orders")
        self.assertLessEqual(after[0], before[0] + 2)
        self.assertLessEqual(after[1], before[1] + 2)
