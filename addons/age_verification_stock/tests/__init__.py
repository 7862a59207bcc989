from . import test_delivery_evidence
from . import test_delivery_gate
from . import test_move_lines
from . import test_stock
