import { Component, useState } from "@odoo/owl";
import { getCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** How a payout comes about: a step per type of amount, its codes on demand. */
export class MarketplaceWaterfallField extends Component {
    static template = "marketplace_invoicing.WaterfallField";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ open: {} });
    }

    get rows() {
        const rows = this.props.record.data[this.props.name] || [];
        const ends = rows.flatMap(({ amount, total }) => [total, total - amount]);
        const low = Math.min(0, ...ends);
        const span = Math.max(0, ...ends) - low || 1;
        return rows.map((row) => {
            const from = row.kind === "payout" ? 0 : row.total - row.amount;
            const left = Math.min(from, row.total);
            return {
                ...row,
                isOpen: Boolean(this.state.open[row.kind]),
                isMain: row.kind === "payout",
                style: `margin-left: ${(100 * (left - low)) / span}%; width: ${
                    (100 * Math.abs(row.total - from)) / span
                }%`,
                color: this.getColor(row),
            };
        });
    }

    getColor({ kind, amount }) {
        if (kind === "difference") {
            return "bg-danger";
        }
        if (kind === "payout") {
            return "bg-primary";
        }
        return amount < 0 ? "bg-warning" : "bg-success";
    }

    format(amount) {
        const currencyId = this.props.record.data.currency_id?.id;
        if (getCurrency(currencyId)) {
            return formatMonetary(amount, { currencyId });
        }
        const name = this.props.record.data.currency_name || "";
        return `${formatFloat(amount, { digits: [16, 2] })} ${name}`.trim();
    }

    toggle(row) {
        if (row.codes.length) {
            this.state.open[row.kind] = !this.state.open[row.kind];
        }
    }
}

registry.category("fields").add("marketplace_waterfall", {
    component: MarketplaceWaterfallField,
    displayName: _t("Marketplace payout waterfall"),
    supportedTypes: ["json"],
    fieldDependencies: [
        { name: "currency_id", type: "many2one", relation: "res.currency" },
        { name: "currency_name", type: "char" },
    ],
});
