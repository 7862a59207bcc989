from odoo.tests import freeze_time, tagged

from ..engine.messages import Result
from .provider_common import ProviderCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestPartnerProof(ProviderCommon):
    """A proof is a person's, and a contact may become another person's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.proof = cls._prove()

    def _verdict(self, buyer=None):
        order = self._create_order(self.gin, buyer=buyer)
        return self.env["age.gate"]._judge(order._get_age_baskets())[0].worst

    def _merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((source | target).ids, target)

    # === RENAMED === #

    def test_contact_that_is_renamed_to_somebody_else_has_to_prove_the_age_again(self):
        self.assertEqual(self._verdict(), "pass")
        self.buyer.name = "Ben"
        self.assertEqual(self._verdict(), "unproved")
        self.assertTrue(self.proof.revoked_on)
        self.assertEqual(
            self.proof.revoked_reason, "The contact was given another name."
        )
        self.assertIn("no longer count", self.buyer.message_ids[0].body)

    def test_name_written_in_another_way_keeps_the_proof(self):
        for name in ("ADA", " ada ", "Ada.", "Ada"):
            self.buyer.name = name
            self.assertEqual(self._verdict(), "pass")
        self.assertFalse(self.proof.revoked_on)

    def test_only_those_who_are_renamed_lose_their_proofs(self):
        ben, cem = self._create_buyer("Ben"), self._create_buyer("Cem")
        kept = self._prove(buyer=cem)
        lost = self._prove(buyer=ben)
        (self.buyer | ben | cem).write({"name": "Cem"})
        self.assertTrue(self.proof.revoked_on and lost.revoked_on)
        self.assertFalse(kept.revoked_on)

    def test_salesperson_who_sees_no_proofs_revokes_them_by_renaming(self):
        clerk = self._create_officer("clerk", "user")
        clerk.group_ids = [
            (6, 0, self.env.ref("base.group_user").ids),
            (4, self.env.ref("base.group_partner_manager").id),
        ]
        self.buyer.with_user(clerk).name = "Ben"
        self.assertTrue(self.proof.revoked_on)

    def test_check_that_was_begun_under_the_former_name_proves_nothing(self):
        session, check = self._open()
        check.outcome = "over"
        result = self.provider._age_fetch_result(session)
        self.buyer.name = "Ben"
        self.assertRecordValues(session, [{"state": "cancelled", "reason": "renamed"}])
        self.assertFalse(session._apply(result))
        self.assertFalse(self._proofs() - self.proof)

    def test_second_look_at_the_document_of_the_former_name_proves_nothing(self):
        session, _check = self._open()
        self._decide(session, "unreadable")
        self.buyer.name = "Ben"
        late = Result("accepted", 18, None, "document", "document")
        self.assertFalse(session._apply(late))
        self.assertEqual(session.state, "failed")

    # === MERGED === #

    def test_merged_contact_of_another_name_brings_no_proof(self):
        ben = self._create_buyer("Ben")
        self._merge(self.buyer, ben)
        self.assertEqual(self._verdict(ben), "unproved")
        self.assertEqual(self.proof.partner_id, ben)
        self.assertTrue(self.proof.revoked_on)
        notes = ben.message_ids.mapped("body")
        self.assertTrue([note for note in notes if "no longer count" in note])

    def test_merged_contact_of_the_same_name_brings_its_proof(self):
        twin = self._create_buyer("ada")
        self._merge(self.buyer, twin)
        self.assertEqual(self._verdict(twin), "pass")

    def test_contact_that_another_is_merged_into_keeps_its_own_proof(self):
        ben = self._create_buyer("Ben")
        theirs = self._prove(buyer=ben)
        self._merge(ben, self.buyer)
        self.assertTrue(theirs.revoked_on)
        self.assertFalse(self.proof.revoked_on)
        self.assertEqual(self._verdict(), "pass")
