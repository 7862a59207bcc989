from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .settlement_common import SettlementCommon


@tagged("post_install", "-at_install")
class TestSettlementDepositChoice(SettlementCommon):
    """Where the bank's words lead to no payout, or to two, a person says which deposit it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reviewer = cls._create_user("deposit-reviewer", "reviewer")
        cls.user = cls._create_user("deposit-user", "user")

    @classmethod
    def _create_user(cls, login, group):
        return new_test_user(
            cls.env,
            login,
            groups=f"marketplace_invoicing.group_marketplace_{group}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _open(self, settlement, user=None):
        action = settlement.with_user(user or self.reviewer).action_choose_deposit()
        model = self.env[action["res_model"]].with_user(user or self.reviewer)
        return model.browse(action["res_id"])

    def _pay_out(self, amount=88.0):
        return self._post("P1", [("sale", "9", amount)], payout=amount)

    def test_one_of_two_equal_deposits_is_chosen_by_a_reviewer(self):
        first = self._create_bank_line(88.0, "Sundry", date="2024-03-18")
        second = self._create_bank_line(88.0, "Sundry", date="2024-03-19")
        settlement = self._pay_out()
        self.assertEqual(settlement.state, "posted")
        choice = self._open(settlement)
        self.assertEqual(choice.line_ids.bank_line_id, first | second)
        self.assertRecordValues(
            choice.line_ids[0], [{"payment_ref": "Sundry", "amount": 88.0}]
        )
        chosen = choice.line_ids.filtered(lambda line: line.bank_line_id == first)
        chosen.action_choose()
        self.assertRecordValues(
            settlement, [{"state": "banked", "bank_line_id": first.id}]
        )
        self.assertEqual(self._get_balance(self.clearing), -88.0, "the order's part")
        self.assertFalse(second.is_reconciled)
        message = settlement.message_ids.sorted("id")[-1]
        self.assertIn("Sundry", message.body)

    def test_deposits_of_another_amount_or_that_are_taken_are_no_choice(self):
        self._create_bank_line(88.01, "Web shop P1")
        taken = self._create_bank_line(88.0, "Sundry")
        _liquidity, suspense, _other = taken._seek_for_lines()
        suspense.account_id = self.fee_account
        choice = self._open(self._pay_out())
        self.assertFalse(choice.line_ids)

    def test_deposit_in_another_bank_or_much_later_may_be_chosen(self):
        """The payout journal is where payouts are looked for, not where they must be."""
        settlement = self._pay_out()
        bank = self.bank_journal.copy({"name": "Second bank", "code": "BNK9"})
        bank_line = self._create_bank_line(
            88.0, "Sundry", date="2024-06-30", journal_id=bank.id
        )
        self._open(settlement).line_ids.action_choose()
        self.assertRecordValues(
            settlement, [{"state": "banked", "bank_line_id": bank_line.id}]
        )

    def test_choice_that_somebody_else_has_made_meanwhile_is_refused(self):
        self._create_bank_line(88.0, "Sundry")
        settlement = self._pay_out()
        line = self._open(settlement).line_ids
        self._open(settlement).line_ids.action_choose()
        with self.assertRaisesRegex(UserError, "meanwhile"):
            line.action_choose()

    def test_chosen_deposit_is_undone_like_any_other(self):
        self._create_bank_line(88.0, "Sundry")
        settlement = self._pay_out()
        self._open(settlement).line_ids.action_choose()
        settlement.with_user(self.reviewer).action_undo_deposit()
        self.assertEqual(settlement.state, "posted")
        self.assertTrue(self._open(settlement).line_ids)

    def test_who_only_looks_chooses_nothing(self):
        settlement = self._pay_out()
        with self.assertRaises(AccessError):
            self._open(settlement, self.user)

    # === WHY THERE IS NONE ===

    def _search_again(self, settlement):
        action = settlement.with_user(self.reviewer).action_match()
        return action["params"]["message"]

    def test_search_that_finds_nothing_says_what_comes_next(self):
        settlement = self._pay_out()
        self.assertIn("bank statement", self._search_again(settlement))
        self.channel.payout_journal_id = False
        self.assertIn("bank journal", self._search_again(settlement))
        self._create_bank_line(88.0, "Sundry")
        self.assertIn("Choose Bank Transaction", self._search_again(settlement))

    def test_search_that_finds_the_deposit_says_nothing(self):
        self._create_bank_line(88.0, "Web shop P1")
        settlement = self._pay_out()
        settlement.action_undo_deposit()
        self.assertFalse(settlement.with_user(self.reviewer).action_match())
        self.assertEqual(settlement.state, "banked")

    # === COMPANIES ===

    def _create_stranger(self):
        """Return a reviewer of another company."""
        other = self.setup_other_company()["company"]
        stranger = self._create_user("deposit-stranger", "reviewer")
        stranger.write(
            {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        )
        return stranger

    def test_reviewer_sees_nothing_of_another_company_s_payout(self):
        """A question about it is refused: it would show the payout's name and figures."""
        settlement = self._pay_out()
        stranger = self._create_stranger()
        for name in ("marketplace.deposit.choice", "marketplace.settlement.balance"):
            values = {"settlement_id": settlement.id}
            with self.subTest(wizard=name):
                self.env[name].with_user(self.reviewer).create(values)
                self.env.invalidate_all()
                with self.assertRaises(AccessError):
                    self.env[name].with_user(stranger).create(values)
