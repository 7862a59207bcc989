from . import test_maker
