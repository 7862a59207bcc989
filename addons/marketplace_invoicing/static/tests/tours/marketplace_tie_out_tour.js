import { registry } from "@web/core/registry";

const TAB = ".o_notebook_headers .nav-link:contains(Tie-out)";

registry.category("web_tour.tours").add("marketplace_tie_out", {
    steps: () => [
        {
            content: "Look at the orders",
            trigger: ".o_menu_sections a:contains(Orders)",
            run: "click",
        },
        {
            content: "Open the one that was paid too little",
            trigger: ".o_data_row:contains(61) td[name=name]",
            run: "click",
        },
        {
            content: "It says what is missing",
            trigger: ".o_marketplace_open_issue:contains(15.00 less)",
        },
        {
            content: "See how it comes about",
            trigger: TAB,
            run: "click",
        },
        {
            content: "From what the buyer paid",
            trigger: ".o_marketplace_waterfall tr[data-kind=charged]:contains(115.00)",
        },
        {
            content: "Over what the payout brought",
            trigger: ".o_marketplace_waterfall tr[data-kind=sale]:contains(100.00)",
        },
        {
            content: "To what is missing",
            trigger: ".o_marketplace_waterfall tr[data-kind=difference]:contains(15.00)",
        },
        {
            content: "Which payout it was",
            trigger: ".o_field_widget[name=settlement_line_ids] .o_data_row:contains(P1)",
        },
        {
            content: "Go on to the other order",
            trigger: ".o_pager_next",
            run: "click",
        },
        {
            content: "It ties out to the cent",
            trigger: ".o_marketplace_waterfall tr[data-kind=tied]:contains(0.00)",
        },
        {
            content: "Look at the clearing account",
            trigger: ".o_menu_sections a:contains(Clearing Control)",
            run: "click",
        },
        {
            content: "What is missing stands there with its order",
            trigger:
                ".o_data_row:contains(Paid out in another amount):contains(61) td[name=amount]:contains(15.00)",
        },
        {
            content: "Open its entry",
            trigger:
                ".o_data_row:contains(Paid out in another amount) button[name=action_open_entry]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Posted)",
        },
    ],
});
