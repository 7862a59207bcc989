from . import artisan_month
