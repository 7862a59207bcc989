from . import test_partnership
