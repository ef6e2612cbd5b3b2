"""A PostgreSQL of a test's own: a folder, a free port, loopback only."""
import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

TOOLS = "/usr/lib/postgresql/15/bin/"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Postgres(contextlib.AbstractContextManager):
    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="fabu-e2e-pg-"))
        self.port = free_port()
        if os.geteuid() == 0:
            shutil.chown(self.home, "postgres")
        self._tool("initdb", "-D", self.home / "data", "-A", "trust", "-U", "fabu", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        self.start()

    def __exit__(self, *_):
        self._tool("pg_ctl", "-D", self.home / "data", "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.with_suffix(".log").unlink(missing_ok=True)

    def _tool(self, name, *arguments, check=True):
        """PostgreSQL refuses to run as root."""
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        with open(self.home.with_suffix(".log"), "ab") as log:
            subprocess.run([*user, TOOLS + name, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=check,
                           timeout=60, cwd="/")

    def start(self):
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=60"
        self._tool("pg_ctl", "-D", self.home / "data", "-w", "-l", self.home / "server.log", "-o", options, "start")

    def database(self, name, template="template1"):
        """Address of a database; made, as a copy of another one that nobody is connected to."""
        self._tool("createdb", "--maintenance-db=postgres", "-h", "127.0.0.1", "-p", self.port, "-U", "fabu", "-T", template, name)
        return f"postgresql://fabu@127.0.0.1:{self.port}/{name}"
