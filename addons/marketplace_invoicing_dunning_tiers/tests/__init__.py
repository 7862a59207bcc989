from . import test_marketplace_dunning
