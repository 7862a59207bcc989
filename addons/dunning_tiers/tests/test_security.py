from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import DunningCommon
from .ledger_common import TODAY


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestSecurity(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.biller = new_test_user(
            cls.env,
            "biller",
            "account.group_account_invoice",
            company_id=cls.company.id,
            tz="UTC",
        )
        cls.outsider = new_test_user(
            cls.env, "outsider", "base.group_user", company_id=cls.company.id
        )
        cls.portal = new_test_user(cls.env, "portal_customer", "base.group_portal")
        cls.invoice = cls._create_debt(100, due=8)

    def test_user_proposes_reviews_and_sends(self):
        self.policy.mode = "review"
        run = self.env["dunning.run"].with_user(self.accountant).create({})
        run.action_propose()
        run.action_approve_all()
        self.assertEqual(run.notice_ids.state, "approved")
        run.action_send()
        self.assertEqual(run.state, "sending")

    def test_user_cannot_forge_what_was_done(self):
        self.policy.mode = "review"
        run = self._propose().with_user(self.accountant)
        notice = run.notice_ids
        facts = {
            "state": "sent",
            "sent_at": "2026-06-15 12:00:00",
            "amount_fee": 500.0,
            "partner_id": self.portal.partner_id.id,
        }
        for name, value in facts.items():
            with self.subTest(name), self.assertRaises(AccessError):
                notice.write({name: value})
        with self.assertRaises(AccessError):
            run.item_ids.write({"state": "sent"})
        with self.assertRaises(AccessError):
            notice.copy()
        notice.was_wrong = True
        notice.user_id = self.accountant

    def test_user_cannot_change_policies_or_switch_modes(self):
        policy = self.policy.with_user(self.accountant)
        self.assertEqual(policy.name, "Standard")
        for values in ({"mode": "automatic"}, {"spot_check_percent": 0}):
            with self.assertRaises(AccessError):
                policy.write(values)
        with self.assertRaises(AccessError):
            policy.level_ids[0].write({"fee_amount": 100})

    def test_biller_holds_invoices_but_sends_nothing(self):
        self.policy.mode = "review"
        run = self._propose()
        notice = run.notice_ids.with_user(self.biller)
        self.assertEqual(notice.amount_total, 100)
        for action in ("action_approve", "action_cancel", "action_send_now"):
            with self.subTest(action), self.assertRaises(AccessError):
                getattr(notice, action)()
        with self.assertRaises(AccessError):
            run.with_user(self.biller).action_propose()
        self.env["dunning.hold"].with_user(self.biller).create(
            {"move_id": self.invoice.id, "reason": "Broken", "date_end": "2026-07-01"}
        )
        self.assertEqual(run.notice_ids.state, "skipped")
        self.assertEqual(run.notice_ids.reason, "dispute")

    def test_accounting_manager_is_a_dunning_manager_and_billing_is_not(self):
        manager = new_test_user(
            self.env, "accounting_manager", "account.group_account_manager"
        )
        self.assertTrue(manager.has_group("dunning_tiers.group_dunning_manager"))
        self.assertFalse(self.biller.has_group("dunning_tiers.group_dunning_user"))

    def _create_hold(self, user, **kwargs):
        values = {"move_id": self.invoice.id, "reason": "x", "date_end": "2026-07-01"}
        return self.env["dunning.hold"].with_user(user).create({**values, **kwargs})

    def test_biller_reports_a_legal_case_but_cannot_end_it(self):
        hold = self._create_hold(self.biller, kind="legal", date_end=False)
        for values in ({"kind": "other"}, {"date_end": "2026-06-16"}):
            with self.subTest(values), self.assertRaises(AccessError):
                hold.write(values)
        with self.assertRaises(AccessError):
            hold.action_release()
        hold.with_user(self.accountant).action_release()
        self.assertEqual(hold.state, "released")

    def test_nobody_writes_by_hand_what_a_customer_said_or_kept(self):
        for user in (self.biller, self.accountant):
            for values in ({"origin": "customer"}, {"state": "kept"}):
                with self.subTest(values), self.assertRaises(AccessError):
                    self._create_hold(user, kind="promise", **values)
                defaults = {f"default_{name}": values[name] for name in values}
                holds = self.env["dunning.hold"].with_context(**defaults)
                with self.subTest(defaults), self.assertRaises(AccessError):
                    holds.with_user(user).create(
                        {"move_id": self.invoice.id, "reason": "x", "date_end": TODAY}
                    )
                hold = self._create_hold(user, kind="promise")
                with self.subTest(values), self.assertRaises(AccessError):
                    hold.write(values)
        hold.action_release()
        hold.action_extend()
        self.assertEqual(hold.state, "active")

    def test_copy_of_a_hold_is_active_and_accounting_s(self):
        hold = self._create_hold(self.accountant, kind="promise")
        hold.sudo().write({"origin": "customer", "state": "broken"})
        copy = hold.copy()
        self.assertRecordValues(copy, [{"origin": "user", "state": "active"}])

    def _let_keep_contacts(self, *users):
        self.env.ref("base.group_partner_manager").sudo().user_ids |= self.env[
            "res.users"
        ].union(*users)

    def test_only_dunning_users_choose_policy_and_person(self):
        manager = new_test_user(
            self.env,
            "keeps_contacts",
            "base.group_partner_manager",
            company_id=self.company.id,
        )
        values = {
            "dunning_policy_id": self.policy.id,
            "dunning_user_id": self.accountant.id,
        }
        self._let_keep_contacts(self.biller)
        for user in (manager, self.biller):
            customer = self.customer.with_user(user)
            partners = customer.browse()
            for name, value in values.items():
                with self.subTest(f"{user.login} {name}"):
                    with self.assertRaises(AccessError):
                        customer.write({name: value})
                    with self.assertRaises(AccessError):
                        partners.create({"name": "Other", name: value})
                    with self.assertRaises(AccessError):
                        partners.with_context(**{f"default_{name}": value}).create(
                            {"name": "Other"}
                        )
        with self.assertRaises(AccessError):
            self.invoice.with_user(self.biller).dunning_policy_id = self.policy
        self._let_keep_contacts(self.accountant)
        self.customer.with_user(self.accountant).write(values)
        self.invoice.with_user(self.accountant).dunning_policy_id = self.policy
        for user in (manager, self.biller):
            customer = self.customer.with_user(user)
            customer.write({"dunning_policy_id": self.policy.id, "comment": "x"})
        self.assertFalse(customer.copy().dunning_policy_id)

    def test_others_open_and_save_customers_and_invoices(self):
        self.customer.dunning_policy_id = self.policy
        self.invoice.dunning_policy_id = self.policy
        salesperson = self._new_salesperson()
        self._let_keep_contacts(self.biller, self.accountant)
        for user in (salesperson, self.biller, self.accountant):
            with self.subTest(user.login):
                with Form(self.customer.with_user(user)) as form:
                    form.ref = user.login
                self.assertEqual(self.customer.ref, user.login)
                with Form(self.env["res.partner"].with_user(user)) as form:
                    form.name = "New"
        for user in (self.biller, self.accountant):
            with Form(self.invoice.with_user(user)) as form:
                form.ref = user.login
            self.assertEqual(self.invoice.ref, user.login)
        self.assertEqual(self.customer.dunning_policy_id, self.policy)
        form = Form(self.customer.with_user(self.accountant))
        form.dunning_policy_id = self.env["dunning.policy"]
        form.save()
        self.assertFalse(self.customer.dunning_policy_id)
        form = Form(self.customer.with_user(self.biller))
        with self.assertRaises(AssertionError):
            form.dunning_policy_id = self.policy

    def test_others_see_nothing(self):
        self._propose()
        for user in (self.outsider, self.portal):
            for model in (
                "dunning.policy",
                "dunning.level",
                "dunning.run",
                "dunning.item",
                "dunning.notice",
                "dunning.hold",
                "dunning.dispatch",
            ):
                with (
                    self.subTest(f"{user.login} {model}"),
                    self.assertRaises(AccessError),
                ):
                    self.env[model].with_user(user).search([])

    def test_other_company_sees_nothing(self):
        self._propose()
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env,
            "stranger",
            "dunning_tiers.group_dunning_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.env["dunning.hold"].create(
            {"move_id": self.invoice.id, "reason": "x", "date_end": "2026-07-01"}
        )
        for model in (
            "dunning.policy",
            "dunning.level",
            "dunning.run",
            "dunning.item",
            "dunning.notice",
            "dunning.hold",
        ):
            records = self.env[model].search([("company_id", "=", self.company.id)])
            self.assertTrue(records, model)
            found = self.env[model].with_user(stranger).search([])
            self.assertFalse(found & records, model)
            with self.subTest(model), self.assertRaises(AccessError):
                records.with_user(stranger).read(["company_id"])

    def _create_stranger(self):
        """A dunning manager who works in another company only."""
        other = self.setup_other_company()["company"]
        return new_test_user(
            self.env,
            "boss_elsewhere",
            "dunning_tiers.group_dunning_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )

    def test_other_company_cannot_have_the_ledger_forecast(self):
        stranger = self._create_stranger()
        runs = self.env["dunning.run"].with_user(stranger)
        company = self.company.with_user(stranger)
        with self.assertRaises(AccessError):
            runs._forecast(company, TODAY)
        with self.assertRaises(AccessError):
            runs.new({"company_id": company.id, "date": TODAY})._judge_debts()
        wizard = self.env["dunning.forecast.wizard"].with_user(stranger)
        with self.assertRaises(AccessError):
            wizard.create({"company_id": company.id, "date": TODAY}).action_forecast()

    def test_other_company_cannot_see_what_the_start_page_counts(self):
        stranger = self._create_stranger()
        wizards = self.env["dunning.start.wizard"].with_user(stranger)
        own = wizards.create({"user_id": stranger.id})
        self.assertEqual(own.overdue_amount, 0)
        values = {"company_id": self.company.id, "user_id": stranger.id}
        for method in ("new", "create"):
            with self.subTest(method), self.assertRaises(AccessError):
                _amount = getattr(wizards, method)(values).overdue_amount
        wizard = wizards.create(values)
        with self.assertRaises(AccessError):
            wizard.action_set_up()

    def test_company_that_is_not_chosen_is_not_forecast(self):
        other = self.setup_other_company()["company"]
        self.accountant.company_ids |= other
        runs = self.env["dunning.run"].with_user(self.accountant)
        self.assertEqual(len(runs._forecast(self.company, TODAY)), 1)
        runs = runs.with_context(allowed_company_ids=other.ids)
        with self.assertRaises(AccessError):
            runs._forecast(self.company, TODAY)

    def test_run_cannot_be_moved_to_another_company(self):
        stranger = self._create_stranger()
        runs = self.env["dunning.run"].with_user(stranger)
        with self.assertRaises(AccessError):
            runs.create({"company_id": self.company.id})
        run = runs.create({})
        with self.assertRaises(AccessError):
            run.write({"company_id": self.company.id})

    def test_run_is_written_by_its_steps_only(self):
        runs = self.env["dunning.run"].with_user(self.accountant)
        for values in ({"state": "sending"}, {"state": "done"}):
            with self.subTest(values), self.assertRaises(AccessError):
                runs.create(values)
        run = runs.create({})
        run.date = "2026-06-14"
        facts = {
            "state": "done",
            "name": "Mine",
            "date": "2026-01-01",
            "policy_id": self.policy.id,
        }
        for name in ("state", "name"):
            with self.subTest(f"draft {name}"), self.assertRaises(AccessError):
                run.write({name: facts[name]})
        run.action_propose()
        for name, value in facts.items():
            with self.subTest(name), self.assertRaises(AccessError):
                run.write({name: value})
        run.stale_reason = "Statements come tomorrow"
        run.action_cancel()
        self.assertEqual(run.state, "cancelled")

    # === PEOPLE OUTSIDE ACCOUNTING === #

    def _new_salesperson(self):
        """Somebody who reads invoices, as salespeople do, and nothing of accounting."""
        user = new_test_user(
            self.env,
            "salesperson",
            "base.group_user,base.group_partner_manager",
            company_id=self.company.id,
            tz="UTC",
        )
        group = self.env["res.groups"].create({"name": "Sees invoices"})
        user.group_ids += group
        # Where the sales app is installed, invoices show what only its people may read.
        sales = "sales_team.group_sale_salesman_all_leads"
        user.group_ids += self.env.ref(sales, False) or self.env["res.groups"]
        self.env["ir.model.access"].create(
            [
                {
                    "name": model,
                    "model_id": self.env["ir.model"]._get_id(model),
                    "group_id": group.id,
                    "perm_read": True,
                }
                for model in ("account.move", "account.move.line", "account.journal")
            ]
        )
        return user

    def _get_view_fields(self, records, name, view_type):
        """Names of the fields that the client reads for a view."""
        arch = records.get_view(self.env.ref(name).id, view_type)["arch"]
        nodes = etree.fromstring(arch).xpath("//field[not(ancestor::field)]")
        return {node.get("name") for node in nodes}

    def test_salesperson_reads_invoices_without_what_dunning_adds(self):
        self._propose_and_send()
        invoice = self.invoice.with_user(self._new_salesperson())
        views = {"view_out_invoice_tree": "list", "view_move_form": "form"}
        for name, view_type in views.items():
            for user, is_shown in ((invoice.env.user, False), (self.biller, True)):
                names = self._get_view_fields(
                    invoice.with_user(user), f"account.{name}", view_type
                )
                with self.subTest(f"{name} {user.login}"):
                    self.assertEqual("dunning_status" in names, is_shown)
                    self.assertEqual("dunning_level_id" in names, is_shown)
        search = invoice.get_view(
            self.env.ref("account.view_account_invoice_filter").id, "search"
        )
        self.assertNotIn("dunning", search["arch"])

    def test_salesperson_reads_the_list_of_invoices(self):
        self._propose_and_send()
        invoice = self.invoice.with_user(self._new_salesperson())
        names = self._get_view_fields(invoice, "account.view_out_invoice_tree", "list")
        self.env.invalidate_all()
        found = invoice.web_search_read(
            [("id", "=", invoice.id)], {name: {} for name in names}
        )
        self.assertEqual([row["id"] for row in found["records"]], invoice.ids)

    def test_salesperson_computes_and_searches_the_status_of_invoices(self):
        self._propose_and_send()
        salesperson = self._new_salesperson()
        invoice = self.invoice.with_user(salesperson)
        self.env.invalidate_all()
        self.assertEqual(invoice.dunning_status, "reminded")
        self.assertEqual(invoice.dunning_notice_count, 1)
        domain = [("dunning_status", "=", "reminded")]
        self.assertIn(invoice, invoice.search(domain))
        held = invoice.search([("dunning_status", "=", "held")])
        self.assertNotIn(invoice, held)

    def test_salesperson_opens_and_renames_a_customer(self):
        self._propose_and_send()
        customer = self.customer.with_user(self._new_salesperson())
        self.env.invalidate_all()
        names = self._get_view_fields(customer, "base.view_partner_form", "form")
        self.assertFalse([name for name in names if "dunning" in name])
        with Form(customer, "base.view_partner_form") as form:
            form.name = "Walnut & Daughters"
        self.assertEqual(customer.name, "Walnut & Daughters")
        self.assertEqual(customer.dunning_notice_count, 1)
