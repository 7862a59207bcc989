from . import delivery_carrier
from . import stock_move
from . import stock_picking
