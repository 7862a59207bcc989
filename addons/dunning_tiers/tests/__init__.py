from . import test_ageing_report
from . import test_interest_rule
