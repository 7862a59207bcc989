{
    "name": "KPI Report: Marketplace Invoicing",
    "summary": "Orders invoiced by themselves, errors and processing time in the KPI report",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["kpi_report", "marketplace_invoicing"],
    "auto_install": True,
}
