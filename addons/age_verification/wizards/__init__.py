from . import age_document_check
from . import age_rule_preview
