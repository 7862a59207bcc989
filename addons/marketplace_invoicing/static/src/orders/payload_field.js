import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * Lays out JSON with line breaks, without reading its values: numbers, escapes and the order of
 * keys stay exactly as the channel wrote them. Any other text comes back unchanged.
 *
 * @param {string} text
 * @returns {string}
 */
export function indentJson(text) {
    try {
        JSON.parse(text);
    } catch {
        return text;
    }
    const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) || [];
    let depth = 0;
    let result = "";
    const newLine = () => "\n" + "  ".repeat(depth);
    tokens.forEach((token, index) => {
        const next = tokens[index + 1];
        if (token === "{" || token === "[") {
            depth++;
            const isEmpty = next === "}" || next === "]";
            result += isEmpty ? token : token + newLine();
        } else if (token === "}" || token === "]") {
            depth--;
            const previous = tokens[index - 1];
            const isEmpty = previous === "{" || previous === "[";
            result += isEmpty ? token : newLine() + token;
        } else if (token === ",") {
            result += token + newLine();
        } else if (token === ":") {
            result += ": ";
        } else {
            result += token;
        }
    });
    return result;
}

/** The data of an order as a channel sent it: readable, and where allowed editable. */
export class MarketplacePayloadField extends Component {
    static template = "marketplace_invoicing.PayloadField";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ error: "" });
    }

    get text() {
        return indentJson(this.props.record.data[this.props.name] || "");
    }

    get rows() {
        return Math.min(30, Math.max(6, this.text.split("\n").length));
    }

    /** A hint only: whether the text can be read is decided by the channel's parser. */
    checkJson(text) {
        if (!/^\s*[{[]/.test(text)) {
            return "";
        }
        try {
            JSON.parse(text);
            return "";
        } catch (error) {
            return _t("Not valid JSON yet: %s", error.message);
        }
    }

    async onChange(ev) {
        this.state.error = this.checkJson(ev.target.value);
        await this.props.record.update({ [this.props.name]: ev.target.value });
    }
}

registry.category("fields").add("marketplace_payload", {
    component: MarketplacePayloadField,
    displayName: _t("Marketplace data"),
    supportedTypes: ["text"],
});
