{
    "name": "Marketplace Invoicing: Age Verification",
    "summary": "Marketplace orders with restricted products wait for a proof of age",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["marketplace_invoicing", "age_verification"],
    "data": ["views/marketplace_channel_views.xml"],
    "auto_install": True,
}
