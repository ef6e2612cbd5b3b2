"""Backups taken while the server is loaded, and what a restore refuses: damage, what is in the way, what is too old."""
import json
import pathlib
import shutil
import subprocess
import threading
import unittest

from broker import BINARY, Broker, eventually, fetch
from material import any_sample, item_like, write_item
from postgres import Postgres


def run(*arguments):
    return subprocess.run([BINARY, *map(str, arguments)], text=True, capture_output=True, timeout=120, stdin=subprocess.DEVNULL,
                          check=False)


class Load:
    """Submits one item after the other until it is told to stop; what was acked is in `acked`."""

    def __init__(self, broker, name):
        self.broker, self.name, self.acked, self.going = broker, name, [], True
        self.sample = any_sample()
        self.key = broker.key(self.sample["department"], "submit", "read")
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while self.going:
            reference = f"{self.name}-{len(self.acked)}"
            body = json.dumps(item_like(self.sample, reference)).encode()
            status, _, _ = fetch(self.broker.url + "/v1/items", "POST", body,
                                 {"Authorization": "Bearer " + self.key, "Content-Type": "application/json"})
            if status in (200, 201, 202):
                self.acked.append(reference)

    def stop(self):
        self.going = False
        self.thread.join()


class Backup:
    """The same for both stores."""

    config = None

    def setUp(self):
        self.broker = self.enterContext(Broker(self.config))
        self.home = self.broker.home
        self.to = self.home / "backup"
        eventually(lambda: fetch(self.broker.url + "/log/checkpoint")[0] == 200, "the first checkpoint")

    def again(self):
        """Options of a restore to somewhere new."""
        raise NotImplementedError

    def submit(self, reference):
        sample = any_sample()
        path = write_item(self.home / "outbox", f"{reference}.json", item_like(sample, reference))
        return self.broker.submit(path, department=sample["department"])[0]

    def backup(self, *more):
        done = run("backup", "--data", self.broker.data, "--to", self.to, *more)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done

    def restore(self, *more, data="restored"):
        return run("restore", self.to, "--data", self.home / data, *self.again(), *more)

    def serve_restored(self):
        """The restored folder in the place of the one that was lost."""
        self.broker.stop()
        self.broker.data = self.home / "restored"
        address = (self.broker.data / "store").read_text().strip() if (self.broker.data / "store").exists() else None
        self.broker.config = self.home / "restored.yaml"
        self.broker.config.write_text(f"store: {address}\n" if address else "log: {level: info}\n", encoding="utf-8")
        self.broker.start()

    def test_every_ack_before_an_online_backup_is_in_it_and_the_log_goes_on(self):
        self.broker.submit_samples()
        load = Load(self.broker, "LOAD")
        try:
            eventually(lambda: len(load.acked) > 50, "load")
            acked = list(load.acked)
            self.backup()
            self.assertGreater(len(load.acked), len(acked), "the load went on meanwhile")
        finally:
            load.stop()
        sums = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=self.to, capture_output=True, text=True, check=False)
        self.assertEqual(sums.returncode, 0, sums.stdout + sums.stderr)
        manifest = json.loads((self.to / "manifest.json").read_text())
        self.assertGreater(manifest["log"]["size"], len(acked))
        done = self.restore()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(manifest["log"]["root"], done.stdout)
        self.serve_restored()
        self.broker.settled()
        operator = self.broker.operator()
        there = {i["reference"] for i in self.broker.json_lines("items", "list", "--limit", "0", key=operator)}
        self.assertLessEqual(set(acked), there)
        older = self.home / "older"
        older.write_text(manifest["checkpoint"])
        verified = self.broker.fabu("audit", "verify", self.broker.url + "/log", "--older", older, "--key", manifest["verifierKeys"][0], check=False)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        papers = [p.name for p in pathlib.Path(self.broker.data / "noticeboard").rglob("*.pdf")]
        self.assertEqual(len(papers), len(set(papers)))

    def test_a_byte_that_was_changed_is_caught_and_named(self):
        self.submit("BYTE")
        self.broker.settled()
        self.broker.stop()
        self.backup()
        for name in ("log/origin", "manifest.json", self.store_file):
            file = self.to / name
            whole = file.read_bytes()
            changed = bytearray(whole)
            changed[len(changed) // 2] ^= 1
            file.write_bytes(changed)
            done = self.restore()
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertIn(name, done.stderr)
            self.assertFalse((self.home / "restored").exists(), "nothing is written before all is checked")
            file.write_bytes(whole)
        (self.to / "log" / "origin").unlink()
        self.assertIn("log/origin", self.restore().stderr)

    def test_nothing_is_restored_over_what_is_there(self):
        self.submit("OVER")
        self.backup()
        (self.home / "restored").mkdir()
        (self.home / "restored" / "something").touch()
        done = self.restore()
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual([p.name for p in (self.home / "restored").iterdir()], ["something"])
        again = run("backup", "--data", self.broker.data, "--to", self.to)
        self.assertEqual(again.returncode, 1, again.stderr)

    def test_a_backup_that_a_checkpoint_proves_to_be_too_old_is_refused_until_the_loss_is_accepted(self):
        self.submit("OLD-1")
        self.broker.settled()
        self.backup()
        before = int(fetch(self.broker.url + "/log/checkpoint")[2].decode().splitlines()[1])
        self.submit("OLD-2")
        self.broker.settled()
        eventually(lambda: int(fetch(self.broker.url + "/log/checkpoint")[2].decode().splitlines()[1]) > before, "a newer checkpoint")
        newest = self.home / "newest"
        newest.write_bytes(fetch(self.broker.url + "/log/checkpoint")[2])
        old_key = self.broker.fabu("keys", "show", "--data", self.broker.data).stdout.strip()
        refused = self.restore("--checkpoint", newest)
        self.assertEqual(refused.returncode, 1, refused.stderr)
        self.assertIn("older than the checkpoint", refused.stderr)
        self.assertFalse((self.home / "restored").exists())

        accepted = self.restore("--checkpoint", newest, "--accept-loss")
        self.assertEqual(accepted.returncode, 0, accepted.stderr)
        self.assertIn("LOST", accepted.stderr)
        self.serve_restored()
        new_key = self.broker.fabu("keys", "show", "--data", self.broker.data).stdout.strip()
        self.assertNotEqual(new_key.split("+")[0], old_key.split("+")[0])
        eventually(lambda: fetch(self.broker.url + "/log/checkpoint")[2].decode().startswith(new_key.split("+")[0] + "\n"), "the new log's head")
        verified = self.broker.fabu("audit", "verify", self.broker.url + "/log", "--key", new_key, check=False)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

        def told():
            size = fetch(self.broker.url + "/log/checkpoint")[2].decode().splitlines()[1]
            return b"are lost" in fetch(f"{self.broker.url}/log/tile/entries/000.p/{size}")[2]
        eventually(told, "the record of the loss")
        self.assertFalse((self.broker.data / "log" / "loss").exists())
        self.submit("OLD-2")  # sent again
        self.broker.settled()

    def test_a_checkpoint_within_the_backup_is_no_reason_to_refuse_and_is_kept(self):
        self.submit("SAME")
        self.broker.settled()
        self.broker.stop()
        self.backup("--without-log-key")
        self.assertFalse((self.to / "log" / "key.pem").exists())
        newest = self.broker.data / "log" / "checkpoint"
        done = self.restore("--checkpoint", newest, "--log-key", self.broker.data / "log" / "key.pem")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.home / "restored" / "log" / "checkpoint").read_bytes(), newest.read_bytes())
        self.assertEqual((self.home / "restored" / "log" / "key.pem").stat().st_mode & 0o777, 0o600)


