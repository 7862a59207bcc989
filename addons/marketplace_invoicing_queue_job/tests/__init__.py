from . import test_marketplace_jobs
