import { Component, onWillStart } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const FIXABLE_CODES = [
    "unknown_sku",
    "unknown_fee",
    "tax_liability_unknown",
    "currency_without_rate",
    "closed_period",
    "invoice_cancelled",
    "configuration",
];

/** What keeps this order from its invoice, or this payout from the books: one line per open issue, with what to do about it. */
export class MarketplaceOpenIssuesField extends Component {
    static template = "marketplace_invoicing.OpenIssuesField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        onWillStart(async () => {
            this.isReviewer = await user.hasGroup(
                "marketplace_invoicing.group_marketplace_reviewer"
            );
        });
    }

    get issues() {
        return this.props.record.data[this.props.name].records
            .filter((issue) => issue.data.state === "open")
            .map((issue) => ({ id: issue.resId, ...issue.data }))
            // In the order of the checks: what comes first often explains the rest.
            .sort((one, other) => one.id - other.id);
    }

    get isBlocked() {
        return this.issues.some((issue) => issue.severity === "blocking");
    }

    /** Only what a button can solve; the rest is accepted, or solved on this very screen. */
    isFixable(issue) {
        return FIXABLE_CODES.includes(issue.code);
    }

    async onAccept(issue) {
        await this.orm.call("marketplace.issue", "action_accept", [[issue.id]]);
        await this.props.record.load();
    }

    async onFix(issue) {
        const action = await this.orm.call("marketplace.issue.cause", "action_fix", [
            [issue.cause_id.id],
        ]);
        const reload = () => this.props.record.load();
        if (action) {
            await this.action.doAction(action, { onClose: reload });
        } else {
            await reload();
        }
    }
}

registry.category("fields").add("marketplace_open_issues", {
    component: MarketplaceOpenIssuesField,
    displayName: _t("Open marketplace issues"),
    supportedTypes: ["one2many"],
    relatedFields: [
        { name: "message", type: "char" },
        { name: "code", type: "selection" },
        { name: "severity", type: "selection" },
        { name: "state", type: "selection" },
        { name: "can_accept", type: "boolean" },
        { name: "cause_id", type: "many2one", relation: "marketplace.issue.cause" },
    ],
});
