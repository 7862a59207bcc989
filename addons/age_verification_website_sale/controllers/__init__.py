from . import cart
from . import website_sale
