from . import dunning_compensation_band
from . import dunning_interest_rule
from . import dunning_reference_rate
from . import res_currency
