from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .provider_common import ProviderCommon


@tagged("post_install", "-at_install")
class TestForgery(ProviderCommon):
    """Messages in a provider's name are told, and a flood of them is counted."""

    def _note(self, times=1, address="192.0.2.1", provider=None):
        """Whether each of so many forged messages became an incident."""
        provider = provider or self.provider
        return [provider._note_forgery(address) for _time in range(times)]

    def _age_log(self, **ago):
        """Let time go by: what was told was told earlier."""
        self.env.flush_all()
        moment = fields.Datetime.now() - timedelta(**ago)
        self.env.cr.execute("UPDATE age_portal_log SET create_date = %s", [moment])
        self.env.invalidate_all()

    def _notes(self):
        incidents = self.env["age.incident"].search([], order="id")
        found = incidents.filtered(lambda i: i.provider_id == self.provider)
        return found.mapped("note")

    def _forget_repeated(self):
        """The chain itself drops what was told in the last minute, on its own clock."""
        self.patch(type(self.env["age.incident"]), "_drop_repeated", lambda s, c, r: r)

    def test_flood_within_a_minute_is_one_incident_and_its_size_is_in_the_next(self):
        self._forget_repeated()
        self.assertEqual(self._note(51), [True] + [False] * 50)
        self._age_log(minutes=2)
        self.assertEqual(self._note(), [True])
        self.assertEqual(
            self._notes(), [False, "50 more before this one were only counted."]
        )
        self._age_log(minutes=2)
        self._note()
        self.assertEqual(self._notes()[2], False, "each is counted once")

    def test_flood_does_not_touch_the_chain(self):
        self._note()
        chain = self.env["age.incident"]

        def refuse(*_args):
            raise AssertionError("the chain is locked")

        self.patch(type(self.env["age.incident.head"]), "_lock", refuse)
        self._note(20)
        self.assertEqual(chain.search_count([("kind", "=", "forged")]), 1)

    def test_flood_fills_no_table(self):
        self._note(30)
        self.assertEqual(self.env["age.portal.log"].search_count([]), 2)

    def test_one_sender_is_told_of_five_times_an_hour_another_one_still_is(self):
        self._forget_repeated()
        told = []
        for _minute in range(7):
            told += self._note()
            self._age_log(minutes=2)
        self.assertEqual(told, [True] * 5 + [False] * 2)
        self.assertEqual(self._note(address="198.51.100.7"), [True])
        self._age_log(minutes=61)
        self.assertEqual(self._note(), [True])

    def test_addresses_of_one_network_are_one_sender(self):
        self._forget_repeated()
        told = []
        for number in range(6):
            told += self._note(address=f"2001:db8::{number + 1}")
            self._age_log(minutes=2)
        self.assertEqual(told, [True] * 5 + [False])

    def test_flood_at_one_provider_hides_nothing_about_another(self):
        self._note(20)
        other = self._create_provider("Other")
        self.assertEqual(self._note(provider=other), [True])
        self.assertEqual(self._kinds(other), ["forged"])
