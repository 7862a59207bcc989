from . import (
    marketplace_clearing_report,
    marketplace_clearing_report_drift,
    marketplace_clearing_report_line,
    marketplace_settlement_question_mixin,
    marketplace_deposit_choice,
    marketplace_deposit_choice_line,
    marketplace_import_wizard,
    marketplace_import_wizard_line,
    marketplace_settlement_balance,
    marketplace_order_choice,
)
