from . import dunning_ageing_report
from . import dunning_kpi_ledger
from . import dunning_kpi_outcomes
from . import dunning_statement
