"""Who may choose how customers are reminded."""

from odoo.exceptions import AccessError

USER_GROUP = "dunning_tiers.group_dunning_user"


def is_dunning_user(env):
    """Whether the user reviews reminders, or the code runs in superuser mode."""
    return env.su or env.user.has_group(USER_GROUP)


def check_chosen(env, names, vals_list):
    """Refuse to create records with dunning fields chosen by somebody else.

    :param names: fields that only dunning users write
    :param vals_list: values of the new records; defaults of the context count
    :raises AccessError: the user is no dunning user
    """
    defaults = {name: env.context.get(f"default_{name}") for name in names}
    if any({**defaults, **vals}.get(name) for vals in vals_list for name in names):
        check_dunning_user(env)


def check_changed(records, names, vals):
    """Refuse to change dunning fields by somebody else; the same value is no change.

    :param names: fields that only dunning users write
    :param dict vals: values to be written
    :raises AccessError: the user is no dunning user
    """
    changed = [name for name in names if name in vals]
    if changed and any(
        record[name].id != (vals[name] or False)
        for record in records
        for name in changed
    ):
        check_dunning_user(records.env)


def check_dunning_user(env):
    """Raise AccessError unless the user reviews reminders."""
    if not is_dunning_user(env):
        raise AccessError(env._("Only dunning users choose who is reminded how."))
