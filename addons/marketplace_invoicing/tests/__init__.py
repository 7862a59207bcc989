from . import (
    test_afterwards,
    test_auto_invoice,
    test_checks,
    test_file_profile,
    test_import,
    test_invoice_report,
    test_payment,
    test_pipeline,
    test_review,
    test_security,
    test_tax,
    test_tours,
)
