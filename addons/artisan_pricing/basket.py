"""The lines of an order that are priced together.

A basket lives for one computation of prices. It looks each thing up once for all lines:
the rules of a pricelist, the ladder of a price model, the prices of a scope.
"""

from collections import defaultdict
from contextlib import contextmanager
from decimal import Decimal

from .decimals import to_decimal
from .engine import scopes
from .engine.tiers import CAPPED
from .history import PurchaseHistory

#: Of the lowest list price of the lines: below which part of it is another product cheap
#: enough to fill up to a larger quantity?
BOUNDS = (Decimal("0.125"), Decimal("0.25"), Decimal("0.5"))


@contextmanager
def at_hand(env, name, value):
    """Keep a value at hand for what is computed meanwhile, in whatever environment.

    In a context it would make an environment of its own each time, which lives on until
    garbage is collected: and whoever needs an environment looks through all of them.
    """
    cache = env.cr.cache
    before = cache.get(name)
    cache[name] = value
    try:
        yield value
    finally:
        cache[name] = before


class Basket:
    """The lines of one order, saved or not.

    :param lines: ``sale.order.line``; those that no tier counts are left out
    :param date: of the order: which rules and rates are in force
    :param rule_book: a :class:`RuleBook` that baskets share; none: one of its own
    :param history_book: a :class:`.history.HistoryBook`, likewise
    """

    def __init__(self, lines, date, rule_book=None, history_book=None):
        self._lines = lines.filtered(lambda line: line._counts_for_tiers())
        self._line_ids = set(self._lines._ids)
        # Records of these environments and ids are kept, none of those who ask: theirs may
        # know the basket, and both would live on until garbage is collected.
        self._env, self._sudo_env = lines.env, lines.sudo().env
        self._date = date
        self._customer = lines.order_id.partner_id[:1]
        # Rewards and parts of bundles have rules too.
        self._rule_book = rule_book or RuleBook(lines.product_id)
        self._rule_of = {}  # pricelist, line id -> rule
        self._groups = {}  # pricelist -> scope -> [(line, rule)]
        self._prices = {}  # pricelist, scope, currency -> line id -> PricedLine
        self._history = PurchaseHistory(self._lines, date, history_book)

    def get_rules(self, pricelist, products):
        """The rules of a pricelist that may apply to products, in core's order."""
        rules = self._rule_book.get_rules(pricelist, products, self._date)
        return pricelist._filter_rules_for(rules, self._customer)

    def get_unit_price(self, rule, line, currency):
        """Price of one unit in the product's unit of measure (Decimal).

        :return: None for a line that does not take part: it keeps its price, is no line of
            the basket, or nothing would be left of its list price
        """
        priced = self.get_priced_line(rule, line, currency)
        return priced and priced.unit_price

    def get_priced_line(self, rule, line, currency):
        """What a line costs together with the others of its scope, and how that came.

        :return: :class:`.engine.scopes.PricedLine`, None as for the price of one unit
        """
        scope = self._get_scope(rule, line)
        key = rule.pricelist_id.id, scope, currency.id
        if key not in self._prices:
            group = self._get_groups(rule.pricelist_id).get(scope, [])
            self._prices[key] = self._price(group, currency)
        return self._prices[key].get(line.id)

    def get_rule(self, line, pricelist):
        """The rule of a pricelist that applies to a line; none if there is none."""
        return self._get_rule(line, pricelist)

    def get_tier_rule(self, line, pricelist):
        """The rule with a price model that prices a line, maybe below other pricelists."""
        rule = self._get_rule(line, pricelist)
        while rule.compute_price != "tiers" and rule.base == "pricelist":
            rule = self._get_rule(line, rule.base_pricelist_id)
        return rule.filtered(lambda rule: rule.compute_price == "tiers")

    def get_tiered_lines(self, pricelist):
        """The lines that a price model prices, with their rules."""
        return [
            (line, rule)
            for line in self._lines
            if (rule := self.get_tier_rule(line, pricelist))
        ]

    def get_scopes(self, line, pricelist):
        """What the price of a line is computed together with.

        :return: a key for each scope of a price model that several lines may be in, in the
            pricelist or in one that it is based on; none for what no tier counts
        """
        if line.id not in self._line_ids:
            return set()
        rule, found = self._get_rule(line, pricelist), set()
        while rule:
            if rule.compute_price == "tiers":
                model = rule.with_env(self._sudo_env).price_model_id
                if model._get_facts().scope != "line":
                    found.add((rule.pricelist_id.id, *self._get_scope(rule, line)))
            if rule.compute_price == "fixed" or rule.base != "pricelist":
                break
            rule = self._get_rule(line, rule.base_pricelist_id)
        return found

    def get_siblings(self, scopes, pricelist):
        """The lines that may cost something else when a line of some scopes changes.

        What one pricelist makes of a line is the base of what another makes of it together
        with further lines: those are found as well.
        """
        scopes_of = {line: self.get_scopes(line, pricelist) for line in self._lines}
        reached, new = set(), set(scopes)
        while new:
            reached |= new
            below = [own for own in scopes_of.values() if not own.isdisjoint(new)]
            new = set().union(*below) - reached
        return self._lines.filtered(
            lambda line: not scopes_of[line].isdisjoint(reached)
        )

    def get_before(self, rule, line):
        """What the customer bought before and counts for the tiers of a line (Decimal)."""
        return self._history.get_before(rule, line)

    def get_quantity(self, rule, line):
        """What the lines that count together with a line have, without returns (Decimal)."""
        group = self._get_groups(rule.pricelist_id).get(self._get_scope(rule, line), [])
        sizes = [to_decimal(each._get_tier_quantity()) for each, _rule in group]
        return sum((size for size in sizes if size > 0), Decimal(0))

    # Helpers

    def _get_rule(self, line, pricelist):
        key = pricelist.id, line.id
        if key not in self._rule_of:
            quantity = line._get_tier_quantity()
            pricelist = pricelist.with_env(self._env)
            candidates = self.get_rules(pricelist, line.product_id)
            self._rule_of[key] = next(
                (
                    rule
                    for rule in candidates
                    if rule._is_applicable_for(line.product_id, quantity)
                ),
                candidates.browse(),
            )
        return self._rule_of[key]

    def _get_scope(self, rule, line):
        model = rule.with_env(self._sudo_env).price_model_id
        return model.id, model._get_scope_key(line, rule.categ_id)

    def _get_groups(self, pricelist):
        if pricelist.id not in self._groups:
            groups = self._groups[pricelist.id] = defaultdict(list)
            for line in self._lines:
                rule = self._get_rule(line, pricelist)
                if rule.compute_price == "tiers":
                    groups[self._get_scope(rule, line)].append((line, rule))
        return self._groups[pricelist.id]

    def _price(self, group, currency):
        if not group:
            return {}
        rule = group[0][1]
        ladder = rule._to_ladder(currency, self._date)
        lines = {}
        for index, (line, line_rule) in enumerate(group):
            list_price = self._get_list_price(line, line_rule, currency)
            if not rule._can_be_priced(ladder, list_price):
                continue
            quantity = to_decimal(line._get_tier_quantity())
            # Lines that are equal but for their place cost the same in any order.
            key = line.product_id.id, quantity, index
            lines[key] = scopes.Line(
                key, quantity, list_price, locked=line._keeps_price()
            )
        step = to_decimal(currency.rounding)
        before = self.get_before(rule, group[0][0])

        def price(lowest):
            return scopes.price_lines(
                ladder, lines.values(), step, before=before, lowest_list_price=lowest
            ).lines

        priced = price(None)
        if priced and ladder.mode == CAPPED:
            prices = [line.list_price for line in lines.values()]
            below = self._get_bound(price, priced, min(prices))
            lowest = self._get_lowest_list_price(group, ladder, currency, below)
            priced = priced if lowest is None else price(lowest)
        return {group[key[2]][0].id: line for key, line in priced.items()}

    def _get_bound(self, price, priced, lowest):
        """A price that no product of the scope is below in most shops, and that only what
        is below changes anything: few products have to be looked at then.

        :param price: what the lines cost, by the lowest list price of the scope
        :param priced: the same by the ``lowest`` of the lines alone
        :return: None if there is no such price
        """
        bounds = (lowest * part for part in BOUNDS)
        return next((bound for bound in bounds if price(bound) == priced), None)

    def _get_lowest_list_price(self, group, ladder, currency, below):
        """Of all products of a scope, bought or not; for capped ladders only.

        Without it, a line that is removed could make the others dearer.

        :param below: products that cost as much or more need not be looked at
        """
        line, rule = group[0]
        model = rule.with_env(self._sudo_env).price_model_id
        if model._get_facts().scope == "line":
            return None
        if rule.base not in (False, "list_price") or (
            line.product_id.currency_id != currency
        ):
            below = None
        candidates = self._rule_book.get_candidates(
            model, line, rule.categ_id, below
        ).filtered(lambda product: rule._is_applicable_for(product, 0))
        prices = self._get_list_prices(candidates, line, rule, currency)
        return min(
            (price for price in prices if rule._can_be_priced(ladder, price)),
            default=None,
        )

    def _get_list_price(self, line, rule, currency):
        context = line._get_product_price_context()
        product = line.product_id.with_context(**context)
        return self._get_list_prices(product, line, rule, currency)[0]

    def _get_list_prices(self, products, line, rule, currency):
        """What products in the line's unit cost before tiers, as if bought on that line."""
        kwargs = line._get_pricelist_kwargs() | {
            "quantity": line._get_tier_quantity(),
            "uom": line.product_id.uom_id,
            "currency": currency,
            "basket": self,
            "basket_line": line,
        }
        prices = rule._compute_base_prices(products, **kwargs)
        return [to_decimal(price) for price in prices]


