"""The log's key: changed in order, changed by mistake, and shared by the brokers of one database."""
import shutil
import subprocess
import unittest

from broker import BINARY, Broker, eventually, fetch
from postgres import Postgres


def run(*arguments):
    return subprocess.run([BINARY, *map(str, arguments)], text=True, capture_output=True, timeout=60, stdin=subprocess.DEVNULL, check=False)


class LogKey(unittest.TestCase):
    def key(self, data):
        return run("keys", "show", "--data", data).stdout.strip()

    def test_a_changed_key_goes_on_with_the_log_when_the_former_one_is_named(self):
        broker = self.enterContext(Broker())
        broker.submit_samples()
        broker.settled()
        broker.stop()
        log, older = broker.data / "log", broker.home / "older"
        older.write_bytes((log / "checkpoint").read_bytes())
        former = self.key(broker.data)
        (log / "key.pem").rename(broker.home / "old-key.pem")
        refused = run("serve", "--data", broker.data, "--listen", "127.0.0.1:0")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("former-keys", refused.stderr)
        (log / "former-keys").write_text(former + "\n")
        broker.start()
        self.assertNotEqual(self.key(broker.data), former)
        eventually(lambda: fetch(broker.url + "/log/checkpoint")[2] != older.read_bytes(), "a head that the new key signed")
        done = run("audit", "verify", broker.url + "/log", "--older", older)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(run("audit", "verify", broker.url + "/log", "--key", self.key(broker.data)).returncode, 0)
        broker.stop()
        backup = broker.home / "backup"
        self.assertEqual(run("backup", "--data", broker.data, "--to", backup).returncode, 0)
        self.assertEqual(run("restore", backup, "--data", broker.home / "restored", "--checkpoint", older).returncode, 0)

    def test_a_second_broker_does_not_sign_with_a_key_of_its_own(self):
        postgres = self.enterContext(Postgres())
        first = self.enterContext(Broker(f"store: {postgres.database('shared')}\n"))
        first.submit_samples()
        first.settled()
        first.stop()
        second = first.home / "second"
        refused = run("serve", "--data", second, "--config", first.config, "--listen", "127.0.0.1:0")
        self.assertEqual(refused.returncode, 1, refused.stderr)
        self.assertIn("another key", refused.stderr)
        shutil.copy2(first.data / "log" / "key.pem", second / "log" / "key.pem")
        first.data = second
        first.start()


if __name__ == "__main__":
    unittest.main(verbosity=2)
