from decimal import Decimal

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..engine import commission, grades, tiers
from ..engine.money import PricingError
from ..refusal_words import say_refusal
from .common import ArtisanCommon


@tagged("post_install", "-at_install")
class TestRefusalWords(ArtisanCommon):
    """What the engine refuses is said in sentences."""

    def _say(self, make, *args, **kwargs):
        with self.assertRaises(PricingError) as caught:
            make(*args, **kwargs)
        return say_refusal(self.env, caught.exception)

    def test_tiers_that_make_no_price(self):
        tier = tiers.Tier
        d = Decimal
        for make, args, words in (
            (tier, (d(1), "fixed", d("0.00")), "The value must be above zero."),
            (tier, (d(1), "amount", d(-1)), "The value must not be negative."),
            (tier, (d(-1), "fixed", d(1)), "The first quantity must not be negative."),
            (
                tier,
                (d(10), "percent", d("100.000000")),
                "A discount of 100 % leaves nothing: it must be under 100 %.",
            ),
            (
                tiers.Ladder,
                ((tier(d(5), "fixed", d(9)), tier(d(5), "fixed", d(8))),),
                "Two tiers count for the quantity 5.",
            ),
            (
                tiers.Ladder,
                ((tier(d(5), "fixed", d(9), below=d(8)),),),
                "No tier counts for quantities from 8 on.",
            ),
        ):
            with self.subTest(words=words):
                self.assertEqual(self._say(make, *args), words)

    def test_commissions_and_grades_without_meaning(self):
        section = commission.Section
        d = Decimal
        for make, args, words in (
            (section, (d(5), d(5), d(1)), "A section ends above its begin, not at 5."),
            (section, (d(5), None, d(101)), "A percentage is 100 at most, not 101."),
            (
                commission.Scheme,
                ((), d("9.50"), d("8.25")),
                "The minimum 9.5 is above the maximum 8.25.",
            ),
            (
                grades.Grade,
                ("Gold", d(101), 30),
                "101 points are out of reach: customers have 100 at most.",
            ),
            (
                grades.Grade,
                ("Gold", d(10), -1),
                "The number of days to pay must not be negative.",
            ),
        ):
            with self.subTest(words=words):
                self.assertEqual(self._say(make, *args), words)

    def test_form_says_it_after_the_name(self):
        with self.assertRaisesRegex(
            ValidationError,
            "^Wholesale cannot be priced with: A discount of 100 % leaves nothing: it must "
            "be under 100 %.$",
        ):
            self._create_price_model((10, "percent", 100))

    def test_figures_are_written_as_the_reader_writes_them(self):
        self.env["res.lang"]._activate_lang("de_DE")
        error = PricingError("minimum", Decimal("9.50"), "is above the maximum 8.25")
        said = say_refusal(self.env(context={"lang": "de_DE"}), error)
        self.assertIn("9,5", said)

    def test_what_no_form_brings_about_is_said_in_the_words_of_the_engine(self):
        error = PricingError("entry", "A 1", "occurs twice")
        self.assertEqual(say_refusal(self.env, error), "entry: A 1: occurs twice.")
