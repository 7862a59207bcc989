from odoo.http import request


def speak(record):
    """Answer in the buyer's language, whatever the browser's cookie says.

    :param record: a request or check, with its buyer and company
    """
    code = record.partner_id.lang or record.company_id.partner_id.lang
    lang = request.env["res.lang"]._get_data(code=code or "")
    if lang:
        request.lang = lang
        request.update_context(lang=lang.code)
