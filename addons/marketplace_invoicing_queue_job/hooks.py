def uninstall_hook(env):
    """Cancel the jobs that wait: without this addon nobody could run them."""
    env["queue.job"].search(
        [
            ("model_name", "=like", "marketplace.%"),
            ("method_name", "in", ("_job_run", "_job_process_batch")),
            ("state", "in", ("wait_dependencies", "pending", "enqueued", "failed")),
        ]
    ).button_cancelled()
