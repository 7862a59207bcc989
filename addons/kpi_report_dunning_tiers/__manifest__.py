{
    "name": "KPI Report: Dunning Tiers",
    "summary": "Days sales outstanding, collection and reminders in the KPI report",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["kpi_report", "dunning_tiers"],
    "auto_install": True,
}
