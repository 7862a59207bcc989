import { registry } from "@web/core/registry";

const NOTICE = ".o_field_widget[name=live_notice_ids] .o_data_row:contains(Walnut & Sons)";

registry.category("web_tour.tours").add("dunning_review_and_send", {
    steps: () => [
        {
            content: "Make a proposal",
            trigger: ".o_control_panel button.o_list_button_add",
            run: "click",
        },
        {
            content: "Propose",
            trigger: ".o_statusbar_buttons button[name=action_propose]",
            run: "click",
        },
        {
            content: "It waits for review",
            trigger: ".o_arrow_button_current:contains(To review)",
        },
        {
            content: "Nobody knows what the bank says: the proposal warns",
            trigger: ".alert:contains(No bank statements are imported)",
        },
        {
            content: "One customer would be reminded",
            trigger: `${NOTICE}:contains(To review)`,
        },
        {
            content: "Look at what needs a person",
            trigger: ".nav-link:contains(Needs attention)",
            run: "click",
        },
        {
            content: "With the reason",
            trigger:
                ".o_data_row:contains(Silent Mill) td[name=reason_text]:contains(No address to send to)",
        },
        {
            content: "And at who waits",
            trigger: ".nav-link:contains(Waiting and on hold)",
            run: "click",
        },
        {
            content: "With the reason as well",
            trigger:
                ".o_data_row:contains(Cherry Lane) td[name=reason_text]:contains(Below the minimum amount)",
        },
        {
            content: "Back to the notices",
            trigger: ".nav-link:contains(Notices)",
            run: "click",
        },
        {
            content: "Preview",
            trigger: `${NOTICE} button[name=action_open]`,
            run: "click",
        },
        {
            content: "The invoice is in it",
            trigger: ".o_field_widget[name=item_ids] .o_data_row td[name=amount_asked]:contains(100.00)",
        },
        {
            content: "Read the mail",
            trigger: ".nav-link:contains(Message)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=preview_body]:contains(If you see it differently)",
        },
        {
            content: "Approve it",
            trigger: ".o_statusbar_buttons button[name=action_approve]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Approved)",
        },
        {
            content: "Back to the proposal",
            trigger: ".o_breadcrumb a:contains(DUN/), .breadcrumb a:contains(DUN/)",
            run: "click",
        },
        {
            trigger: `${NOTICE} td[name=state]:contains(Approved)`,
        },
        {
            content: "Send what is approved",
            trigger: ".o_statusbar_buttons button[name=action_send]",
            run: "click",
        },
        {
            content: "It goes in the background",
            trigger: ".o_arrow_button_current:contains(Sending)",
        },
        {
            trigger: ".alert:contains(1 waiting to go)",
        },
    ],
});

registry.category("web_tour.tours").add("dunning_sent_notice", {
    steps: () => [
        {
            content: "The notice is sent",
            trigger: ".o_data_row:contains(Walnut & Sons) td[name=state]:contains(Sent)",
        },
        {
            content: "Open it",
            trigger: ".o_data_row:contains(Walnut & Sons) td[name=partner_id]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Sent)",
        },
        {
            content: "What was sent can be read",
            trigger: ".nav-link:contains(Message)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=preview_body]:contains(If you see it differently)",
        },
        {
            content: "Open its invoice",
            trigger: "button[name=action_open_invoices]",
            run: "click",
        },
        {
            content: "Which leads back to the notice",
            trigger: "button[name=action_open_dunning_notices]:contains(1)",
        },
    ],
});
