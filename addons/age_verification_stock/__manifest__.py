{
    "name": "Age Verification: Inventory",
    "summary": "What waits for a proof of age is not picked, parcels tell the carrier",
    "version": "19.0.1.0.0",
    "category": "Inventory/Inventory",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["age_verification", "sale_stock"],
    "data": [
        "report/report_deliveryslip.xml",
        "views/stock_picking_views.xml",
    ],
    "auto_install": True,
}
