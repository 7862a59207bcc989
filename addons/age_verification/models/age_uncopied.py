from odoo import models
from odoo.exceptions import AccessError


class AgeUncopied(models.AbstractModel):
    """What is known of a person's age: a copy proves nothing, and would be read without a
    trace.
    """

    _name = "age.uncopied"
    _description = "Evidence of Age that is not copied"

    def copy_data(self, default=None):
        """Override: also what :meth:`copy` begins with.

        :raises AccessError: but for the program itself
        """
        if not self.env.su:
            raise AccessError(self.env._("Evidence of age is not copied."))
        return super().copy_data(default)
