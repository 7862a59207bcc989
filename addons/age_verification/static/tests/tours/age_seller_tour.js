import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("age_seller_asks", {
    steps: () => [
        {
            content: "The quotation says what is missing",
            trigger: ".o_form_view .alert-warning:contains(Gin)",
        },
        {
            content: "Ask for proof",
            trigger: "button[name=action_age_request]",
            run: "click",
        },
        {
            content: "The order is held",
            trigger: ".o_form_view .alert-info:contains(Held since)",
        },
        {
            content: "Its history says so",
            trigger: ".o-mail-Message:contains(Held until)",
        },
    ],
});

registry.category("web_tour.tours").add("age_seller_sees_release", {
    steps: () => [
        {
            content: "The buyer was asked",
            trigger: ".o-mail-Message:contains(asked for proof of age by e-mail)",
        },
        {
            content: "The order is confirmed",
            trigger: ".o_statusbar_status button.o_arrow_button_current:contains(Sales Order)",
        },
        {
            content: "Nothing is held",
            trigger: ".o_form_view:not(:has(.alert-info:contains(Held since)))",
        },
        {
            content: "It says why",
            trigger: ".o-mail-Message:contains(age is proved)",
        },
    ],
});
