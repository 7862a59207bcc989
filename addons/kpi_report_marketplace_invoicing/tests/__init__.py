from . import test_kpi_marketplace_invoicing
