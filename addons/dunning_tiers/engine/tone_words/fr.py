"""Words of the tone contract in French without accents; how to read them: `tone_words`."""

TONE_WORDS = (
    (
        "overdue",
        "friendly",
        r"""
        (?:en|de) (?:retard|souffrance)
        retards? de (?:paiement|reglement)
        echue?s?
        impayee?s?
        penalites? de retard
        """,
    ),
    (
        "pressure",
        "firm",
        r"""
        immediate(?:ment|s)?
        immediats?
        sans delai
        dans les plus brefs delais
        urgen(?:t|te|ts|tes|ce|ment)
        nous exigeons
        exig(?:er|eons) (?:le|de|votre)
        vous sommons
        sommation*
        sous peine
        defaut de paiement
        defaillan*
        suspen(?:dre|dons|drons|sion|due?s?) (?:de )?(?:la|le|les|vos|votre|nos\
            |toute)? ?(?:livraison|service|compte|commande|prestation|acces)*
        """,
    ),
    (
        "last_chance",
        "final",
        r"""
        (?<!notre )(?<!nos )(?:dernier|derniere|ultime)s? (?:rappel|relance|avis\
            |avertissement|delai|chance|possibilite)*
        mises? en demeure
        mett(?:ons|re) en demeure
        """,
    ),
    (
        "legal_action",
        "final",
        r"""
        # The register of companies belongs to the footer of a letter.
        (?<!greffe du )tribuna(?:l|ux)(?!.{0,40}\b(?:rcs|siren)\b)
        en justice
        judiciaire*
        juridictions? (?:competente|saisie)*
        # "poursuivre notre collaboration" is none.
        poursuites
        poursui(?:te|vre|vrons|vie) (?:judiciaire|en justice|legale\
            |a votre encontre|contre)*
        actions? (?:en justice|judiciaire|legale)*
        voies? (?:judiciaire|legale|de droit)*
        procedures? (?:judiciaire|legale|contentieuse|d'injonction|de saisie\
            |de recouvrement)*
        contentieu(?:x|se|ses)
        injonctions? de payer
        assign(?:er|ation|ations|ons|erons)
        proces(?![ -]verba)
        saisir (?:le |la |un |une |l')?(?:tribunal|juge|juridiction|justice|avocat\
            |huissier)*
        """,
    ),
    ("lawyer", "final", "avocate?s?\ncabinets? (?:d'avocat|juridique)*"),
    (
        "collection",
        "final",
        r"""
        # "frais de recouvrement" is the name of a sum that the law sets.
        (?:societe|cabinet|agence|organisme|bureau|entreprise|service\
            |prestataire)s? de recouvrement
        recouvrement (?:judiciaire|contentieux|force|de (?:la|notre\
            |votre) (?:creance|dette))*
        """,
    ),
    (
        "enforcement",
        "final",
        r"""
        huissiers?
        commissaires? de justice
        # "erreur de saisie" is a typing mistake.
        saisies?[ -](?:sur (?:salaire|compte|remuneration)|conservatoire\
            |attribution|vente|immobiliere|mobiliere|de vos biens)*
        proceder a (?:la|une) saisie
        executions? forcee?s?
        titres? executoires?
        """,
    ),
    (
        "credit_record",
        "final",
        r"""
        fich(?:age|er|ier|iers) (?:a la )?(?:banque de france\
            |des (?:mauvais )?payeurs|ficp)
        mauvais payeurs?
        listes? noires?
        """,
    ),
    (
        "threat",
        None,
        r"""
        prison*
        emprisonn*
        police(?! d'assurance| de caracteres?)
        gendarm*
        penal(?:e|es|ement)?
        plainte (?:penale|contre|a votre)*
        (?:deposer|depot de) plainte
        escrocs?
        voleurs?
        honte*
        """,
    ),
)

PROMOTION_WORDS = r"""
        offres? (?:special|promotionnel|exceptionnel|exclusi|limite)*
        codes? (?:promo|de reduction|promotionnel)*
        promotions?
        bons? (?:d'achat|de reduction)
        (?:achetez|commandez) (?:maintenant|vite|des aujourd'hui)
        profitez*
        newsletter*
        infolettres?
        desabonn*
        se desinscrire
        nouveautes
        nouvelle collection
        black friday
        """

FEE_WORDS = "(?:frais|penalites) de (?:rappel|relance|dossier|retard)"
