import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("dunning_customer_page", {
    steps: () => [
        {
            content: "The page lists the overdue invoice",
            trigger: ".o_dunning_page .card:contains(8 days overdue)",
        },
        {
            content: "Say that it is paid",
            trigger: ".o_dunning_page a.o_dunning_paid:first",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The form proposes the open amount",
            trigger: '#dunning_form_paid input[name=amount][value="100.00"]',
        },
        {
            content: "Enter the day of the payment",
            trigger: "#dunning_form_paid input[name=date]",
            run() {
                // Typing does not work in a date field: it takes one part after another.
                this.anchor.value = "2026-06-12";
                this.anchor.dispatchEvent(new Event("change", { bubbles: true }));
            },
        },
        {
            content: "Enter its reference",
            trigger: "#dunning_form_paid input[name=reference]",
            run: "edit Transfer 4711",
        },
        {
            content: "Send",
            trigger: "#dunning_form_paid button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The page confirms it",
            trigger: "#dunning_said:contains(We look for your payment)",
        },
        {
            content: "The invoice shows what was said",
            trigger: ".o_dunning_page .card:contains(You told us that this is paid)",
        },
    ],
});