class RuleBook:
    """What a pricelist says about products, and what is cheapest; each searched for once.

    It keeps ids: records would keep their environments alive, each of which makes the next
    one dearer.

    :param products: ``product.product`` that are going to be asked for
    """

    def __init__(self, products):
        self._product_ids = set(products._ids)
        self._rules = {}  # pricelist, period -> ids of products, their _RuleIndex
        self._candidates = {}

    def get_rules(self, pricelist, products, date):
        """The rules of a pricelist that may apply to products, in core's order."""
        key = pricelist.id, self._get_period(pricelist, date)
        known, index = self._rules.get(key, ((), None))
        if index is None or not known.issuperset(products._ids):
            self._product_ids.update(products._ids)
            known = frozenset(self._product_ids)
            index = _RuleIndex(
                pricelist._get_applicable_rules(
                    products.browse(known), date, rule_book=self
                )
            )
            self._rules[key] = known, index
        rules = pricelist.env["product.pricelist.item"].browse(index.get(products))
        return rules.with_prefetch(index.ids)

    def get_candidates(self, model, line, category, below=None):
        """The cheapest products of a line's scope; see the price model's method.

        Whoever asks for more than was looked up before has all of them looked up.
        """
        key = model.id, model._get_scope_key(line, category), category.id
        key += (line.company_id.id,)
        known, ids = self._candidates.get(key, (below, None))
        if ids is None or (known is not None and (below is None or below > known)):
            known = below if ids is None else None
            ids = model._get_cheapest_candidates(line.sudo(), category, known)._ids
            self._candidates[key] = known, ids
            self._product_ids.update(ids)
        return line.product_id.browse(ids)

    def _get_period(self, pricelist, date):
        """What dates have in common that the same rules are in force at."""
        return date


