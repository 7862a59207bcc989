{
    "name": "Age Verification: Carriers of Deliveries",
    "summary": "Deliveries are handed to carriers that check the age, where the law asks",
    "version": "19.0.1.0.0",
    "category": "Inventory/Delivery",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": [
        "age_verification_delivery",
        "age_verification_stock",
        "stock_delivery",
    ],
    "auto_install": True,
}