class OnSqlite(Backup, unittest.TestCase):
    store_file = "fabu.db"

    def again(self):
        return ()


class OnPostgres(Backup, unittest.TestCase):
    store_file = "database.dump"

    @classmethod
    def setUpClass(cls):
        cls.postgres = cls.enterClassContext(Postgres())
        cls.number = 0

    def new_database(self):
        type(self).number += 1
        return self.postgres.database(f"backup{self.number}")

    def new_database_like(self, name):
        type(self).number += 1
        return self.postgres.database(f"backup{self.number}", template=name)

    def setUp(self):
        self.config = f"store: {self.new_database()}\n"
        self.target = self.new_database()
        super().setUp()

    def again(self):
        return ("--store", self.target)


    def test_a_standby_that_was_behind_is_not_served_until_the_loss_is_accepted(self):
        """docs/operations.md, Two sites: B was behind."""
        self.submit("BEHIND-1")
        self.broker.settled()
        self.broker.stop()
        behind, data = self.new_database_like(self.config.split("/")[-1].strip()), self.home / "site-b"
        self.broker.start()
        self.submit("BEHIND-2")
        self.broker.settled()
        self.broker.stop()
        (data / "log").mkdir(parents=True)
        for name in ("key.pem", "origin", "checkpoint"):
            shutil.copy2(self.broker.data / "log" / name, data / "log" / name)
        config = self.home / "site-b.yaml"
        config.write_text(f"store: {behind}\n", encoding="ascii")
        refused = run("serve", "--data", data, "--config", config, "--listen", "127.0.0.1:0")
        self.assertEqual(refused.returncode, 1, refused.stderr)
        self.assertIn("was signed", refused.stderr)
        newest = self.home / "newest.checkpoint"
        (data / "log" / "checkpoint").rename(newest)
        self.assertEqual(run("backup", "--data", data, "--to", self.to).returncode, 0)
        accepted = self.restore("--checkpoint", newest, "--accept-loss")
        self.assertEqual(accepted.returncode, 0, accepted.stderr)
        self.broker.start()  # for serve_restored to stop
        self.serve_restored()
        self.submit("BEHIND-2")
        self.broker.settled()


if __name__ == "__main__":
    unittest.main(verbosity=2)
