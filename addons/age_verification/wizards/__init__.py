from . import age_document_check
from . import age_evidence_pack
from . import age_product_classify
from . import age_rule_export
from . import age_rule_import
from . import age_rule_import_line
from . import age_rule_preview
from . import base_partner_merge
