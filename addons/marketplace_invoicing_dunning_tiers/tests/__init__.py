from . import test_dispute_files, test_marketplace_dunning
