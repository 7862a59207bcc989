{
    "name": "Age Verification",
    "summary": "Proof of age before order and invoice, without keeping a date of birth",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["sale"],
    "data": [
        "security/age_security.xml",
        "security/ir.model.access.csv",
        "data/age_product_class_data.xml",
        "data/ir_cron_data.xml",
    ],
    "application": True,
}
