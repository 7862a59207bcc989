import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("age_buyer_proves", {
    steps: () => [
        {
            content: "The page says what is asked",
            trigger: ".o_age_page:contains(aged 18 or over)",
        },
        {
            content: "Take the first way",
            trigger: ".o_age_step button.btn-primary",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The simulated provider finds the buyer old enough",
            trigger: "#age_simulator button[value=over]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The page learns of it by itself",
            trigger: ".o_age_page #age_state[data-state=proved]",
            timeout: 40000,
        },
    ],
});

registry.category("web_tour.tours").add("age_buyer_is_refused", {
    steps: () => [
        {
            content: "Take the first way",
            trigger: ".o_age_step button.btn-primary",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The simulated provider cannot read the document",
            trigger: "#age_simulator button[value=unreadable]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The page says that it did not work",
            trigger: ".o_age_page #age_state[data-state=failed]",
            timeout: 40000,
        },
        {
            content: "Another way can be taken",
            trigger: ".o_age_step button.btn-primary",
        },
        {
            content: "Say that it was not ordered",
            trigger: "#age_not_me",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Confirm it",
            trigger: "#age_disown button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is noted",
            trigger: ".o_age_page #age_state[data-state=disowned]",
        },
    ],
});
