from . import age_gate
from . import marketplace_channel
from . import marketplace_issue
from . import marketplace_issue_cause
from . import marketplace_order
from . import sale_order
