from . import test_maker_prices
