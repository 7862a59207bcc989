from . import artisan_price_finding
