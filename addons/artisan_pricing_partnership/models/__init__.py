from . import artisan_customer_standing
from . import artisan_price_model
from . import artisan_terms_grade
from . import artisan_terms_policy
from . import product_pricelist
