def migrate(cr, version):
    """Let the items that were cleared before know their orders, as payouts are matched by it.

    The names of these items are the channel's references of the orders.
    """
    cr.execute(
        """
        UPDATE account_move_line AS item
           SET marketplace_order_id = o.id,
               marketplace_role = 'order'
          FROM marketplace_order AS o
          JOIN marketplace_channel AS channel ON channel.id = o.channel_id
         WHERE item.move_id = o.clearing_move_id
           AND item.account_id = channel.clearing_account_id
           AND item.name = o.external_ref
           AND item.marketplace_role IS NULL
        """
    )
