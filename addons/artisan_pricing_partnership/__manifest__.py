{
    "name": "Artisan Pricing: Partnership",
    "summary": "Prices of makers by the partner's level, and levels earned by turnover",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["artisan_pricing", "partnership"],
    "data": [
        "views/artisan_price_model_views.xml",
        "views/artisan_terms_policy_views.xml",
    ],
    "auto_install": True,
}
