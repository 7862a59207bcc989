import logging

from odoo import api, models
from odoo.tools import split_every

from odoo.addons.age_verification.engine import judging
from odoo.addons.age_verification.facts import Basket

_logger = logging.getLogger(__name__)

#: So many orders are judged at once.
BATCH = 200
#: No proof of this buyer helps.
REFUSED = {judging.UNDERAGE, judging.PROHIBITED}
#: What is missing is not the age: a marketplace that checks it does not help either.
NOT_VOUCHED = REFUSED | {judging.INCOMPLETE}


class MarketplaceOrder(models.Model):
    _inherit = "marketplace.order"

    @api.model
    def _get_issue_checks(self):
        """Override: restricted products need a proof of age."""
        return [*super()._get_issue_checks(), "_check_age"]

    def _check_age(self):
        restricted = self.filtered(
            lambda order: any(
                product.age_class_id.is_restricted
                for _line, product in order._get_age_goods()
            )
        )
        if not restricted:
            return []
        # Proofs belong to a contact, which a buyer seen for the first time has not yet.
        restricted._map_partners()
        gate = self.env["age.gate"].sudo()
        findings = []
        for verdict in gate._judge(restricted._get_age_baskets()):
            order = verdict.record
            if not order._is_age_proved(verdict):
                findings.append(order._prepare_age_finding(verdict))
        return findings

    def _get_age_baskets(self):
        """The orders as :class:`facts.Basket`, by the law of today."""
        return [
            Basket(
                record=order,
                company=order.company_id,
                person=order.partner_id,
                place=order.partner_shipping_id or order.partner_id,
                day=order.company_id._get_age_today(),
                goods=order._get_age_goods(),
            )
            for order in self
        ]

    def _get_age_goods(self):
        """What the order hands over, as (line, product) pairs."""
        return tuple(
            (line, product)
            for line in self.line_ids
            if line.product_id and line.quantity > 0
            for product in line.product_id._get_age_products(self.company_id)
        )

    def _is_age_proved(self, verdict):
        """Whether the order may be confirmed, by proofs or by what the marketplace did."""
        self.ensure_one()
        if self.env["sale.order"]._is_age_settled(verdict):
            return True
        return all(self._is_age_vouched_for(line) for line in verdict.refused)

    def _is_age_vouched_for(self, line):
        """Whether the marketplace has checked the age as the policy asks."""
        self.ensure_one()
        assurance = self.channel_id.age_assurance
        if not assurance or line.judgement.verdict in NOT_VOUCHED:
            return False
        minimum = line.policy.min_assurance or "estimated"
        rank = judging.assurance_rank
        return rank(assurance) >= rank(minimum)

    def _prepare_age_finding(self, verdict):
        refused = any(line.judgement.verdict in REFUSED for line in verdict.refused)
        return self._finding(
            "age_refused" if refused else "age_unproved",
            self.env["age.gate"]._describe(verdict).replace("\n", " "),
        )

    # === RELEASE === #

    @api.model
    def _age_requeue(self):
        """Process again the orders whose buyers have proved their age meanwhile."""
        issues = self.env["marketplace.issue"].search(
            [("code", "=", "age_unproved"), ("state", "=", "open")], order="id"
        )
        orders = issues.order_id
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(orders))
        for ids in split_every(BATCH, orders.ids):
            batch = self.browse(ids)
            for order in batch._get_age_proved():
                order._age_requeue_isolated()
            if not cron._commit_progress(len(batch)):
                break

    def _get_age_proved(self):
        """Those of the orders that may be confirmed now, judged at once."""
        verdicts = self.env["age.gate"]._judge(self._get_age_baskets())
        return self.browse().union(
            *(
                verdict.record
                for verdict in verdicts
                if verdict.record._is_age_proved(verdict)
            )
        )

    def _age_requeue_isolated(self):
        """Process one order; its errors are its own and stay on it."""
        try:
            with self.env.cr.savepoint():
                self._requeue()
        except Exception as error:
            _logger.warning("age gate: %s is not processed: %s", self, error)
            self.env.invalidate_all()
            self._message_log(
                body=self.env._("Not processed after the proof of age: %s", error)
            )
