from odoo import api, models


class DunningLevel(models.Model):
    """Names of the default levels, which customers read in their own language."""

    _inherit = "dunning.level"

    @api.model
    def _get_default_names(self):
        """Tone or kind of each default level -> its name in the context's language."""
        return {
            "friendly": self.env._("Friendly reminder"),
            "firm": self.env._("Second reminder"),
            "final": self.env._("Final notice"),
            "escalation": self.env._("Call the customer"),
        }

    def _translate_default_names(self, langs=None):
        """Name the levels in each language as long as they bear a default name.

        What somebody typed or translated stays as it is.

        :param langs: codes of languages; by default all that are installed
        """
        if langs is None:
            langs = [code for code, _name in self.env["res.lang"].get_installed()]
        source = self.with_context(lang="en_US")
        keys = {name: key for key, name in source._get_default_names().items()}
        default = source.filtered(lambda level: level.name in keys)
        for lang in set(langs) - {"en_US"} if default else ():
            names = self.with_context(lang=lang)._get_default_names()
            for level in default:
                name = names[keys[level.name]]
                if level.with_context(lang=lang).name == level.name != name:
                    level.update_field_translations("name", {lang: name})
