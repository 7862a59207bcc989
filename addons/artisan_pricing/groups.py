"""Groups of users that several fields are shown to."""

#: Who sees what makers get: accountants, auditors, and who looks after makers.
MONEY_GROUPS = (
    "account.group_account_invoice,account.group_account_readonly,"
    "artisan_pricing.group_artisan_user"
)
