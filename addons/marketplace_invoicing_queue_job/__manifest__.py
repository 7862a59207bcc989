{
    "name": "Marketplace Invoicing: Job Queue",
    "summary": "Imports, orders, refunds and payouts as jobs of OCA's queue, on several hosts",
    "version": "19.0.1.1.0",
    "category": "Accounting/Accounting",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["marketplace_invoicing", "queue_job"],
    "data": [
        "data/ir_config_parameter_data.xml",
        "data/queue_job_data.xml",
        "views/res_config_settings_views.xml",
    ],
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}
