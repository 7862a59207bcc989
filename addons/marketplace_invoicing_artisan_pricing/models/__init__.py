from . import marketplace_channel
from . import marketplace_issue
from . import marketplace_issue_cause
from . import marketplace_order
from . import marketplace_order_line
from . import sale_order
from . import sale_order_line
from . import sale_order_quantities
