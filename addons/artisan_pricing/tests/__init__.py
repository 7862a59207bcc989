from . import test_content
from . import test_content_invoice
from . import test_maker
from . import test_price_and_rewards
from . import test_price_cliffs
from . import test_price_models
from . import test_price_rules
from . import test_sold_lines
