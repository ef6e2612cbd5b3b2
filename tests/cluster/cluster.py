"""The scaled-out installation on one machine: 3 RabbitMQ nodes, PostgreSQL with a synchronous standby, brokers, and workers a channel.

    cluster = Cluster.up(folder)         # or Cluster.find(folder), from another process
    cluster.partition(["broker1"], ["mq1", "mq2", "mq3"])
    cluster.down()
"""
import concurrent.futures
import json
import os
import pathlib
import shutil
import signal
import sys

import guard
import postgres
import rabbitmq
import relay
import roles
from places import HUB, Place, check_permitted, enter_network, open_places
from processes import Failed, Process, end_all_marked, marked, wait_for

DEFAULT_FOLDER = "/tmp/fabu-cluster"
STATE = "cluster.json"


def say(words):
    print(words, file=sys.stderr, flush=True)


class Cluster:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.places, self.nodes, self.servers, self.brokers, self.adapters = {}, {}, {}, {}, {}
        self.relay = None
        self.addresses = {}
        self.keys = {}
        self.channels = []

    # --- up and down

    @classmethod
    def up(cls, folder=DEFAULT_FOLDER, brokers=2, workers=2, channels=("website", "noticeboard"), nodes=3, servers=2, small_disks=None,
           broker_settings=None, partitions=4, guarded=False):
        """small_disks: megabytes by node; partitions: of each channel; broker_settings: what stands in the brokers' configuration instead of the usual;
        guarded: it goes down with this process."""
        check_permitted()
        folder = pathlib.Path(folder).resolve()
        if len(str(folder)) > 60:
            raise Failed(f"{folder} is too long a path for Unix sockets below it: at most 60 characters")
        if folder.exists() and any(folder.iterdir()):
            raise Failed(f"{folder} is not empty: scripts/cluster down --dir {folder}, or another folder")
        if marked(folder):
            raise Failed(f"processes of an earlier cluster still run: scripts/cluster down --dir {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)  # PostgreSQL's user passes through
        self = cls(folder)
        self.channels = list(channels) if brokers else []
        try:
            if guarded:
                guard.start(folder, os.getpid())
            self._open(brokers, workers, nodes, servers)
            self._start_servers(small_disks or {})
            if self.brokers:
                self._start_roles(broker_settings or {}, partitions)
            self._open_to_this_machine()
        except BaseException:
            say("starting failed; taking everything down")
            self.down(keep_folder=True)
            raise
        return self

    def _open(self, brokers, workers, nodes, servers):
        (self.folder / STATE).write_text("{}", encoding="ascii")
        named = {"mq": nodes, "pg": servers, "broker": brokers, **({channel: workers for channel in self.channels} if workers else {})}
        self.places = open_places(self.folder, [f"{kind}{number}" for kind, count in named.items() for number in range(1, count + 1)])
        for name, place in self.places.items():
            self._add(name, place)
        self.save()

    def _add(self, name, place, process=None, epmd=None):
        if name.startswith("mq"):
            self.nodes[name] = rabbitmq.Node(place, self.folder, process, epmd)
        elif name.startswith("pg"):
            self.servers[name] = postgres.Server(place, self.folder, process)
        elif name.startswith("broker"):
            self.brokers[name] = roles.Broker(place, self.folder, process)
        elif name != HUB:
            self.adapters[name] = roles.Adapter(place, self.folder, process)

    def _start_servers(self, small_disks):
        say(f"starting {', '.join([*self.nodes, *self.servers])} ...")
        cookie = rabbitmq.write_common(self.folder, roles.write_passwords(self.folder))
        for node in self.nodes.values():
            node.prepare("mq1", cookie, small_disks.get(node.name))
            node.start()
        self.save()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            waiting = [pool.submit(self._start_postgres), pool.submit(self._wait_for_rabbitmq)]
            for one in waiting:
                one.result()
        self.save()

    def _wait_for_rabbitmq(self):
        for node in self.nodes.values():
            node.wait()
        self.nodes["mq1"].import_definitions()

    def _start_postgres(self):
        first, *others = self.servers.values()
        first.make()
        for server in others:
            server.follow(first)

    def _start_roles(self, broker_settings, partitions):
        say(f"starting {', '.join([*self.brokers, *self.adapters])} ...")
        first, *others = self.brokers.values()
        (self.folder / "channels").mkdir()
        for broker in self.brokers.values():
            broker.prepare({**broker.settings(self.nodes, self.servers, self.channels, partitions), **broker_settings})
        first.start()
        first.wait()
        roles.share_log_key(first, others)
        for broker in others:
            broker.start()
        self.keys = {department: first.key(department, "submit", "read") for department in roles.DEPARTMENTS}
        self.keys["operator"] = first.key("ggj", "read", "operate", "audit")
        key_file = self.folder / "adapter.key"
        key_file.touch(mode=0o600)
        key_file.write_text(first.key("ggj", "read", "operate") + "\n", encoding="ascii")
        for number, adapter in enumerate(self.adapters.values()):
            adapter.prepare(adapter.settings(self.nodes, list(self.brokers)[number % len(self.brokers)], self.channels,
                                             partitions))
        firsts = [adapter for adapter in self.adapters.values() if adapter.name.endswith("1")]  # who makes what a channel's workers share
        for some in (firsts, [adapter for adapter in self.adapters.values() if adapter not in firsts], others):
            for role in some:
                if role.process is None:
                    role.start()
            for role in some:
                role.wait()
        self.save()

    def _open_to_this_machine(self):
        targets = {**{name: (place.address, roles.PORT) for name, place in self.places.items() if name in self.brokers},
                   **{name: (place.address, rabbitmq.PORT) for name, place in self.places.items() if name in self.nodes},
                   **{name: (place.address, postgres.PORT) for name, place in self.places.items() if name in self.servers}}
        self.relay, self.addresses = relay.start(self.folder, self.places[HUB], targets)
        self.save()

    def down(self, keep_folder=False):
        end_all_marked(self.folder)
        if not keep_folder and (self.folder / STATE).exists():
            shutil.rmtree(self.folder)

    # --- found again from another process

    def save(self):
        def of(process):
            return process and process.as_json()
        said = {"places": {name: {"address": place.address, "keeper": of(place.keeper)} for name, place in self.places.items()},
                "processes": {member.name: of(member.process) for member in self.members().values()},
                "epmd": {node.name: of(node.epmd) for node in self.nodes.values()},
                "relay": of(self.relay), "addresses": self.addresses, "keys": self.keys, "channels": self.channels}
        beside = self.folder / (STATE + ".new")
        beside.touch(mode=0o600)
        beside.write_text(json.dumps(said, indent=1), encoding="ascii")
        beside.rename(self.folder / STATE)

    @classmethod
    def find(cls, folder=DEFAULT_FOLDER):
        folder = pathlib.Path(folder).resolve()
        try:
            said = json.loads((folder / STATE).read_text(encoding="ascii"))
        except OSError:
            raise Failed(f"no cluster in {folder}") from None
        self = cls(folder)
        if "places" not in said:
            raise Failed(f"the cluster in {folder} never came up: scripts/cluster down --dir {folder}")
        if not Process.from_json(said["places"][HUB]["keeper"]).running():
            raise Failed(f"the cluster in {folder} runs no more: scripts/cluster down --dir {folder}")
        for name, place in said["places"].items():
            self.places[name] = Place(folder, name, place["address"], Process.from_json(place["keeper"]))
            self._add(name, self.places[name], Process.from_json(said["processes"].get(name)), Process.from_json(said["epmd"].get(name)))
        self.relay = Process.from_json(said["relay"])
        self.addresses, self.keys, self.channels = said["addresses"], said["keys"], said["channels"]
        return self

    def members(self):
        return {**self.nodes, **self.servers, **self.brokers, **self.adapters}

    def member(self, name):
        try:
            return self.members()[name]
        except KeyError:
            raise Failed(f"no {name} here; there are {', '.join(self.members())}") from None

    def enter(self):
        """Takes this process to where the clients are."""
        enter_network(self.places[HUB])

    def address(self, name):
        return self.places[name].address

    def url(self, broker):
        return f"http://{self.address(broker)}:{roles.PORT}"

    # --- what can go wrong

    def kill(self, name):
        self.member(name).process.kill()

    def restart(self, name):
        """In order: SIGTERM, wait, start, wait until it is ready. What was killed is started."""
        member = self.member(name)
        if member.process and member.process.running():
            member.stop()
        member.start()
        if hasattr(member, "wait"):
            member.wait()
        self.save()

    def stop(self, name):
        self.member(name).process.send_all(signal.SIGSTOP)

    def cont(self, name):
        self.member(name).process.send_all(signal.SIGCONT)

    def partition(self, these, those, one_way=False):
        """Packets between them are dropped without a word; one_way: those hear nothing of these, these still hear those."""
        for a in these:
            for b in those:
                self.places[b].hears_no_more(self.address(a))
                if not one_way:
                    self.places[a].hears_no_more(self.address(b))

    def heal(self):
        for name, place in self.places.items():
            if name != HUB:
                place.hears_all()

    def primary(self):
        for server in self.servers.values():
            if server.process.running() and server.primary():
                return server
        raise Failed("no PostgreSQL server is a primary")

    def failover(self, rejoin=True):
        """The primary's machine fails, its standby takes over; with rejoin, the old one comes back as the new one's standby."""
        old = self.primary()
        new = next((server for server in self.servers.values() if server is not old and server.process.running()), None)
        if new is None:
            raise Failed(f"{old.name} has no standby")
        old.process.kill()
        new.promote()
        if rejoin:
            old.follow(new)
        self.save()
        return new.name

    def status(self):
        """(name, address, state) of everything."""
        rows = []
        for name, member in self.members().items():
            state = "running" if member.process and member.process.running() else "stopped"
            if name in self.servers and state == "running":
                state = "primary" if member.primary() else "standby"
            cut = self.places[name].cut_off()
            cut_names = [other for other, place in self.places.items() if place.address in cut]
            rows.append((name, self.address(name), state + (f", does not hear {', '.join(cut_names)}" if cut_names else "")))
        return rows


def wait_until_ready(cluster, names, seconds=60.0):
    for name in names:
        wait_for(cluster.member(name).answers, f"{name} to be ready", seconds)
