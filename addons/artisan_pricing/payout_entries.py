"""The values of entries of the ledger, for what invoice lines bring their makers."""

from .engine import statement as engine
from .engine.commission_json import to_json
from .engine.earning import Earning

#: Code of what is credited beyond what was sold.
EXCESS = "excess"


def get_scheme(env, maker, company):
    """The scheme (``artisan.commission.scheme``) that is agreed on with a maker today.

    :param maker: id of the partner, also as str
    """
    return env["res.partner"].browse(int(maker))._get_commission_scheme(company)


class EntryValues:
    """
    :param refunds: :class:`~.payout_refund.Refunds` of the lines that are booked
    """

    def __init__(self, env, refunds):
        self._env = env
        self._refunds = refunds
        self._basis = {}  # line -> what its figures were computed from
        self._labels = {}  # maker, company -> code of a commission part -> (name, rate)
        self._rewards = {}  # id of a reward -> its name

    def keep_basis(self, line, scheme, beside=None):
        """Keep with a sale what it was computed from: what is booked later goes by it.

        :param scheme: the engine's
        :param beside: Earning of what the line charges beside its order
        """
        basis = {"scheme": to_json(scheme)}
        if beside:
            commission = {code: str(amount) for code, amount in beside.commission}
            basis["beside"] = {"amount": str(beside.line.net), "commission": commission}
        self._basis[line] = basis

    def prepare(self, line, origin, earning, labels):
        """Values of the entries of one line.

        :param earning: or a Decimal, which the platform bears alone
        """
        common = self._prepare_common(line, origin)
        if not isinstance(earning, Earning):
            maker = self._refunds.get_maker(line)
            maker = maker.with_context(lang=maker.lang)
            yield common | {
                "maker_id": maker.id,
                "kind": engine.REFUND,
                "code": EXCESS,
                "name": maker.env._("Credited beyond what was sold"),
                "platform_amount": -earning,
            }
            return
        maker = self._env["res.partner"].browse(int(earning.line.maker))
        for kind, code, amount, platform_amount in engine.rows_of(earning):
            if origin and kind == engine.SALE:
                kind = engine.REFUND
            known = labels and labels.get((kind, code))
            name, rate = known or self._get_label(line, maker, kind, code)
            yield (
                common
                | {
                    "maker_id": maker.id,
                    "kind": kind,
                    "code": code,
                    "name": name,
                    "rate": rate,
                    "amount": amount,
                    "platform_amount": platform_amount,
                }
                | ({} if code else self._prepare_goods(line, origin))
            )

    def _prepare_goods(self, line, origin):
        """Values of the entry of a sale or refund itself."""
        vals = self._refunds.get_taken(line, origin)
        return vals | ({} if origin else {"basis": self._basis.get(line, False)})

    def _prepare_common(self, line, origin):
        move = line.move_id
        source = origin.move_id or move
        orders = (line | origin).sale_line_ids.order_id
        return {
            "company_id": move.company_id.id,
            "currency_id": move.currency_id.id,
            "move_id": move.id,
            "move_line_id": line.id,
            "origin_line_id": origin.id,
            "source_move_id": source.id if source.move_type != "out_refund" else False,
            "document": move.name,
            "date": move.date,
            "order_ref": ", ".join(orders.mapped("name")),
            "product_id": line.product_id.id,
        }

    def _get_label(self, line, maker, kind, code):
        """What an entry is for, and at which rate, as it is today."""
        if kind == engine.DISCOUNT:
            if code not in self._rewards:
                reward = self._env["loyalty.reward"].browse(int(code)).exists()
                program = reward.program_id.with_context(lang=maker.lang)
                self._rewards[code] = program.name or program.env._("Promotion")
            return self._rewards[code], ""
        if kind == engine.COMMISSION:
            key = maker, line.company_id
            if key not in self._labels:
                scheme = get_scheme(self._env, maker.id, key[1])
                scheme = scheme.with_context(lang=maker.lang)
                self._labels[key] = scheme._get_labels()
            return self._labels[key].get(code, (code, ""))
        return line.product_id.with_context(lang=maker.lang).display_name, ""
