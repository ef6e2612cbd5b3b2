"""scripts/run, as a newcomer runs it: everything is published, the addresses that it prints answer, Ctrl-C stops it, and again it goes on."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import unittest

from broker import SOURCE, eventually, fetch, sample_files


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Run(unittest.TestCase):
    def start(self, home, port):
        """The script under way, once it has printed its last line, and what it printed."""
        printed = pathlib.Path(home) / "printed"
        with printed.open("w", encoding="utf-8") as out:
            script = subprocess.Popen([SOURCE / "scripts" / "run"], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                      start_new_session=True,
                                      env={**os.environ, "FABU_LISTEN": f"127.0.0.1:{port}", "FABU_DATA": f"{home}/data", "no_proxy": "*"})

        def ready():
            text = printed.read_text(encoding="utf-8")
            if script.poll() is not None:
                raise AssertionError(f"scripts/run ended with {script.returncode}:\n{text}")
            return text if "Ctrl-C stops it" in text else None

        return script, eventually(ready, "scripts/run", 150)

    def stop(self, script):
        os.killpg(script.pid, signal.SIGINT)
        self.assertEqual(script.wait(60), 0)

    def test_shows_everything_and_goes_on_from_what_is_stored(self):
        with tempfile.TemporaryDirectory(prefix="fabu-run-") as home:
            port = free_port()
            script, text = self.start(home, port)
            items = len(sample_files())
            self.assertIn(f"{items} accepted, 0 refused", text)
            for address in re.findall(r"http://127\.0\.0\.1:\d+/\S*", text):
                self.assertEqual(fetch(address)[0], 200, address)
            self.assertTrue(list(pathlib.Path(home, "data", "noticeboard").glob("*.pdf")))
            self.stop(script)
            script, text = self.start(home, port)
            self.assertIn("0 refused", text)
            self.assertEqual(fetch(f"http://127.0.0.1:{port}/items/1/")[0], 200)
            self.stop(script)


if __name__ == "__main__":
    unittest.main(verbosity=2)
