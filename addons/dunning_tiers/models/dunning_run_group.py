from odoo import models
from odoo.tools import SQL

from .. import bulk, const
from ..facts import Facts


class DunningRun(models.Model):
    """Grouping: one notice for each customer and currency of a proposal."""

    _inherit = "dunning.run"

    def _group(self):
        """Make one notice per customer and currency of what may be sent."""
        for run in self:
            items = self.env["dunning.item"].search_fetch(
                [
                    ("run_id", "=", run.id),
                    ("verdict", "=", const.SEND),
                    ("state", "=", "noted"),
                ],
                ["partner_id", "currency_id", "level_id", "policy_id", "amount_asked"],
            )
            groups = items.grouped(lambda item: (item.partner_id, item.currency_id))
            vals_list = run._prepare_notices(groups)
            notices = bulk.insert(self.env["dunning.notice"], vals_list)
            run._link_items(notices, groups.values())
            notices._set_credits()
            notices._set_charges()
            notices._auto_approve()

    def _prepare_notices(self, groups):
        """Values of a notice for each (customer, currency) and its items."""
        partners = self._read_partners([partner.id for partner, _currency in groups])
        first = self.env["dunning.notice"].search_count([("run_id", "=", self.id)]) + 1
        return [
            self._prepare_notice(group_items, partners[partner.id], number)
            for number, ((partner, _currency), group_items) in enumerate(
                groups.items(), start=first
            )
        ]

    def _read_partners(self, partner_ids):
        """Contact, language and owner of each customer, in one query each."""
        contacts = self._get_contacts(partner_ids)
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        fallback = self.company_id.partner_id.lang or "en_US"
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner.id, partner.lang, owner.id
                  FROM res_partner partner
                  LEFT JOIN res_users owner ON owner.active
                   AND owner.id = (partner.dunning_user_id ->> %s)::int
                 WHERE partner.id = ANY(%s)
                """,
                str(self.company_id.id),
                partner_ids,
            )
        )
        return {
            partner_id: {
                "partner_id": partner_id,
                "contact_id": contacts.get(partner_id, partner_id),
                "lang": lang if lang in installed else fallback,
                "user_id": user_id,
            }
            for partner_id, lang, user_id in rows
        }

    def _get_contacts(self, partner_ids):
        facts = Facts(self.env, self.company_id, self.date, partner_ids=partner_ids)
        return {partner_id: row[0] for partner_id, row in facts.contacts.items()}

    def _prepare_notice(self, items, partner, number):
        """Values of the notice for the items of one customer and currency."""
        top = items._get_leading()
        due = top.currency_id.round(sum(items.mapped("amount_asked")))
        return {
            "name": f"{self.name}-{number:04d}",
            "run_id": self.id,
            "company_id": self.company_id.id,
            "date": self.date,
            "policy_id": top.policy_id.id,
            "level_id": top.level_id.id,
            "kind": top.level_id.kind,
            "currency_id": top.currency_id.id,
            "amount_items": due,
            "amount_total": due,  # nothing to deduct or to add yet
            **partner,
            "user_id": partner["user_id"] or self._get_default_owner(top.policy_id).id,
        }

    def _get_default_owner(self, policy):
        """The policy's person, or who made the run when that one has left."""
        users = policy.user_id | self.user_id
        return (users.filtered("active") or users)[:1]

    def _link_items(self, notices, groups):
        """Put each group of items into the notice of the same place, in one statement.

        By number: the planner knows nothing yet about rows made a moment ago, and would
        compare every item with every notice if it had to find them by customer.
        """
        if not notices:
            return
        pairs = zip(notices, groups, strict=True)
        links = [
            (item_id, notice.id) for notice, items in pairs for item_id in items.ids
        ]
        item_ids, notice_ids = zip(*links, strict=True)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE dunning_item item
                   SET notice_id = link.notice_id, state = 'open'
                  FROM unnest(%s::int[], %s::int[]) AS link(item_id, notice_id)
                 WHERE item.id = link.item_id AND item.state = 'noted'
                """,
                list(item_ids),
                list(notice_ids),
            )
        )
        self.env["dunning.item"].invalidate_model(["notice_id", "state"])
        notices.invalidate_recordset(["item_ids"])
