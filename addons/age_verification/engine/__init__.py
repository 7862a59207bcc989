"""What the law asks and what a proof says. Pure: no Odoo, no clock, no network."""
