{
    "name": "Dunning Tiers",
    "summary": "Payment reminders in steps that never chase somebody who has paid",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["account", "account_payment"],
    "external_dependencies": {"python": ["holidays"]},
    "data": [
        "security/dunning_security.xml",
        "security/dunning_report_security.xml",
        "security/ir.model.access.csv",
        "report/dunning_ageing_report_views.xml",
        "wizards/dunning_ageing_date_views.xml",
    ],
    "demo": [
        "demo/dunning_setup.xml",
        "demo/res.partner.csv",
        "demo/dunning_invoices.xml",
        "demo/dunning_payments.xml",
    ],
    "application": True,
}
