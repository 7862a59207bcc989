def uninstall_hook(env):
    """Take the lock off the incidents: functions are no tables, and would stay behind."""
    env.cr.execute("DROP FUNCTION IF EXISTS age_incident_is_final() CASCADE")
