import { Component, onWillUnmount, useEffect, xml } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const RUNNING_STATES = ["pending", "processing"];
/** Fallback where no notification gets through: a proxy without websocket, another user's import. */
const POLL_DELAY = 2000;

/**
 * Reloads while imports are running: at once when the server reports progress, else every two
 * seconds.
 *
 * @param {() => Object[]} getRecords records (of the relational model) on screen
 * @param {() => Promise} reload
 */
export function useImportProgress(getRecords, reload) {
    const bus = useService("bus_service");
    let isReloading = false;

    const getRunning = () =>
        getRecords().filter((record) => RUNNING_STATES.includes(record.data.state));

    const refresh = async () => {
        if (isReloading) {
            return;
        }
        isReloading = true;
        try {
            await reload();
        } finally {
            isReloading = false;
        }
    };
    const onProgress = ({ id }) => {
        if (getRecords().some((record) => record.resId === id)) {
            refresh();
        }
    };

    useEffect(
        () => {
            bus.subscribe("marketplace_import_progress", onProgress);
            const timer = browser.setInterval(() => {
                if (getRunning().length) {
                    refresh();
                }
            }, POLL_DELAY);
            return () => {
                bus.unsubscribe("marketplace_import_progress", onProgress);
                browser.clearInterval(timer);
            };
        },
        () => []
    );
}

/** On the form of an import: keeps it up to date, shows nothing itself. */
export class MarketplaceImportRefresh extends Component {
    static template = xml`<t />`;
    static props = { ...standardWidgetProps };

    setup() {
        let isAlive = true;
        onWillUnmount(() => (isAlive = false));
        useImportProgress(
            () => [this.props.record],
            async () => {
                if (isAlive && !(await this.props.record.isDirty())) {
                    await this.props.record.load();
                }
            }
        );
    }
}

registry.category("view_widgets").add("marketplace_import_refresh", {
    component: MarketplaceImportRefresh,
    fieldDependencies: [{ name: "state", type: "selection" }],
});

export class MarketplaceImportListController extends ListController {
    setup() {
        super.setup();
        useImportProgress(
            () => this.model.root?.records || [],
            async () => {
                // A reload would drop the user's selection.
                if (!this.model.root.selection.length) {
                    await this.model.root.load();
                }
            }
        );
    }
}

registry.category("views").add("marketplace_import_list", {
    ...listView,
    Controller: MarketplaceImportListController,
});
