from . import test_gate_invoice
from . import test_gate_order
from . import test_gate_payment
from . import test_incident
from . import test_gate_queries
from . import test_override
from . import test_rule_data
from . import test_session
