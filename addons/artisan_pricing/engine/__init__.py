"""What things cost, who pays for it and who is paid. Pure: no Odoo, clock or database."""
