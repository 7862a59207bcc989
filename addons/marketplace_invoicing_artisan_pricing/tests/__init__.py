from . import test_maker_prices
from . import test_maker_quantities
from . import test_maker_refunds
