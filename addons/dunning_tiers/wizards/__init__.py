from . import dunning_ageing_date
