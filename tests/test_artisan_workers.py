"""What makers are owed, when two processes are at it at once.

The tests share a database; each has makers of its own, told by name, and a period of its own.
"""

from __future__ import annotations

from artisan_support import (
    BILL,
    BILLS,
    CONFIRM,
    JUDGED,
    MADE,
    MAKE,
    SALES,
    SHOPS,
    alone,
    each_once,
)

OWED = """
    SELECT kind, sum(amount), sum(platform_amount)
      FROM artisan_payout_entry entry
      JOIN res_partner maker ON maker.id = entry.maker_id
     WHERE maker.name = %s
  GROUP BY kind
"""
OF_MAKER = "WHERE maker_id = (SELECT id FROM res_partner WHERE name = %s)"


def assert_one_was_told(answers, words):
    """One worker did it, the other was told in words that a person understands."""
    errors = [answer.error for answer in answers]
    assert errors.count(None) == 1, errors
    assert any(word in (errors[0] or errors[1]) for word in words), errors


def owed(platform, maker):
    """Kind -> (what the maker gets, what the platform bears) of what is booked."""
    return {
        kind: (round(amount, 2), round(platform, 2))
        for kind, amount, platform in platform.rows(OWED, maker)
    }


# -- statements --------------------------------------------------------------------------


def test_two_make_the_statements_of_a_period_and_each_maker_gets_one(workers, platform):
    workers.one(SALES.format(name="Ash", count=6, day="2026-01-10"))
    make = MAKE.format(name="Ash", first="2026-01-01", last="2026-01-31")
    answers = workers.both(make)
    assert [answer.error for answer in answers] == [None, None]
    assert sum(answer.answer for answer in answers) == 6
    assert platform.rows(MADE, "Ash %") == each_once("Ash", 6)
    assert [answer.answer for answer in workers.both(make)] == [0, 0]


def test_two_make_periods_that_overlap_and_each_sale_stands_on_one(workers, platform):
    workers.one(SALES.format(name="Beech", count=4, day="2026-01-10"))
    answers = workers.both(
        MAKE.format(name="Beech", first="2026-01-01", last="2026-01-31"),
        MAKE.format(name="Beech", first="2026-01-05", last="2026-01-11"),
    )
    assert [answer.error for answer in answers] == [None, None]
    assert sum(answer.answer for answer in answers) == 4
    assert platform.rows(MADE, "Beech %") == each_once("Beech", 4)


def test_balance_is_carried_into_one_of_two_statements_made_at_once(workers, platform):
    workers.one(
        SALES.format(name="Birch", count=1, day="2026-01-10")
        + """
maker = get_makers("Birch")
maker.maker_payout_minimum = 1000
january = date(2026, 1, 1), date(2026, 1, 31)
Statement._make_statements(env.company, *january, maker).action_confirm()
maker.maker_payout_minimum = 0
"""
    )
    workers.both(
        MAKE.format(name="Birch", first="2026-02-01", last="2026-02-28"),
        MAKE.format(name="Birch", first="2026-03-01", last="2026-03-31"),
    )
    sql = "SELECT sum(payout) FROM artisan_statement " + OF_MAKER
    assert platform.value(sql, "Birch 0") == 85


def test_sale_booked_while_statements_are_made_stands_on_the_next(workers, platform):
    workers.one(SALES.format(name="Cedar", count=1, day="2026-01-10"))
    answers = workers.both(
        MAKE.format(name="Cedar", first="2026-01-01", last="2026-01-31"),
        'craft = get_craft("Cedar 0")\nmeet()\nsell(craft, "2026-01-20")',
    )
    assert [answer.error for answer in answers] == [None, None]
    workers.one(
        'Statement.search([("maker_id", "in", get_makers("Cedar").ids)]).action_confirm()\n'
        + alone(MAKE).format(name="Cedar", first="2026-02-01", last="2026-02-28")
    )
    assert platform.rows(MADE, "Cedar %") == [("Cedar 0", 2, 4, 170)]


def test_invoice_is_reset_while_its_statement_is_confirmed(workers, platform):
    """Whoever is second sees what the first did: the statement is what its entries say."""
    workers.one(
        SALES.format(name="Cork", count=1, day="2026-01-10")
        + alone(MAKE).format(name="Cork", first="2026-01-01", last="2026-01-31")
    )
    answers = workers.both(
        """
statement = Statement.search([("maker_id", "in", get_makers("Cork").ids)])
statement.state
meet()
statement.action_confirm()
""",
        """
move = env["account.move.line"].search([("product_id", "=", get_craft("Cork 0").id)]).move_id
move.state
meet()
move.button_draft()
""",
    )
    assert [answer.error for answer in answers] == [None, None]
    sql = """
        SELECT state, balance, coalesce(sum(entry.amount), 0) FROM artisan_statement statement
          JOIN res_partner maker ON maker.id = maker_id
          LEFT JOIN artisan_payout_entry entry ON entry.statement_id = statement.id
         WHERE maker.name = 'Cork 0' GROUP BY statement.id
    """
    [(state, balance, listed)] = platform.rows(sql)
    assert (state, balance) == ("confirmed", listed)
    reversed_ = "SELECT coalesce(sum(amount), 0) FROM ({}) AS owed".format(
        OWED.replace("kind, sum(amount)", "sum(amount) AS amount")
    )
    assert platform.value(reversed_, "Cork 0") == 0


