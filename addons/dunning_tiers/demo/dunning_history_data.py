"""How the customers of the demo paid in the past months. All of it is invented."""

#: From one invoice of a customer to the next.
MONTH_DAYS = 30
INVOICES_EACH = 9
#: Weekly proposals.
RUNS = 30
#: The invoice before the newest is paid early: what is open today is told by other rows.
PAID_EARLY = (-3,)
#: External identifier, amount of the first invoice, and for one invoice after the other how
#: many days late each part of it is paid; negative is early.
CUSTOMERS = (
    ("partner_cedar", 640, ((-2,), (0,), (1,))),
    ("partner_juniper", 920, ((3,), (5,), (2,))),
    ("partner_halfmoon", 450, ((9,), (8,), (12,))),
    ("partner_tidewater", 1310, ((16,), (18,), (11,))),
    ("partner_quarry", 780, ((0, 20), (-1, 11))),
    ("partner_bluestem", 380, ((-5,), (-3,))),
    ("partner_larkspur", 1120, ((33,), (24,), (10,))),
    ("partner_foundry", 1540, ((6,), (21,), (3,))),
    ("partner_saltbox", 690, ((1,), (2,), (15,))),
    ("partner_northfork", 860, ((12,), (13,), (9,))),
    ("partner_magnolia", 540, ((40,), (28,))),
    ("partner_riverbend", 470, ((0,), (2,))),
)
#: Customer, days ago and amount of what is still open: 27, 40 and 58 days late.
OPEN_INVOICES = (
    ("partner_halfmoon", 57, 485),
    ("partner_northfork", 70, 930),
    ("partner_quarry", 88, 815),
)
#: After how many days a payment is matched; who sends cheques is reminded of some of them.
RECORDED_AFTER = {"partner_tidewater": 4}
RECORDED_NEXT_DAY = 1
#: Customer, number of the invoice (0 is the newest), and how many days after its due date a
#: promise was given and to be kept.
PROMISES = (
    ("partner_larkspur", 6, 18, 38),
    ("partner_northfork", 4, 8, 14),
    ("partner_foundry", 7, 9, 23),
    ("partner_magnolia", 6, 16, 25),
)
