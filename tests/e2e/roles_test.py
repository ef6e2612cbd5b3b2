"""`fabu broker` and `fabu adapter` on a real PostgreSQL and RabbitMQ: in by HTTP, out on a page and on paper, all of it in the log."""
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from broker import BINARY, Broker, eventually, fetch, samples
from material import any_sample, item_like, write_item
from postgres import Postgres
from rabbitmq import RabbitMq


class Roles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.postgres = cls.enterClassContext(Postgres())
        cls.rabbitmq = cls.enterClassContext(RabbitMq())
        cls.shared = pathlib.Path(tempfile.mkdtemp(prefix="fabu-e2e-roles-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        cls.channels = ("channels:\n"
                        f"  - {{name: website, kind: website, folder: {cls.shared / 'site'}}}\n"
                        f"  - {{name: noticeboard, kind: noticeboard, spool: {cls.shared / 'paper'}}}\n")
        store = f"store: {cls.postgres.database('roles')}\n"
        cls.broker = cls.enterClassContext(Broker(store + cls.rabbitmq.settings() + cls.channels, role=("broker",)))
        key = cls.broker.key("office", "read")
        cls.key_file = cls.shared / "broker.key"
        cls.key_file.write_text(key + "\n", encoding="ascii")
        cls.key_file.chmod(0o600)
        cls.website = cls.enterClassContext(cls.adapter("website"))
        cls.noticeboard = cls.enterClassContext(cls.adapter("noticeboard"))

    @classmethod
    def adapter(cls, *channels, environment=None):
        config = cls.rabbitmq.settings() + cls.channels + f"broker: {{url: '{cls.broker.url}', key_file: {cls.key_file}}}\n"
        return Broker(config, role=("adapter", *channels), environment=environment)

    def submit(self, reference, **changes):
        sample = any_sample()
        path = write_item(self.shared / "outbox", f"{reference}.json", item_like(sample, reference, **changes))
        return self.broker.submit(path, department=sample["department"])[0]

    def actions(self, item):
        trace = json.loads(self.broker.fabu("audit", "trace", item, "--json", key=self.broker.operator()).stdout)
        return [step["record"]["action"].removeprefix("AUDIT_ACTION_") for step in trace["steps"]]

    def verified(self):
        done = self.broker.fabu("audit", "verify", self.broker.url + "/log", check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def papers(self, item):
        return list((self.shared / "paper").rglob(f"*{item}-*.pdf"))

    def test_samples_are_published_and_settled_by_the_workers(self):
        receipts = self.broker.submit_samples()
        self.assertEqual(len(receipts), len(samples()))
        self.broker.settled()
        for receipt in receipts.values():
            page = fetch(f"{self.website.url}/items/{receipt['itemId']}/")
            self.assertIn(page[0], (200, 410))
            self.assertEqual(self.actions(receipt["itemId"]).count("RECEIVED") >= 1, True)
        first = next(iter(receipts.values()))
        self.assertIn("DELIVERED", self.actions(first["itemId"]))
        self.assertTrue(list((self.shared / "paper").rglob("*.pdf")))
        attached = [p for p in (self.shared / "site").rglob("*.pdf")]
        self.assertTrue(attached, "the attachment came over HTTP")
        self.assertEqual(fetch(self.website.url + "/search?q=%E5%85%AC%E5%BC%80")[0], 200)
        self.assertIn(b"fabu_deliveries_total", fetch(self.website.url + "/metrics")[2])
        self.verified()

    def test_an_operator_pauses_a_channel_whose_workers_are_elsewhere(self):
        operator = self.broker.operator()
        self.broker.fabu("channels", "pause", "noticeboard", "--reason", "打印机维修", key=operator)
        states = {c["name"]: c for c in self.broker.json_lines("channels", "list", key=operator)}
        self.assertEqual((states["noticeboard"]["state"], states["noticeboard"]["reason"]), ("paused", "打印机维修"))
        self.assertEqual(states["website"]["state"], "running")
        receipt = self.submit("ROLES-PAUSED")
        eventually(lambda: fetch(f"{self.website.url}/items/{receipt['itemId']}/")[0] == 200, "the page")
        self.assertEqual(self.actions(receipt["itemId"]).count("DELIVERED"), 1)
        self.noticeboard.restart()  # the pause is told to whoever comes
        self.assertEqual(self.actions(receipt["itemId"]).count("DELIVERED"), 1)
        self.broker.fabu("channels", "resume", "noticeboard", key=operator)
        self.broker.settled()
        self.assertEqual(self.actions(receipt["itemId"]).count("DELIVERED"), 2)

    def test_a_worker_that_dies_between_effect_and_report_doubles_nothing(self):
        self.noticeboard.stop()
        receipt = self.submit("ROLES-FAULT")
        broken = self.adapter("noticeboard", environment={"FABU_FAULT": "exit-before-report:1"})
        self.assertEqual(broken.process.wait(30), 137)
        broken.process = None
        self.assertEqual(len(self.papers(receipt["itemId"])), 1)
        shutil.rmtree(broken.home)
        self.noticeboard.start()
        self.broker.settled()
        self.assertEqual(len(self.papers(receipt["itemId"])), 1)
        self.assertEqual(self.actions(receipt["itemId"]).count("DELIVERED"), 2)

    def test_a_second_worker_of_a_website_goes_on_with_the_same_site(self):
        with self.adapter("website") as second:
            before = [self.submit(f"ROLES-TWO-{i}") for i in range(3)]
            self.broker.settled()
            listen = self.website.url.removeprefix("http://")
            self.website.process.kill()
            self.website.process.wait()
            self.website.process = None
            after = [self.submit(f"ROLES-TWO-{i}") for i in range(3, 6)]
            self.broker.settled()
            home = fetch(second.url + "/")[2].decode()
            for receipt in before + after:
                self.assertEqual(fetch(f"{second.url}/items/{receipt['itemId']}/")[0], 200)
                self.assertIn(f"/items/{receipt['itemId']}/", home)
            self.website.start(listen)

    def test_a_broker_that_was_killed_goes_on_where_it_was(self):
        receipts = [self.submit(f"ROLES-KILL-{i}") for i in range(5)]
        listen = self.broker.url.removeprefix("http://")
        self.broker.process.kill()
        self.broker.process.wait()
        self.broker.process = None
        self.broker.start(listen)
        self.broker.settled()
        for receipt in receipts:
            self.assertEqual(self.actions(receipt["itemId"]).count("DELIVERED"), 2)
        self.verified()

    def test_a_second_broker_serves_the_same_log_and_takes_over_when_the_first_one_dies(self):
        first, operator = self.broker, self.broker.operator()
        home = pathlib.Path(tempfile.mkdtemp(prefix="fabu-e2e-"))
        (home / "data" / "log").mkdir(parents=True)
        for name in ("key.pem", "origin"):
            shutil.copy2(first.data / "log" / name, home / "data" / "log" / name)
        with Broker(first.config.read_text(), role=("broker",), home=home) as second:
            receipts = [self.submit("ROLES-FIRST")]
            sample = any_sample()
            path = write_item(self.shared / "outbox", "second.json", item_like(sample, "ROLES-SECOND"))
            second.keys = first.keys
            receipts += second.submit(path, department=sample["department"])
            second.settled()
            eventually(lambda: fetch(second.url + "/log/checkpoint")[2] == fetch(first.url + "/log/checkpoint")[2], "the same head")
            second.fabu("channels", "pause", "noticeboard", "--reason", "检修", key=operator)
            eventually(lambda: {c["name"]: c for c in first.json_lines("channels", "list", key=operator)}["noticeboard"].get("reason") == "检修",
                       "the pause on the other broker")
            receipts.append(self.submit("ROLES-LEFT"))
            listen = first.url.removeprefix("http://")
            first.process.kill()
            first.process.wait()
            first.process = None
            second.fabu("channels", "resume", "noticeboard", key=operator)
            second.settled()
            before = fetch(second.url + "/log/checkpoint")[2]
            receipts += second.submit(write_item(self.shared / "outbox", "third.json", item_like(sample, "ROLES-THIRD")),
                                      department=sample["department"])
            eventually(lambda: fetch(second.url + "/log/checkpoint")[2] != before, "a head that the second one signed")
            second.settled()
            older = self.shared / "older"
            older.write_bytes(before)
            done = second.fabu("audit", "verify", second.url + "/log", "--older", older, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            first.start(listen)
            for receipt in receipts:
                self.assertEqual(self.actions(receipt["itemId"]).count("DELIVERED"), 2, receipt)

    def test_what_is_missing_in_the_configuration_is_said(self):
        config = self.shared / "bare.yaml"
        config.write_text("data: bare\n", encoding="ascii")
        for words, missing in ((("broker",), "store"), (("adapter", "website"), "rabbitmq"), (("adapter", "kiosk"), "kiosk")):
            done = subprocess.run([BINARY, *words, "--config", config], text=True, capture_output=True, timeout=30, check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(missing, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
