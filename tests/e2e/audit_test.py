"""An auditor's day: the live log, an evidence bundle, forgeries, and a restart that changes nothing."""
import json
import pathlib
import unittest

from broker import Broker, fetch, samples
from material import any_sample, item_like, write_item


class Audit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(Broker())
        cls.receipts = cls.broker.submit_samples()
        cls.broker.settled()
        cls.receipt = next(iter(cls.receipts.values()))

    def verifier_key(self):
        return self.broker.fabu("keys", "show", "--data", self.broker.data).stdout.strip()

    def bundle(self, name="evidence.bundle"):
        path = self.broker.home / name
        self.broker.fabu("audit", "bundle", self.receipt["itemId"], "-o", path, key=self.broker.operator())
        return path

    def verify(self, what, *more, check=False):
        return self.broker.fabu("audit", "verify", what, *more, check=check)

    def test_the_live_log_verifies_against_the_shown_key(self):
        done = self.verify(self.broker.url + "/log", "--key", self.verifier_key())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_live_log_does_not_verify_against_another_key(self):
        name = self.verifier_key().split("+")[0]
        other = f"{name}+00000000+AQ=="
        self.assertNotEqual(self.verify(self.broker.url + "/log", "--key", other).returncode, 0)

    def test_the_log_grew_from_an_older_checkpoint(self):
        older = self.broker.home / "older.checkpoint"
        older.write_bytes(fetch(self.broker.url + "/log/checkpoint")[2])
        folder = self.broker.home / "more"
        sample = any_sample()
        self.broker.submit(write_item(folder, "grow.json", item_like(sample, "E2E-AUDIT-GROW")), department=sample["department"])
        self.broker.settled()
        done = self.verify(self.broker.url + "/log", "--older", older)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_bundle_verifies_with_the_server_gone(self):
        path = self.bundle()
        key = self.verifier_key()
        self.broker.stop()
        try:
            done = self.verify(path, "--key", key)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        finally:
            self.broker.start(self.broker.url.removeprefix("http://"))

    def test_a_flipped_byte_in_a_bundle_is_caught_and_the_record_named(self):
        whole = self.bundle().read_bytes()
        trace = json.loads(self.broker.fabu("audit", "trace", self.receipt["itemId"], "--json", key=self.broker.operator()).stdout)
        first = int(trace["steps"][0]["record"].get("seq", 0))
        # The stored bytes of the first record hold the edition's digest as it is.
        digest = bytes.fromhex(self.receipt["editionDigest"])
        places = [i for i in range(len(whole)) if whole.startswith(digest, i)]
        self.assertGreaterEqual(len(places), 2)
        for number, place in enumerate(places):
            forged = bytearray(whole)
            forged[place + 5] ^= 1
            path = self.broker.home / f"forged-{number}.bundle"
            path.write_bytes(forged)
            done = self.verify(path)
            self.assertEqual(done.returncode, 1, f"byte {place} of the bundle was changed and it passed: {done.stdout}")
        self.assertRegex(done.stdout + done.stderr, r"record \d+|edition \d+|delivery|receipt")
        self.assertGreaterEqual(first, 0)

    def test_every_step_of_an_item_is_in_its_trace(self):
        trace = json.loads(self.broker.fabu("audit", "trace", self.receipt["itemId"], "--json", key=self.broker.operator()).stdout)
        actions = [step["record"]["action"].removeprefix("AUDIT_ACTION_") for step in trace["steps"]]
        self.assertEqual(actions[:2], ["RECEIVED", "PLANNED"])
        self.assertEqual(actions.count("DELIVERED"), len(self.receipt["channels"]))

    def test_a_restart_keeps_everything(self):
        def state():
            items = self.broker.json_lines("items", "list", "--limit", "0", key=self.broker.operator())
            delivered = self.broker.json_lines("deliveries", "list", "--limit", "0", key=self.broker.operator())
            return sorted(i["itemId"] for i in items), sorted((d["id"], d["receipt"]["locator"]) for d in delivered)
        before, older = state(), self.broker.home / "before.checkpoint"
        older.write_bytes(fetch(self.broker.url + "/log/checkpoint")[2])
        pages = {name: fetch(f"{self.broker.url}/items/{r['itemId']}/")[2] for name, r in self.receipts.items()}
        papers = sorted(p.name for p in pathlib.Path(self.broker.data / "noticeboard").rglob("*.pdf"))
        self.broker.restart()
        self.assertEqual(state(), before)
        self.assertEqual({name: fetch(f"{self.broker.url}/items/{r['itemId']}/")[2] for name, r in self.receipts.items()}, pages)
        again = self.broker.submit_samples()
        self.assertEqual({n: r["logIndex"] for n, r in again.items()}, {n: r["logIndex"] for n, r in self.receipts.items()})
        self.assertEqual(len(again), len(samples()))
        self.broker.settled()
        self.assertEqual(sorted(p.name for p in pathlib.Path(self.broker.data / "noticeboard").rglob("*.pdf")), papers)
        done = self.verify(self.broker.url + "/log", "--older", older)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
