"""Pure Python readers of what the marketplaces export. No ``odoo`` import in this package."""
