from odoo import api, models

#: What tells two addresses of one customer apart.
CONTACT_FIELDS = ["name", "street", "street2", "city", "zip", "country_id"]


class MarketplaceOrder(models.Model):
    """Who bought: the customer and the contacts of his addresses."""

    _inherit = "marketplace.order"

    def _map_partners(self):
        """Find or create customer, invoice address and delivery contact of each order."""
        countries = self._get_address_countries()
        for channel, orders in self.grouped("channel_id").items():
            orders._map_customers(channel, countries)
            for part, contact_type, field_name in (
                ("billing", "invoice", "partner_invoice_id"),
                ("shipping", "delivery", "partner_shipping_id"),
            ):
                orders._map_contacts(part, contact_type, field_name, countries)

    def _get_address_countries(self):
        """Return {ISO code: country} of all addresses, in one query."""
        codes = {
            (order.buyer or {}).get(part, {}).get("country")
            for order in self
            for part in ("billing", "shipping")
        }
        countries = self.env["res.country"].search([("code", "in", list(codes))])
        return {country.code: country for country in countries}

    def _map_customers(self, channel, countries):
        Mapping = self.env["marketplace.partner.mapping"]
        keys = {order: order._get_buyer_key() for order in self}
        index = Mapping._get_index(channel, set(keys.values()) - {""})
        missing = {}
        for order, key in keys.items():
            if key and key not in index:
                missing.setdefault(key, order)
        partners = self.env["res.partner"].create(
            [order._prepare_partner(countries) for order in missing.values()]
        )
        Mapping.create(
            [
                {
                    "channel_id": channel.id,
                    "external_ref": key,
                    "partner_id": partner.id,
                }
                for key, partner in zip(missing, partners, strict=True)
            ]
        )
        index.update(zip(missing, partners, strict=True))
        for order, key in keys.items():
            order.partner_id = index[key] if key else channel._get_anonymous_partner()

    def _get_buyer_key(self):
        """Return what the channel knows the buyer by; empty when it withholds the buyer.

        The channel's id, else the e-mail address of a guest, else this one order: a name
        alone identifies nobody. A business adds its VAT number or name.
        """
        self.ensure_one()
        buyer = (self.buyer or {}).get("buyer") or {}
        if self.channel_id.buyer_policy == "anonymous" and not self.is_business:
            return ""
        key = self.buyer_ref or (buyer.get("email") or "").strip().lower()
        if not key:
            return f"order:{self.external_ref}" if self._get_buyer_name() else ""
        # The same person buying for a company is another customer: other name, other taxes.
        company = self.buyer_vat or buyer.get("company")
        key = f"{key} ({company})" if self.is_business and company else key
        return key[:250]

    def _get_buyer_name(self):
        self.ensure_one()
        data = self.buyer or {}
        names = [
            (data.get(part) or {}).get(name)
            for part, name in (
                ("buyer", "company"),
                ("buyer", "name"),
                ("billing", "name"),
                ("shipping", "name"),
            )
        ]
        return next((name for name in names if name), "")

    def _prepare_partner(self, countries):
        """Return the values of the contact of a buyer seen for the first time.

        :param countries: see :meth:`_get_address_countries`
        """
        self.ensure_one()
        data = self.buyer or {}
        buyer = data.get("buyer") or {}
        address = data.get("billing") or data.get("shipping") or {}
        # An id that is no name still tells the accountant who it is on the channel.
        name = self._get_buyer_name() or self.buyer_ref
        return {
            **self._prepare_address(address, countries),
            "name": name,
            "company_name": buyer.get("company")
            if buyer.get("company") != name
            else False,
            "is_company": bool(buyer.get("company")),
            "email": buyer.get("email") or address.get("email"),
            "phone": buyer.get("phone") or address.get("phone"),
            "vat": self._get_valid_vat(),
            "comment": self.buyer_vat if not self._get_valid_vat() else False,
            "company_id": self.company_id.id,
        }

    def _prepare_address(self, address, countries):
        """Return the values of an address; without a country, it is in the order's own."""
        self.ensure_one()
        country = self.country_id
        if address.get("country"):
            country = countries.get(address["country"], country.browse())
        return {
            "street": address.get("street"),
            "street2": address.get("street2"),
            "city": address.get("city"),
            "zip": address.get("zip"),
            "state_id": self._find_state(address.get("state")).id
            if country == self.country_id
            else False,
            "country_id": country.id,
        }

    def _map_contacts(self, part, contact_type, field_name, countries):
        """Reuse the customer's address or a contact of it; create what is new.

        :param part: address of the order, "billing" or "shipping"
        :param contact_type: type of the contact, "invoice" or "delivery"
        :param field_name: field of the order that gets the contact
        :param countries: see :meth:`_get_address_countries`
        """
        wanted = {}
        for order in self:
            address = (order.buyer or {}).get(part) or {}
            if self._has_address(address):
                wanted[order] = order._prepare_contact(address, contact_type, countries)
            else:
                order[field_name] = order.partner_id
        known = self._get_known_contacts(wanted.values(), contact_type)
        new = {}
        for values in wanted.values():
            key = self._get_contact_key(values)
            if key not in known:
                new.setdefault(key, values)
        contacts = self.env["res.partner"]._create_contacts(list(new.values()))
        known.update(zip(new, contacts, strict=True))
        for order, values in wanted.items():
            order[field_name] = known[self._get_contact_key(values)]

    @api.model
    def _has_address(self, address):
        return any(address.get(name) for name in ("street", "city", "zip", "country"))

    def _prepare_contact(self, address, contact_type, countries):
        self.ensure_one()
        return {
            **self._prepare_address(address, countries),
            "name": address.get("name") or self.partner_id.name,
            "phone": address.get("phone") or False,
            "type": contact_type,
            "parent_id": self.partner_id.id,
            "company_id": self.company_id.id,
        }

    @api.model
    def _get_known_contacts(self, values_list, contact_type):
        """Return {key: contact} of the customers and of their contacts at these streets.

        Restricted by street: an anonymous buyer collects thousands of addresses.
        """
        Partner = self.env["res.partner"]
        customers = Partner.browse({values["parent_id"] for values in values_list})
        streets = {values["street"] or False for values in values_list}
        children = Partner.search(
            [
                ("parent_id", "in", customers.ids),
                ("type", "=", contact_type),
                ("street", "in", list(streets)),
            ]
        )
        known = {}
        contacts = children | customers
        rows = contacts.read([*CONTACT_FIELDS, "parent_id"], load=False)
        for contact, values in zip(contacts, rows, strict=True):
            if contact not in children:
                values["parent_id"] = contact.id
            known[self._get_contact_key(values)] = contact
            # A company's own address counts for whoever is named at it.
            if contact.is_company and contact_type == "invoice":
                for named in {v["name"] for v in values_list}:
                    known.setdefault(
                        self._get_contact_key({**values, "name": named}), contact
                    )
        return known

    @api.model
    def _get_contact_key(self, values):
        return tuple(values[name] or "" for name in ("parent_id", *CONTACT_FIELDS))
