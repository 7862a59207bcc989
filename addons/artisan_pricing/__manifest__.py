{
    "name": "Artisan Pricing",
    "summary": "Each maker's own tiers, bundles and promotions, exact to the cent",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["sale", "sale_loyalty"],
    "data": [
        "security/artisan_security.xml",
        "security/artisan_content_security.xml",
        "security/artisan_reward_security.xml",
        "security/ir.model.access.csv",
        "views/artisan_price_model_views.xml",
        "views/product_pricelist_item_views.xml",
        "wizards/artisan_price_finding_views.xml",
        "views/product_template_views.xml",
        "views/res_partner_views.xml",
        "report/report_invoice.xml",
        "views/artisan_menus.xml",
        # Below the menu.
        "views/artisan_content_views.xml",
        "views/account_move_views.xml",
    ],
    "demo": [
        "demo/artisan_makers.xml",
        "demo/artisan_prices.xml",
    ],
}
