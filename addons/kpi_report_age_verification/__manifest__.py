{
    "name": "KPI Report: Age Verification",
    "summary": "Incidents per restricted sale and outcomes of age checks in the KPI report",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["kpi_report", "age_verification"],
    "auto_install": True,
}
