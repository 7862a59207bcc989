import { useRef, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import {
    Many2ManyBinaryField,
    many2ManyBinaryField,
} from "@web/views/fields/many2many_binary/many2many_binary_field";
import { hasFiles, useMarketplaceUpload } from "./file_upload_hook";

/**
 * Attachments with an area to drop files on.
 */
export class MarketplaceFilesField extends Many2ManyBinaryField {
    static template = "marketplace_invoicing.FilesField";

    setup() {
        super.setup();
        this.upload = useMarketplaceUpload();
        this.state = useState({ isDragging: false, isUploading: false });
        this.inputRef = useRef("input");
    }

    onDragOver(ev) {
        this.state.isDragging = hasFiles(ev);
    }

    onDragLeave(ev) {
        if (!ev.currentTarget.contains(ev.relatedTarget)) {
            this.state.isDragging = false;
        }
    }

    async onDrop(ev) {
        this.state.isDragging = false;
        if (hasFiles(ev)) {
            await this.uploadFiles([...ev.dataTransfer.files]);
        }
    }

    async onChoose(ev) {
        await this.uploadFiles([...ev.target.files]);
    }

    async uploadFiles(files) {
        this.state.isUploading = true;
        try {
            await this.onFileUploaded(await this.upload(files));
        } finally {
            this.state.isUploading = false;
        }
    }
}

export const marketplaceFilesField = {
    ...many2ManyBinaryField,
    component: MarketplaceFilesField,
};

registry.category("fields").add("marketplace_files", marketplaceFilesField);
