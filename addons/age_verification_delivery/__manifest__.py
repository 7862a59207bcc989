{
    "name": "Age Verification: Delivery",
    "summary": "Carriers that check the age at the door, where the law asks for it",
    "version": "19.0.1.0.0",
    "category": "Inventory/Delivery",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["age_verification", "delivery"],
    "data": [
        "views/age_policy_views.xml",
        "views/age_product_class_views.xml",
        "views/delivery_carrier_views.xml",
        "views/sale_order_views.xml",
    ],
    "auto_install": True,
}
