from . import age_session_report
