{
    "name": "Age Verification: Online Shop",
    "summary": "Buyers prove their age before they pay",
    "version": "19.0.1.0.0",
    "category": "Website/Website",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["age_verification", "website_sale"],
    "data": ["views/website_sale_templates.xml"],
    "assets": {
        "web.assets_tests": ["age_verification_website_sale/static/tests/tours/**/*"],
    },
    "auto_install": True,
}
