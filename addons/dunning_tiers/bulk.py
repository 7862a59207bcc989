"""Many records in one statement, for models whose rows are all there is to them."""

import json

from odoo.tools import SQL


def insert(model, vals_list):
    """Create records as ``create`` does, in one INSERT.

    A run makes thousands of rows, which ``create`` converts one value at a time and sends
    by the hundred. Only for models that do nothing else when a record is created: no
    ``create`` of any addon is called, nothing is tracked or posted. Defaults are asked for
    once; stored fields that are computed and not given are computed later, as usual.

    :param model: empty recordset of the model; the user must have the right to create
    :param vals_list: values of fields that are columns, the same ones in each; dates as
        ``date``, records as numbers, amounts as floats
    :return: the records, in the order of ``vals_list``
    """
    model.check_access("create")
    if not vals_list:
        return model
    model.env.flush_all()
    rows = [
        {name: None if value is False else value for name, value in vals.items()}
        for vals in vals_list
    ]
    columns = {name: _expression(model, name) for name in rows[0]}
    columns |= _common_values(model, vals_list[0])
    inserted = model.env.execute_query(
        SQL(
            "INSERT INTO %(table)s (%(names)s) SELECT %(values)s"
            " FROM json_populate_recordset(NULL::%(table)s, %(rows)s) AS item"
            " RETURNING id",
            table=SQL.identifier(model._table),
            names=SQL(", ").join(map(SQL.identifier, columns)),
            values=SQL(", ").join(columns.values()),
            rows=json.dumps(rows, default=str),
        )
    )
    records = model.browse(record_id for (record_id,) in inserted)
    _forget_inverses(model, rows[0])
    for field in model._fields.values():
        if field.store and field.compute and field.name not in rows[0]:
            model.env.add_to_compute(field, records)
    return records


def _common_values(model, vals):
    """Defaults of the columns that are not given, and who creates the records when."""
    missing = [
        name
        for name, field in model._fields.items()
        if field.store and field.column_type and name not in vals
    ]
    defaults = model.default_get(missing)
    now = model.env.cr.now()
    values = {
        **{name: value for name, value in defaults.items() if value is not False},
        **{"create_uid": model.env.uid, "create_date": now},
        **{"write_uid": model.env.uid, "write_date": now},
    }
    return {name: SQL("%s", value) for name, value in values.items()}


def _forget_inverses(model, names):
    """Lists of these records, as others have them in the cache, are too short, and what
    is counted from them is out of date. The rest of the cache is needed right away.
    """
    for name in names:
        for inverse in model.pool.field_inverses[model._fields[name]]:
            other = model.env[inverse.model_name]
            computed = [f.name for f in other._fields.values() if not f.store]
            other.invalidate_model([inverse.name, *computed], flush=False)


def _expression(model, name):
    """A column of the rows; amounts without the noise of binary fractions."""
    column = SQL.identifier("item", name)
    if model._fields[name].type == "monetary":
        return SQL("round(%s, 6)", column)  # no currency has more decimals
    return column
