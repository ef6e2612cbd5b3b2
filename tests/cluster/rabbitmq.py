"""The RabbitMQ nodes of a cluster: lean, in parallel, each in its own place, so that every port is RabbitMQ's own."""
import base64
import hashlib
import json
import os
import pathlib
import shutil

from processes import Failed, Process, start_time, tail, wait_for

BIN = "/usr/lib/rabbitmq/bin/"
VHOST = "fabu"
USER = "fabu"
PORT = 5672
# One scheduler that does not spin; a dead peer is noticed in seconds.
ERLANG = "+S 1:1 +SDio 2 +A 8 +sbwt none +sbwtdcpu none +sbwtdio none -kernel net_ticktime 8"
MEMORY = 0.4  # of the machine's, as RabbitMQ's own default: an alarm is raised by asking for it


def password_hash(password):
    """rabbit_password_hashing_sha256: base64(salt ‖ SHA-256(salt ‖ password))."""
    salt = os.urandom(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def definitions(passwords):
    """One vhost; fabu with every right in it; each department may publish to fabu.items and have reply queues of its own, nothing else."""
    def rights(user):
        own = rf"fabu\.reply\.{user}\..*"
        return {"user": user, "vhost": VHOST, "configure": f"^{own}$", "write": rf"^(fabu\.items|{own})$", "read": f"^{own}$"}
    everything = {"user": USER, "vhost": VHOST, "configure": ".*", "write": ".*", "read": ".*"}
    return {
        "users": [{"name": name, "password_hash": password_hash(password), "tags": "",
                   "hashing_algorithm": "rabbit_password_hashing_sha256"} for name, password in passwords.items()],
        "vhosts": [{"name": VHOST}],
        "permissions": [everything if name == USER else rights(name) for name in passwords],
    }


def configuration(name, first, small):
    """The first node begins at once; the others wait for it and join."""
    joins = "" if name == first else f"""cluster_formation.peer_discovery_backend = classic_config
cluster_formation.classic_config.nodes.1 = rabbit@{first}
cluster_formation.classic_config.nodes.2 = rabbit@{name}
cluster_formation.discovery_retry_limit = 200
cluster_formation.discovery_retry_interval = 250
"""
    return f"""{joins}listeners.tcp.default = {PORT}
cluster_partition_handling = pause_minority
queue_master_locator = min-masters
vm_memory_high_watermark.relative = {MEMORY}
disk_free_limit.absolute = 8MB
collect_statistics = none
raft.wal_max_size_bytes = {8_000_000 if small else 128_000_000}
log.console = true
log.console.level = warning
log.console.use_colors = off
log.file = false
"""


class Node:
    def __init__(self, place, folder, process=None, epmd=None):
        self.place, self.name = place, place.name
        self.folder = pathlib.Path(folder, place.name)
        self.cluster = pathlib.Path(folder)
        self.process, self.epmd = process, epmd

    def environment(self):
        return {"HOME": str(self.folder), "RABBITMQ_NODENAME": f"rabbit@{self.name}", "RABBITMQ_MNESIA_BASE": f"{self.folder}/data",
                "RABBITMQ_CONFIG_FILE": f"{self.folder}/rabbitmq", "RABBITMQ_ENABLED_PLUGINS_FILE": f"{self.cluster}/enabled_plugins",
                "RABBITMQ_LOG_BASE": str(self.folder), "RABBITMQ_GENERATED_CONFIG_DIR": f"{self.folder}/generated",
                "RABBITMQ_PID_FILE": f"{self.folder}/pid", "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG,
                "RABBITMQ_FEATURE_FLAGS_FILE": f"{self.folder}/feature_flags", "RABBITMQ_CONF_ENV_FILE": "/dev/null",
                "RABBITMQ_PLUGINS_EXPAND_DIR": f"{self.folder}/plugins", "LANG": "C.UTF-8", "ERL_CRASH_DUMP_SECONDS": "0",
                "RABBITMQ_CTL_ERL_ARGS": "+S 1:1 +sbwt none"}

    def prepare(self, first, cookie, disk=None):
        """disk: a small one of its own, in megabytes."""
        data = self.folder / "data"
        data.mkdir(parents=True)
        (self.folder / "rabbitmq.conf").write_text(configuration(self.name, first, disk is not None), encoding="utf-8")
        (self.folder / ".erlang.cookie").write_text(cookie, encoding="ascii")
        (self.folder / ".erlang.cookie").chmod(0o600)
        if disk:
            self.place.run("mount", "-t", "tmpfs", "-o", f"size={disk}M", "tmpfs", data)

    def start(self):
        """Only starts it; wait() waits."""
        if not (self.epmd and self.epmd.running()):
            self.epmd = Process.start(self.place.enter("epmd"), self.folder / "epmd.log", self.cluster)
        self.process = Process.start(self.place.enter(BIN + "rabbitmq-server"), self.folder / "log", self.cluster, self.environment())

    def answers(self):
        if not self.process.running():
            raise Failed(f"{self.name} ended while it was starting\n{tail(self.process.log)}")
        # A protocol header of a version that it does not speak is answered by the one that it does, and logged as a warning only.
        script = f"exec 3<>/dev/tcp/127.0.0.1/{PORT} && printf 'AMQP\\x01\\x01\\x00\\x07' >&3 && head -c 4 <&3"
        return self.place.run("timeout", "2", "bash", "-c", script, check=False).stdout == "AMQP"

    def wait(self, seconds=60.0):
        wait_for(self.answers, f"{self.name} to listen", seconds, self.process.log, pause=0.2)

    def stop(self):
        self.process.stop()

    def control(self, *words, seconds=60.0, check=True):
        return self.place.run(BIN + "rabbitmqctl", "-q", *words, seconds=seconds, check=check, environment=self.environment()).stdout

    def evaluate(self, erlang):
        return self.control("eval", erlang).strip()

    def import_definitions(self):
        """Once all nodes are up: a vhost that is made while one of them still starts may not come up there."""
        self.control("import_definitions", self.cluster / "definitions.json")

    def memory_alarm(self, on):
        """While one node has it, the whole cluster takes nothing from publishers."""
        self.control("set_vm_memory_high_watermark", *(["absolute", "1MB"] if on else [str(MEMORY)]))

    def fill_disk(self):
        """Until not one byte more fits; only a small disk of its own is filled."""
        kind = self.place.run("stat", "-f", "-c", "%T", self.folder / "data").stdout.strip()
        if kind != "tmpfs":
            raise Failed(f"{self.name} has no small disk of its own: start the cluster with --small-disk {self.name}=64")
        self.place.run("sh", "-c", f"cat /dev/zero >{self.folder}/data/filler", check=False)

    def free_disk(self):
        self.place.run("rm", "-f", self.folder / "data" / "filler")

    def leader_of(self, queue):
        """The node that leads the quorum queue."""
        rows = self.control("list_queues", "-p", VHOST, "--no-table-headers", "name", "leader")
        return next((row.split()[1].removeprefix("rabbit@") for row in rows.splitlines() if row.split()[:1] == [queue]), None)


def write_common(folder, passwords):
    """What all nodes read; gives the cookie."""
    folder = pathlib.Path(folder)
    (folder / "definitions.json").write_text(json.dumps(definitions(passwords), indent=1), encoding="utf-8")
    (folder / "enabled_plugins").write_text("[].\n", encoding="ascii")
    if not shutil.which("epmd") or not os.path.exists(BIN + "rabbitmq-server"):
        raise Failed("missing: rabbitmq-server (scripts/install-packages test)")
    return base64.b16encode(os.urandom(12)).decode()
