from . import marketplace_import
from . import marketplace_queue_mixin
from . import res_config_settings
