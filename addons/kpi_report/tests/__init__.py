from . import test_kpi_report
