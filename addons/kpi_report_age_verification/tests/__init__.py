from . import test_kpi_age_verification
