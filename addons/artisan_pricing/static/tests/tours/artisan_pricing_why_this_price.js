import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("artisan_pricing_why_this_price", {
    steps: () => [
        {
            content: "ask why the candles cost what they do",
            trigger: ".o_field_widget[name=order_line] button[name=action_explain_price]",
            run: "click",
        },
        {
            content: "the list price is there",
            trigger: ".modal .o_artisan_step_list:contains(1,000.00)",
        },
        {
            content: "and the tier with its price model",
            trigger: ".modal .o_artisan_step_tier:contains(Wholesale):contains(25 ×):contains(32.00)",
        },
        {
            content: "and what it comes to",
            trigger: ".modal .o_artisan_total:contains(800.00)",
        },
        {
            content: "compute it again",
            trigger: ".modal button[name=action_check_again]",
            run: "click",
        },
        {
            content: "the figures hold, the rules have changed since",
            trigger:
                ".modal .o_artisan_check.alert-success:contains(would make):contains(20.00)",
        },
        {
            content: "and back to the order",
            trigger: ".modal button[special=cancel]",
            run: "click",
        },
        {
            content: "which is still there",
            trigger: "body:not(:has(.modal)) .o_field_widget[name=order_line]",
        },
    ],
});
