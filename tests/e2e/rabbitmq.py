"""A RabbitMQ node of a test's own: a folder, a cookie, a port mapper and free ports, loopback only."""
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

from broker import eventually
from postgres import free_port

TOOLS = "/usr/lib/rabbitmq/bin/"


class RabbitMq(contextlib.AbstractContextManager):
    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="fabu-e2e-mq-"))
        self.port, mapper, distribution = free_port(), free_port(), free_port()
        (self.home / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{self.port}\nloopback_users = none\n"
                                                 "disk_free_limit.absolute = 50MB\n", encoding="ascii")
        (self.home / "plugins").write_text("[].\n", encoding="ascii")
        (self.home / "password").write_text("guest\n", encoding="ascii")
        (self.home / "password").chmod(0o600)
        cookie = self.home / ".erlang.cookie"
        cookie.write_text(os.urandom(12).hex(), encoding="ascii")
        cookie.chmod(0o400)
        self.environment = {
            **os.environ, "HOME": str(self.home), "RABBITMQ_NODENAME": f"fabu{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(distribution), "ERL_EPMD_PORT": str(mapper), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_RELAXED_COMMAND_CHECK": "1", "RABBITMQ_MNESIA_BASE": str(self.home / "data"),
            "RABBITMQ_LOG_BASE": str(self.home / "log"), "RABBITMQ_CONFIG_FILE": str(self.home / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.home / "plugins"), "RABBITMQ_PID_FILE": str(self.home / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none"}
        self.process = None
        self.start()

    def __exit__(self, *_):
        self.kill()
        subprocess.run(["epmd", "-kill"], env=self.environment, capture_output=True, timeout=20, check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    def start(self):
        with open(self.home / "out", "ab") as out:
            self.process = subprocess.Popen([TOOLS + "rabbitmq-server"], env=self.environment, stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=out, start_new_session=True)
        eventually(self._answers, "RabbitMQ", 90)

    def _answers(self):
        """It speaks AMQP only once it has booted: it answers a wrong greeting with the one it wants."""
        assert self.process.poll() is None, (self.home / "out").read_text(errors="replace")[-2000:]
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 2) as line:
            line.settimeout(2)
            line.sendall(b"GREETING")
            return line.recv(8).startswith(b"AMQP")
        return False

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def settings(self):
        """For the configuration of fabu's roles."""
        return (f"rabbitmq:\n  servers: ['amqp://guest@127.0.0.1:{self.port}/%2f']\n"
                f"  password_file: {self.home / 'password'}\n  partitions: 2\n")
