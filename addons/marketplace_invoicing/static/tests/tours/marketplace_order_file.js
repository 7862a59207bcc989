/**
 * A WooCommerce REST v3 order in the documented shape, for an article of the test's shop.
 *
 * @param {number} number
 * @param {string} currency
 * @returns {Object}
 */
function makeOrder(number, currency) {
    const address = {
        first_name: "Ann",
        last_name: `Buyer ${number}`,
        company: "",
        address_1: "1 Main Street",
        address_2: "",
        city: "Portland",
        state: "OR",
        postcode: "97201",
        country: "US",
    };
    return {
        id: number,
        number: String(number),
        status: "processing",
        currency,
        date_created_gmt: "2024-03-05T10:00:00",
        date_modified_gmt: "2024-03-05T10:00:00",
        date_paid_gmt: "2024-03-06T09:00:00",
        prices_include_tax: false,
        discount_total: "0.00",
        shipping_total: "0.00",
        cart_tax: "15.00",
        total_tax: "15.00",
        total: "115.00",
        customer_id: number,
        payment_method: "stripe",
        payment_method_title: "Card",
        billing: { ...address, email: `ann${number}@example.com`, phone: "" },
        shipping: address,
        line_items: [
            {
                id: 1,
                name: "Walnut bowl",
                product_id: 1,
                variation_id: 0,
                quantity: 1,
                subtotal: "100.00",
                subtotal_tax: "15.00",
                total: "100.00",
                total_tax: "15.00",
                taxes: [],
                sku: "BOWL",
            },
        ],
        tax_lines: [],
        shipping_lines: [],
        fee_lines: [],
        coupon_lines: [],
        refunds: [],
    };
}

/**
 * @param {number[]} numbers
 * @returns {File}
 */
export function makeOrderFile(numbers) {
    const orders = numbers.map((number) => makeOrder(number, "USD"));
    return new File([JSON.stringify(orders)], "orders.json", { type: "application/json" });
}

/**
 * Stripe's balance transactions of a payout of 222.70: two orders of 115.00, less 3.65 each.
 *
 * @param {number[]} numbers of two orders
 * @returns {File}
 */
export function makePayoutFile(numbers) {
    const makeRow = (number, amount, fee, type, source) => ({
        id: `txn_${number}`,
        object: "balance_transaction",
        amount,
        available_on: 1710100000,
        created: 1710000000,
        currency: "usd",
        description: type === "charge" ? `Order ${number}` : "STRIPE PAYOUT",
        exchange_rate: null,
        fee,
        fee_details: fee
            ? [
                  {
                      amount: fee,
                      application: null,
                      currency: "usd",
                      description: "Stripe processing fees",
                      type: "stripe_fee",
                  },
              ]
            : [],
        net: amount - fee,
        reporting_category: type,
        source,
        status: "available",
        type,
    });
    const data = [
        ...numbers.map((number) => makeRow(number, 11500, 365, "charge", `ch_${number}`)),
        makeRow(1, -22270, 0, "payout", "po_1"),
    ];
    const list = { object: "list", data, has_more: false, url: "/v1/balance_transactions" };
    return new File([JSON.stringify(list)], "payout.json", { type: "application/json" });
}

/**
 * @returns {File} a download that was cut off
 */
export function makeBrokenFile() {
    return new File(['[{"id": 1, "total": '], "broken.json", { type: "application/json" });
}

/**
 * @param {File[]} files
 * @returns {DataTransfer}
 */
export function makeTransfer(files) {
    const transfer = new DataTransfer();
    for (const file of files) {
        transfer.items.add(file);
    }
    return transfer;
}
