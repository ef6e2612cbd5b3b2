"""The examples of the documentation run as they are printed."""
import json
import os
import subprocess
import unittest

from broker import SOURCE, Broker

EXAMPLES = SOURCE / "docs" / "examples"


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = cls.enterClassContext(Broker())
        cls.environment = {**os.environ, "FABU_SERVER": cls.broker.url, "FABU_KEY": cls.broker.key("ggj"), "no_proxy": "*"}

    def run_example(self, *command, **environment):
        return subprocess.run([str(word) for word in command], env={**self.environment, **environment}, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60, check=False)

    def test_python_pushes_an_item_as_protobuf_and_again_gets_the_same_receipt(self):
        first, second = (self.run_example("/usr/bin/python3", EXAMPLES / "push_item.py") for _ in range(2))
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertIn("edition 1", first.stdout)
        self.assertEqual(first.stdout, second.stdout)

    def test_python_tells_what_is_wrong(self):
        done = self.run_example("/usr/bin/python3", EXAMPLES / "push_item.py", ENTRY="NO-SUCH", REFERENCE="EXAMPLE-PY-2")
        self.assertEqual(done.returncode, 1)
        self.assertIn("catalogue_entry", done.stderr)

    def test_curl_pushes_an_item_with_an_attachment(self):
        attachment = self.broker.home / "附表.txt"
        attachment.write_text("一、二、三\n", encoding="utf-8")
        done = self.run_example("sh", EXAMPLES / "push_item.sh", attachment)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(json.loads(done.stdout)["reference"], "EXAMPLE-SH-1")


if __name__ == "__main__":
    unittest.main(verbosity=2)
