{
    "name": "KPI Report",
    "summary": "Key figures of all companies by month, on the command line and as XLSX",
    "version": "19.0.1.0.0",
    "category": "Productivity",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["base"],
}
