import { Component, onWillUnmount, xml } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Notices go one by one, so a few seconds are soon enough. */
const POLL_DELAY = 5000;

/** On the form of a run: keeps it up to date while it sends, shows nothing itself. */
export class DunningRunRefresh extends Component {
    static template = xml`<t />`;
    static props = { ...standardWidgetProps };

    setup() {
        const timer = browser.setInterval(() => this.refresh(), POLL_DELAY);
        onWillUnmount(() => browser.clearInterval(timer));
    }

    async refresh() {
        const { record } = this.props;
        if (record.data.state === "sending" && !(await record.isDirty())) {
            await record.load();
        }
    }
}

registry.category("view_widgets").add("dunning_run_refresh", {
    component: DunningRunRefresh,
    fieldDependencies: [{ name: "state", type: "selection" }],
});
