from . import maker_portal
from . import maker_products
from . import maker_sales
from . import maker_story
from . import quantities
