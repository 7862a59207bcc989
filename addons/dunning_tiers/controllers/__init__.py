from . import dunning_portal
from . import portal_statement
