"""The systemd units, judged by systemd itself."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from packaged import BUILD, FABU, SCALED_OUT_VERBS, UNITS, run, verbs

NAMES = ("fabu.service", "fabu-broker.service", "fabu-adapter@.service")
MOST_EXPOSED = 1.5  # of 10; the issue asks for less than 3


class Units(unittest.TestCase):
    def setUp(self):
        """The units as they are installed, but with the built program and manual in the place of the installed ones."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fabu-units-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        for section in ("man1", "man5"):
            (self.folder / "man" / section).mkdir(parents=True)
        shutil.copy(BUILD / "packaging" / "fabu.1", self.folder / "man" / "man1")
        shutil.copy(BUILD / "packaging" / "fabu.yaml.5", self.folder / "man" / "man5")
        for name in NAMES:
            text = (UNITS / name).read_text(encoding="utf-8").replace("/usr/bin/fabu", FABU)
            (self.folder / name).write_text(text, encoding="utf-8")

    def test_verify_says_nothing(self):
        done = subprocess.run(["systemd-analyze", "verify", *(str(self.folder / name) for name in NAMES)], text=True, capture_output=True,
                              env={**os.environ, "MANPATH": str(self.folder / "man")}, timeout=60)
        ours = [line for line in (done.stdout + done.stderr).splitlines() if "fabu" in line]
        self.assertEqual((ours, done.returncode), ([], 0), done.stderr)

    def test_exposure_is_small(self):
        for name in NAMES:
            said = run("systemd-analyze", "security", "--offline=true", UNITS / name).stdout
            found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
            print(found.group(0))
            self.assertLess(float(found.group(1)), MOST_EXPOSED, said)

    def test_each_runs_a_verb_that_there_is(self):
        known = verbs() | SCALED_OUT_VERBS
        for name in NAMES:
            verb = re.search(r"^ExecStart=/usr/bin/fabu (\S+)", (UNITS / name).read_text(encoding="utf-8"), re.M).group(1)
            self.assertIn(verb, known)


if __name__ == "__main__":
    unittest.main(verbosity=2)
