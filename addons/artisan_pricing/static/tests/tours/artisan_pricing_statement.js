import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("artisan_pricing_statement", {
    steps: () => [
        {
            content: "make those of a month",
            trigger: ".o_control_panel button:contains(Make Statements)",
            run: "click",
        },
        {
            content: "the last month is what is offered",
            trigger: ".modal button[name=action_make]",
            run: "click",
        },
        {
            content: "open that of the candle maker",
            trigger: ".o_data_row:contains(Candle Maker) .o_data_cell[name=maker_id]",
            run: "click",
        },
        {
            content: "it lists what was sold and the commission",
            trigger: ".o_field_widget[name=entry_ids] .o_data_row:contains(15 %)",
        },
        {
            content: "and what is paid",
            trigger: ".o_field_widget[name=payout]:contains(85.00)",
        },
        {
            content: "confirm it",
            trigger: "button[name=action_confirm]:enabled",
            run: "click",
        },
        {
            content: "now it has a number",
            trigger: ".o_form_view .oe_title:contains(PAY/)",
        },
        {
            content: "make the bill",
            trigger: "button[name=action_make_bills]:enabled",
            run: "click",
        },
        {
            content: "a draft bill of the maker over the payout",
            trigger:
                ".o_form_view:has(.o_field_widget[name=partner_id] input:value(Candle Maker)) " +
                ".o_field_widget[name=invoice_line_ids] .o_data_row:contains(-15.00)",
        },
        {
            content: "which leads back to the statement",
            trigger: ".o_back_button, .breadcrumb-item a:contains(PAY/)",
            run: "click",
        },
        {
            content: "that is billed",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Billed)",
        },
    ],
});
