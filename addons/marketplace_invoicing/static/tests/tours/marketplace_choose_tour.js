import { registry } from "@web/core/registry";

const LINE = ".o_field_widget[name=line_ids] .o_data_row:contains(ref-x)";

registry.category("web_tour.tours").add("marketplace_choose", {
    steps: () => [
        {
            content: "Look at what the clearing account consists of",
            trigger: ".o_menu_sections a:contains(Clearing Control)",
            run: "click",
        },
        {
            content: "The sums by reason come first",
            trigger: ".o_marketplace_waterfall tr[data-kind=no_order]:contains(-115.00)",
        },
        {
            content: "A payout's line belongs to no order that is known",
            trigger: ".o_data_row:contains(Payout line without order):contains(ref-x)",
        },
        {
            content: "Look at the settlements",
            trigger: ".o_menu_sections a:contains(Settlements)",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(P1) td[name=state]:contains(Posted)",
            run: "click",
        },
        {
            content: "The line waits for its order",
            trigger: `${LINE} td[name=order_ref].text-warning`,
        },
        {
            content: "Say which order it is",
            trigger: `${LINE} button[name=action_choose_order]`,
            run: "click",
        },
        {
            content: "The dialog knows how the file calls it",
            trigger: ".modal .o_field_widget[name=names]:contains(ref-x)",
        },
        {
            content: "Search the order",
            trigger: ".modal .o_field_widget[name=order_id] input",
            run: "edit 71",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(71) a",
            run: "click",
        },
        {
            trigger: ".modal footer button[name=action_apply]",
            run: "click",
        },
        {
            content: "The line has its order",
            trigger: `body:not(:has(.modal)) ${LINE} td[name=order_ref]:not(.text-warning)`,
        },
        {
            content: "The chatter says who named it",
            trigger: ".o-mail-Message:contains(ref-x):contains(belongs to)",
        },
        {
            content: "Two bank transactions may have brought the payout",
            trigger: "button[name=action_match]",
            run: "click",
        },
        {
            trigger: ".o_notification:contains(Choose Bank Transaction)",
        },
        {
            trigger: "button[name=action_choose_deposit]",
            run: "click",
        },
        {
            content: "Choose the one that did",
            trigger: ".modal .o_data_row:contains(Second) button[name=action_choose]",
            run: "click",
        },
        {
            content: "The payout is in the bank",
            trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains(In the bank)",
        },
        {
            content: "Nothing is open any more",
            trigger: ".o_menu_sections a:contains(Clearing Control)",
            run: "click",
        },
        {
            trigger: ".o_form_view:contains(Nothing is open)",
        },
    ],
});
