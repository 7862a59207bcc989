from lxml import html

from odoo import Command, http
from odoo.tests import HttpCase, new_test_user

from .common import ArtisanCommon


class MakerPortalCommon(ArtisanCommon):
    """Two makers with a login each, a manager, and a customer with a login."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "no_reset_password": True})
        cls.maker.write({"company_id": False, "lang": "en_US"})
        cls.other_maker = cls._create_maker("Soap Maker")
        cls.soap = cls._create_craft("Soap", 8, maker_id=cls.other_maker.id)
        cls.ana = cls._create_login("ana", parent_id=cls.maker.id)
        cls.ben = cls._create_login("ben", parent_id=cls.other_maker.id)
        cls.maker.maker_agent_ids = cls.ana.partner_id
        cls.other_maker.maker_agent_ids = cls.ben.partner_id
        cls.customer_user = cls._create_login("carl")
        cls.manager = new_test_user(
            cls.env,
            "maker_manager",
            "artisan_pricing.group_artisan_manager",
            email="manager@example.com",
        )
        cls.seller = new_test_user(
            cls.env, "maker_seller", "artisan_pricing.group_artisan_user"
        )
        cls.model = cls._create_price_model((10, "percent", 10), (50, "fixed", 28))
        cls.tier, cls.fixed_tier = cls.model.tier_ids

    @classmethod
    def _create_login(cls, login, **kwargs):
        """A portal user with the password of the same name."""
        user = new_test_user(
            cls.env, login, "base.group_portal", email=f"{login}@example.com"
        )
        user.partner_id.write({"name": login.title(), **kwargs})
        return user

    @classmethod
    def _create_note(cls, text="<p>I pour candles.</p>", **kwargs):
        return cls.env["artisan.content"].create(
            {
                "name": "Candles",
                "kind": "note",
                "maker_id": cls.maker.id,
                "company_id": False,
                "text": text,
                **kwargs,
            }
        )

    @classmethod
    def _create_other_company(cls):
        return cls.env["res.company"].create({"name": "Second Market"})

    @classmethod
    def _get_requests(cls, **kwargs):
        domain = [(name, "=", value) for name, value in kwargs.items()]
        return cls.env["artisan.change.request"].search(domain)


class MakerPageCase(MakerPortalCommon, HttpCase):
    """A browser without scripts, logged in."""

    def setUp(self):
        super().setUp()
        self.template = self.candle.product_tmpl_id
        self.authenticate("ana", "ana")

    def _get(self, path="", status=200):
        self.env.flush_all()
        response = self.url_open(f"/my/maker{path}", allow_redirects=False)
        self.assertEqual(response.status_code, status, response.text[:2000])
        return response

    def _read(self, path=""):
        """The page as a tree."""
        return html.fromstring(self._get(path).content)

    def _text(self, path="", xpath="//main"):
        return " ".join(self._read(path).xpath(xpath)[0].text_content().split())

    def _fill_in(self, path, address, status=303, **values):
        """Send a form of a page as it is there, with other values."""
        tree = self._read(path)
        [form] = tree.xpath(f"//form[starts-with(@action, '/my/maker{address}')]")
        data = {**dict(form.form_values()), **values}
        return self._post(form.get("action").removeprefix("/my/maker"), data, status)

    def _post(self, path, data, status=303):
        self.env.flush_all()
        response = self.url_open(
            f"/my/maker{path}", data=data, allow_redirects=False, method="POST"
        )
        self.assertEqual(response.status_code, status, response.text[:2000])
        self.env.invalidate_all()
        return response

    def _post_with_token(self, path, status=303, **values):
        """Send what no page has a form for, with a token of the session."""
        token = http.Request.csrf_token(self)
        return self._post(path, {**values, "csrf_token": token}, status)

    def _get_error(self, response):
        tree = html.fromstring(response.content)
        return " ".join(tree.xpath("//*[@id='maker_error']")[0].text_content().split())

    def _sell(self, *lines, **kwargs):
        order = self._create_order(*lines, **kwargs)
        order.action_confirm()
        return order

    def _clear_tiers(self):
        self.model.item_ids.unlink()
        self.model.tier_ids = [Command.clear()]