def test_period_before_one_that_is_there_is_not_made(workers, platform):
    """Both would begin with the same balance; what is booked since stands on the next."""
    january, february, march = (
        alone(MAKE).format(name="Cypress", first=first, last=last)
        for first, last in (
            ("2026-01-01", "2026-01-31"),
            ("2026-02-01", "2026-02-28"),
            ("2026-03-01", "2026-03-31"),
        )
    )
    sales = SALES.format(name="Cypress", count=1, day="2026-01-10")
    low = 'get_makers("Cypress").maker_payout_minimum = 1000\n'
    assert workers.one(sales + low + january) == 1
    sale = 'sell(get_craft("Cypress 0"), "2026-02-10")\n'
    assert workers.one(sale + march) == 1
    assert workers.one(sale + february) == 0
    sql = (
        "SELECT sum(balance - carried_in), max(balance) FROM artisan_statement "
        + OF_MAKER
    )
    assert platform.rows(sql, "Cypress 0") == [(170, 170)]


# -- the ledger --------------------------------------------------------------------------


def test_two_post_one_invoice_and_it_is_booked_once(workers, platform):
    move = workers.one(
        'answer = sell(make_craft("Elm", 100), "2026-01-10", post=False).id'
    )
    answers = workers.both(
        f'move = env["account.move"].browse({move})\nmove.state\nmeet()\nmove.action_post()'
    )
    assert_one_was_told(answers, ("must be in draft", "Cannot"))
    assert owed(platform, "Elm") == {"sale": (100, 0), "commission": (-15, 0)}


def test_two_book_one_invoice_and_nobody_is_asked_to_look_at_it(workers, platform):
    """Its product became a maker's after it was posted."""
    move = workers.one("""
craft = make_craft("Fir", 100)
maker, craft.maker_id = craft.maker_id, False
answer = sell(craft, "2026-01-10").id
craft.maker_id = maker
""")
    answers = workers.both(
        f'move = env["account.move"].browse({move})\nmove.state\nmeet()\n'
        "move.action_book_payouts()"
    )
    assert [answer.error for answer in answers] == [None, None]
    assert owed(platform, "Fir") == {"sale": (100, 0), "commission": (-15, 0)}
    noted = "SELECT artisan_booking_note FROM account_move WHERE id = %s"
    assert platform.value(noted, move) is None


PARTS = """
if sale.state == "draft":
    sale.action_confirm()
answer = []
for _number in range(3):
    invoice = sale._create_invoices(final=True)
    invoice.invoice_date = "2026-01-10"
    for line in invoice.invoice_line_ids:
        line.quantity = line.name != "Bowl of Lotus"
    answer.append(invoice.id)
"""
POST = """
move = env["account.move"].browse({})
move.state
meet()
move.action_post()
"""


def post_parts(workers, script):
    """Post two of an order's three invoices at once, and then the third."""
    first, second, third = workers.one(script + PARTS)
    answers = workers.both(POST.format(first), POST.format(second))
    assert [answer.error for answer in answers] == [None, None]
    workers.one(alone(POST).format(third))


def test_parts_of_an_order_posted_at_once_sum_to_the_order(workers, platform):
    """15 % of 33.35 is 5.0025 three times, and 15.0075 once."""
    post_parts(workers, 'sale = order(make_craft("Hazel", 33.35), 3)\n')
    assert owed(platform, "Hazel") == {
        "sale": (100.05, 0),
        "commission": (-15.01, 0),
    }


def test_parts_of_free_products_posted_at_once_sum_to_the_order(workers, platform):
    """Invoices of nothing change no amount of the order, and meet in the ledger only."""
    script = """
craft = make_craft("Larch", 33.35)
program = env["loyalty.program"].create({
    "name": "Bowls for nothing", "program_type": "promotion", "trigger": "auto",
    "rule_ids": [(5,), (0, 0, {"minimum_qty": 0, "minimum_amount": 0})],
    "reward_ids": [(5,), (0, 0, {
        "reward_type": "product", "reward_product_id": craft.id, "reward_product_qty": 3,
        "maker_percent": 50,
    })],
})
sale = order(make_craft("Lotus", 1), 3)
sale._update_programs_and_rewards()
for coupon, rewards in sale._get_claimable_rewards().items():
    sale._apply_program_reward(rewards[:1], coupon)
assert sale.order_line.filtered("reward_id").product_uom_qty == 3
sale.action_confirm()
program.active = False
"""
    post_parts(workers, script)
    figures = owed(platform, "Larch")
    # Half of 100.05 each, in cents; 15 % of what the platform pays.
    assert figures == {
        "sale": (100.05, 0),
        "discount": (-50.03, -50.02),
        "commission": (-7.50, 0),
    }


