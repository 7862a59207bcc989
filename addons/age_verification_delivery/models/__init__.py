from . import age_policy
from . import age_product_class
from . import delivery_carrier
from . import sale_order
