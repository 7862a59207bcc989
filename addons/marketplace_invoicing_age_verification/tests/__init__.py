from . import test_marketplace_age
