import { checkFileSize } from "@web/core/utils/files";
import { x2ManyCommands } from "@web/core/orm_service";
import { useService } from "@web/core/utils/hooks";
import { _t } from "@web/core/l10n/translation";

const WIZARD_MODEL = "marketplace.import.wizard";

/**
 * Tells whether a drag brings files, and not a card or a text.
 *
 * @param {DragEvent} ev
 * @returns {boolean}
 */
export function hasFiles(ev) {
    return Boolean(ev.dataTransfer?.types.includes("Files"));
}

/**
 * Uploads files as attachments of an import wizard that does not exist yet.
 *
 * @returns {(files: File[]) => Promise<{id: number}[]>} the attachments; files that could not
 *      be uploaded are left out, and the user is told
 */
export function useMarketplaceUpload() {
    const http = useService("http");
    const notification = useService("notification");

    return async function upload(files) {
        const allowed = files.filter((file) => checkFileSize(file.size, notification));
        if (!allowed.length) {
            return [];
        }
        const answer = await http.post(
            "/web/binary/upload_attachment",
            { csrf_token: odoo.csrf_token, ufile: allowed, model: WIZARD_MODEL, id: 0 },
            "text"
        );
        const uploaded = JSON.parse(answer);
        for (const { error } of uploaded.filter((file) => file.error)) {
            notification.add(error, { title: _t("Upload failed"), type: "danger" });
        }
        return uploaded.filter((file) => !file.error);
    };
}

/**
 * Uploads files and opens the import wizard with their preview.
 *
 * @returns {(files: File[], channelId?: number) => Promise<void>}
 */
export function useMarketplaceImport() {
    const action = useService("action");
    const upload = useMarketplaceUpload();

    return async function importFiles(files, channelId) {
        const attachments = await upload(files);
        if (!attachments.length) {
            return;
        }
        await action.doAction("marketplace_invoicing.marketplace_import_wizard_action", {
            additionalContext: {
                default_attachment_ids: [x2ManyCommands.set(attachments.map((file) => file.id))],
                ...(channelId && { default_channel_id: channelId }),
            },
        });
    };
}
