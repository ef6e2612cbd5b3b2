"""The manual says what the program does, no less and no more."""
import os
import re
import subprocess
import unittest

from packaged import BUILD, FABU, run

PAGES = BUILD / "packaging"


def help_of(*path):
    return run(FABU, *path, "--help").stdout


def subverbs(path):
    """From --help, not from the tree that the manual is made of."""
    said = help_of(*path).partition("Subcommands:\n")[2]
    return re.findall(r"^  (\S+)  ", said, re.M)


def every_verb(path=()):
    for name in subverbs(path):
        yield (*path, name)
        yield from every_verb((*path, name))


def example_keys():
    """Every setting of `fabu config example`, those behind a # too; what stands behind a value is prose, and prose has no key before it."""
    keys = set()
    for line in run(FABU, "config", "example").stdout.splitlines():
        found = re.match(r" {0,4}(?:# {0,6})?(?:- )?([a-z_]+):(?: |$)", line)
        if found:
            keys.add(found.group(1))
            inner = re.match(r".*?: *\{(.*?)\}", line)
            keys.update(re.findall(r"([a-z_]+): ", inner.group(1)) if inner else [])
    return keys


class Manual(unittest.TestCase):
    def page(self, name):
        """As a reader sees it, on lines that do not end."""
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", str(PAGES / name)], text=True, capture_output=True,
                              env={**os.environ, "MANWIDTH": "1000", "MANROFFOPT": "-c", "LC_ALL": "C.UTF-8"}, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return re.sub(r".\x08", "", done.stdout)

    def test_fabu_1_has_every_verb_and_option_of_help(self):
        text = self.page("fabu.1")
        paths = list(every_verb())
        self.assertGreater(len(paths), 20)
        for path in paths:
            begin = text.find(f"   fabu {' '.join(path)}\n")
            self.assertGreaterEqual(begin, 0, f"fabu(1) lacks {path}")
            end = text.find("\n   fabu ", begin + 1)
            section = text[begin:end if end > 0 else None]
            for option in re.findall(r"^  (?:-\w,)?(--[a-z-]+)", help_of(*path), re.M):
                if option != "--help":
                    self.assertIn(option, section, f"{path} in fabu(1)")

    def test_fabu_1_has_the_exit_codes_of_the_command_line(self):
        text = self.page("fabu.1").partition("EXIT STATUS")[2]
        said = " ".join(help_of("submit").split())
        codes = re.findall(r"(\d) [a-z]", said.partition("Exit codes:")[2])
        self.assertEqual(codes, list("0123456"))
        for code in codes:
            self.assertRegex(text, rf"(?m)^ +{code} +\S")

    def test_fabu_yaml_5_has_every_setting_and_no_other(self):
        source = (PAGES / "fabu.yaml.5").read_text(encoding="utf-8").partition(".SH GENERAL")[2].partition(".SH EXAMPLE")[0]
        named = set(re.findall(r"^\.TP\n\.B ([a-z_]+)$", source, re.M)) | set(re.findall(r"^\.BR? (?:\")?([a-z_]+)(?:\"? [.,;]| ?$)", source, re.M))
        for line in re.findall(r"^\.TP\n\.BR (.*)$", source, re.M):
            named.update(re.findall(r"[a-z_]{2,}", line))
        named.discard("fabu")  # the user
        known = example_keys()
        self.assertEqual(known - named, set(), "settings that fabu.yaml(5) lacks")
        self.assertEqual(named - known, set(), "settings that there are not")

    def test_the_shipped_configuration_is_the_example_and_has_no_faults(self):
        shipped = (PAGES / "fabu.yaml").read_text(encoding="utf-8")
        changed = [line for line in shipped.splitlines() if line not in run(FABU, "config", "example").stdout.splitlines()]
        self.assertEqual([line.split("#")[0].rstrip() for line in changed], ["data: /var/lib/fabu", "    folder: /var/lib/fabu/site"])
        self.assertIn("listens on 127.0.0.1:", run(FABU, "config", "check", PAGES / "fabu.yaml").stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
