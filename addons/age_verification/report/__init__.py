from . import age_evidence
from . import age_incident_report
from . import age_session_report
