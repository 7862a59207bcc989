import inspect
from itertools import count

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError
from odoo.models import MAGIC_COLUMNS
from odoo.service.model import call_kw
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import SQL, mute_logger

from .common import TODAY, AgeCommon

#: A word of the records that nobody without rights may come to see.
SECRET = "Zwiebelkuchen"
#: What a refused call may end with; TypeError when arguments are missing. What the database
#: does not take, core tells as a validation error.
REFUSALS = (UserError, TypeError, IntegrityError)
#: Methods of the ORM that are called on age models as well, with their arguments.
ORM_CALLS = {
    "copy": [],
    "export_data": [["id", "display_name"]],
    "formatted_read_group": [[], ["create_uid"], ["__count"]],
    "name_search": [],
    "read": [],
    "search_count": [[]],
    "search_read": [],
    "unlink": [],
    "web_read": [{"display_name": {}}],
    "web_save": [{}, {}],
    "web_search_read": [[], {"display_name": {}}],
}
#: What employees read: what laws ask is no secret.
OPEN_MODELS = {"age.rule", "age.product.class"}
#: What records need beside their required fields.
EXTRA = {
    "age.provider": {"wallet_anchors": False},
    "age.rule": {"min_age": 18},
}
#: Tables beside the addon's own in which nothing may change.
TABLES = (
    "account_move",
    "account_move_line",
    "ir_attachment",
    "ir_cron_trigger",
    "mail_activity",
    "mail_mail",
    "mail_message",
    "product_category",
    "product_template",
    "res_company",
    "res_partner",
    "sale_order",
    "sale_order_line",
)


