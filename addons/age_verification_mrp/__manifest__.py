{
    "name": "Age Verification: Kits",
    "summary": "A kit is judged by what is in it",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Manufacturing",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["age_verification_stock", "mrp"],
    "auto_install": True,
}
