import { useState, useSubEnv } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { KanbanRecord } from "@web/views/kanban/kanban_record";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { hasFiles, useMarketplaceImport } from "../files/file_upload_hook";

/** A channel's card; marked while files hover over it. */
export class MarketplaceOverviewRecord extends KanbanRecord {
    setup() {
        super.setup();
        this.fileDrag = useState(this.env.marketplaceFileDrag);
    }

    getRecordClasses() {
        const classes = super.getRecordClasses();
        const isTarget = this.fileDrag.recordId === this.props.record.id;
        return isTarget ? `${classes} o_marketplace_drop_target` : classes;
    }
}

/** The overview: files dropped on it, or on a channel's card, go to the import wizard. */
export class MarketplaceOverviewRenderer extends KanbanRenderer {
    static template = "marketplace_invoicing.OverviewRenderer";
    static components = { ...KanbanRenderer.components, KanbanRecord: MarketplaceOverviewRecord };

    setup() {
        super.setup();
        this.importFiles = useMarketplaceImport();
        this.fileDrag = useState({ isActive: false, recordId: false });
        useSubEnv({ marketplaceFileDrag: this.fileDrag });
    }

    /** Channel under the pointer, if any. */
    findRecord(ev) {
        const id = ev.target.closest?.(".o_kanban_record")?.dataset.id;
        return this.props.list.records.find((record) => record.id === id);
    }

    get dropTargetName() {
        const { recordId } = this.fileDrag;
        return this.props.list.records.find((record) => record.id === recordId)?.data.name;
    }

    onFileDragOver(ev) {
        if (!hasFiles(ev)) {
            return;
        }
        ev.preventDefault();
        this.fileDrag.isActive = true;
        this.fileDrag.recordId = this.findRecord(ev)?.id || false;
    }

    onFileDragLeave(ev) {
        if (!ev.currentTarget.contains(ev.relatedTarget)) {
            this.stopFileDrag();
        }
    }

    async onFileDrop(ev) {
        if (!hasFiles(ev)) {
            return;
        }
        ev.preventDefault();
        const channelId = this.findRecord(ev)?.resId;
        this.stopFileDrag();
        await this.importFiles([...ev.dataTransfer.files], channelId);
    }

    stopFileDrag() {
        Object.assign(this.fileDrag, { isActive: false, recordId: false });
    }
}

export const marketplaceOverviewView = {
    ...kanbanView,
    Renderer: MarketplaceOverviewRenderer,
};

registry.category("views").add("marketplace_overview", marketplaceOverviewView);
