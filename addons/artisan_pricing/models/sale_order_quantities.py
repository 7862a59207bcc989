from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from ..decimals import to_decimal
from ..engine import quantities
from ..engine.money import ZERO


class SaleOrder(models.Model):
    _inherit = "sale.order"

    quantity_problems = fields.Text(
        "Quantities to Change",
        compute="_compute_quantity_problems",
        help="What makers ask for that the quotation does not have.",
    )
    can_round_up_quantities = fields.Boolean(compute="_compute_quantity_problems")

    @api.depends(
        "company_id",
        "partner_id",
        "pricelist_id",
        "state",
        "order_line.price_subtotal",
        "order_line.product_id",
        "order_line.product_uom_id",
        "order_line.product_uom_qty",
    )
    def _compute_quantity_problems(self):
        found = self._get_quantity_problems()
        for order in self:
            problems = found[order]
            order.quantity_problems = "\n".join(order._to_sentences(problems))
            order.can_round_up_quantities = any(
                problem.code in (quantities.BELOW_MINIMUM, quantities.BROKEN_CASE)
                for problem in problems
            )

    # What is wrong

    def _get_quantity_problems(self):
        """What is wrong with the quantities of quotations.

        :return: {order: [Problem]} of the engine; empty lists for what is right, confirmed
            or not bound. Subjects are records: the template of a minimum, the line of a
            case, the maker of an amount. Lines are records too. Quantities are in the
            product's unit of measure, amounts in the currency of the order
        """
        found = {order: [] for order in self}
        asked = {
            order: needs
            for order in self
            if order._is_bound_by_quantities() and any(needs := order._get_needs())
        }
        known_to = self._get_makers_known_to(
            {order: list(minimums) for order, (_terms, minimums) in asked.items()}
        )
        for order, (terms, minimums) in asked.items():
            found[order] = quantities.problems(
                order._to_quantity_basket(), terms, minimums, known_to[order]
            )
        return found

    def _is_bound_by_quantities(self):
        """Whether makers' minimums and cases are asked of it: it is a quotation.

        Hook: orders that were agreed on elsewhere, as on a marketplace, are not bound.
        """
        self.ensure_one()
        return self.state in ("draft", "sent")

    def _get_needs(self):
        """What makers ask for.

        :return: {template: Terms}, {maker: Minimums}; what asks for nothing is left out
        """
        self.ensure_one()
        lines = self.order_line.filtered(lambda line: line._buys_from_maker())
        models_by_template = self._get_price_models(lines)
        terms = {}
        for template in lines.filtered(
            lambda line: not line.combo_item_id
        ).product_template_id:
            asked = template._get_quantity_terms(models_by_template.get(template))
            if asked.minimum or asked.case_pack:
                terms[template] = asked
        return terms, self._get_minimums(lines)

    def _get_minimums(self, lines):
        """Least amounts, of the makers whose tiers the customer's pricelist gives: neither a
        shop's customer is asked for them, nor who buys a bundle that has a part of theirs.

        :param lines: goods of makers
        :return: {maker: Minimums} in the currency of the order
        """
        minimums = {}
        bought = lines.filtered(lambda line: not line.combo_item_id)
        # Who sells need not see the contact of a maker.
        for maker in bought.product_template_id.sudo().maker_id:
            asked = maker.with_company(self.company_id)._get_order_minimums(
                self._from_company_currency
            )
            if asked.opening:
                minimums[maker] = asked
        if not minimums:
            return minimums
        makers = self.pricelist_id._get_makers_with_tiers(self.date_order)
        return {maker: asked for maker, asked in minimums.items() if maker in makers}

    def _get_price_models(self, lines):
        """{template: price model} where a price model prices it, and asks for more."""
        self.ensure_one()
        if not lines or not self.pricelist_id.has_price_models:
            return {}
        basket = self.env["sale.order.line"]._get_basket(self)
        found = {}
        for line, rule in basket.get_tiered_lines(self.pricelist_id):
            found.setdefault(line.product_template_id, rule.sudo().price_model_id)
        return found

    def _from_company_currency(self, amount):
        """An amount in the currency of the order, at the rate of its date."""
        self.ensure_one()
        company = self.company_id or self.env.company
        return company.currency_id._convert(
            amount, self.currency_id, company, self.date_order or fields.Date.today()
        )

    def _get_makers_known_to(self, makers_by_order):
        """From whom the customers of orders bought before: in a confirmed order of the
        company, whoever of the customer's company ordered.

        :param makers_by_order: {order: makers that are asked about}
        :return: {order: {maker}}
        """
        makers = {maker for each in makers_by_order.values() for maker in each}
        if not makers:
            return defaultdict(set)
        orders = self.browse(
            order.id for order, each in makers_by_order.items() if each
        )
        # A seller may not see the orders of others; the customer is known all the same.
        groups = (
            self.env["sale.order.line"]
            .sudo()
            ._read_group(
                orders._get_earlier_lines_domain(makers),
                [
                    "company_id",
                    "order_partner_id.commercial_partner_id",
                    "product_id.product_tmpl_id.maker_id",
                ],
            )
        )
        found = {(company.id, buyer.id, maker.id) for company, buyer, maker in groups}
        return {
            order: {
                maker
                for maker in each
                if (order.company_id.id, order._get_buyer().id, maker.id) in found
            }
            for order, each in makers_by_order.items()
        }

    def _get_earlier_lines_domain(self, makers):
        """Lines of confirmed orders that the same customers have of these makers."""
        buyers = self.partner_id.commercial_partner_id
        return (
            Domain("state", "=", "sale")
            & Domain("company_id", "in", self.company_id.ids)
            & Domain("order_partner_id.commercial_partner_id", "in", buyers.ids)
            & Domain(
                "product_id.product_tmpl_id.maker_id", "in", [m.id for m in makers]
            )
            & Domain("order_id", "not in", self._origin.ids)
        )

    def _get_buyer(self):
        """The company or person that buys: all its contacts are one customer."""
        self.ensure_one()
        return self.partner_id.commercial_partner_id._origin

    def _to_quantity_basket(self):
        self.ensure_one()
        return [
            quantities.BasketLine(
                line,
                # Of a bundle only the amount counts: its parts come as they are.
                line if line.combo_item_id else line.product_template_id,
                line.product_template_id.maker_id,
                to_decimal(line._get_tier_quantity()),
                to_decimal(line.price_subtotal),
            )
            for line in self.order_line
            if line._buys_from_maker()
        ]

    # What is said and done about it

    def _to_sentences(self, problems):
        """What to change, a sentence for each problem; of a product below its minimum, one
        that says how it is packed as well."""
        self.ensure_one()
        below = {p.subject for p in problems if p.code == quantities.BELOW_MINIMUM}
        cases = {
            problem.subject.product_template_id: problem.need - problem.less
            for problem in problems
            if problem.code == quantities.BROKEN_CASE
        }
        return [
            self._to_sentence(problem, cases.get(problem.subject))
            for problem in problems
            if problem.code != quantities.BROKEN_CASE
            or problem.subject.product_template_id not in below
        ]

    def _to_sentence(self, problem, case=None):
        """What to change for one problem.

        :param case: of a product below its minimum, when a case is broken as well
        """
        is_quantity = problem.code in (quantities.BELOW_MINIMUM, quantities.BROKEN_CASE)
        show = self._show_quantity if is_quantity else self._show_amount
        subject = problem.subject
        if problem.code == quantities.BROKEN_CASE:
            subject = subject.product_id
        return self._get_sentence(problem, case) % {
            # Customers read it on the portal: they may not read all that is named.
            "name": subject.sudo().display_name,
            "have": show(problem.have),
            "need": show(problem.need),
            "missing": show(problem.missing),
            "less": show(problem.less or ZERO),
            "case": show(case or ZERO),
        }

    def _get_sentence(self, problem, case):
        if case:
            return self.env._(
                "%(name)s: the minimum is %(need)s, in whole cases of %(case)s, instead of "
                "%(have)s."
            )
        if problem.code == quantities.BELOW_MINIMUM:
            return self.env._(
                "%(name)s: the minimum is %(need)s, please add %(missing)s."
            )
        if problem.code == quantities.BROKEN_CASE and problem.less:
            return self.env._(
                "%(name)s is sold in whole cases: %(less)s or %(need)s instead of "
                "%(have)s."
            )
        if problem.code == quantities.BROKEN_CASE:
            return self.env._(
                "%(name)s is sold in whole cases: %(need)s instead of %(have)s."
            )
        if problem.code == quantities.BELOW_OPENING:
            return self.env._(
                "%(name)s: a first order comes to at least %(need)s, %(missing)s are "
                "missing."
            )
        return self.env._(
            "%(name)s: an order comes to at least %(need)s, %(missing)s are missing."
        )

    def _show_quantity(self, quantity):
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return formatLang(
            self.env, float(quantity), digits=digits if quantity % 1 else 0
        )

    def _show_amount(self, amount):
        return formatLang(self.env, float(amount), currency_obj=self.currency_id)

    def _get_quantity_refusal(self):
        """Why a quotation cannot be confirmed; empty when it can.

        What is paid is not refused: the money is here already.
        """
        self.ensure_one()
        if (self.company_id or self.env.company).order_quantity_policy != "stop":
            return ""
        problems = self._get_quantity_problems()[self]
        if not problems or (
            self.amount_paid > 0 and self._is_confirmation_amount_reached()
        ):
            return ""
        return "\n".join(self._to_sentences(problems))

    def _confirmation_error_message(self):
        """Override of `sale`: quantities are those that makers sell."""
        refusal = super()._confirmation_error_message()
        if refusal or not (sentences := self._get_quantity_refusal()):
            return refusal
        return self.env._(
            "%(order)s cannot be confirmed yet:\n%(sentences)s",
            order=self.name,
            sentences=sentences,
        )

    def _has_to_be_signed(self):
        """Override of `sale`: a signature would confirm the order."""
        return super()._has_to_be_signed() and not self._get_quantity_refusal()

    def _has_to_be_paid(self):
        """Override of `sale`: nobody pays for what cannot be ordered."""
        return super()._has_to_be_paid() and not self._get_quantity_refusal()

    def action_round_up_quantities(self):
        """Raise quantities to the least that makers sell; minimum amounts stay as they
        are."""
        for order in self:
            if order.state not in ("draft", "sent"):
                raise UserError(
                    self.env._("The quantities of %s are agreed on.", order.name)
                )
            terms, _minimums = order._get_needs()
            for template, asked in terms.items():
                lines = order.order_line.filtered(
                    lambda line, template=template: (
                        line._buys_from_maker()
                        and not line.combo_item_id
                        and line.product_template_id == template
                        and line.product_uom_qty > 0
                    )
                )
                lines._round_up_to(asked)
