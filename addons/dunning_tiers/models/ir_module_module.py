from odoo import models


class IrModuleModule(models.Model):
    """Texts that code has written into records, for languages that come later."""

    _inherit = "ir.module.module"

    def _load_module_terms(self, modules, langs, overwrite=False):
        """Override of `base` to name the default levels in the new languages too.

        They are made for each company by code, so no file of translations knows them.
        """
        result = super()._load_module_terms(modules, langs, overwrite=overwrite)
        if "dunning_tiers" in modules:
            levels = self.env["dunning.level"].with_context(active_test=False)
            # Archived ones too: they are shown on notices of their time.
            every = [("policy_id", "!=", False)]
            levels.sudo().search(every)._translate_default_names(langs)
        return result
