from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ..decimals import to_decimal
from ..engine.prior_price import LogEntry
from ..price_sheet import PriceSheet

#: Digits of a price in the log.
DIGITS = 6
#: How many prices a change logs at once; more are left to the job.
SYNC_LIMIT = 500
#: Key of what a transaction has to log before it is committed.
PENDING = "artisan_pricing.price_log"


class ArtisanPriceLog(models.Model):
    """From a moment on one unit of a product had a price, on a pricelist or as listed.

    The law asks for the lowest price of the 30 days before a cut; who may change what was
    logged could make one up. Nobody edits or deletes entries; the database refuses it too.
    Entries of a product on a pricelist are numbered: of two transactions that log at the
    same time, one waits and starts again.
    """

    _name = "artisan.price.log"
    _description = "Price Log"
    _log_access = False
    _order = "moment desc, id desc"
    _rec_name = "product_id"

    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, ondelete="cascade"
    )
    pricelist_id = fields.Many2one(
        "product.pricelist",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Whose buyers have this price. Without one it is the list price.",
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    uom_id = fields.Many2one("uom.uom", "Unit", required=True, readonly=True)
    moment = fields.Datetime("From", required=True, readonly=True)
    price = fields.Float(
        min_display_digits="Product Price",
        readonly=True,
        aggregator="min",
        help="Of one unit.",
    )
    is_on_sale = fields.Boolean(
        "On Sale",
        readonly=True,
        help="Without it the product could not be bought from then on.",
    )
    user_id = fields.Many2one("res.users", "By", readonly=True, ondelete="set null")
    number = fields.Integer(required=True, readonly=True, aggregator=None)
    prior_price = fields.Float(
        compute="_compute_prior_price",
        min_display_digits="Product Price",
        aggregator=None,
        help="What a cut that begins today would have to name: the lowest price of the last "
        "30 days. Empty where none may be announced.",
    )

    _number_uniq = models.UniqueIndex(
        "(product_id, COALESCE(pricelist_id, 0), number)",
        "A price has one place in the log.",
    )
    _price_is_one = models.Constraint(
        "CHECK (is_on_sale IS TRUE AND price > 0 OR is_on_sale IS NOT TRUE AND price = 0)",
        "What is on sale has a price above zero, what is not has none.",
    )

    def init(self):
        """The database itself refuses to change what was logged.

        Only a product that was never sold can be deleted; its log goes with it. A user who
        is deleted leaves entries by nobody.
        """
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION artisan_price_log_is_final() RETURNS trigger AS $$
            BEGIN
                IF TG_OP = 'UPDATE' THEN
                    IF NEW.user_id IS NULL
                       AND to_jsonb(NEW) - 'user_id' = to_jsonb(OLD) - 'user_id'
                    THEN
                        RETURN NEW;
                    END IF;
                ELSIF TG_OP = 'DELETE' THEN
                    PERFORM 1 FROM product_product WHERE id = OLD.product_id;
                    IF NOT FOUND THEN
                        RETURN OLD;
                    END IF;
                END IF;
                RAISE EXCEPTION 'prices that were logged are neither changed nor deleted'
                    USING ERRCODE = 'restrict_violation';
            END $$ LANGUAGE plpgsql;

            DROP TRIGGER IF EXISTS artisan_price_log_is_final ON artisan_price_log;
            CREATE TRIGGER artisan_price_log_is_final
                BEFORE UPDATE OR DELETE ON artisan_price_log
                FOR EACH ROW EXECUTE FUNCTION artisan_price_log_is_final();

            DROP TRIGGER IF EXISTS artisan_price_log_stays ON artisan_price_log;
            CREATE TRIGGER artisan_price_log_stays BEFORE TRUNCATE ON artisan_price_log
                FOR EACH STATEMENT EXECUTE FUNCTION artisan_price_log_is_final();
            """
        )

    # === COMPUTE === #

    @api.depends("product_id", "pricelist_id")
    def _compute_prior_price(self):
        now = fields.Datetime.now()
        for (pricelist, company), entries in self.grouped(
            lambda entry: (entry.pricelist_id, entry.company_id)
        ).items():
            log = self._get_entries(entries.product_id, pricelist, now)
            company = company or self.env.company
            for entry in entries:
                prior = company._get_prior_price(log[entry.product_id.id], now)
                entry.prior_price = prior.may_be_printed and prior.price or 0

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise self._get_final_error()

    def write(self, vals):  # pylint: disable=method-required-super
        raise self._get_final_error()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_logged(self):
        raise self._get_final_error()

    def _get_final_error(self):
        return AccessError(
            self.env._(
                "Prices are logged when they change. What was logged is neither changed "
                "nor deleted."
            )
        )

    # === LOGGING === #

    @api.model
    def _log_later(self, products, pricelists):
        """Have prices logged before the transaction is committed.

        :param pricelists: those that keep a log; an empty one stands for the list price
        """
        if not products or not pricelists:
            return
        precommit = self.env.cr.precommit
        if PENDING not in precommit.data:
            precommit.data[PENDING] = defaultdict(set)
            precommit.add(self.sudo()._log_pending)
        for pricelist_id in pricelists:
            precommit.data[PENDING][pricelist_id].update(products._ids)

    @api.model
    def _log_pending(self):
        """Log what the transaction has changed."""
        pending = self.env.cr.precommit.data.pop(PENDING, {})
        count = 0
        for pricelist_id, product_ids in pending.items():
            products = self.env["product.product"].browse(sorted(product_ids)).exists()
            count += len(products)
            if count > SYNC_LIMIT:
                self.env["artisan.price.log.task"]._add(pricelist_id)
            else:
                self._log(products, pricelist_id, fields.Datetime.now())

    @api.model
    def _log(self, products, pricelist_id, moment):
        """Append the prices of products that changed.

        :param products: those without a maker are left out
        :param pricelist_id: False for the list price
        :param moment: from which on the prices count
        :return: how many entries were added
        """
        products = products.with_context(active_test=False).filtered("maker_id")
        pricelist = self.env["product.pricelist"].browse(pricelist_id or [])
        if not products:
            return 0
        company = pricelist.company_id or self.env.company
        products = products.with_company(company)
        prices = self._get_prices_now(products, pricelist, moment)
        last = self._get_last(products, pricelist)
        rows = []
        for product, price in prices.items():
            number, before, at = last.get(product.id, (0, None, moment))
            if price == before:
                continue
            # A change that is noticed late counts from then on: a log is not rewritten.
            rows.append(
                self._prepare_row(product, pricelist, price)
                + (max(at, moment), number + 1)
            )
        return self._append(rows)

    @api.model
    def _log_all(self, pricelist_id):
        """Begin a log with what makers' products cost now. At once, however many they are:
        of what changes before a job gets to it, the price until then would be lost.

        :param pricelist_id: False for the list price
        """
        Product = self.env["product.product"].with_context(active_test=False)
        moment = fields.Datetime.now()
        made = Domain("maker_id", "!=", False)
        products = Product.search(made, order="id", limit=SYNC_LIMIT)
        while products:
            self._log(products, pricelist_id, moment)
            following = made & Domain("id", ">", products.ids[-1])
            products = Product.search(following, order="id", limit=SYNC_LIMIT)

    @api.model
    def _get_prices_now(self, products, pricelist, moment):
        """:return: product -> Decimal, or None for what cannot be bought."""
        sold = products.filtered(lambda product: product.active and product.sale_ok)
        prices = {}
        for currency, group in sold.grouped(
            lambda product: pricelist.currency_id or product.currency_id
        ).items():
            prices |= PriceSheet(group, moment).get_prices(
                pricelist.with_company(products.env.company), currency
            )
        rounded = {
            product: round(to_decimal(prices.get(product, 0)), DIGITS)
            for product in products
        }
        return {
            product: price if price > 0 else None for product, price in rounded.items()
        }

    @api.model
    def _get_last(self, products, pricelist):
        """:return: product id -> (number, price or None, moment) of its last entry."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (product_id) product_id, number, is_on_sale, price,
                       moment
                  FROM artisan_price_log
                 WHERE product_id IN %s AND COALESCE(pricelist_id, 0) = %s
              ORDER BY product_id, number DESC
                """,
                tuple(products.ids),
                pricelist.id or 0,
            )
        )
        return {
            product_id: (number, to_decimal(price) if is_on_sale else None, moment)
            for product_id, number, is_on_sale, price, moment in rows
        }

    @api.model
    def _prepare_row(self, product, pricelist, price):
        return (
            product.id,
            pricelist.id or None,
            (pricelist.company_id or product.company_id).id or None,
            (pricelist.currency_id or product.currency_id).id,
            product.uom_id.id,
            price or 0,
            price is not None,
            self.env.uid,
        )

    @api.model
    def _append(self, rows):
        """Insert rows. One that another transaction has added meanwhile makes this one
        start again (a serialization failure, which Odoo retries)."""
        if not rows:
            return 0
        self.env.flush_all()  # products and pricelists that are new
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO artisan_price_log (product_id, pricelist_id, company_id,
                    currency_id, uom_id, price, is_on_sale, user_id, moment, number)
                VALUES %s ON CONFLICT DO NOTHING
                """,
                SQL(", ").join(SQL("%s", row) for row in rows),
            )
        )
        added = self.env.cr.rowcount
        self.env.invalidate_all(flush=False)
        return added

    # === READING === #

    @api.model
    def _get_entries(self, products, pricelist, until):
        """The log of products on one pricelist, up to a moment.

        :param pricelist: of the buyer, and of no other; empty: list prices
        :return: {product id: [``engine.prior_price.LogEntry``]}, oldest first
        """
        found = self.sudo().search_read(
            [
                ("product_id", "in", products.ids),
                ("pricelist_id", "=", pricelist.id),
                ("moment", "<=", until),
            ],
            ["product_id", "moment", "price", "is_on_sale"],
            order="number",
        )
        entries = defaultdict(list)
        for row in found:
            price = to_decimal(row["price"]) if row["is_on_sale"] else None
            entries[row["product_id"][0]].append(LogEntry(row["moment"], price))
        return entries
