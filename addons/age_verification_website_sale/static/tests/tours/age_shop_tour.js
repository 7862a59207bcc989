import { registry } from "@web/core/registry";
import * as tourUtils from "@website_sale/js/tours/tour_utils";

registry.category("web_tour.tours").add("age_shop_guest", {
    steps: () => [
        {
            content: "The product says that a proof is needed",
            trigger: ".o_age_notice:contains(Proof of age needed)",
        },
        {
            content: "Add it to the cart",
            trigger: "#product_detail form #add_to_cart",
            run: "click",
        },
        tourUtils.goToCart(),
        {
            content: "The cart says so, too",
            trigger: ".o_age_notice:contains(Proof of age):contains(Dry Gin)",
        },
        tourUtils.goToCheckout(),
        ...tourUtils.fillAdressForm(undefined, true),
        {
            content: "Before the payment comes the proof",
            trigger: ".o_age_page:contains(aged 18 or over)",
        },
        {
            content: "Take the first way",
            trigger: ".o_age_step button.btn-primary",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The simulated provider finds the buyer old enough",
            trigger: "#age_simulator button[value=over]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Go on with the checkout",
            trigger: ".o_age_page:has(#age_state[data-state=proved]) #age_back",
            run: "click",
            expectUnloadPage: true,
            timeout: 40000,
        },
        {
            content: "Now it can be paid",
            trigger: "#payment_method",
        },
    ],
});