@tagged("post_install", "-at_install")
@freeze_time("2026-06-15 12:00:00")
class TestSweep(AgeCommon):
    """Users without rights on age call everything there is, and nothing happens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.numbers = count(1)
        cls.users = {
            "public": cls.env.ref("base.public_user"),
            "portal": new_test_user(cls.env, "sweep_portal", "base.group_portal"),
            "employee": new_test_user(
                cls.env,
                "sweep_employee",
                "base.group_user",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            ),
        }
        cls.other_company = cls.setup_other_company()["company"]
        cls.models = [
            name
            for name, model in sorted(cls.env.items())
            if name.startswith("age.") and model._auto and not model._abstract
        ]
        cls.whisky = cls._create_goods("Whisky")
        cls.made = {}
        for company in (cls.other_company, cls.company):
            cls._make_documents(company)
            for name in cls.models:
                cls._make(name, company)
        cls.env.flush_all()

    @classmethod
    def _make_documents(cls, company):
        """An order and an invoice of the portal user, products and categories."""
        partner = cls.users["portal"].partner_id
        partner.sudo().write(
            {"name": "Portal", "country_id": cls.germany.id, "email": "p@example.com"}
        )
        env = cls.env(su=True)
        order, cls.second_order = env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "order_line": [Command.create({"product_id": cls.gin.id})],
                }
                for _number in range(2)
            ]
        )
        invoice = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "company_id": company.id,
                "journal_id": env["account.journal"]
                .search([("type", "=", "sale"), ("company_id", "=", company.id)])[:1]
                .id,
                "invoice_line_ids": [Command.create({"name": "Gin", "price_unit": 1})],
            }
        )
        cls.made.update(
            {
                ("res.company", company): company,
                ("sale.order", company): order,
                ("sale.order.line", company): order.order_line,
                ("account.move", company): invoice,
                ("account.move.line", company): invoice.invoice_line_ids,
                ("product.template", company): cls.whisky.product_tmpl_id,
                ("product.product", company): cls.whisky,
                ("product.category", company): env["product.category"].create(
                    {"name": "Spirits", "age_class_id": cls.spirits_class.id}
                ),
                ("res.partner", company): env["res.partner"].create(
                    {"name": SECRET, "is_company": True, "country_id": cls.germany.id}
                ),
            }
        )

    @classmethod
    def _make(cls, name, company):
        """A record of a model in a company, made of its required fields."""
        if (name, company) in cls.made:
            return cls.made[name, company]
        model = cls.env[name].sudo()
        partner = cls.made["res.partner", company]
        if name == "age.incident":
            found = {"kind": "underage", "note": SECRET, "partner_id": partner.id}
            model._record([{**found, "company_id": company.id}])
            record = model.search([("company_ref", "=", company.id)], limit=1)
        elif name == "age.incident.head":
            cls._make("age.incident", company)
            record = model.search([("company_ref", "=", company.id)], limit=1)
        elif name == "age.proof.access":
            proof = cls._make("age.proof", company)
            model._record(proof, "read")
            record = model.search([("proof_id", "=", proof.id)], limit=1)
        else:
            vals = {
                field.name: cls._make_value(field, company)
                for field in model._fields.values()
                if cls._is_needed(field)
            }
            record = model.create(vals | EXTRA.get(name, {}))
        cls.made[name, company] = record
        return record

    @classmethod
    def _is_needed(cls, field):
        if field.name in MAGIC_COLUMNS or not field.store or field.compute:
            return False
        if field.type == "many2one":
            return field.required or field.name in ("order_id", "company_id")
        return (field.required and not field.default) or field.type == "text"

    @classmethod
    def _make_value(cls, field, company):
        if field.type == "many2one":
            return cls._make_target(field, company).id
        if field.type == "selection":
            return field.get_values(cls.env)[0]
        if field.type in ("char", "text", "html"):
            return f"{SECRET} {next(cls.numbers)}"
        values = {"date": TODAY, "datetime": TODAY, "integer": 7, "float": 7.0}
        return values.get(field.type, False)

    @classmethod
    def _make_target(cls, field, company):
        shared = {
            "age.product.class": cls.spirits_class,
            "res.country": cls.germany,
            "res.country.state": cls.env["res.country.state"],
            "res.users": cls.env.user,
        }
        name = field.comodel_name
        if name in shared:
            return shared[name]
        return cls.made.get((name, company)) or cls._make(name, company)

    # === CALLS === #

    def _get_methods(self):
        """{model: names of its public methods that the addons define}"""
        found = {}
        for name, model in self.env.items():
            methods = {
                attribute
                for cls in type(model).mro()
                for attribute, value in vars(cls).items()
                if not attribute.startswith("_")
                and inspect.isfunction(value)
                and ".age_verification" in (value.__module__ or "")
            }
            if methods and not model._abstract:
                found[name] = methods
        return found

    def _get_arguments(self, model, method):
        """Something for each argument that has no default."""
        parameters = inspect.signature(getattr(type(model), method)).parameters
        vals = {"vals": {}, "vals_list": [{}], "specification": {"display_name": {}}}
        known = [vals[name] for name in parameters if name in vals]
        return known or ORM_CALLS.get(method, [])

    def _read_tables(self):
        """{table: fingerprint of its rows}"""
        self.env.flush_all()
        tables = [self.env[name]._table for name in self.models]
        rows = self.env.execute_query(
            SQL(" UNION ALL ").join(
                SQL(
                    "SELECT %s, md5(string_agg(t::text, '|' ORDER BY t::text)) FROM %s t",
                    table,
                    SQL.identifier(table),
                )
                for table in (*tables, *TABLES)
            )
        )
        return dict(rows)

    def _call(self, user, record, method, arguments):
        """Call a method as a web client does; nothing may be written or told.

        :return: what it returned, None when it was refused
        """
        model = self.env[record._name].with_user(self.users[user])
        if not getattr(getattr(type(model), method), "_api_model", False):
            arguments = [record.ids, *arguments]
        try:
            with self.env.cr.savepoint() as savepoint:
                self.env.cr.clear()
                result = call_kw(model, method, arguments, {})
                changed = self._read_tables()
                savepoint.rollback()
        except REFUSALS:
            return None
        except ValueError as error:  # what core says to a button without a record
            self.assertIn("Expected singleton", str(error))
            return self.assertFalse(record)
        self.assertEqual(changed, self.before, f"{method} of {record} by {user}")
        self.assertNotIn(SECRET, repr(result), f"{method} of {record} by {user}")
        return result

    def _get_records(self, name):
        """One of the own company, one of another one, several, and none."""
        found = [
            self.made[name, company]
            for company in (self.company, self.other_company)
            if (name, company) in self.made
        ]
        several = found[:1] + ([self.second_order] if name == "sale.order" else [])
        none = self.env[name].browse()
        return [*found, none.union(*several), none]

    @mute_logger("odoo.models", "odoo.sql_db", "odoo.addons.base.models.ir_access")
    def test_users_without_rights_call_every_public_method_and_nothing_happens(self):
        self.before = self._read_tables()
        calls = 0
        for name, methods in self._get_methods().items():
            for method in sorted(methods):
                arguments = self._get_arguments(self.env[name], method)
                for user in self.users:
                    for record in self._get_records(name):
                        with self.subTest(f"{name}.{method}", user=user):
                            self._call(user, record, method, arguments)
                            calls += 1
        self.assertGreater(calls, 300)

    def test_users_without_rights_neither_read_nor_delete_by_the_orm(self):
        self.before = self._read_tables()
        for name in self.models:
            for method, arguments in ORM_CALLS.items():
                for user in self.users:
                    if user == "employee" and name in OPEN_MODELS:
                        continue
                    for record in self._get_records(name)[:2]:
                        with self.subTest(f"{name}.{method}", user=user):
                            result = self._call(user, record, method, arguments)
                            self.assertFalse(result)

    def test_users_without_rights_read_and_export_no_field(self):
        for name in self.models:
            for user in self.users:
                if user == "employee" and name in OPEN_MODELS:
                    continue
                record = self.made[name, self.company].with_user(self.users[user])
                for field in record._fields:
                    with self.subTest(f"{name}.{field}", user=user):
                        for call in (record.read, record.export_data):
                            with self.assertRaises(UserError):
                                call([field])
                        with self.assertRaises(UserError):
                            record.search([(field, "!=", False)])

    def test_fields_that_other_models_have_for_age_tell_nothing_of_others(self):
        for name, model in self.env.items():
            if name in self.models or model._abstract or model._transient:
                continue
            fields = [
                field
                for field in model._fields
                if field.startswith("age_") and (name, self.other_company) in self.made
            ]
            for field in fields:
                for user in self.users:
                    with self.subTest(f"{name}.{field}", user=user):
                        record = self.made[name, self.other_company]
                        self._assert_untold(record.with_user(self.users[user]), field)

    def _assert_untold(self, record, field):
        for call in (record.read, record.export_data):
            try:
                self.assertNotIn(SECRET, repr(call([field])))
            except UserError:
                continue

    def test_users_without_rights_write_no_field(self):
        self.before = self._read_tables()
        own = {name for name in self._get_methods() if name not in self.models}
        for name in (*self.models, *sorted(own)):
            if (name, self.company) not in self.made:
                continue
            record = self.made[name, self.company]
            for field in record._fields.values():
                if name not in self.models and not field.name.startswith("age_"):
                    continue
                value = self._get_other_value(field)
                for user in self.users:
                    with self.subTest(f"{name}.{field.name}", user=user):
                        self._call(user, record, "write", [{field.name: value}])

    def _get_other_value(self, field):
        """Something that is not there yet."""
        if field.type in ("one2many", "many2many"):
            return [Command.clear()]
        if field.type == "boolean":
            return True
        if field.type in ("char", "text", "html"):
            return "Another"
        values = {"integer": 1, "float": 1.0, "date": "2000-01-01"}
        return values.get(field.type, False)
