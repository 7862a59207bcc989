{
    "name": "Age Verification: Privacy Lookup",
    "summary": "Proofs of age in the privacy lookup, evidence made anonymous",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Marketplace Invoicing maintainers",
    "license": "LGPL-3",
    "depends": ["age_verification", "privacy_lookup"],
    "auto_install": True,
}
