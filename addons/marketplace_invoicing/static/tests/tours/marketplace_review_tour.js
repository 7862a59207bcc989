import { registry } from "@web/core/registry";

const CARD = ".o_marketplace_review .o_kanban_record:contains(LAMP-7)";

registry.category("web_tour.tours").add("marketplace_fix_unknown_sku", {
    steps: () => [
        {
            content: "Two orders wait for the same unknown product",
            trigger: `${CARD}:contains(Unknown product):contains(2)`,
        },
        {
            content: "Fix the cause",
            trigger: `${CARD} button:contains(Fix)`,
            run: "click",
        },
        {
            content: "The dialog knows the code",
            trigger: ".modal .o_field_widget[name=code]:contains(LAMP-7)",
        },
        {
            content: "Choose the product",
            trigger: ".modal .o_field_widget[name=product_id] input",
            run: "edit Reading lamp",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Reading lamp) a",
            run: "click",
        },
        {
            content: "Save the mapping",
            trigger: ".modal footer button:contains(Save and Invoice)",
            run: "click",
        },
        {
            content: "The card is gone, the other one is still there",
            trigger: `body:not(:has(.modal)):not(:has(${CARD})) .o_kanban_record:contains(RUG-9)`,
        },
        {
            content: "Look at the orders",
            trigger: ".o_menu_sections a:contains(Orders)",
            run: "click",
        },
        {
            content: "The waiting orders are invoiced",
            trigger: ".o_data_row:contains(31) td[name=state]:contains(Invoiced)",
        },
        {
            trigger: ".o_data_row:contains(32) td[name=state]:contains(Invoiced)",
        },
        {
            content: "The order with another cause still waits",
            trigger: ".o_data_row:contains(33) td[name=state]:contains(To review)",
        },
    ],
});

registry.category("web_tour.tours").add("marketplace_approve", {
    steps: () => [
        {
            content: "One order waits for approval",
            trigger:
                ".o_kanban_record:contains(Wholesale) .o_marketplace_count:contains(To approve):contains(1)",
            run: "click",
        },
        {
            content: "Open it",
            trigger: ".o_data_row:contains(41) td[name=name]",
            run: "click",
        },
        {
            content: "The amounts agree",
            trigger: ".o_marketplace_amounts .o_marketplace_verdict:contains(Agrees to the cent)",
        },
        {
            content: "Approve it",
            trigger: ".o_statusbar_buttons button[name=action_approve]",
            run: "click",
        },
        {
            content: "It is invoiced",
            trigger: ".o_arrow_button_current:contains(Invoiced)",
        },
        {
            content: "The invoice stands beside the channel's amounts",
            trigger: ".o_marketplace_amounts th:contains(Invoice)",
        },
        {
            content: "Open the invoice",
            trigger: "button[name=action_open_invoice]",
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
            trigger: ".o_form_view .o_marketplace_amounts",
        },
    ],
});
