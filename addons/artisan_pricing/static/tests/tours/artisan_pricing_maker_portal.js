import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("artisan_pricing_maker_portal", {
    steps: () => [
        {
            content: "The maker's card is on the page of the account",
            trigger: "#portal_maker_category a[href='/my/maker']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "See the products",
            trigger: ".o_maker_overview a[href='/my/maker/products']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Only own products are there",
            trigger: ".o_maker_products:not(:contains(Soap)) a:contains(Candle)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Its tiers are readable",
            trigger: ".o_maker_ladder:contains(10 % off):contains(36.00)",
        },
        {
            content: "Ask for another price",
            trigger: "#maker_form_price summary",
            run: "click",
        },
        {
            content: "Type it",
            trigger: "#maker_form_price input[name=value]",
            run: "edit 44,50",
        },
        {
            content: "Say why",
            trigger: "#maker_form_price input[name=reason]",
            run: "edit Wax is dearer",
        },
        {
            content: "Send",
            trigger: "#maker_form_price button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It waits",
            trigger: ".o_maker_waits:contains(44.50)",
        },
        {
            content: "Go to the story",
            trigger: ".o_maker_nav a[href='/my/maker/story']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Write it",
            trigger: "#story_text",
            run: "edit I pour **every** candle myself.",
        },
        {
            content: "Look at it first",
            trigger: "#maker_story_form button[value=preview]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "As customers would read it",
            trigger: "#maker_story_preview b:contains(every)",
        },
        {
            content: "Send it",
            trigger: "#maker_story_form button[value=send]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It waits, too",
            trigger: ".alert-warning:contains(waits for approval)",
        },
        {
            content: "See what is paid",
            trigger: ".o_maker_nav a[href='/my/maker/statements']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Open the statement",
            trigger: ".o_maker_statements a:first",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It says what comes",
            trigger: ".o_maker_statement_totals:contains(To be paid):contains(68.00)",
        },
    ],
});
