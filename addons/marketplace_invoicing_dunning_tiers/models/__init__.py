from . import dunning_gate
from . import dunning_hold
from . import marketplace_order
from . import marketplace_settlement_line
