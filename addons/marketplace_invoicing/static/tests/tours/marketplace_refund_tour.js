import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("marketplace_refund", {
    steps: () => [
        {
            content: "Look at the refunds",
            trigger: ".o_menu_sections a:contains(Refunds)",
            run: "click",
        },
        {
            content: "One waits for approval",
            trigger: ".o_data_row:contains(777) td[name=approval]:contains(To approve)",
        },
        {
            trigger: ".o_data_row:contains(777) td[name=external_ref]",
            run: "click",
        },
        {
            content: "Its order is known",
            trigger: ".o_form_view .o_field_widget[name=order_ref]:contains(51)",
        },
        {
            content: "Approve it",
            trigger: ".o_statusbar_buttons button[name=action_approve]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Credited)",
        },
        {
            content: "Open the credit note",
            trigger: "button[name=action_open_credit_note]",
            run: "click",
        },
        {
            content: "It is posted",
            trigger: ".o_arrow_button_current:contains(Posted)",
        },
        {
            content: "And leads back to the order of the channel",
            trigger: "button[name=action_open_marketplace_order]",
            run: "click",
        },
        {
            content: "Which knows its refund",
            trigger: ".o_form_view button[name=action_open_refunds]:contains(1)",
        },
    ],
});
