"""The built binary under test: starts it on a free port with a folder of its own, speaks to it, stops it."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = SOURCE / "tests" / "data" / "samples"
BINARY = os.environ.get("FABU_BINARY", str(SOURCE / "build" / "release" / "fabu"))
ARTIFACTS = pathlib.Path(os.environ.get("FABU_E2E_ARTIFACTS", SOURCE / "build" / "e2e"))

_plain = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def fetch(url, method="GET", body=None, headers=None):
    """(status, headers, bytes); error statuses are answers too."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with _plain.open(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def eventually(condition, what, seconds=60):
    """Waits until the condition gives something true and gives that; a failing condition is asked again until the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}; last: {value!r}")
        time.sleep(0.1)


def sample_files():
    return sorted(SAMPLES.glob("*.json"))


def samples():
    """Every sample item by its file name."""
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sample_files()}


class Broker(contextlib.AbstractContextManager):
    """`fabu serve`, or another role that listens."""

    def __init__(self, config=None, role=("serve",), environment=None, home=None):
        self.role, self.environment = role, environment or {}
        self.home = home or pathlib.Path(tempfile.mkdtemp(prefix="fabu-e2e-"))
        self.data = self.home / "data"
        self.config = None
        if config:
            self.config = self.home / "fabu.yaml"
            self.config.write_text(config, encoding="utf-8")
        self.keys = {}
        self.process = None
        self.url = None
        self.start()

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.home, ignore_errors=True)

    def start(self, listen="127.0.0.1:0"):
        command = [BINARY, *self.role, "--data", str(self.data), "--listen", listen]
        if self.config:
            command += ["--config", str(self.config)]
        log = open(self.home / "serve.log", "a+b")
        start = log.seek(0, os.SEEK_END)
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                        env={**os.environ, **self.environment})
        log.close()

        def listening():
            said = self.log()[start:].decode("utf-8", "replace")
            assert self.process.poll() is None, f"the server ended with {self.process.returncode}:\n{said}"
            found = re.search(r"http://(127\.0\.0\.1:\d+)", said) or re.search(r"(127\.0\.0\.1:[1-9]\d*)", said)
            return found and found.group(1)
        self.url = "http://" + eventually(listening, "the server's address", 30)
        eventually(lambda: fetch(self.url + "/readyz")[0] == 200, "/readyz", 30)

    def stop(self):
        """Clean shutdown; its exit code must be 0."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the server did not stop within 30 s of SIGTERM") from None
        self.process = None
        assert code == 0, f"the server ended with {code}:\n{self.log().decode('utf-8', 'replace')[-3000:]}"

    def restart(self):
        listen = self.url.removeprefix("http://")
        self.stop()
        self.start(listen)

    def log(self):
        return (self.home / "serve.log").read_bytes()

    def fabu(self, *arguments, key=None, stdin=None, check=True, env=None):
        """Runs a verb of the command line against this broker: CompletedProcess with text streams."""
        environment = {**os.environ, "FABU_SERVER": self.url, "FABU_KEY": key or "", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
                       "no_proxy": "*", **(env or {})}
        done = subprocess.run([BINARY, *map(str, arguments)], env=environment, input=stdin, text=True, capture_output=True,
                              timeout=120, stdin=None if stdin is not None else subprocess.DEVNULL)
        assert not check or done.returncode == 0, f"fabu {arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done

    def json_lines(self, *arguments, key=None):
        return [json.loads(line) for line in self.fabu(*arguments, "--json", key=key).stdout.splitlines()]

    def key(self, department, *scopes):
        """A key of the department; made once for the same scopes."""
        wanted = scopes or ("submit", "read", "operate", "audit")
        if (department, wanted) not in self.keys:
            made = self.fabu("key", "create", "--data", self.data, "--department", department, "--scope", ",".join(wanted))
            lines = made.stdout.splitlines()
            assert len(lines) == 1 and lines[0] == lines[0].strip() and lines[0], f"the key is not alone on stdout: {made.stdout!r}"
            self.keys[department, wanted] = lines[0]
        return self.keys[department, wanted]

    def operator(self):
        return self.key("office", "read", "operate", "audit")

    def submit(self, *paths, department, check=True):
        return [json.loads(line) for line in
                self.fabu("submit", "--json", *paths, key=self.key(department, "submit", "read"), check=check).stdout.splitlines()]

    def submit_samples(self):
        """Receipts of all samples by file name; each department's with its own key."""
        receipts = {}
        by_department = {}
        for path in sample_files():
            department = json.loads(path.read_text(encoding="utf-8"))["department"]
            by_department.setdefault(department, []).append(path)
        for department, paths in by_department.items():
            for receipt in self.submit(*paths, department=department):
                receipts[pathlib.Path(receipt["file"]).name] = receipt
        return receipts

    def settled(self, seconds=90):
        """Waits until every delivery is delivered; gives them all."""
        def open_ones():
            states = ("pending", "leased", "retrying", "dead")
            return [d for s in states for d in self.json_lines("deliveries", "list", "--state", s, "--limit", "0", key=self.operator())]
        deadline = time.monotonic() + seconds
        while left := open_ones():
            assert time.monotonic() < deadline, f"still open after {seconds} s: {left[:3]}"
            time.sleep(0.2)
        return self.json_lines("deliveries", "list", "--state", "delivered", "--limit", "0", key=self.operator())
