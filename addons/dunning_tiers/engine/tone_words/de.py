"""Words of the tone contract in German with ß as ss; how to read them: `tone_words`."""

TONE_WORDS = (
    (
        "overdue",
        "friendly",
        r"""
        überfällig*
        säumig*
        rückst(?:a|ä)nd*
        verzugszins*
        mahn(?:gebühr|kosten|pauschale)*
        verspätet*
        """,
    ),
    (
        "pressure",
        "firm",
        r"""
        mahnung*
        (?:an|ge)mahn(?:t|en|te|ten)
        (?:in|im) (?:zahlungs)?verzug
        zahlungsverzug*
        unverzüglich*
        # "Wir melden uns umgehend" is a promise.
        umgehende[nrms]? (?:zahlung|überweisung|begleichung|ausgleich)*
        umgehend (?:zu )?(?:zahl|überweis|begleich|auszugleich)*
        (?:überweis|zahl|begleich)*(?: [\w.,-]+){1,8} umgehend
        sofort(?:ige[nrms]?)?
        dringend*
        nachdrücklich*
        wir bestehen (?:darauf|auf)
        vertragsbruch*
        vertragsstraf*
        liefer(?:stopp|sperre)*
        *sperr(?:e|en|ung|ungen)
        """,
    ),
    (
        "last_chance",
        "final",
        r"""
        (?<!unser )(?<!unsere )(?<!unserer )(?<!unseren )letzt(?:e|en|er|es|em|mals\
            |malig|malige|maligen|maliger) (?:zahlungs)?(?:mahn|erinner|aufforder\
            |warn|frist|mitteil|gelegenheit|chance)*
        letztmal(?:s|ig|ige|igen|iger|iges)
        """,
    ),
    (
        "legal_action",
        "final",
        r"""
        # "an Sie gerichtet" is no court; a place of jurisdiction and a commercial
        # register belong to the footer of a business letter.
        (?:ausser|vor)?gericht(?!et|ete|eter|etes|eten|etem)(?!sstand|sst(?:ä|ae)nde)*
        (?:amts|land|oberlandes|handels|zivil|bezirks|kreis|arbeits\
            |mahn)gericht(?!.{0,40}\b(?:hr|hra|hrb|fn)\b)*
        klag(?:e|en|t|st)
        (?:ver|ein|an)klag(?:e|en|t|st|bar|bare)
        zahlungsklage*
        klage(?:weg|erhebung|verfahren|androhung|schrift)*
        verklag*
        mahnbescheid*
        mahnverfahren*
        rechtsweg*
        rechtsstreit*
        rechtsabteilung*
        (?:rechtlich|juristisch)(?:e|en|er|es|em) (?:schritt|massnahm|konsequenz\
            |mittel|folge|verfahren)*
        insolvenzantrag*
        """,
    ),
    (
        "lawyer",
        "final",
        "(?:rechts|fach)?anw(?:a|ä|ae)lt*",
    ),
    ("collection", "final", "*inkasso*\nforderungseinzug*\nbeitreibung*\neintreib*"),
    (
        "enforcement",
        "final",
        r"""
        *vollstreck*
        *vollzieher*
        (?:ver|konto|lohn|gehalts|sach)?pf(?:ä|ae)nd*
        zwangs(?!läufig)*
        titulier*
        """,
    ),
    (
        "credit_record",
        "final",
        "schufa*\nauskunftei*\nschuldnerverzeichnis*\nnegativeintrag*\n"
        "bonität*\nkreditwürdigkeit*\nschwarze liste",
    ),
    (
        "threat",
        None,
        r"""
        gef(?:ä|ae)ngnis*
        haft(?:strafe|befehl)*
        polizei*
        strafanzeige*
        strafrecht*
        staatsanw(?:a|ä|ae)lt*
        anzeige erstatten
        betrüger*
        unversch(?:ä|ae)mt*
        sch(?:ä|ae)men
        dieb(?:e|stahl)?
        """,
    ),
)

PROMOTION_WORDS = r"""
        sonder(?:angebot|aktion|preis)*
        rabatt(?:code|aktion)*
        aktions(?:preis|code|angebot)*
        gutschein*
        jetzt (?:kaufen|bestellen|shoppen|zugreifen|sparen)
        newsletter*
        abmelden
        neue (?:produkte|kollektion)
        \d+ ?% (?:rabatt|sparen|günstiger)
        black friday
        """

FEE_WORDS = "(?:mahn|bearbeitungs|verwaltungs)(?:gebühr|kosten|pauschale|spesen)*"
