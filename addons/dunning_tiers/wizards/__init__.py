from . import dunning_ageing_date
from . import dunning_kpi
from . import dunning_kpi_figures
from . import dunning_kpi_level
