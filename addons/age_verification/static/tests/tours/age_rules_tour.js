import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("age_rules_are_compared_and_taken", {
    steps: () => [
        {
            content: "Compare with the delivered rules",
            trigger: ".o_field_widget[name=origin] input[data-value=delivered]",
            run: "click",
        },
        {
            trigger: "button[name=action_compare]:contains(Compare)",
            run: "click",
        },
        {
            content: "Old and new value are shown, and nothing is ticked",
            trigger:
                ".o_field_widget[name=changed_line_ids] .o_data_row:contains(30 → 16) input:not(:checked)",
        },
        {
            content: "Tick the change",
            trigger: ".o_field_widget[name=changed_line_ids] .o_data_row [name=is_taken] input",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=changed_line_ids] .o_data_row [name=is_taken] input:checked",
        },
        {
            content: "Take it",
            trigger: "button[name=action_apply]",
            run: "click",
        },
        {
            content: "The rule that was changed is shown",
            trigger: ".o_list_view .o_data_row:contains(from 16)",
        },
    ],
});

registry.category("web_tour.tours").add("age_product_gets_a_class", {
    steps: () => [
        {
            content: "Assign what it looks like",
            trigger:
                ".o_data_row:contains(Tour gin):contains(Spirits) button:contains(Assign)",
            run: "click",
        },
        {
            content: "The list does not have it any longer",
            trigger: ".o_action_manager:has(.o_list_view):not(:contains(Tour gin))",
        },
    ],
});
