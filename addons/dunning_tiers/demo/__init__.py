from . import dunning_history
