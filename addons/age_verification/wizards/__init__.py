from . import age_rule_preview
