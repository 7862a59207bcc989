from . import dunning_ageing_date
from . import dunning_collection_wizard
from . import dunning_forecast_wizard
from . import dunning_kpi
from . import dunning_kpi_figures
from . import dunning_kpi_level
from . import dunning_start_wizard
from . import dunning_writeoff_wizard
