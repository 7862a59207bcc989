import { Component } from "@odoo/owl";
import { getCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What an approver looks at: the channel's amounts, ours, and the invoice's, side by side. */
export class MarketplaceAmountsField extends Component {
    static template = "marketplace_invoicing.AmountsField";
    static props = { ...standardFieldProps };

    get data() {
        return this.props.record.data;
    }

    get invoice() {
        const isOurs = ({ data }) => data.move_type === "out_invoice" && data.state !== "cancel";
        return this.data[this.props.name].records.find(isOurs)?.data;
    }

    get isComputed() {
        return Boolean(this.data.amount_computed) || !this.data.amount_to_invoice;
    }

    get digits() {
        return getCurrency(this.data.currency_id?.id)?.digits?.[1] ?? 2;
    }

    format(amount) {
        const currencyId = this.data.currency_id?.id;
        if (getCurrency(currencyId)) {
            return formatMonetary(amount, { currencyId });
        }
        return `${formatFloat(amount, { digits: [16, 2] })} ${this.data.currency_name || ""}`;
    }

    isZero(amount) {
        return Math.abs(amount) < 0.5 * 10 ** -this.digits;
    }

    /** Tax that the marketplace keeps, after the tax rules of the channel. */
    get collected() {
        const { total_stated, total_includes_marketplace_tax } = this.data;
        if (total_stated && total_includes_marketplace_tax) {
            return this.data.amount_total - this.data.amount_to_invoice;
        }
        return this.data.marketplace_tax;
    }

    /** Our part of the tax as the channel states it, or undefined. */
    get statedTax() {
        const { line_ids: lines } = this.data;
        const stated = lines.records.filter((line) => line.data.tax_stated);
        if (stated.length && lines.count === lines.records.length) {
            return stated.reduce((sum, { data }) => {
                const isDecided =
                    data.liability === "unknown" && data.liability_applied === "marketplace";
                return sum + data.tax - (isDecided ? data.tax : data.marketplace_tax);
            }, 0);
        }
        return this.data.tax_stated ? this.data.amount_tax - this.collected : undefined;
    }

    /**
     * One row per amount; an undefined amount is not known, null has no meaning in the column.
     */
    get rows() {
        const { data, invoice } = this;
        const ifStated = (amount) => (data.total_stated ? amount : undefined);
        const ifComputed = (amount) => (this.isComputed ? amount : undefined);
        const rows = [];
        if (!this.isZero(this.collected)) {
            rows.push(
                { label: _t("Total on the channel"), cells: [ifStated(data.amount_total)] },
                {
                    label: _t("Tax collected by the marketplace"),
                    cells: [data.total_includes_marketplace_tax ? -this.collected : this.collected],
                    note: data.total_includes_marketplace_tax ? "" : _t("not in the total"),
                }
            );
        }
        rows.push(
            {
                label: _t("To invoice"),
                cells: [
                    ifStated(data.amount_to_invoice),
                    ifComputed(data.amount_computed),
                    invoice?.amount_total,
                ],
                isMain: true,
            },
            {
                label: _t("of which tax"),
                cells: [this.statedTax, ifComputed(data.tax_computed), invoice?.amount_tax],
            }
        );
        if (!this.isZero(data.rounding_amount)) {
            rows.push({
                label: _t("of which rounding"),
                cells: [null, data.rounding_amount, invoice && data.rounding_amount],
            });
        }
        return rows.map((row) => this.prepareRow(row));
    }

    prepareRow({ label, cells, isMain = false, note = "" }) {
        const known = cells.filter((amount) => amount !== undefined && amount !== null);
        const differs =
            isMain && known.some((amount) => !this.isZero(amount - known[known.length - 1]));
        const columns = this.invoice ? 3 : 2;
        return {
            label,
            note,
            isMain,
            differs,
            cells: Array.from({ length: columns }, (_, index) => {
                const amount = index < cells.length ? cells[index] : null;
                if (amount === null) {
                    return "";
                }
                return amount === undefined ? "–" : this.format(amount);
            }),
        };
    }

    /** The answer at a glance. */
    get verdict() {
        const { data, invoice } = this;
        if (!this.isComputed) {
            return { type: "muted", icon: "fa-clock-o", text: _t("Not computed yet") };
        }
        if (!data.total_stated) {
            return {
                type: "muted",
                icon: "fa-question-circle",
                text: _t("The channel states no total to compare with"),
            };
        }
        const ours = invoice ? invoice.amount_total : data.amount_computed;
        const difference = data.amount_to_invoice - ours;
        if (this.isZero(difference)) {
            return { type: "success", icon: "fa-check-circle", text: _t("Agrees to the cent") };
        }
        return {
            type: "danger",
            icon: "fa-exclamation-circle",
            text: _t("Differs by %s", this.format(difference)),
        };
    }
}

registry.category("fields").add("marketplace_amounts", {
    component: MarketplaceAmountsField,
    displayName: _t("Marketplace amounts"),
    supportedTypes: ["one2many"],
    relatedFields: [
        { name: "name", type: "char" },
        { name: "move_type", type: "selection" },
        { name: "state", type: "selection" },
        { name: "currency_id", type: "many2one", relation: "res.currency" },
        { name: "amount_total", type: "monetary", currency_field: "currency_id" },
        { name: "amount_tax", type: "monetary", currency_field: "currency_id" },
    ],
    fieldDependencies: [
        { name: "currency_id", type: "many2one", relation: "res.currency" },
        { name: "currency_name", type: "char" },
        { name: "total_stated", type: "boolean" },
        { name: "tax_stated", type: "boolean" },
        { name: "total_includes_marketplace_tax", type: "boolean" },
        { name: "amount_total", type: "float" },
        { name: "amount_tax", type: "float" },
        { name: "marketplace_tax", type: "float" },
        { name: "amount_to_invoice", type: "monetary" },
        { name: "amount_computed", type: "monetary" },
        { name: "tax_computed", type: "monetary" },
        { name: "rounding_amount", type: "monetary" },
    ],
});
