"""The documentation's program for a department with RabbitMQ, against a broker with one RabbitMQ node and one PostgreSQL server."""
import os
import subprocess
import sys
import tempfile
import unittest

from broker import SOURCE

sys.path.insert(0, str(SOURCE / "tests" / "cluster"))
from cluster import Cluster  # noqa: E402
from places import skip_unless_permitted  # noqa: E402

EXAMPLE = SOURCE / "docs" / "examples" / "push_item_amqp.py"


class AmqpExample(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster.up(tempfile.mkdtemp(prefix="fabu-ae-", dir="/tmp"), brokers=1, workers=0, nodes=1, servers=1, guarded=True)
        cls.addClassCleanup(cls.cluster.down)

    def run_example(self, user="jyk", servers=None, **environment):
        password = (self.cluster.folder / "passwords" / user).read_text(encoding="ascii").strip()
        return subprocess.run(["/usr/bin/python3", "-B", EXAMPLE], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, check=False,
                              env={**os.environ, "AMQP_SERVERS": servers or self.cluster.addresses["mq1"], "AMQP_USER": user,
                                   "AMQP_PASSWORD": password, **environment})

    def test_an_item_is_pushed_and_again_gets_the_same_receipt(self):
        first, second = self.run_example(), self.run_example()
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertIn("edition 1", first.stdout)
        self.assertEqual(first.stdout, second.stdout)

    def test_what_is_wrong_is_told(self):
        done = self.run_example(ENTRY="NO-SUCH", REFERENCE="EXAMPLE-AMQP-2")
        self.assertEqual(done.returncode, 1)
        self.assertIn("catalogue_entry", done.stderr)

    def test_a_server_that_is_down_is_passed_over(self):
        done = self.run_example(servers=f"127.0.0.1:1,{self.cluster.addresses['mq1']}", REFERENCE="EXAMPLE-AMQP-3")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("again, after", done.stderr)

    def test_the_receipt_comes_once_the_broker_is_back(self):
        self.cluster.kill("broker1")
        waiting = subprocess.Popen(["/usr/bin/python3", "-B", EXAMPLE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, "AMQP_SERVERS": self.cluster.addresses["mq1"], "AMQP_USER": "ggj", "REFERENCE": "EXAMPLE-AMQP-4",
                                        "AMQP_PASSWORD": (self.cluster.folder / "passwords" / "ggj").read_text(encoding="ascii").strip()})
        self.cluster.restart("broker1")
        out, errors = waiting.communicate(timeout=100)
        self.assertEqual(waiting.returncode, 0, errors)
        self.assertIn("edition 1", out)

    def test_no_department_submits_in_the_name_of_another(self):
        password = (self.cluster.folder / "passwords" / "cgk").read_text(encoding="ascii").strip()
        script = EXAMPLE.read_text(encoding="utf-8").replace("department=user", 'department="ggj"').replace("parents[2]", "parents[0]")
        copy = self.cluster.folder / "impostor.py"
        copy.write_text(script, encoding="utf-8")
        done = subprocess.run(["/usr/bin/python3", "-B", copy], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, check=False,
                              env={**os.environ, "AMQP_SERVERS": self.cluster.addresses["mq1"], "AMQP_USER": "cgk", "AMQP_PASSWORD": password,
                                   "REFERENCE": "EXAMPLE-AMQP-5", "FABU_PROTO": str(SOURCE / "proto")})
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "40[03]")


if __name__ == "__main__":
    skip_unless_permitted()
    unittest.main(verbosity=2)
