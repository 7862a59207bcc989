"""Words shared by the models: verdicts, reasons and states."""

SEND, WAIT, HELD, BLOCKED, STOPPED = "send", "wait", "held", "blocked", "stopped"

VERDICTS = [
    (SEND, "Send"),
    (WAIT, "Not yet"),
    (HELD, "On hold"),
    (BLOCKED, "Needs attention"),
    (STOPPED, "No reminders"),
]

#: Why an item is not sent: code -> (verdict, text). The first that applies is the main
#: reason, so the order goes from what ends the matter to what passes by itself.
REASONS = {
    "paid": (STOPPED, "Paid meanwhile"),
    "no_followup": (STOPPED, "Marked 'No follow-up' on the entry"),
    "legal": (HELD, "Legal case or insolvency"),
    "collection": (STOPPED, "Handed to collection"),
    "dispute": (HELD, "Disputed"),
    "paid_claim": (HELD, "Customer says it is paid"),
    "promise": (HELD, "Promise to pay not passed yet"),
    "hold": (HELD, "On hold"),
    "no_partner": (BLOCKED, "Entry without a customer"),
    "no_due_date": (BLOCKED, "No due date"),
    "no_policy": (BLOCKED, "No dunning policy"),
    "no_levels": (BLOCKED, "Policy without levels"),
    "ladder_done": (STOPPED, "Last level reached: with a person"),
    "escalated": (STOPPED, "Customer escalated to a person"),
    "payment_pending": (WAIT, "Online payment in progress"),
    "payment_stuck": (BLOCKED, "Online payment without an answer"),
    "payment_linked": (BLOCKED, "Payment linked but not matched"),
    "bank_line": (BLOCKED, "Unmatched bank line"),
    "unmatched_credit": (BLOCKED, "Unmatched payment or credit"),
    "credit_note": (BLOCKED, "Open credit note"),
    "open_notice": (WAIT, "In a notice that is not finished"),
    "not_due": (WAIT, "Next level not reached"),
    "level_gap": (WAIT, "Too soon after the last notice"),
    "customer_gap": (WAIT, "Customer had a notice only just"),
    "hold_out": (STOPPED, "In the comparison group without notices"),
    "below_minimum": (WAIT, "Below the minimum amount"),
    "lower_level": (WAIT, "A higher level goes first"),
    "no_address": (BLOCKED, "No address to send to"),
    "bounced": (BLOCKED, "Last mail did not arrive"),
    "stale_bank": (BLOCKED, "Bank data too old"),
    "no_template": (BLOCKED, "Level without a mail template"),
    "mail_refused": (BLOCKED, "Mail server refuses the sender"),
    "template_error": (BLOCKED, "Mail template cannot be filled in"),
    "send_error": (BLOCKED, "Could not be sent"),
    "tone": (BLOCKED, "Text breaks the tone rules"),
}

REASON_SELECTION = [(code, text) for code, (_verdict, text) in REASONS.items()]

#: Hold kind -> reason code.
HOLD_REASONS = {
    "dispute": "dispute",
    "promise": "promise",
    "paid_claim": "paid_claim",
    "legal": "legal",
    "collection": "collection",
    "other": "hold",
}

#: Notices that reached the customer or may have.
DELIVERED_STATES = ("sent", "sending", "uncertain")
#: Notices that still wait for somebody or something.
OPEN_STATES = ("review", "approved")
#: States in which an item's level counts for its move line.
COUNTED_STATES = ("open", "sent")
#: Values of a notice that left the queue of those to send.
NO_ATTEMPTS = {"send_attempts": 0, "outage_attempts": 0}
