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
    records = model.browse(_next_ids(model, len(vals_list)))
    common = _common_values(model, vals_list[0])
    rows = [
        {"id": record_id, **common, **{name: _as_json(vals[name]) for name in vals}}
        for record_id, vals in zip(records.ids, vals_list, strict=True)
    ]
    names = list(rows[0])
    model.env.cr.execute(
        SQL(
            "INSERT INTO %(table)s (%(names)s) SELECT %(values)s"
            " FROM json_populate_recordset(NULL::%(table)s, %(rows)s) AS item",
            table=SQL.identifier(model._table),
            names=SQL(", ").join(map(SQL.identifier, names)),
            values=SQL(", ").join(_expression(model, name) for name in names),
            rows=json.dumps(rows, default=str),
        )
    )
    _forget_inverses(model)
    for field in model._fields.values():
        if field.store and field.compute and field.name not in rows[0]:
            model.env.add_to_compute(field, records)
    return records


def _forget_inverses(model):
    """Lists of these records, as other records have them in the cache, are too short."""
    for field in model._fields.values():
        for inverse in model.pool.field_inverses[field]:
            model.env[inverse.model_name].invalidate_model([inverse.name], flush=False)


def _next_ids(model, count):
    rows = model.env.execute_query(
        SQL(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            model._table,
            count,
        )
    )
    return [record_id for (record_id,) in rows]


def _common_values(model, vals):
    """Defaults of the columns that are not given, and who creates the records when."""
    missing = [
        name
        for name, field in model._fields.items()
        if field.store and field.column_type and name not in vals
    ]
    who, now = model.env.uid, model.env.cr.now()
    return {
        **{name: _as_json(value) for name, value in model.default_get(missing).items()},
        "create_uid": who,
        "create_date": now,
        "write_uid": who,
        "write_date": now,
    }


def _as_json(value):
    return None if value is False else value


def _expression(model, name):
    """A column of the rows; amounts without the noise of binary fractions."""
    column = SQL.identifier("item", name)
    if model._fields[name].type == "monetary":
        return SQL("round(%s, 6)", column)  # no currency has more decimals
    return column
