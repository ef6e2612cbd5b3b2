"""fabu's own roles in a cluster: brokers, and an adapter process for each worker of a channel."""
import json
import os
import pathlib
import shutil
import urllib.error
import urllib.request

import postgres
import rabbitmq
from processes import Failed, Process, tail, wait_for

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("FABU_BINARY", str(SOURCE / "build" / "release" / "fabu"))
PORT = 8080
DEPARTMENTS = {"ggj": "澄州市公共资源交易管理局", "jyk": "交易管理科", "cgk": "政府采购监管科"}

_plain = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def fetch(url, body=None, headers=None, method=None, seconds=10.0):
    """(status, bytes); status 0 when nothing answers."""
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    try:
        with _plain.open(request, timeout=seconds) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except OSError:
        return 0, b""


class Role:
    """`fabu broker` or `fabu adapter CHANNEL`, in a place of its own."""

    def __init__(self, place, folder, process=None):
        self.place, self.name = place, place.name
        self.cluster = pathlib.Path(folder)
        self.folder = self.cluster / self.name
        self.config = self.folder / "fabu.yaml"
        self.log = self.folder / "log"
        self.process = process

    def words(self):
        raise NotImplementedError

    def prepare(self, settings):
        self.folder.mkdir(exist_ok=True)
        self.config.write_text(json.dumps(settings, ensure_ascii=False, indent=1), encoding="utf-8")  # JSON is YAML

    def start(self, environment=None):
        if not os.access(BINARY, os.X_OK):
            raise Failed(f"{BINARY} is not built (scripts/build release fabu)")
        self.process = Process.start(self.place.enter(BINARY, *self.words(), "--config", self.config), self.log, self.cluster, environment)

    def answers(self):
        if not self.process.running():
            raise Failed(f"{self.name} ended while it was starting\n{tail(self.log)}")
        script = f"exec 3<>/dev/tcp/127.0.0.1/{PORT} && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3"
        return " 200 " in self.place.run("timeout", "5", "bash", "-c", script, check=False).stdout

    def wait(self, seconds=60.0):
        wait_for(self.answers, f"{self.name} to be ready", seconds, self.log, pause=0.1)

    def stop(self):
        self.process.stop()


def shared_settings(folder, nodes, partitions):
    return {
        "listen": f"0.0.0.0:{PORT}",
        "log": {"level": "info"},
        "rabbitmq": {"servers": [f"amqp://{rabbitmq.USER}@{node}:{rabbitmq.PORT}/{rabbitmq.VHOST}" for node in nodes],
                     "password_file": f"{folder}/passwords/{rabbitmq.USER}", "partitions": partitions},
    }


class Broker(Role):
    def words(self):
        return ["broker"]

    def settings(self, nodes, servers, channels, partitions):
        hosts = ",".join(f"{server}:{postgres.PORT}" for server in servers)
        return {**shared_settings(self.cluster, nodes, partitions), "data": str(self.folder / "data"),
                "store": f"postgresql://fabu@{hosts}/fabu?target_session_attrs=read-write&connect_timeout=3",
                "departments": [{"code": code, "name": name} for code, name in DEPARTMENTS.items()],
                "channels": [channel_settings(self.cluster, name) for name in channels]}

    def key(self, department, *scopes):
        made = self.place.run(BINARY, "key", "create", "--data", self.folder / "data", "--department", department, "--scope", ",".join(scopes))
        return made.stdout.strip()


class Adapter(Role):
    @property
    def channel(self):
        return self.name.rstrip("0123456789")

    def words(self):
        return ["adapter", self.channel]

    def settings(self, nodes, broker, channels, partitions):
        return {**shared_settings(self.cluster, nodes, partitions), "data": str(self.folder / "data"),
                "broker": {"url": f"http://{broker}:{PORT}", "key_file": f"{self.cluster}/adapter.key"},
                "channels": [channel_settings(self.cluster, name) for name in channels]}


def channel_settings(folder, name):
    kind = "website" if name == "website" else "noticeboard"
    return {"name": name, "kind": kind, {"website": "folder", "noticeboard": "spool"}[kind]: str(pathlib.Path(folder, "channels", name))}


def write_passwords(folder):
    """One for each RabbitMQ user, readable by nobody else; gives them by user."""
    passwords = {name: os.urandom(12).hex() for name in (rabbitmq.USER, *DEPARTMENTS)}
    place = pathlib.Path(folder, "passwords")
    place.mkdir(mode=0o700)
    for name, password in passwords.items():
        (place / name).write_text(password + "\n", encoding="ascii")
        (place / name).chmod(0o600)
    return passwords


def share_log_key(first, others):
    """All brokers sign one log, with one key."""
    for broker in others:
        target = broker.folder / "data" / "log"
        target.mkdir(parents=True, exist_ok=True)
        for name in ("key.pem", "origin"):
            shutil.copy2(first.folder / "data" / "log" / name, target / name)
