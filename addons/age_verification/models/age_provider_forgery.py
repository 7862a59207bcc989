from odoo import models


class AgeProvider(models.Model):
    """Messages that somebody else has sent in a provider's name."""

    _inherit = "age.provider"

    def _note_forgery(self, address):
        """Write an incident about a message with a wrong signature, or only count it.

        A flood of them neither waits for the chain of incidents nor fills it: the next
        incident says how many were left out.

        :param str address: of the network, whoever has sent it
        :return: whether there is an incident
        """
        self.ensure_one()
        log = self.env["age.portal.log"].sudo()
        keys = {
            "forged": f"{self.id}:{log._get_address_key(address)}",
            "forged_any": f"provider:{self.id}",
        }
        left_out = log._admit(keys)
        if left_out is None:
            return False
        self.env["age.incident"].sudo()._record(
            [
                {
                    "kind": "forged",
                    "company_id": self.company_id.id,
                    "provider_id": self.id,
                    "note": left_out
                    and self.env._(
                        "%s more before this one were only counted.", left_out
                    ),
                }
            ]
        )
        return True
