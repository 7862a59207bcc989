{
    "name": "Marketplace Invoicing: Artisan Pricing",
    "summary": "What marketplaces charge, beside what the makers' prices come to",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["marketplace_invoicing", "artisan_pricing"],
    "data": [
        "views/marketplace_channel_views.xml",
        "views/marketplace_order_views.xml",
        "views/marketplace_order_line_views.xml",
        "views/sale_order_views.xml",
    ],
    "auto_install": True,
}
