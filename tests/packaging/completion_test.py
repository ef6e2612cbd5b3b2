"""<TAB> in real shells."""
import os
import pathlib
import pty
import select
import shutil
import subprocess
import tempfile
import time
import unittest

from packaged import FABU, PACKAGING, run


def in_bash(line):
    """What bash would offer after `line`, by its own completion machinery."""
    script = r"""
      source /usr/share/bash-completion/bash_completion
      source "$1"
      COMP_LINE=$2 COMP_POINT=${#2}
      eval "COMP_WORDS=($2)"; [[ $2 != *' ' ]] || COMP_WORDS+=('')
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      _fabu fabu "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
      printf '%s\n' "${COMPREPLY[@]}"
    """
    done = run("bash", "-c", script, "bash", PACKAGING / "completion" / "fabu.bash", line,
               env={**os.environ, "PATH": f"{pathlib.Path(FABU).parent}:{os.environ['PATH']}"}, cwd=PACKAGING)
    return [word for word in done.stdout.splitlines() if word]


class Completion(unittest.TestCase):
    def test_bash_completes_a_verb(self):
        self.assertEqual(in_bash("fabu de"), ["deliveries"])

    def test_bash_offers_verbs_below_a_verb(self):
        self.assertEqual(in_bash("fabu audit "), ["trace", "bundle", "verify"])

    def test_bash_offers_options_and_their_values(self):
        self.assertEqual(in_bash("fabu why --se"), ["--server"])
        self.assertEqual(in_bash("fabu key create --scope re"), ["read", "review"])

    def test_bash_offers_files_where_a_verb_takes_one(self):
        self.assertEqual(in_bash("fabu config check sysu"), ["sysusers.conf"])

    def test_zsh_completes_a_verb_on_tab(self):
        home = tempfile.mkdtemp(prefix="fabu-zsh-")
        self.addCleanup(shutil.rmtree, home, True)
        pathlib.Path(home, ".zshrc").write_text(f"fpath=({PACKAGING}/completion $fpath)\nautoload -U compinit && compinit -u -D\n"
                                                "PS1='ready> '\nsetopt no_list_ambiguous no_beep\n", encoding="utf-8")
        main, side = pty.openpty()
        shell = subprocess.Popen(["zsh", "-i"], stdin=side, stdout=side, stderr=side, start_new_session=True, cwd=home,
                                 env={**os.environ, "HOME": home, "ZDOTDIR": home, "TERM": "dumb", "LC_ALL": "C.UTF-8",
                                      "PATH": f"{pathlib.Path(FABU).parent}:{os.environ['PATH']}"})
        os.close(side)
        seen = ""

        def until(text, seconds=30):
            nonlocal seen
            deadline = time.monotonic() + seconds
            while text not in seen:
                self.assertLess(time.monotonic(), deadline, f"waited for {text!r}: {seen!r}")
                if select.select([main], [], [], 1)[0]:
                    seen += os.read(main, 4096).decode("utf-8", "replace")
        try:
            until("ready> ")
            os.write(main, b"fabu de\t")
            until("deliveries")
            os.write(main, b"g\t")
            until("groups")
        finally:
            shell.kill()
            shell.wait()
            os.close(main)


if __name__ == "__main__":
    unittest.main(verbosity=2)
