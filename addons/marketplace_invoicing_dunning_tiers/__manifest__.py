{
    "name": "Marketplace Invoicing: Dunning",
    "summary": "No reminder for what a marketplace collected or a buyer disputes there",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["marketplace_invoicing", "dunning_tiers"],
    "auto_install": True,
}
