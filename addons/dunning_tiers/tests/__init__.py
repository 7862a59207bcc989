from . import test_ageing_report
