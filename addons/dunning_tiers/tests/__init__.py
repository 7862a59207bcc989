from . import test_ageing_report
from . import test_interest_rule
from . import test_notice_links
from . import test_wrong_sends
from . import test_kpi_outcomes
from . import test_kpi_screen
from . import test_wrong_sends
