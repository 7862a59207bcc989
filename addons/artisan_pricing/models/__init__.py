from . import account_move
from . import artisan_content
from . import artisan_content_snapshot
from . import product_template
from . import res_partner
