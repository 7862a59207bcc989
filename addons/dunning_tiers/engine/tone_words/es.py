"""Words of the tone contract in Spanish without accents; how to read them: `tone_words`."""

TONE_WORDS = (
    (
        "overdue",
        "friendly",
        r"""
        vencid[oa]s?
        (?:en|con) (?:retraso|mora)
        retrasos? en el pago
        atrasad[oa]s?
        impagad[oa]s?
        impagos?
        intereses de demora
        """,
    ),
    (
        "pressure",
        "firm",
        r"""
        inmediat(?:o|a|os|as|amente)
        sin (?:mas )?(?:demora|dilacion)
        urgen(?:te|tes|cia|temente)
        exig(?:imos|ir|irle|irles|iremos)
        requerimientos?
        le (?:requerimos|instamos)
        incumpl(?:imiento|imientos|ido|ir)
        morosidad
        suspen(?:der|deremos|demos|sion|dido|dida) (?:de )?(?:el|la|los|las|sus?\
            |todos?|todas?)? ?(?:servicio|suministro|cuenta|pedido|entrega)*
        """,
    ),
    (
        "last_chance",
        "final",
        r"""
        (?<!nuestro )(?<!nuestra )ultim[oa]s? (?:aviso|recordatorio|requerimiento\
            |advertencia|oportunidad|notificacion|reclamacion)*
        """,
    ),
    (
        "legal_action",
        "final",
        r"""
        juzgados?
        tribunal(?:es)?
        judicial*
        extrajudicial*
        # Demand for goods is no claim at a court.
        demanda(?:r|rle|rles|remos|mos)
        (?:interponer|presentar|interpondremos|presentaremos) (?:una )?(?:demanda\
            |denuncia|querella)s?
        demandas? (?:judicial|contra|ante|de juicio)*
        acci(?:on|ones) legal(?:es)?
        acciones (?:oportunas|pertinentes)
        via legal
        medidas legales
        procedimientos? (?:judicial|monitorio|legal|ejecutivo)*
        (?:juicio|proceso) (?:monitorio|verbal|ordinario|cambiario)*
        monitorio
        querella*
        burofax*
        litig*
        pleitos?
        """,
    ),
    (
        "lawyer",
        "final",
        "abogad[oa]s?\nprocurador(?:a|es|as)?\nletrad[oa]s?\nbufetes?\n"
        "(?:asesoria|departamento|servicios?) (?:juridic|legal)*",
    ),
    (
        "collection",
        "final",
        r"""
        (?:agencia|empresa|compania|gestora|despacho)s? de (?:cobro|recobro\
            |recuperacion)s?
        recobros?
        cobrador(?:es)?
        """,
    ),
    (
        "enforcement",
        "final",
        r"""
        # "sin embargo" means however.
        (?<!sin )embarg(?:o|os|ar|ado|ados|ada|adas|aremos|able)
        ejecuci(?:on|ones) (?:forzosa|judicial|de bienes)*
        """,
    ),
    (
        "credit_record",
        "final",
        r"""
        asnef
        badexcug
        rai
        (?:fichero|registro|lista)s? de (?:moros|impag|solvencia)*
        moros[oa]s?
        listas? negras?
        """,
    ),
    (
        "threat",
        None,
        r"""
        carcel*
        prision*
        policia*
        penal(?:es|mente)?
        denunciar*
        delitos?
        estafador*
        ladron*
        vergu?enza
        sinverguenza*
        """,
    ),
)

PROMOTION_WORDS = r"""
        ofertas? (?:especial|exclusiva|limitada|unica)*
        promoci(?:on|ones|onal|onales)
        codigos? (?:promocional|de descuento|descuento)*
        cup(?:on|ones)
        vales? (?:de )?(?:descuento|regalo)
        (?:compre|compra|pida) (?:ahora|ya|hoy)
        aproveche (?:nuestra|esta|la oferta|la promocion)
        boletin(?:es)?(?! oficial)
        newsletter*
        darse de baja
        novedades
        rebajas
        black friday
        """

FEE_WORDS = (
    "(?:gastos|cargos?|comision(?:es)?) (?:de|por) (?:aviso|recordatorio|gestion|"
    "reclamacion|demora)"
)
