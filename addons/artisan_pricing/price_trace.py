"""How the lines of an order came to their prices, from the rules as they are.

The figures are those of core's own methods and of the price models; a step says what they
made of the line, the engine's trace keeps it. Whatever the rules make, a trace ends in what
the line costs: a last step says where that is something else.
"""

from .basket import Basket
from .decimals import to_decimal
from .engine import tiers
from .engine.earning import SoldLine
from .engine.money import HUNDRED, ZERO, round_to
from .engine.trace import (
    AGREED,
    BUNDLE,
    GRADE,
    KEPT,
    MANUAL,
    PROMOTION,
    ROUNDING,
    SHARE,
    TAX,
    TIER,
    Trace,
)

#: A printed percent has two digits: that much of an amount may be its rounding.
_PERCENT_ERROR = to_decimal(0.0001)


class OrderTraces:
    """The traces of one order's lines.

    :param order: ``sale.order``, readable with its rules
    :param date: as of which its prices were made; none: the order's own
    :param rule_book: a :class:`.basket.RuleBook` that several orders share
    """

    def __init__(self, order, date=None, rule_book=None):
        self._order = order = order.with_context(
            artisan_priced_at={order.id: date or order.date_order}
        )
        self._date = date or order.date_order
        self._basket = Basket(order.order_line, self._date, rule_book)
        self._step = to_decimal(order.currency_id.rounding)
        self._sold = order._get_sold_lines()[order]
        self._bundles = {}  # line of a bundle -> engine's bundle
        self._envs = {}  # environment of lines -> the one that prices them
        self._of_rules = {}  # rule -> what a step says of it
        self._names = {}  # rule, as a step has it -> what it is called

    def get_trace(self, line):
        """The engine's trace of a line; one without steps for what has no price of its
        own: sections, rewards, bundles (their parts have), down payments."""
        trace = Trace(
            self._order.currency_id.name,
            self._step,
            to_decimal(line.product_uom_qty),
        )
        sold = self._get_sold(line)
        if not sold or not line.product_id or not line.product_uom_id:
            return trace
        line = self._prepare(line)
        trace = trace.listed(self._get_list_price(line))
        if line.combo_item_id and line.linked_line_id:
            trace = self._add_bundle(trace, line)
        else:
            for rule in get_levels(line, self._basket):
                trace = self._add_level(trace, line, rule)
            trace = self._add_tax_of_place(trace, line)
        trace = self._add_own_price(trace, line)
        trace = self._add_rest(trace, line, sold.gross)
        return self._add_promotions(trace, sold)

    def get_names(self, line, trace):
        """What the rules of a trace are called, and who pays for promotions.

        :return: a dict for each step: ``name`` and, for promotions, ``by_maker``,
            ``by_platform`` (amounts as text) and ``maker``; for a share of what a larger
            quantity costs ``quantity``, as text
        """
        sold = self._get_sold(line)
        borne = {each.promotion: each for each in sold.discounts} if sold else {}
        names = []
        for step in trace.steps:
            name = {"name": self._get_rule_name(step.rule)}
            if step.code == PROMOTION:
                share = borne[step.rule.partition(",")[2]]
                name |= {
                    "by_maker": str(share.by_maker),
                    "by_platform": str(share.by_platform),
                    "maker": line.product_id.maker_id.name or "",
                }
            elif step.code == TIER and step.kind == SHARE:
                if quantity := self._get_larger_quantity(line, step):
                    name |= {"quantity": f"{quantity.normalize():f}"}
            names.append(name)
        return names

    def get_net(self, line):
        """What the customer pays for a line, without tax (Decimal); zero for others."""
        sold = self._get_sold(line)
        return sold.net if sold else ZERO

    def get_rule_price(self, line):
        """What the rules of the date make one unit cost, before promotions (Decimal).

        None for what has no price of its own, and for parts of bundles.
        """
        if not self._get_sold(line) or not line.product_id or not line.product_uom_id:
            return None
        if line.combo_item_id:
            return None
        line = self._prepare(line)
        rule = self._basket.get_rule(line, line.order_id.pricelist_id)
        price = rule._compute_price(**self._get_kwargs(line))
        taxes = line.product_id.taxes_id._filter_taxes_by_company(line.company_id)
        return to_decimal(
            line.product_id._get_tax_included_unit_price_from_price(
                price,
                product_taxes=taxes,
                fiscal_position=line.order_id.fiscal_position_id,
            )
        )

    # Helpers: what is known about lines and rules

    def _get_sold(self, line):
        """What the customer pays for a line (``engine.earning.SoldLine``) or None."""
        sold = self._sold.get(line)
        # A cent of a reward that belongs to no line is no price.
        return sold if sold and line._is_sold() else None

    def _get_larger_quantity(self, line, step):
        """The quantity that lines cost together no more than (Decimal), in capped mode; None
        where they are billed as what they are.

        :param step: of the share; its weight is the line's at the price of that quantity
        """
        rule = self._order.env["product.pricelist.item"].browse(
            int(step.rule.partition(",")[2])
        )
        quantity = to_decimal(line._get_tier_quantity())
        figures = dict(step.figures)
        if rule.sudo().price_model_id.mode != tiers.CAPPED or not quantity:
            return None
        ladder = rule._to_ladder(self._order.currency_id, self._date)
        list_price = abs(step.before / quantity)
        price = abs(figures["weight"] / quantity)
        bought = self._basket.get_quantity(rule, line)
        before = self._basket.get_before(rule, line)
        for tier in ladder.tiers:
            is_larger = tier.min_quantity > before + bought
            if is_larger and tier.can_price(list_price):
                if ladder.unit_price(tier, list_price, self._step) == price:
                    return tier.min_quantity - before
        return None

    def _get_rule_name(self, rule):
        if not rule:
            return ""
        if rule not in self._names:
            model, _comma, rule_id = rule.partition(",")
            record = self._order.env[model].browse(int(rule_id))
            self._names[rule] = record._get_trace_name()
        return self._names[rule]

    # Helpers: what a line costs before and by its rules

    def _prepare(self, line):
        """The line with the basket at hand for core's methods, in its company."""
        if line.env not in self._envs:
            prepared = line.with_company(line.company_id).with_context(
                artisan_baskets={self._order.id: self._basket},
                artisan_priced_at={self._order.id: self._date},
            )
            self._envs[line.env] = prepared.env
        return line.with_env(self._envs[line.env])

    def _get_kwargs(self, line):
        product = line.product_id.with_context(**line._get_product_price_context())
        return {"product": product} | line._get_pricelist_kwargs()

    def _get_list_price(self, line):
        no_rule = self._order.env["product.pricelist.item"]
        return to_decimal(no_rule._compute_price(**self._get_kwargs(line)))

    def _add_level(self, trace, line, rule):
        """What one pricelist makes of the price.

        A percent is shown as such. What is derived from anything else, as from the cost,
        is shown as a price: nobody reads a cost here.
        """
        is_tier = rule.compute_price == "tiers" or rule.min_quantity > 1
        code = TIER if is_tier else GRADE
        if rule not in self._of_rules:
            self._of_rules[rule] = {
                "rule": f"{rule._name},{rule.id}",
                "version": rule._get_price_version(),
            }
        of_rule = self._of_rules[rule]
        percent = rule._get_plain_percent()
        if percent is not None:
            return trace.percent_off(code, to_decimal(percent), **of_rule)
        tiered = rule.compute_price == "tiers" and self._add_tier(
            trace, line, rule, of_rule
        )
        if tiered:
            return tiered
        price = to_decimal(rule._compute_price(**self._get_kwargs(line)))
        return trace.priced(code, price, **of_rule)

    def _add_tier(self, trace, line, rule, of_rule):
        """The quantities and prices of a tier, or its share of what lines cost together.

        None where only the price of one unit is known: it was made in another currency, or
        for the line by itself.
        """
        currency = self._order.currency_id
        if rule.pricelist_id.currency_id != currency:
            return None
        priced = self._basket.get_priced_line(rule, line, currency)
        quantity = to_decimal(line._get_tier_quantity())
        if not priced or not quantity:
            return None
        mode = rule.sudo().price_model_id.mode
        if mode == tiers.VOLUME:
            price = priced.unit_price * quantity / trace.quantity
            plain = trace.priced(TIER, price, **of_rule)
            if plain.total == priced.total:
                return plain
        elif priced.share.weight == priced.share.whole:
            ladder = rule._to_ladder(currency, self._date)
            alone = tiers.price(
                ladder,
                trace.steps[-1].after / quantity,
                quantity,
                self._step,
                self._basket.get_before(rule, line),
            )
            if alone.total == priced.total:
                return trace.tiered(alone, **of_rule)
        return trace.scoped(priced, **of_rule)

    def _add_bundle(self, trace, line):
        """The part of a bundle's price, as it was split, and what the choice costs more."""
        parent = line.linked_line_id
        price, weights = self._get_bundle(parent)
        extra = to_decimal(
            line.combo_item_id.extra_price
            + line.product_id._get_no_variant_attributes_price_extra(
                line.product_no_variant_attribute_value_ids
            )
        )
        of_rule = {
            "rule": f"{parent.product_id._name},{parent.product_id.id}",
            "version": parent.product_id.write_date.date(),
        }
        unit_price, discount = self._get_own_price(line)
        part = unit_price - extra
        if discount and not extra:
            # What is printed before the discount has digits that say nothing.
            part = round_to(part * (HUNDRED - discount) / HUNDRED, self._step)
        weight = weights.get(line.combo_item_id.combo_id, ZERO)
        if not self._is_share(part, price, weight, weights) or (discount and extra):
            return trace.priced(BUNDLE, part + extra, **of_rule)
        whole = sum(weights.values(), ZERO)
        trace = trace.shared(price, weight, whole, part, trace.quantity, **of_rule)
        if extra:
            trace = trace.amount_off(BUNDLE, -extra * trace.quantity, **of_rule)
        return trace

    def _is_share(self, part, price, weight, weights):
        """Whether a part is its share of a bundle, give or take what is left over."""
        whole = sum(weights.values(), ZERO)
        if not whole or part != round_to(part, self._step):
            return False
        return abs(part - price * weight / whole) <= len(weights) * self._step

    def _get_bundle(self, parent):
        """What the customer pays for one bundle, and what its split follows, by part."""
        if parent not in self._bundles:
            line = self._prepare(parent)
            rule = self._basket.get_rule(line, self._order.pricelist_id)
            price = to_decimal(rule._compute_price(**self._get_kwargs(line)))
            currency = self._order.currency_id
            weights = {
                combo: to_decimal(
                    combo.currency_id._convert(
                        combo.base_price, currency, line.company_id, self._date
                    )
                )
                for combo in line.product_template_id.combo_ids
            }
            self._bundles[parent] = round_to(price, self._step), weights
        return self._bundles[parent]

    # Helpers: what the line costs instead

    def _add_tax_of_place(self, trace, line):
        """Prices with tax change where the customer's place has another tax."""
        position = line.order_id.fiscal_position_id
        if not position:
            return trace
        taxes = line.product_id.taxes_id
        if not any(tax.price_include for tax in taxes):
            return trace
        product_taxes = taxes._filter_taxes_by_company(line.company_id)
        quantity = trace.quantity
        if not quantity:
            return trace
        before = trace.steps[-1].after / quantity
        after = line.product_id._get_tax_included_unit_price_from_price(
            float(before), product_taxes=product_taxes, fiscal_position=position
        )
        tax = quantity * (before - to_decimal(after))
        return trace.amount_off(TAX, tax) if round_to(tax, self._step) else trace

    def _add_own_price(self, trace, line):
        """The price and discount of the line, where its rules would make others."""
        price, discount = self._get_own_price(line)
        own = trace.quantity * price
        amount = round_to(own * (HUNDRED - discount) / HUNDRED, self._step)
        error = self._step + (abs(own) * _PERCENT_ERROR if discount else ZERO)
        if trace.total == amount or (abs(trace.total - amount) <= error and discount):
            return trace
        if line.combo_item_id:
            return trace.percent_off(BUNDLE, discount) if discount else trace
        if abs(trace.total - amount) <= self._step and not self._get_reason(line):
            return trace
        if trace.total == round_to(own, self._step):
            return trace.percent_off(MANUAL, discount)
        code = self._get_reason(line) or KEPT
        trace = trace.priced(code, price)
        return trace.percent_off(code, discount) if discount else trace

    def _get_own_price(self, line):
        """Price of one unit and percent off; a free product is sold at its price."""
        discount = ZERO if line.reward_id else to_decimal(line.discount)
        return to_decimal(line.price_unit), discount

    def _get_reason(self, line):
        """Why a line has a price of its own; None: no reason known."""
        if line.has_agreed_price:
            return AGREED
        currency = self._order.currency_id
        if currency.compare_amounts(line.technical_price_unit, line.price_unit):
            return MANUAL
        return None

    def _add_rest(self, trace, line, amount):
        """What is between the price and the amount without tax."""
        rest = trace.total - amount
        if not rest:
            return trace
        has_tax = any(line.tax_ids.mapped("price_include"))
        return trace.amount_off(TAX if has_tax else ROUNDING, rest)

    def _add_promotions(self, trace, sold: SoldLine):
        rewards = self._order.env["loyalty.reward"].browse(
            int(each.promotion) for each in sold.discounts
        )
        for reward, borne in zip(rewards, sold.discounts, strict=True):
            trace = trace.amount_off(
                PROMOTION,
                borne.by_maker + borne.by_platform,
                rule=f"{reward._name},{reward.id}",
                version=reward.write_date.date(),
            )
        return trace


def get_levels(line, basket):
    """The rules that made the price of a line, the lowest pricelist first.

    :param basket: that looks the rules of lower pricelists up
    """
    # What core keeps in `pricelist_item_id` is that of the order's date of today.
    rule, levels = basket.get_rule(line, line.order_id.pricelist_id), []
    while rule:
        levels.insert(0, rule)
        if rule.compute_price == "fixed" or rule.base != "pricelist":
            break
        rule = basket.get_rule(line, rule.base_pricelist_id)
    return levels
