"""Places and classes of products that rows of a file of rules name."""

from dataclasses import replace

from .engine import regions, rule_file, rule_row

UNKNOWN_COUNTRY = "unknown_country"
UNKNOWN_STATE = "unknown_state"
UNKNOWN_CLASS = "unknown_class"


def join_codes(codes):
    """Codes of states as one cell, always in the same order."""
    return "|".join(sorted(codes))


class RuleFinder:
    """Places and classes of rows, read at once."""

    def __init__(self, env, rows):
        codes = sorted({row.country for row in rows})
        countries = env["res.country"].search([("code", "in", codes)])
        self.countries = {country.code: country for country in countries}
        states = env["res.country.state"].search(
            [("country_id", "in", countries.ids)], order="id desc"
        )
        names = {(s.country_id.code, s.name.lower()): s for s in states}
        self.states = names | {(s.country_id.code, s.code.lower()): s for s in states}
        classes = env["age.product.class"].with_context(active_test=False)
        found = classes.search(
            [("code", "in", sorted({row.product_class for row in rows}))]
        )
        self.classes = {product_class.code: product_class for product_class in found}

    def check(self, line):
        """The line with its states as codes, or with an error."""
        if line.error:
            return line
        try:
            return rule_file.Line(line.number, self._resolve(line.row))
        except rule_row.RowError as error:
            return rule_file.Line(line.number, error=error)

    def _resolve(self, row):
        if row.country not in self.countries:
            raise rule_row.RowError(UNKNOWN_COUNTRY, "country", row.country)
        if row.product_class not in self.classes:
            raise rule_row.RowError(UNKNOWN_CLASS, "product_class", row.product_class)
        codes = [state.code for state in self._find_states(row)]
        return replace(row, state=join_codes(codes))

    def _find_states(self, row):
        """States that a row names: a region, or codes or names separated by a bar."""
        codes = regions.codes_of(row.country, row.state) or row.state.split("|")
        found = []
        for code in filter(None, map(str.strip, codes)):
            state = self.states.get((row.country, code.lower()))
            if not state:
                raise rule_row.RowError(UNKNOWN_STATE, "state", code)
            found.append(state)
        return found

    def prepare_rule(self, row):
        """Values of a new rule."""
        return {
            "country_id": self.countries[row.country].id,
            "state_ids": [state.id for state in self._find_states(row)],
            "class_id": self.classes[row.product_class].id,
            "kind": row.kind,
            "min_age": row.min_age or 0,
            "born_before": row.born_before,
            "abv_gt": float(row.abv_gt or 0),
            "abv_lte": float(row.abv_lte or 0),
            "distilled": row.distilled or False,
            "date_from": row.date_from,
            "date_to": row.date_to,
            "needs_delivery_check": row.needs_delivery_check,
            "confidence": row.confidence,
            "seen_on": row.seen_on,
            "source": row.source,
            "note": row.note,
        }
