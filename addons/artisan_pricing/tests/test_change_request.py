from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..change_targets import ListPrice, Story, TierValue
from ..models import artisan_change_request_asking as asking
from .portal_common import MakerPortalCommon


@tagged("post_install", "-at_install")
class TestChangeRequest(MakerPortalCommon):
    """What makers may change, who decides, and what happens on the day."""

    def setUp(self):
        super().setUp()
        self.template = self.candle.product_tmpl_id

    def _ask(self, typed="44", seen=40.0, target=None, **kwargs):
        """Ask as the maker's person."""
        requests = self.env["artisan.change.request"].with_user(self.ana).sudo()
        target = target or ListPrice(self.template)
        target = type(target)(target.record.with_env(requests.env))
        return requests._propose_price(target, typed, seen, **kwargs).with_env(self.env)

    def _ask_tier(self, typed, tier=None):
        tier = tier or self.tier
        return self._ask(typed, tier.value, TierValue(tier))

    def _write_story(self, text, note=None):
        requests = self.env["artisan.change.request"].with_user(self.ana).sudo()
        note = (note or self.env["artisan.content"]).with_env(requests.env)
        target = Story(note.with_context(lang="en_US"), self.maker.with_env(note.env))
        return requests._save_story(target, text)

    def _as_manager(self, request):
        return request.with_user(self.manager)

    # === ASK AND DECIDE === #

    def test_price_is_asked_for_and_counts_when_another_person_accepts(self):
        request = self._ask("44,50", reason="  Wax is\ndearer ")
        self.assertRecordValues(
            request,
            [
                {
                    "state": "asked",
                    "maker_id": self.maker.id,
                    "kind": "list_price",
                    "subject": "Candle",
                    "old_amount": 40.0,
                    "new_amount": 44.5,
                    "growth": 11.25,
                    "reason": "Wax is dearer",
                    "asked_by_id": self.ana.id,
                    "is_at_once": False,
                }
            ],
        )
        self.assertEqual(self.template.list_price, 40)
        self.assertTrue(request.activity_ids.user_id.has_group(
            "artisan_pricing.group_artisan_manager"
        ))  # fmt: skip
        self._as_manager(request).action_accept()
        self.assertEqual(self.template.list_price, 44.5)
        self.assertRecordValues(
            request, [{"state": "applied", "decided_by_id": self.manager.id}]
        )
        self.assertFalse(request.activity_ids)
        told = request.message_ids.filtered(
            lambda m: self.ana.partner_id in m.partner_ids
        )
        self.assertIn("accepted", told.body)

    def test_tier_is_changed_and_prices_new_orders_only(self):
        before = self._create_order((self.candle, 10))
        request = self._ask_tier("15")
        self._as_manager(request).action_accept()
        self.assertEqual(self.tier.value, 15)
        self.assertEqual(before.amount_untaxed, 360)
        after = self._create_order((self.candle, 10))
        self.assertEqual(after.amount_untaxed, 340)

    def test_list_price_leaves_open_orders_alone(self):
        order = self._create_order((self.candle, 1))
        self._as_manager(self._ask("44")).action_accept()
        self.assertEqual(order.amount_untaxed, 40)
        self.assertEqual(self._create_order((self.candle, 1)).amount_untaxed, 44)

    def test_refusal_says_why_and_changes_nothing(self):
        request = self._ask()
        wizard = self.env["artisan.change.refusal"].with_user(self.manager)
        action = self._as_manager(request).action_open_refusal()
        wizard = wizard.with_context(**action["context"])
        wizard.create({"reason": "Please wait until May"}).action_refuse()
        self.assertRecordValues(
            request, [{"state": "refused", "refusal": "Please wait until May"}]
        )
        self.assertEqual(self.template.list_price, 40)
        self.assertIn("until May", request.message_ids[0].body)
        self._ask("41")  # Asking again is possible.

    def test_who_asked_does_not_decide(self):
        request = self._ask()
        request.asked_by_id = self.manager
        with self.assertRaisesRegex(UserError, "somebody else"):
            self._as_manager(request).action_accept()
        request.asked_by_id = self.ana
        self.manager.partner_id.parent_id = self.maker
        with self.assertRaisesRegex(UserError, "somebody else"):
            self._as_manager(request).action_accept()

    def test_decision_is_the_managers_alone(self):
        request = self._ask()
        for user in (self.seller, self.ana, self.ben, self.customer_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                request.with_user(user).action_accept()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                request.with_user(user)._refuse("no")
        self.assertEqual(request.state, "asked")

    def test_nobody_edits_a_request(self):
        request = self._ask()
        for user in (self.manager, self.seller, self.ana):
            for vals in ({"state": "approved"}, {"new_amount": 1}):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    request.with_user(user).write(vals)
            with self.assertRaises(AccessError):
                request.with_user(user).unlink()
            with self.assertRaises(AccessError):
                request.with_user(user).copy()

    def test_makers_read_own_requests_only(self):
        request = self._ask()
        self.assertEqual(request.with_user(self.ana).new_amount, 44)
        requests = self.env["artisan.change.request"]
        for user in (self.ben, self.customer_user):
            self.assertFalse(requests.with_user(user).search([]))
            with self.assertRaises(AccessError):
                request.with_user(user).read(["new_amount"])

    def test_requests_of_another_company_are_not_seen(self):
        request = self._ask()
        request.company_id = self._create_other_company()
        requests = self.env["artisan.change.request"].with_user(self.manager)
        self.assertFalse(requests.search([("id", "=", request.id)]))
        with self.assertRaises(AccessError):
            self._as_manager(request).action_accept()

    def test_request_is_decided_once(self):
        request = self._ask()
        self._as_manager(request).action_accept()
        for action in ("action_accept", "_withdraw"):
            with self.assertRaisesRegex(UserError, "decided already"):
                getattr(self._as_manager(request), action)()

    def test_second_request_waits_for_the_first(self):
        request = self._ask()
        with self.assertRaisesRegex(UserError, "open already"):
            self._ask("45")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            request.copy({"asked_by_id": self.ana.id, "subject": "x"})
        request._withdraw()
        self.assertEqual(request.state, "withdrawn")
        self.assertFalse(request.activity_ids)
        self._ask("45")

    def test_nobody_floods_the_manager(self):
        with patch.object(asking, "MAX_PER_DAY", 2):
            for typed in ("41", "42"):
                self._ask(typed)._withdraw()
            with self.assertRaisesRegex(UserError, "tomorrow"):
                self._ask("43")

    # === VALUES === #

    def test_numbers_that_are_no_price_are_refused(self):
        typed = (
            "", "0", "0,00", "-5", "+5", "nan", "NaN", "inf", "1e3", "1,234", "1.234",
            "1 000", "1.000,50", "40€", "99999999", "9" * 400, "0x28", "٤٤", "4 4", "<b>",
            None, "44.5.0", "=44",
        )  # fmt: skip
        for value in typed:
            with self.subTest(value=value), self.assertRaises(UserError):
                self._ask(value)
        self.assertFalse(self._get_requests(maker_id=self.maker.id))

    def test_comma_and_point_are_decimal_separators(self):
        for typed in ("44,5", "44.5", " 44.50 "):
            request = self._ask(typed)
            self.assertEqual(request.new_amount, 44.5)
            request._withdraw()

    def test_price_that_somebody_changed_meanwhile_is_not_asked_for(self):
        self.template.list_price = 42
        with self.assertRaisesRegex(UserError, "meanwhile"):
            self._ask("44", seen=40.0)
        with self.assertRaisesRegex(UserError, "present value"):
            self._ask("42", seen=42.0)

    def test_price_that_somebody_changed_meanwhile_is_not_overwritten(self):
        request = self._ask()
        self.template.list_price = 42
        with self.assertRaisesRegex(UserError, "not overwritten"):
            self._as_manager(request).action_accept()
        self.assertEqual(self.template.list_price, 42)

    def test_product_of_another_maker_meanwhile_is_not_changed(self):
        request = self._ask()
        self.model.item_ids.unlink()
        self.template.maker_id = self.other_maker
        with self.assertRaisesRegex(UserError, "no longer of"):
            self._as_manager(request).action_accept()
        self.assertEqual(self.template.list_price, 40)

    def test_what_was_deleted_cannot_be_accepted(self):
        request = self._ask_tier("15")
        self.tier.unlink()
        self.assertEqual(request.subject, "Wholesale, from 10 on")
        with self.assertRaisesRegex(UserError, "was deleted"):
            self._as_manager(request).action_accept()
        self._as_manager(request)._refuse("It is gone")

    def test_tiers_that_make_no_price_are_refused(self):
        self.maker.write({"maker_max_decrease": 99, "maker_max_increase": 1000})
        with self.assertRaisesRegex(UserError, "under 100"):
            self._ask_tier("100")
        with self.assertRaisesRegex(UserError, "above zero"):
            self._ask_tier("0", self.fixed_tier)
        off = self.env["artisan.price.tier"].create(
            {
                "price_model_id": self.model.id,
                "min_quantity": 5,
                "kind": "amount",
                "value": 2,
            }
        )
        with self.assertRaisesRegex(UserError, "cheapest product"):
            self._ask_tier("40", off)

    # === LIMITS === #

    def test_limits_hold_in_both_directions(self):
        self.maker.write({"maker_max_increase": 10, "maker_max_decrease": 5})
        for typed in ("44.01", "37.99"):
            with (
                self.subTest(typed=typed),
                self.assertRaisesRegex(UserError, "at most"),
            ):
                self._ask(typed)
        for typed in ("44", "38"):
            self._ask(typed)._withdraw()

    def test_tier_is_measured_by_the_price_that_it_makes(self):
        self.maker.write({"maker_max_increase": 10, "maker_max_decrease": 5})
        # 90 % of a price to 85 % of it: 5.6 % less.
        with self.assertRaisesRegex(UserError, "cut"):
            self._ask_tier("15")
        request = self._ask_tier("14.5")
        self.assertAlmostEqual(request.growth, -5, 6)
        with self.assertRaisesRegex(UserError, "raise"):
            self._ask_tier("30.81", self.fixed_tier)

    def test_amount_off_is_measured_on_the_cheapest_product(self):
        self._create_craft("Tea light", 4)
        off = self.env["artisan.price.tier"].create(
            {
                "price_model_id": self.model.id,
                "min_quantity": 5,
                "kind": "amount",
                "value": 1,
            }
        )
        request = self._ask_tier("2", off)
        self.assertAlmostEqual(request.growth, -100 / 3, 1)

    def test_change_within_limits_counts_at_once_without_approval(self):
        self.maker.maker_price_permission = "free"
        request = self._ask()
        self.assertRecordValues(
            request, [{"state": "applied", "is_at_once": True, "decided_by_id": False}]
        )
        self.assertEqual(self.template.list_price, 44)
        self.assertFalse(request.activity_ids)

    def test_many_small_changes_of_a_day_are_measured_together(self):
        self.maker.write({"maker_price_permission": "free", "maker_max_increase": 20})
        first = self._ask("46")
        with self.assertRaisesRegex(UserError, "at most 20"):
            self._ask("50", seen=46.0)
        self._ask("48", seen=46.0)
        for request in self._get_requests(state="applied"):
            request.applied_at -= timedelta(days=2)
        self._ask("57", seen=48.0)
        self.assertEqual(first.state, "applied")

    def test_maker_without_permission_changes_nothing(self):
        self.maker.write(
            {"maker_price_permission": "no", "maker_story_permission": "no"}
        )
        with self.assertRaisesRegex(UserError, "contact us"):
            self._ask()
        with self.assertRaisesRegex(UserError, "contact us"):
            self._write_story("<p>Hello</p>")

    def test_limits_are_the_managers_to_set(self):
        partner = self.maker.with_user(self.seller)
        for name in ("maker_price_permission", "maker_max_increase"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                partner.write({name: "free" if "permission" in name else 999})

    def test_new_makers_ask_for_approval(self):
        new = self.env["res.partner"].create({"name": "New", "is_maker": True})
        self.assertEqual(new.maker_story_permission, "approval")
        self.assertEqual((new.maker_max_increase, new.maker_max_decrease), (50, 50))
        self.assertTrue(new.copy())

    # === DAY === #

    def test_approved_change_counts_from_its_day_on(self):
        today = fields.Date.context_today(self.maker)
        tomorrow = today + timedelta(days=1)
        request = self._ask(date_effective=tomorrow)
        self._as_manager(request).action_accept()
        self.assertEqual((request.state, self.template.list_price), ("approved", 40))
        self._run_cron()
        self.assertEqual(request.state, "approved")
        request.date_effective = today
        self._run_cron()
        self.assertEqual((request.state, self.template.list_price), ("applied", 44))
        self._run_cron()
        self.assertEqual(self.template.list_price, 44)

    def test_bad_change_does_not_stop_the_others_of_its_day(self):
        tomorrow = fields.Date.context_today(self.maker) + timedelta(days=1)
        bad = self._ask(date_effective=tomorrow)
        good = self._ask_tier_on(tomorrow)
        for request in bad | good:
            self._as_manager(request).action_accept()
        self.template.list_price = 41
        (bad | good).date_effective = fields.Date.context_today(self.maker)
        self._run_cron()
        self.assertEqual((bad.state, good.state), ("refused", "applied"))
        self.assertIn("not overwritten", bad.refusal)
        self.assertEqual((self.template.list_price, self.tier.value), (41, 12))

    def test_change_at_once_of_a_later_day_is_checked_again_on_it(self):
        today = fields.Date.context_today(self.maker)
        tomorrow = today + timedelta(days=1)
        for limit in (
            {"maker_price_permission": "approval"},
            {"maker_max_increase": 5},
        ):
            self.maker.write(
                {"maker_price_permission": "free", "maker_max_increase": 50}
            )
            request = self._ask(date_effective=tomorrow)
            self.assertRecordValues(
                request, [{"state": "approved", "is_at_once": True}]
            )
            self.maker.write(limit)
            request.date_effective = today
            self._run_cron()
            self.assertEqual((request.state, self.template.list_price), ("refused", 40))

    def _ask_tier_on(self, day):
        return self._ask("12", 10.0, TierValue(self.tier), date_effective=day)

    def _run_cron(self):
        cron = self.env.ref("artisan_pricing.ir_cron_apply_artisan_change_request")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_days_that_are_past_or_far_are_refused(self):
        today = fields.Date.context_today(self.maker)
        for day in (today - timedelta(days=1), today + timedelta(days=400)):
            with self.assertRaisesRegex(UserError, "within a year"):
                self._ask(date_effective=day)

    # === STORY === #

    def test_story_is_a_draft_until_sent_and_a_version_when_accepted(self):
        note = self._create_note()
        request = self._write_story("<p>I pour <b>soy</b> candles.</p>", note)
        self.assertEqual(request.state, "draft")
        again = self._write_story("<p>I pour bees.</p>", note)
        self.assertEqual(again, request)
        request._send_story()
        self.assertEqual((request.state, note.version), ("asked", 1))
        self.assertIn("soy", self._create_note("<p>soy</p>").text)
        self._as_manager(request).action_accept()
        self.assertEqual((note.text, note.version), ("<p>I pour bees.</p>", 2))

    def test_first_story_makes_the_text(self):
        request = self._write_story("<p>Hello</p>")
        self.assertFalse(request.content_id)
        self._write_story("<p>Hello there</p>")
        request._send_story()
        self._as_manager(request).action_accept()
        self.assertRecordValues(
            request.content_id,
            [
                {
                    "kind": "note",
                    "maker_id": self.maker.id,
                    "text": "<p>Hello there</p>",
                    "version": 1,
                }
            ],
        )

    def test_story_is_cleaned_whatever_way_it_comes(self):
        request = self._write_story(
            "<p onclick='x'>Hi<script>alert(1)</script><img src=x onerror=alert(1)>"
            "<a href='javascript:alert(1)'>x</a></p>"
        )
        self.assertEqual(request.new_text, "<p>Hix</p>")

    def test_story_that_the_manager_changed_meanwhile_is_not_overwritten(self):
        note = self._create_note()
        request = self._write_story("<p>Mine</p>", note)
        request._send_story()
        note.text = "<p>Theirs</p>"
        with self.assertRaisesRegex(UserError, "not overwritten"):
            self._as_manager(request).action_accept()
        self.assertEqual(note.text, "<p>Theirs</p>")

    def test_text_that_is_no_longer_the_makers_is_not_overwritten(self):
        """A text of all makers, or a warranty, is printed on invoices of others as well."""
        for change in (
            {"maker_id": False},
            {"maker_id": self.other_maker.id},
            {"kind": "warranty"},
        ):
            with self.subTest(change=change):
                note = self._create_note()
                request = self._write_story("<p>Mine</p>", note)
                request._send_story()
                note.write(change)
                with self.assertRaisesRegex(UserError, "no longer of"):
                    self._as_manager(request).action_accept()
                self.assertEqual(note.text, "<p>I pour candles.</p>")

    def test_story_that_was_translated_meanwhile_is_not_overwritten(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        note = self._create_note()
        request = self._write_story("<p>Mine</p>", note)
        request._send_story()
        translated = {"fr_FR": {"I pour candles.": "Je coule des bougies."}}
        note._update_field_translations("text", translated)
        with self.assertRaisesRegex(UserError, "not overwritten"):
            self._as_manager(request).action_accept()
        self.assertIn("Je coule", note.with_context(lang="fr_FR").text)

    def test_empty_and_unchanged_stories_are_refused(self):
        note = self._create_note()
        with self.assertRaisesRegex(UserError, "nothing to read"):
            self._write_story("<p> </p>", note)
        request = self._write_story("<p>I pour candles.</p>", note)
        with self.assertRaisesRegex(UserError, "present text"):
            request._send_story()

    def test_deleted_text_keeps_its_history(self):
        note, other = self._create_note(), self._create_note("<p>More</p>")
        requests = self._write_story("<p>1</p>", note)
        requests |= self._write_story("<p>2</p>", other)
        (note | other).unlink()
        self.assertEqual(requests.mapped("subject"), ["Candles", "Candles"])
        for request in requests:
            with self.assertRaisesRegex(UserError, "was deleted"):
                request._send_story()

    def test_queries_to_show_many_requests_are_flat(self):
        templates = self.env["product.template"]
        for number in range(6):
            templates |= self._create_craft(f"C{number}", 40).product_tmpl_id
        requests = self.env["artisan.change.request"]
        for template in templates:
            requests |= self._ask(target=ListPrice(template))
        counts = []
        for some in (requests[:2], requests):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("new_value")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_one_stale_change_does_not_stop_the_others(self):
        other = self._create_craft("Lamp", 40).product_tmpl_id
        stale, fresh = self._ask(), self._ask(target=ListPrice(other))
        self.template.list_price = 41
        action = self._as_manager(stale | fresh).action_accept()
        self.assertIn("changed meanwhile", action["params"]["message"])
        self.assertEqual((stale.state, fresh.state), ("asked", "applied"))
        self.assertEqual(self.template.list_price, 41)

    def test_an_employee_below_a_maker_acts_for_nobody(self):
        self.seller.partner_id.parent_id = self.maker
        partners = self.env["res.partner"].with_user(self.seller)
        self.assertFalse(partners._get_current_maker())

    def test_archived_or_former_maker_has_no_portal(self):
        partners = self.env["res.partner"]
        self.assertEqual(partners.with_user(self.ana)._get_current_maker(), self.maker)
        self.assertFalse(partners.with_user(self.customer_user)._get_current_maker())
        public = self.env.ref("base.public_user")
        public.sudo().partner_id.is_maker = True
        self.assertFalse(partners.with_user(public)._get_current_maker())
        self.template.maker_id = False
        self.model.item_ids.unlink()
        self.model.tier_ids = [Command.clear()]
        self.maker.is_maker = False
        self.assertFalse(partners.with_user(self.ana)._get_current_maker())
