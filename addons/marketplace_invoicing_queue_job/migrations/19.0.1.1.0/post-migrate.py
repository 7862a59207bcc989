def migrate(cr, version):
    """Let the jobs of queues commit their steps, as files do; settings of functions are kept."""
    cr.execute(
        """
        UPDATE queue_job_function SET allow_commit = TRUE
         WHERE method = '_job_process_batch'
           AND model_id IN (SELECT id FROM ir_model WHERE model LIKE 'marketplace.%')
        """
    )
