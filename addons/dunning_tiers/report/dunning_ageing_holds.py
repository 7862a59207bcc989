from odoo.tools import SQL


def held_amounts_sql(env, day):
    """Query of the disputed and promised parts of open receivable lines.

    Gives ``line_id``, ``amount_disputed`` and ``amount_promised``, in company currency, of
    the lines that holds active on the day concern. As in the gate before sending, a part of
    an invoice is taken from its instalments from the first due on.

    :param env: environment
    :param date day: the day on which the holds count; amounts are those open now
    """
    return SQL(
        """
        WITH held AS (%(holds)s), line AS (%(lines)s), touched AS (
            SELECT line.*, held.kind, held.is_whole, held.amount, line.move_id AS subject_id,
                   'move' AS subject
              FROM line JOIN held ON held.move_id = line.move_id
         UNION ALL
            SELECT line.*, held.kind, held.is_whole, held.amount, held.partner_id, 'partner'
              FROM line
              JOIN held ON held.move_id IS NULL
               AND held.company_id = line.company_id
               AND held.partner_id = line.partner_id
               AND (held.is_whole OR held.currency_id = line.currency_id)
        ), part AS (
            SELECT id, kind, residual, amount_residual, decimal_places,
                   CASE WHEN is_whole THEN residual
                        ELSE GREATEST(0, LEAST(residual, amount - COALESCE(
                            SUM(residual) OVER (
                                PARTITION BY kind, subject, subject_id, company_id,
                                             currency_id
                                    ORDER BY due, id
                                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                            ), 0)))
                    END AS amount
              FROM touched
        )
        SELECT id AS line_id,
               %(disputed)s AS amount_disputed,
               %(promised)s AS amount_promised
          FROM part
      GROUP BY id, residual, amount_residual, decimal_places
        """,
        holds=_active_holds(env, day),
        lines=_open_debts(),
        disputed=_in_company_currency("dispute"),
        promised=_in_company_currency("promise"),
    )


def _in_company_currency(kind):
    # Several holds on one line cannot hold more than the line.
    return SQL(
        """ROUND(LEAST(residual, COALESCE(SUM(amount) FILTER (WHERE kind = %s), 0))
                 * amount_residual / residual, decimal_places)""",
        kind,
    )


def _active_holds(env, day):
    """Query of what is disputed or promised of an invoice or of a whole customer."""
    lines = env["dunning.hold"]._fields["line_ids"]
    return SQL(
        """
        SELECT hold.company_id, hold.partner_id, hold.move_id, hold.currency_id, hold.kind,
               BOOL_OR(article.amount IS NULL AND COALESCE(hold.amount, 0) = 0) AS is_whole,
               SUM(COALESCE(article.amount, hold.amount)) AS amount
          FROM dunning_hold hold
     LEFT JOIN (SELECT rel.%(hold_id)s AS hold_id, ABS(SUM(line.price_total)) AS amount
                  FROM %(rel)s rel
                  JOIN account_move_line line ON line.id = rel.%(line_id)s
              GROUP BY rel.%(hold_id)s) AS article ON article.hold_id = hold.id
         WHERE hold.state = 'active'
           AND hold.kind IN ('dispute', 'promise')
           AND hold.date_from <= %(day)s
           AND (hold.date_end IS NULL OR hold.date_end >= %(day)s)
      GROUP BY 1, 2, 3, 4, 5
        """,
        rel=SQL.identifier(lines.relation),
        hold_id=SQL.identifier(lines.column1),
        line_id=SQL.identifier(lines.column2),
        day=day,
    )


def _open_debts():
    return SQL(
        """
        SELECT line.id, line.move_id, line.company_id, line.currency_id,
               partner.commercial_partner_id AS partner_id,
               COALESCE(line.date_maturity, line.date) AS due,
               line.amount_residual,
               line.amount_residual_currency AS residual,
               currency.decimal_places
          FROM account_move_line line
          JOIN account_account account ON account.id = line.account_id
          JOIN res_partner partner ON partner.id = line.partner_id
          JOIN res_currency currency ON currency.id = line.company_currency_id
         WHERE account.account_type = 'asset_receivable'
           AND line.parent_state = 'posted'
           AND line.reconciled IS NOT TRUE
           AND line.amount_residual_currency > 0
        """
    )
