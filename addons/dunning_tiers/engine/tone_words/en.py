"""Words of the tone contract in English; how to read them: `tone_words`."""

TONE_WORDS = (
    (
        "overdue",
        "friendly",
        r"""
        overdue
        past due
        (?:in )?arrears
        late (?:payment|fee|charge)s?
        (?:paid|paying) late
        delinquen*
        """,
    ),
    (
        "pressure",
        "firm",
        r"""
        immediate(?:ly)?
        without (?:further )?delay
        urgent(?:ly)?
        we (?:must )?insist
        you must(?! have)
        demand (?:for )?payment
        we (?:hereby )?demand
        (?:formal|letter of) demand
        fail(?:ed|ing|ure)? to pay
        in default
        breach of contract
        suspen(?:d|ds|ded|ding|sion) (?:of )?(?:(?:your|the|all\
            |further) )?(?:account|service|deliver|suppl|order)*
        penalt(?:y|ies)
        """,
    ),
    (
        "last_chance",
        "final",
        r"""
        # "since our last reminder" is the one before.
        (?<!our )(?<!my )(?:final|last) (?:notice|reminder|demand|warning|request\
            |opportunity|chance)s?
        """,
    ),
    (
        "legal_action",
        "final",
        r"""
        courts?(?! (?:road|street|st|lane|house|place|yard|avenue|drive|square\
            |gardens)\b)
        tribunals?
        law ?suits?
        litigat*
        (?:to|will|shall|may|can) sue
        sue you
        (?:be|being|are|were) sued
        suing
        legal (?:action|proceeding|step|measure|department|team|claim|counsel|remed\
            |consequence|dispute|route|means)*
        take (?:you|this|it|the matter) to law
        judicial*
        judge?ments? (?:against|in default|debt)
        summons
        writs?
        injunctions?
        statutory demand
        winding[ -]up (?:petition|order)
        insolvency (?:petition|proceedings)
        """,
    ),
    ("lawyer", "final", "lawyers?\nattorneys?\nsolicitors?\nbarristers?\nlaw firms?"),
    (
        "collection",
        "final",
        r"""
        (?:debt[ -])?collections? (?:agen|compan|firm|partner|bureau|service)*
        debt (?:collect|recover)*
        (?:third|outside|external)[ -]part(?:y|ies) collect*
        hand(?:ed|ing)? (?:over )?(?:the|your|this) (?:file|case|claim|debt\
            |account)s? (?:over )?to
        """,
    ),
    (
        "enforcement",
        "final",
        r"""
        bailiffs?
        sheriffs?
        seiz(?:e|ed|ing|ures?)(?! (?:the|this) (?:opportunity|chance|day|moment))
        garnish*
        repossess*
        foreclos*
        attachment of (?:earnings|wages|assets|your)
        enforcement (?:agent|officer|order|action|proceeding|measure)*
        """,
    ),
    (
        "credit_record",
        "final",
        r"""
        credit (?:bureau|agenc|reference|report|rating|score|record|file|history\
            |standing)*
        black ?list*
        """,
    ),
    (
        "threat",
        None,
        r"""
        prisons?
        jail*
        imprison*
        police
        arrest(?:s|ed|ing|ion)?
        criminal*
        prosecut*
        dead ?beats?
        sham(?:ed|eful|eless)
        (?:name and|public) shame
        thie(?:f|ves)
        publish your name
        inform your (?:employer|family|neighbou?rs?|customers?)
        """,
    ),
)

PROMOTION_WORDS = r"""
        (?:special|exclusive|limited[ -]time|limited) offers?
        limited time
        (?:promo(?:tion)?|discount|coupon|voucher) codes?
        promotion(?:s|al)?
        coupons?
        vouchers?
        \d+ ?% off
        (?:buy|shop|order) (?:now|today)
        newsletters?
        unsubscribe
        new (?:products|collection|arrivals)
        upgrade (?:now|today|to)
        black friday
        """

FEE_WORDS = "(?:reminder|dunning|late|administration|admin|handling) (?:fee|charge)s?"
