"""`fabu serve` on PostgreSQL, and the way there from SQLite."""
import hashlib
import shutil
import subprocess
import unittest

from broker import BINARY, SAMPLES, Broker, eventually, fetch, samples
from material import any_sample, item_like, write_item
from postgres import Postgres


def run(*arguments):
    return subprocess.run([BINARY, *map(str, arguments)], text=True, capture_output=True, timeout=120, stdin=subprocess.DEVNULL)


def log_head(broker):
    """(size, root) of the newest checkpoint, once there is one."""
    eventually(lambda: fetch(broker.url + "/log/checkpoint")[0] == 200, "a checkpoint")
    lines = fetch(broker.url + "/log/checkpoint")[2].decode().splitlines()
    return int(lines[1]), lines[2]


class OnPostgres(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.postgres = cls.enterClassContext(Postgres())

    def setUp(self):
        self.address = self.postgres.database(self.id().rsplit("_", 1)[-1].lower()[:40])

    def started(self, config=None):
        return self.enterContext(Broker(config or f"store: {self.address}\n"))

    def verified(self, broker, *more):
        done = broker.fabu("audit", "verify", broker.url + "/log", *more, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_everything_works_as_on_sqlite_and_outlives_a_restart(self):
        broker = self.started()
        receipts = broker.submit_samples()
        self.assertEqual(len(receipts), len(samples()))
        delivered = broker.settled()
        self.assertEqual(len(list((broker.data / "noticeboard").rglob("*.pdf"))) > 0, True)
        self.assertFalse((broker.data / "fabu.db").exists())
        older = broker.home / "older"
        log_head(broker)
        older.write_bytes(fetch(broker.url + "/log/checkpoint")[2])
        broker.restart()
        self.assertEqual(len(broker.settled()), len(delivered))
        self.verified(broker, "--older", older)

    def test_two_processes_do_not_share_a_folder(self):
        broker = self.started()
        done = run("serve", "--data", broker.data, "--config", broker.config, "--listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn(str(broker.process.pid), done.stderr)

    def test_a_folder_that_belongs_to_a_database_is_not_served_from_sqlite(self):
        broker = self.started()
        broker.stop()
        done = run("serve", "--data", broker.data, "--listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(self.address, done.stderr)
        self.assertFalse((broker.data / "fabu.db").exists())

    def test_verbs_find_the_database_by_the_folder_while_no_server_runs(self):
        broker = self.started()
        broker.submit_samples()
        broker.stop()
        listed = run("items", "list", "--json", "--limit", "0", "--data", broker.data)
        self.assertEqual(len(listed.stdout.splitlines()), len({s["reference"] for s in samples().values()}), listed.stderr)
        made = run("key", "create", "--data", broker.data, "--department", "office")
        self.assertEqual(made.returncode, 0, made.stderr)

    def test_an_address_with_a_password_is_refused(self):
        config = self.enterContext(Broker()).home / "password.yaml"
        config.write_text("store: postgresql://fabu:s3cret@127.0.0.1/fabu\n", encoding="utf-8")
        done = run("serve", "--config", config, "--data", "/nonexistent/never-made")
        self.assertEqual(done.returncode, 2)
        self.assertNotIn("s3cret", done.stderr)
        self.assertIn(f"{config}:1", done.stderr)

    def test_a_move_from_sqlite_keeps_the_log_and_goes_on_with_it(self):
        broker = self.enterContext(Broker())
        receipts = broker.submit_samples()
        broker.settled()
        broker.stop()
        source, older = f"sqlite:{broker.data}", broker.home / "older"
        older.write_bytes((broker.data / "log" / "checkpoint").read_bytes())
        dry = run("migrate", "--from", source, "--to", self.address, "--dry-run")
        self.assertEqual((dry.returncode, dry.stdout), (0, "nothing stands in the way; nothing was moved\n"), dry.stderr)
        done = run("migrate", "--from", source, "--to", self.address)
        self.assertEqual(done.returncode, 0, done.stderr)
        size, root = older.read_text().splitlines()[1:3]
        self.assertIn(f"{size} log records", done.stdout)
        self.assertIn(f"store: {self.address}", done.stderr)
        again = run("migrate", "--from", source, "--to", self.address)
        self.assertEqual(again.returncode, 1, again.stderr)
        self.assertEqual(run("serve", "--data", broker.data, "--listen", "127.0.0.1:0").returncode, 1)  # without the new setting

        broker.config = broker.home / "fabu.yaml"
        broker.config.write_text(f"store: {self.address}\n", encoding="utf-8")
        broker.start()
        self.assertEqual({n: r["logIndex"] for n, r in broker.submit_samples().items()}, {n: r["logIndex"] for n, r in receipts.items()})
        sample = any_sample()
        broker.submit(write_item(broker.home / "more", "new.json", item_like(sample, "E2E-MOVED")), department=sample["department"])
        broker.settled()
        self.verified(broker, "--older", older, "--key", broker.fabu("keys", "show", "--data", broker.data).stdout.strip())
        eventually(lambda: log_head(broker)[0] > int(size), "a checkpoint over more records")
        digest = hashlib.sha256(next((SAMPLES / "attachments").iterdir()).read_bytes()).hexdigest()
        shutil.rmtree(broker.data / "attachments")  # copies of what the database holds
        broker.restart()
        status, _, body = fetch(f"{broker.url}/v1/attachments/{digest}", headers={"Authorization": "Bearer " + broker.operator()})
        self.assertEqual((status, hashlib.sha256(body).hexdigest()), (200, digest))

    def test_a_move_says_what_is_in_its_way(self):
        broker = self.enterContext(Broker())
        source = f"sqlite:{broker.data}"
        self.assertEqual(run("migrate", "--from", source, "--to", self.address).returncode, 3)  # it runs
        broker.stop()
        gone = self.address.replace(str(self.postgres.port), "1")
        self.assertEqual(run("migrate", "--from", source, "--to", gone).returncode, 3)
        self.assertEqual(run("migrate", "--from", "sqlite:/nonexistent", "--to", self.address).returncode, 6)
        self.assertEqual(run("migrate", "--from", str(broker.data), "--to", self.address).returncode, 2)
        self.assertEqual(run("migrate", "--from", source, "--to", "postgresql://a:b@c/d").returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