class RuleShelf:
    """The rule books of orders whose lines are being made; lives as long as that takes."""

    def __init__(self):
        self._books = {}

    def get_book(self, order, lines):
        """The book for lines of an order; rules may differ by company and date."""
        key = order.company_id.id, order.date_order
        if key not in self._books:
            self._books[key] = RuleBook(lines.product_id)
        return self._books[key]


class _RuleIndex:
    """Rules by what they apply on: a large pricelist is not read through for each line."""

    def __init__(self, rules):
        self.ids = rules._ids
        self._places = defaultdict(list)
        for place, rule in enumerate(rules):
            self._places[self._get_key(rule)].append(place)

    def _get_key(self, rule):
        product = rule.product_id or rule.product_tmpl_id
        if product:
            return product._name, product.id
        if rule.compute_price == "tiers":
            return "res.partner", rule.sudo().price_model_id._get_facts().maker_id
        return None

    def get(self, products):
        """Ids in the order of the pricelist; some may not apply."""
        if products._name == "product.product":
            related = products.product_tmpl_id
        else:
            related = products.product_variant_ids
        keys = [None]
        for records in (products, related, products.sudo().maker_id):
            keys += [(records._name, key) for key in records._ids]
        places = {place for key in keys for place in self._places.get(key, ())}
        return [self.ids[place] for place in sorted(places)]
