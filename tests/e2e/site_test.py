"""What the public sees: home, search, item, attachment, correction, withdrawal, feeds; and that no link is dead."""
import html.parser
import json
import unittest
import urllib.parse
import xml.etree.ElementTree as tree

from broker import ARTIFACTS, Broker, fetch, samples
from browser import Browser
from material import any_sample, item_like, write_item

ATTACHMENT_NAME = "评标结果 附件.pdf"
ATTACHMENT = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 400 + b"\n%%EOF\n"


class Links(html.parser.HTMLParser):
    """Every address that a page names: links, images, styles, scripts."""
    def __init__(self):
        super().__init__()
        self.found = []
        self.ids = set()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if attributes.get("id"):
            self.ids.add(attributes["id"])
        if "rel" in attributes and "nofollow" in attributes["rel"]:
            return
        for name in ("href", "src", "action"):
            if attributes.get(name) and tag != "base":
                self.found.append(attributes[name])


class Site(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(Broker())
        cls.receipts = cls.broker.submit_samples()
        sample = any_sample()
        cls.department = sample["department"]
        folder = cls.broker.home / "outbox"
        (folder / "attachments").mkdir(parents=True)
        (folder / "attachments" / ATTACHMENT_NAME).write_bytes(ATTACHMENT)
        cls.item = item_like(sample, "E2E-SITE-1", title="带附件的采购结果公告",
                             attachments=[{"name": ATTACHMENT_NAME, "media_type": "application/pdf", "description": "评标结果"}])
        cls.folder = folder
        cls.receipt = cls.broker.submit(write_item(folder, "with-attachment.json", cls.item), department=cls.department)[0]
        cls.withdrawn = cls.broker.submit(
            write_item(folder, "to-withdraw.json", item_like(sample, "E2E-SITE-2", title="将要撤回的公告")), department=cls.department)[0]
        cls.broker.settled()
        cls.page = cls.enterClassContext(Browser())

    def item_url(self, receipt):
        return f"{self.broker.url}/items/{receipt['itemId']}/"

    def deliver(self, *arguments):
        self.broker.fabu(*arguments, key=self.broker.key(self.department))
        self.broker.settled()

    def test_every_sample_is_on_the_site_under_its_title(self):
        for name, item in samples().items():
            status, _, body = fetch(self.item_url(self.receipts[name]))
            self.assertEqual(status, 200, name)
            self.assertIn(item["title"], " ".join(body.decode("utf-8").split()), name)

    def test_the_home_page_leads_to_the_newest_items(self):
        self.page.open(self.broker.url + "/")
        self.assertEqual(self.page.script("return document.documentElement.lang").lower(), "zh-cn")
        links = self.page.script("return [...document.querySelectorAll('a[href*=\"/items/\"]')].map(a => a.href)")
        self.assertTrue(links, "the home page names no item")
        self.page.screenshot(ARTIFACTS / "home.png")
        self.page.open(links[0])
        self.assertTrue(self.page.text("h1"))
        self.assertEqual(self.page.complaints(), [])

    def test_a_two_character_word_is_found_and_highlighted(self):
        for word in ("采购", "挂牌"):
            self.page.open(self.broker.url + "/")
            self.page.type("input[name=q]", word + "\ue007")
            self.page.wait_for(lambda: "q=" in self.page.url(), "the search page")
            hits = self.page.script("return [...document.querySelectorAll('a[href*=\"/items/\"]')].map(a => a.textContent)")
            self.assertTrue(hits, f"nothing found for {word}")
            marks = self.page.script("return [...document.querySelectorAll('mark')].map(m => m.textContent)")
            self.assertIn(word, marks)
        self.page.screenshot(ARTIFACTS / "search.png")
        self.assertEqual(self.page.complaints(), [])

    def test_a_search_without_hits_says_so_and_survives_markup(self):
        self.page.open(self.broker.url + "/search?q=" + urllib.parse.quote("<script>alert(1)</script>无此词句"))
        self.assertEqual(self.page.script("return document.querySelectorAll('main a[href*=\"/items/\"]').length"), 0)
        self.assertEqual(self.page.script("return [...document.scripts].filter(s => s.textContent.includes('alert')).length"), 0)

    def test_an_item_page_shows_the_record_and_its_attachment_downloads_byte_for_byte(self):
        self.page.open(self.item_url(self.receipt))
        text = self.page.text()
        for shown in (self.item["title"], self.receipt["indexNo"], self.item["publisher"]["name"], ATTACHMENT_NAME):
            self.assertIn(shown, text)
        if person := self.item.get("responsible_person") or self.item.get("responsiblePerson"):
            self.assertNotIn(person, text, "the responsible person is internal")
        self.page.screenshot(ARTIFACTS / "item.png")
        href = self.page.script("return [...document.querySelectorAll('a')].find(a => a.textContent.includes(arguments[0])).href",
                                ATTACHMENT_NAME)
        status, headers, body = fetch(href)
        self.assertEqual(status, 200)
        self.assertEqual(body, ATTACHMENT)
        self.assertIn("application/pdf", headers["Content-Type"])
        self.assertEqual(self.page.complaints(), [])

    def test_a_phone_reads_without_scrolling_sideways(self):
        with Browser(390, 844, phone=True) as phone:
            for name, url in (("home", self.broker.url + "/"), ("item", self.item_url(self.receipt)),
                              ("search", self.broker.url + "/search?q=" + urllib.parse.quote("采购"))):
                phone.open(url)
                phone.screenshot(ARTIFACTS / f"phone-{name}.png")
                width = phone.script("return [document.documentElement.scrollWidth, window.innerWidth]")
                self.assertLessEqual(width[0], width[1], f"{name} is wider than a phone")

    def test_a_correction_replaces_with_a_note_and_the_old_edition_stays_reachable(self):
        reason = "更正开标时间"
        corrected = dict(self.item, title="带附件的采购结果公告（更正）", correction={"reason": reason})
        path = write_item(self.folder, "corrected.json", corrected)
        second = self.broker.submit(path, department=self.department)[0]
        self.assertEqual(second["itemId"], self.receipt["itemId"])
        self.assertEqual(second["edition"], 2)
        self.broker.settled()
        self.page.open(self.item_url(self.receipt))
        self.assertIn("（更正）", self.page.text("h1"))
        self.assertIn(reason, self.page.text())
        self.page.screenshot(ARTIFACTS / "correction.png")
        old = self.page.script("return [...document.querySelectorAll('a[href*=\"/editions/1\"]')].map(a => a.href)")
        self.assertTrue(old, "no link to the first edition")
        self.page.open(old[0])
        self.assertIn(self.item["title"], self.page.text())
        self.assertEqual(self.page.complaints(), [])

    def test_a_withdrawal_leaves_a_notice_with_the_reason(self):
        reason = "项目终止，公告撤回"
        self.deliver("items", "withdraw", self.withdrawn["itemId"], "--reason", reason)
        status, _, body = fetch(self.item_url(self.withdrawn))
        self.assertEqual(status, 410)
        self.assertIn(reason, body.decode("utf-8"))
        self.assertNotIn("将要撤回的公告", fetch(self.broker.url + "/")[2].decode("utf-8"))

    def test_the_feeds_parse_and_name_every_sample(self):
        titles = {item["title"] for item in samples().values()}
        status, headers, body = fetch(self.broker.url + "/feed.atom")
        self.assertEqual(status, 200)
        self.assertIn("application/atom+xml", headers["Content-Type"])
        atom = "{http://www.w3.org/2005/Atom}"
        feed = tree.fromstring(body)
        self.assertEqual(feed.tag, atom + "feed")
        self.assertLessEqual(titles, {entry.findtext(atom + "title") for entry in feed.iter(atom + "entry")})
        for needed in ("id", "title", "updated"):
            self.assertTrue(feed.findtext(atom + needed), needed)
        status, _, body = fetch(self.broker.url + "/feed.json")
        self.assertEqual(status, 200)
        feed = json.loads(body)
        self.assertTrue(feed["version"].startswith("https://jsonfeed.org/version/1"))
        self.assertLessEqual(titles, {entry["title"] for entry in feed["items"]})
        status, _, body = fetch(self.broker.url + "/sitemap.xml")
        self.assertEqual(status, 200)
        self.assertTrue(tree.fromstring(body).tag.endswith(("sitemapindex", "urlset")))

    def test_no_link_of_the_site_is_dead(self):
        host = urllib.parse.urlsplit(self.broker.url).netloc
        queue, asked, dead = [(self.broker.url + "/", "start")], set(), []
        while queue:
            address, source = queue.pop()
            parts = urllib.parse.urlsplit(address)
            if parts.netloc != host or parts.scheme not in ("http", "https"):
                continue
            path = urllib.parse.quote(urllib.parse.unquote(parts.path)) or "/"
            target = f"http://{host}{path}" + (f"?{parts.query}" if parts.query else "")
            if target in asked or len(asked) > 2000:
                continue
            asked.add(target)
            status, headers, body = fetch(target)
            if status not in (200, 410):
                dead.append(f"{status} {target} (from {source})")
                continue
            if "text/html" in headers.get("Content-Type", ""):
                links = Links()
                links.feed(body.decode("utf-8"))
                queue += [(urllib.parse.urljoin(target, link), target) for link in links.found]
        self.assertEqual(dead, [])
        self.assertGreater(len(asked), 20)

    def test_pages_carry_the_government_site_tags_and_linked_data(self):
        self.page.open(self.item_url(self.receipt))
        tags = self.page.script("return [...document.querySelectorAll('meta[name]')].map(m => m.name)")
        for needed in ("SiteName", "ArticleTitle", "PubDate", "ContentSource", "ColumnName", "Url"):
            self.assertIn(needed, tags)
        linked = self.page.script("return document.querySelector('script[type=\"application/ld+json\"]').textContent")
        self.assertIn("@context", json.loads(linked))


if __name__ == "__main__":
    unittest.main(verbosity=2)
