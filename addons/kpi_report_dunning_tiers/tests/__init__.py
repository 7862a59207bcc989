from . import test_kpi_dunning_tiers
