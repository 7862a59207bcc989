import { registry } from "@web/core/registry";
import { makePayoutFile, makeTransfer } from "./marketplace_order_file";

const ROW = ".modal .o_field_x2many_list .o_data_row";
const CARD = ".o_marketplace_review .o_kanban_record:contains(Unknown fee)";

registry.category("web_tour.tours").add("marketplace_map_fee", {
    steps: () => [
        {
            content: "Drop the payout file of the payment provider on the shop's card",
            trigger: ".o_kanban_record:contains(Web shop)",
            run() {
                const dataTransfer = makeTransfer([makePayoutFile([51, 52])]);
                for (const type of ["dragenter", "dragover", "drop"]) {
                    this.anchor.dispatchEvent(
                        new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer })
                    );
                }
            },
        },
        {
            content: "The preview counts the settlement and what is paid out",
            trigger: `${ROW}:contains(payout.json) td[name=settlement_count]:contains(1)`,
        },
        {
            trigger: `${ROW}:contains(payout.json) td[name=amount_text]:contains(222.70)`,
        },
        {
            content: "Import it",
            trigger: ".modal footer button[name=action_import]",
            run: "click",
        },
        {
            content: "Look at the settlement",
            trigger: ".o_statusbar_buttons button[name=action_open_settlements]",
            run: "click",
        },
        {
            content: "It waits for somebody",
            trigger: ".o_data_row:contains(po_1) td[name=state]:contains(To review)",
            run: "click",
        },
        {
            content: "The form says what it lacks",
            trigger: ".o_marketplace_open_issue:contains(No account for)",
        },
        {
            content: "The waterfall explains the payout",
            trigger: ".o_marketplace_waterfall tr[data-kind=sale]:contains(230.00)",
        },
        {
            content: "See which fees there are",
            trigger: ".o_marketplace_waterfall tr[data-kind=fee] button",
            run: "click",
        },
        {
            trigger: ".o_marketplace_waterfall tr:contains(stripe_fee):contains(7.30)",
        },
        {
            content: "Go to the review queue",
            trigger: ".o_menu_sections a:contains(Review Queue)",
            run: "click",
        },
        {
            content: "One card for the fee",
            trigger: `${CARD}:contains(stripe_fee)`,
        },
        {
            content: "Choose another account than the one suggested",
            trigger: `${CARD} button[name=action_fix]`,
            run: "click",
        },
        {
            content: "The dialog knows the code",
            trigger: ".modal .o_field_widget[name=code]:contains(stripe_fee)",
        },
        {
            content: "Choose the account",
            trigger: ".modal .o_field_widget[name=account_id] input",
            run: "edit Card costs",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Card costs) a",
            run: "click",
        },
        {
            content: "Save the mapping",
            trigger: ".modal footer button:contains(Save and Process)",
            run: "click",
        },
        {
            content: "The card is gone",
            trigger: `body:not(:has(.modal)):not(:has(${CARD})) .o_menu_sections`,
        },
        {
            content: "Look at the settlements",
            trigger: ".o_menu_sections a:contains(Settlements)",
            run: "click",
        },
        {
            content: "The settlement is booked",
            trigger: ".o_data_row:contains(po_1) td[name=state]:contains(Posted)",
            run: "click",
        },
        {
            content: "Its entry is one click away",
            trigger: "button[name=action_open_entries]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Posted)",
        },
    ],
});
