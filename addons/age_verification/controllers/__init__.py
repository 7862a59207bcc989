from . import age_request
from . import age_session
from . import age_simulator
from . import age_wallet
from . import age_webhook
from . import payment
