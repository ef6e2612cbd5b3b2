"""What the tests of the package share: the source, the build, the package made of it, and how a test is skipped."""
import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("FABU_BUILD", SOURCE / "build" / "release"))
FABU = os.environ.get("FABU_BINARY", str(BUILD / "fabu"))
PACKAGING = SOURCE / "scripts" / "packaging"
UNITS = BUILD / "packaging" / "systemd"


def run(*command, check=True, **more):
    """CompletedProcess with text streams; output of a failed command is in the assertion."""
    done = subprocess.run([str(word) for word in command], text=True, capture_output=True, stdin=subprocess.DEVNULL, **more)
    assert not check or done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done


def skip(reason):
    """Ends the process as a skipped test; scripts/test repeats the line at its end."""
    print(f"SKIPPED: {reason}", flush=True)
    sys.exit(77)


def make_package(folder):
    """The Debian package of this build, made in a folder of its own."""
    run("cpack", "-G", "DEB", "--config", BUILD / "CPackConfig.cmake", "-B", folder)
    made = sorted(pathlib.Path(folder).glob("fabu_*.deb"))
    assert len(made) == 1, made
    return made[0]


def verbs():
    """The verbs at the top, as `fabu complete` gives them, which the unit tests compare with the parser."""
    return {line.split("\t")[0] for line in run(FABU, "complete", "--", "").stdout.splitlines()}
