"""Places: the machines of a cluster, each a network, mount and host name of its own, joined by a bridge in the hub.

A place is held open by a sleeping process. When that is gone and nothing else runs there, so are its network and its mounts; nothing has a
name on the machine outside, and nothing is left behind.
"""
import ctypes
import os
import pathlib
import shutil
import subprocess

from processes import MARK, Failed, Process, wait_for

NETWORK = "10.77.0."
HUB = "hub"
CLONE_NEWNET = 0x40000000
TOOLS = {"unshare": "util-linux", "nsenter": "util-linux", "ip": "iproute2", "nft": "nftables"}


def skip_unless_permitted():
    """Of a test program: ends it as skipped, with the reason, on a machine that lets nobody make networks."""
    try:
        check_permitted()
    except Failed as reason:
        print(f"SKIPPED: {reason}", flush=True)
        raise SystemExit(77) from None


def check_permitted():
    if os.geteuid() != 0:
        raise Failed("scripts/cluster makes network namespaces: run it as root")
    missing = sorted({package for tool, package in TOOLS.items() if not shutil.which(tool)})
    if missing:
        raise Failed(f"missing: {' '.join(missing)} (scripts/install-packages test)")
    tried = subprocess.run(["unshare", "--net", "--mount", "--uts", "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        raise Failed(f"network namespaces are not permitted here, and the cluster needs them: {tried.stderr.strip()}")


class Place:
    def __init__(self, folder, name, address, keeper):
        self.folder, self.name, self.address, self.keeper = folder, name, address, keeper

    def enter(self, *command):
        """The command line that runs the command in this place."""
        return ["nsenter", f"--target={self.keeper.pid}", "--net", "--mount", "--uts", "--", *map(str, command)]

    def run(self, *command, check=True, stdin=None, seconds=60.0, environment=None):
        done = subprocess.run(self.enter(*command), input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL, text=True,
                              capture_output=True, timeout=seconds, check=False, env={**os.environ, **(environment or {}), MARK: str(self.folder)})
        if check and done.returncode != 0:
            raise Failed(f"{self.name}: {' '.join(map(str, command))} ended with {done.returncode}: {done.stdout}{done.stderr}".strip())
        return done

    def hears_no_more(self, address):
        self.run("nft", "add", "element", "inet", "cluster", "cut", f"{{ {address} }}")

    def hears_all(self):
        self.run("nft", "flush", "set", "inet", "cluster", "cut")

    def cut_off(self):
        """Addresses whose packets are dropped here."""
        listed = self.run("nft", "list", "set", "inet", "cluster", "cut").stdout
        return sorted(word.strip(" ,{}") for word in listed.split() if word.strip(" ,{}").startswith(NETWORK))


def open_places(folder, names):
    """Makes the hub and a place of each name; gives them by name."""
    addresses = {HUB: NETWORK + "1", **{name: f"{NETWORK}{number}" for number, name in enumerate(names, 11)}}
    hosts = pathlib.Path(folder, "hosts")
    hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{address} {name}\n" for name, address in addresses.items()), encoding="utf-8")
    places = {}
    for name, address in addresses.items():
        script = f"hostname {name} && mount --bind {hosts} /etc/hosts && exec sleep infinity"
        keeper = Process.start(["unshare", "--net", "--mount", "--uts", "--propagation", "private", "sh", "-c", script],
                               pathlib.Path(folder, "places.log"), folder)
        places[name] = Place(folder, name, address, keeper)
    for place in places.values():
        wait_for(lambda keeper=place.keeper: _sleeps(keeper), f"the place {place.name}", 10, place.keeper.log)
    _join(places)
    return places


def _sleeps(keeper):
    if not keeper.running():
        raise Failed(f"a place could not be made\n{pathlib.Path(keeper.log).read_text(encoding='utf-8')}")
    return pathlib.Path(f"/proc/{keeper.pid}/comm").read_text(encoding="utf-8").strip() == "sleep"


def _join(places):
    lines = ["link set lo up", "link add bridge0 type bridge", f"addr add {places[HUB].address}/24 dev bridge0", "link set bridge0 up"]
    for name, place in places.items():
        if name != HUB:
            lines += [f"link add {name} type veth peer name eth0 netns {place.keeper.pid}", f"link set {name} master bridge0 up"]
    places[HUB].run("ip", "-batch", "-", stdin="\n".join(lines) + "\n")
    for name, place in places.items():
        if name != HUB:
            place.run("ip", "-batch", "-", stdin=f"link set lo up\naddr add {place.address}/24 dev eth0\nlink set eth0 up\n")
            place.run("nft", "-f", "-", stdin="table inet cluster {\n set cut { type ipv4_addr; }\n"
                      " chain incoming { type filter hook input priority 0; ip saddr @cut drop; }\n}\n")


def enter_network(place):
    """Takes this process into the place's network, for good; threads and children that it starts later are there too."""
    with open(f"/proc/{place.keeper.pid}/ns/net", "rb") as namespace:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
            raise Failed(f"cannot enter the network of {place.name}: {os.strerror(ctypes.get_errno())}")
