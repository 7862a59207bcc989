from odoo.fields import Domain


def uninstall_hook(env):
    """Take away what would stay behind, or in the way.

    The lock of the incidents is a function, which is no table; rules keep the classes that
    they are about from being deleted.
    """
    env.cr.execute("DROP FUNCTION IF EXISTS age_incident_is_final() CASCADE")
    env["age.rule"].with_context(active_test=False).search(Domain.TRUE).unlink()
