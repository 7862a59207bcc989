from . import artisan_payout_book
from . import artisan_price_explanation
from . import artisan_change_refusal
from . import artisan_price_finding
from . import artisan_reconciliation
from . import artisan_reward_share
from . import artisan_statement_making
from . import artisan_refund