def test_two_credit_notes_of_an_invoice_posted_at_once_charge_the_maker_once(
    workers, platform
):
    first, second = workers.one("""
invoice = sell(make_craft("Lime", 100), "2026-01-10")
# Once it is paid, credit notes have nothing to be matched with.
env["account.payment.register"].with_context(
    active_model="account.move", active_ids=invoice.ids
).create({})._create_payments()
day = {"invoice_date": "2026-01-12", "date": "2026-01-12"}
answer = [invoice._reverse_moves([day]).id for _number in range(2)]
""")
    answers = workers.both(POST.format(first), POST.format(second))
    assert [answer.error for answer in answers] == [None, None]
    # The platform bears what was credited beyond what was sold.
    assert owed(platform, "Lime") == {
        "sale": (100, 0),
        "commission": (0, 0),
        "refund": (-100, -100),
    }


def test_two_refund_the_goods_of_an_invoice_and_one_credit_note_is_made(
    workers, platform
):
    move, *wizards = workers.one("""
move = sell(make_craft("Maple", 100), "2026-01-10")
wizards = env["artisan.refund"].create([{"move_id": move.id} for _number in range(2)])
for wizard in wizards:
    wizard.action_fill_all()
answer = [move.id, *wizards.ids]
""")
    refund = 'wizard = env["artisan.refund"].browse({})\nwizard.move_id.state\nmeet()\n'
    answers = workers.both(
        *((refund + "wizard.action_refund()").format(wizard) for wizard in wizards)
    )
    assert_one_was_told(answers, ("can come back",))
    credits_ = "SELECT count(*) FROM account_move WHERE reversed_entry_id = %s"
    assert platform.value(credits_, move) == 1


# -- bills -------------------------------------------------------------------------------


def test_two_bill_one_statement_and_it_is_paid_out_once(workers, platform):
    sales = SALES.format(name="Oak", count=1, day="2026-01-10")
    workers.one(sales + CONFIRM.format(name="Oak"))
    answers = workers.both(BILL.format(name="Oak"))
    errors = [answer.error for answer in answers if answer.error]
    # Whoever comes while the other is at it is told so, whoever comes later sees the bill.
    assert not errors or (len(errors) == 1 and "lock" in errors[0]), errors
    assert platform.rows(BILLS, "Oak %") == [(1, 1, 85)]
    workers.one(alone(BILL).format(name="Oak"))
    assert platform.rows(BILLS, "Oak %") == [(1, 1, 85)]


# -- changes of makers -------------------------------------------------------------------

ACCEPT = """
user = env["res.users"].search([("login", "=", "{user}")])
request = env(user=user.id, su=False)["artisan.change.request"].browse({request})
request.state
meet()
request.action_accept()
"""


def test_two_accept_one_change_and_it_is_made_once(workers, platform):
    request = workers.one("""
asker = env["res.users"].search([("login", "=", "asker")])
craft = make_craft("Pear", 100).product_tmpl_id
answer = env["artisan.change.request"].create({
    "kind": "list_price", "product_tmpl_id": craft.id, "maker_id": craft.maker_id.id,
    "currency_id": craft.currency_id.id, "subject": craft.name, "asked_by_id": asker.id,
    "old_amount": 100, "new_amount": 110,
}).id
""")
    answers = workers.both(
        *(ACCEPT.format(user=user, request=request) for user in ("first", "second"))
    )
    assert_one_was_told(answers, ("decided already", "lock"))
    applied = "SELECT state FROM artisan_change_request WHERE id = %s"
    assert platform.value(applied, request) == "applied"
    sql = """
        SELECT count(*) FROM mail_message
         WHERE model = 'artisan.change.request' AND res_id = %s AND body LIKE '%%accepted%%'
    """
    assert platform.value(sql, request) == 1


# -- earned terms ------------------------------------------------------------------------

POLICY = 'policy = env["artisan.terms.policy"].search([("name", "=", "{name}")])\n'


def test_night_and_a_person_judge_at_once_and_each_customer_gets_a_grade(
    workers, platform
):
    workers.one(SHOPS.format(name="Plum"))
    policy = POLICY.format(name="Plum") + "policy._get_due_customers()\nmeet()\n"
    night = "env['artisan.terms.policy']._cron_judge()"
    answers = workers.both(policy + "policy.action_judge()", policy + night)
    assert [answer.error for answer in answers] == [None, None]
    assert platform.rows(JUDGED, "Plum") == [(6, 6, 6)]
