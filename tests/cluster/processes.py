"""Processes of a cluster: started in their place, found again from another run of the script, ended for certain.

Every process carries FABU_CLUSTER=FOLDER in its environment, and so do its children. That is how `down` finds what is left after the script
itself was killed, and how it never touches anything else.
"""
import os
import pathlib
import signal
import subprocess
import time

MARK = "FABU_CLUSTER"


class Failed(Exception):
    """Something did not start or answer; the words are for the person at the terminal."""


def tail(log, lines=25):
    try:
        text = pathlib.Path(log).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return f"(no {log})"
    return f"--- the end of {log}:\n" + "\n".join(text.splitlines()[-lines:])


def wait_for(condition, what, seconds=30.0, log=None, pause=0.05):
    """Gives the condition's value once it is true; Failed, with the log's end, after the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f"waited {seconds:g} s for {what}" + (f"\n{tail(log)}" if log else ""))
        time.sleep(pause)


def start_time(pid):
    """The process's start in clock ticks since boot, which with its number names it for ever; None when it is gone or a zombie."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])


def marked(folder):
    """Numbers of all running processes of the cluster in this folder."""
    wanted = f"{MARK}={folder}".encode()
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            environment = pathlib.Path(f"/proc/{entry}/environ").read_bytes()
        except OSError:
            continue
        if wanted in environment.split(b"\0") and start_time(entry) is not None:
            found.append(int(entry))
    return found


def descendants(pid):
    """The process's children, theirs, and so on."""
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            for child in pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text(encoding="ascii").split():
                found += [int(child), *descendants(child)]
    except OSError:
        pass
    return found


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def end_all_marked(folder, seconds=10.0):
    """SIGKILL to everything of this cluster until nothing is left. PostgreSQL's children overwrite their environment, and end with it."""
    deadline = time.monotonic() + seconds
    while left := marked(folder):
        for pid in left:
            send(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise Failed(f"these processes do not end: {left}")
        time.sleep(0.05)
        reap()


_children = []


def reap():
    """Takes leave of ended children, so that they are not taken for running ones."""
    _children[:] = [child for child in _children if child.poll() is None]


class Process:
    """A started program, named by its number and start time, so that it survives this script in the state file."""

    def __init__(self, pid, started, log):
        self.pid, self.started, self.log = pid, started, log

    @classmethod
    def start(cls, command, log, folder, environment=None):
        with open(log, "ab") as out:
            child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                     start_new_session=True, cwd="/", env={**os.environ, **(environment or {}), MARK: str(folder)})
        _children.append(child)
        return cls(child.pid, start_time(child.pid), str(log))

    def running(self):
        reap()
        return self.started is not None and start_time(self.pid) == self.started

    def send(self, number):
        if self.running():
            send(self.pid, number)

    def stop(self, number=signal.SIGTERM, seconds=30.0):
        """Signals and waits; SIGKILL and Failed when it does not end."""
        self.send(number)
        self.send_all(signal.SIGCONT)
        try:
            wait_for(lambda: not self.running(), f"process {self.pid} to end", seconds, self.log)
        except Failed:
            self.kill()
            raise

    def send_all(self, number):
        """To the process and everything that it started."""
        if self.running():
            for pid in [self.pid, *descendants(self.pid)]:
                send(pid, number)

    def kill(self):
        """As if its machine had failed."""
        self.send_all(signal.SIGKILL)
        wait_for(lambda: not self.running(), f"process {self.pid} to be killed", 10)

    def as_json(self):
        return {"pid": self.pid, "started": self.started, "log": self.log}

    @classmethod
    def from_json(cls, said):
        return said and cls(**said)
