import { registry } from "@web/core/registry";
import { makeBrokenFile, makeOrderFile, makeTransfer } from "./marketplace_order_file";

const ROW = ".modal .o_field_x2many_list .o_data_row";

registry.category("web_tour.tours").add("marketplace_import", {
    steps: () => [
        {
            content: "Open the import wizard",
            trigger: ".o_control_panel button:contains(Import Files)",
            run: "click",
        },
        {
            content: "Nothing to import yet",
            trigger: ".modal footer button.disabled:contains(Import)",
        },
        {
            content: "Choose a good file and a broken one",
            trigger: ".modal .o_marketplace_files input[type=file]:not(:visible)",
            run() {
                this.anchor.files = makeTransfer([makeOrderFile([11, 12]), makeBrokenFile()]).files;
                this.anchor.dispatchEvent(new Event("change"));
            },
        },
        {
            content: "The preview counts the orders of the good file",
            trigger: `${ROW}:contains(orders.json) td[name=order_count]:contains(2)`,
        },
        {
            content: "They are new",
            trigger: `${ROW}:contains(orders.json) td[name=new_count]:contains(2)`,
        },
        {
            content: "They belong to the only channel of the platform",
            trigger: `${ROW}:contains(orders.json) td[name=channel_id]:contains(Web shop)`,
        },
        {
            content: "The preview says where and why the other file cannot be read",
            trigger: `${ROW}:contains(broken.json) td[name=error]:contains(byte)`,
        },
        {
            content: "Import what can be imported",
            trigger: ".modal footer button[name=action_import]",
            run: "click",
        },
        {
            content: "The import is done",
            trigger: ".o_form_view .o_arrow_button_current:contains(Done)",
        },
        {
            content: "See its orders",
            trigger: ".o_statusbar_buttons button[name=action_open_orders]",
            run: "click",
        },
        {
            content: "Both are invoiced",
            trigger:
                ".o_list_view .o_data_row:contains(11) td[name=state]:contains(Invoiced)",
        },
        {
            trigger:
                ".o_list_view .o_data_row:contains(12) td[name=state]:contains(Invoiced)",
        },
    ],
});

registry.category("web_tour.tours").add("marketplace_import_drop", {
    steps: () => [
        {
            content: "Drop a file on the card of a channel",
            trigger: ".o_kanban_record:contains(Web shop)",
            run() {
                const dataTransfer = makeTransfer([makeOrderFile([21])]);
                for (const type of ["dragenter", "dragover", "drop"]) {
                    this.anchor.dispatchEvent(
                        new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer })
                    );
                }
            },
        },
        {
            content: "The wizard has the channel of the card",
            trigger: ".modal .o_field_widget[name=channel_id] input:value(Web shop)",
        },
        {
            content: "And the preview of the file",
            trigger: `${ROW}:contains(orders.json) td[name=order_count]:contains(1)`,
        },
        {
            content: "Change of mind",
            trigger: ".modal footer button:contains(Discard)",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_marketplace_overview",
        },
    ],
});
