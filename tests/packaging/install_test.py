"""A life of the package on a clean Debian 12: a root made for this, from the machine's own mirror, and thrown away afterwards.

The root is made first without systemd (as a container is): installed, served from, changed, removed, purged. Then systemd comes, and the
units run under it with their whole sandbox, in a container that has its own network. The steps build on each other, so they are one test.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from packaged import BUILD, SOURCE, make_package, run, skip

SAMPLES = SOURCE / "tests" / "data" / "samples"
# What is left out keeps the root small; nothing of ours is.
LEAN = ["force-unsafe-io", "path-exclude=/usr/share/doc/*", "path-exclude=/usr/share/locale/*", "path-exclude=/usr/share/man/*",
        "path-include=/usr/share/doc/fabu*", "path-include=/usr/share/man/*/fabu*"]


def mirrors():
    """Debian's sources as this machine has them: files for mmdebstrap."""
    places = [pathlib.Path("/etc/apt/sources.list"), *pathlib.Path("/etc/apt/sources.list.d").glob("*.sources"),
              *pathlib.Path("/etc/apt/sources.list.d").glob("*.list")]
    return [place for place in places if place.is_file() and re.search(r"(?m)^(deb |URIs:).*debian", place.read_text(encoding="utf-8"))
            and "bookworm" in place.read_text(encoding="utf-8")]


def check_possible():
    if os.getuid() != 0:
        skip("making a clean root needs root")
    if not shutil.which("mmdebstrap"):
        skip("mmdebstrap is not installed (scripts/install-packages test)")
    if not mirrors():
        skip("/etc/apt names no mirror of Debian bookworm")
    address = re.search(r"(?m)^(?:URIs:|deb (?:\[[^]]*\])?)\s*(\S+)", mirrors()[0].read_text(encoding="utf-8")).group(1)
    with tempfile.TemporaryDirectory(prefix="fabu-mirror-") as home:
        asked = run("/usr/lib/apt/apt-helper", "-o", "APT::Sandbox::User=root", "-o", "Acquire::http::Timeout=15", "-o", "Acquire::https::Timeout=15", "download-file",
                    address.rstrip("/") + "/dists/bookworm/InRelease", home + "/InRelease", check=False)
    if asked.returncode != 0:
        skip(f"no mirror: {address}: {' '.join(asked.stderr.split())}")


class Life(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="clean-root-", dir=BUILD))
        cls.addClassCleanup(cls.clean)
        # In memory where there is plenty: unpacking is a third quicker. These mounts end with the process.
        if int(re.search(r"MemAvailable: +(\d+)", pathlib.Path("/proc/meminfo").read_text(encoding="ascii")).group(1)) > 4 << 20:
            run("mount", "-t", "tmpfs", "-o", "size=2g,mode=0755", "tmpfs", cls.home)
        cls.root = cls.home / "root"
        cls.package = make_package(cls.home / "package")
        cls.began = time.monotonic()
        run("mmdebstrap", "--mode=root", "--variant=apt", "--skip=cleanup/apt/lists", *(f"--dpkgopt={o}" for o in LEAN), "--aptopt=Acquire::Languages none",
            *(f"--aptopt={line}" for line in run("apt-config", "dump").stdout.splitlines() if re.match(r"Acquire::\w+::Proxy ", line)),
            "bookworm", cls.root, *mirrors())
        for path in ("proc", "dev"):
            run("mount", "--rbind", f"/{path}", cls.root / path)
        shutil.copy("/etc/resolv.conf", cls.root / "etc" / "resolv.conf")
        trial = cls.root / "trial"
        (trial / "items").mkdir(parents=True)
        shutil.copy(cls.package, trial / "fabu.deb")
        sample = json.loads((SAMPLES / "S07-jg-functions.json").read_text(encoding="utf-8"))
        (trial / "department").write_text(sample["department"], encoding="utf-8")
        shutil.copy(SAMPLES / "S07-jg-functions.json", trial / "items")
        shutil.copy(pathlib.Path(__file__).parent / "life.sh", trial)
        cls.title = sample["title"]
        cls.tell("a root of", len(list((cls.root / "var/lib/dpkg/info").glob("*.list"))), "packages stands")

    @classmethod
    def tell(cls, *words):
        print(f"[{time.monotonic() - cls.began:5.1f} s]", *words, flush=True)

    @classmethod
    def clean(cls):
        for path in (cls.root / "proc", cls.root / "dev", cls.home):
            subprocess.run(["umount", "-R", "-l", path], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(cls.home, ignore_errors=True)

    def inside(self, *command, check=True, **environment):
        return run("chroot", self.root, *command, check=check,
                   env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", **environment})

    def apt(self, *words, **environment):
        return self.inside("apt-get", "-y", "--no-install-recommends", *words, **environment).stdout

    def mode(self, path):
        """"fabu:www-data 2750" of a file in the root."""
        return self.inside("stat", "-c", "%U:%G %a", path).stdout.strip()

    not_run = None

    def test_life(self):
        self.installs()
        self.serves_as_its_user()
        self.keeps_what_the_administrator_changed()
        self.keeps_data_when_removed_and_purged()
        self.runs_under_systemd()

    def installs(self):
        said = self.apt("install", "/trial/fabu.deb")
        for line in said.splitlines():
            if "newly installed" in line or "fabu" in line:
                self.tell(line.strip())
        self.assertFalse((self.root / "usr/bin/systemd-sysusers").exists())
        self.assertRegex(self.inside("getent", "passwd", "fabu").stdout, r"^fabu:x:\d+:\d+:fabu broker.*:/var/lib/fabu:/usr/sbin/nologin$")
        for path, wanted in (("/etc/fabu", "root:fabu 750"), ("/etc/fabu/fabu.yaml", "root:root 644"), ("/usr/bin/fabu", "root:root 755"),
                             ("/var/lib/fabu", "fabu:fabu 711"), ("/var/lib/fabu/site", "fabu:www-data 2750")):
            self.assertEqual(self.mode(path), wanted, path)
        self.assertEqual(self.inside("dpkg", "--verify", "fabu").stdout, "")
        self.assertIn("no faults", self.inside("fabu", "config", "check", "/etc/fabu/fabu.yaml").stdout)
        self.assertNotIn("not found", self.inside("ldd", "/usr/bin/fabu").stdout)

    def serves_as_its_user(self):
        log = (self.home / "serve.log").open("w+", encoding="utf-8")
        self.addCleanup(log.close)
        server = subprocess.Popen(["chroot", "--userspec=fabu:fabu", self.root, "/usr/bin/fabu", "serve", "--config", "/etc/fabu/fabu.yaml",
                                   "--listen", "127.0.0.1:0"], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        try:
            address = self.eventually(lambda: re.search(r"listens on (http://127\.0\.0\.1:\d+)",
                                                        (self.home / "serve.log").read_text(encoding="utf-8"))).group(1)
            department = (self.root / "trial/department").read_text(encoding="utf-8")
            key = self.inside("fabu", "key", "create", "--data", "/var/lib/fabu", "--department", department).stdout.strip()
            item = (self.root / "trial/items/S07-jg-functions.json").read_bytes()
            answer = self.ask(address + "/v1/items", item, {"Authorization": "Bearer " + key, "Content-Type": "application/json"})
            receipt = json.loads(answer)
            page = self.eventually(lambda: self.ask(f"{address}/items/{receipt['itemId']}/"))
            self.assertIn(self.title, page.decode())
            verify = ("fabu", "audit", "verify", address + "/log")  # the log is sealed once a second
            self.eventually(lambda: "verified: 0 records" not in self.inside(*verify).stdout)
            self.tell(self.inside(*verify).stdout.strip())
        finally:
            server.terminate()
            self.assertEqual(server.wait(60), 0)
        self.assertEqual(self.mode("/var/lib/fabu/log/key.pem"), "fabu:fabu 600")

    def keeps_what_the_administrator_changed(self):
        config = self.root / "etc/fabu/fabu.yaml"
        changed = config.read_text(encoding="utf-8").replace("名称", "名称 (ours)", 1) + "# ours\n"
        config.write_text(changed, encoding="utf-8")
        (self.root / "etc/fabu/rabbitmq.password").write_text("secret", encoding="utf-8")
        self.inside("chmod", "0770", "/etc/fabu")
        self.apt("install", "--reinstall", "/trial/fabu.deb")
        self.assertEqual(config.read_text(encoding="utf-8"), changed)
        self.assertEqual(self.mode("/etc/fabu"), "root:fabu 770")

    def keeps_data_when_removed_and_purged(self):
        user = self.inside("id", "-u", "fabu").stdout
        self.apt("remove", "fabu")
        self.assertFalse((self.root / "usr/bin/fabu").exists())
        self.assertTrue((self.root / "etc/fabu/fabu.yaml").exists())
        self.assertTrue((self.root / "var/lib/fabu/fabu.db").exists())
        self.inside("apt-get", "-y", "purge", "fabu")
        self.assertFalse((self.root / "etc/fabu").exists())
        self.assertTrue((self.root / "var/lib/fabu/fabu.db").exists())
        self.assertEqual(self.inside("id", "-u", "fabu").stdout, user)
        self.apt("install", "/trial/fabu.deb")
        self.inside("apt-get", "-y", "purge", "fabu", FABU_PURGE_DATA="yes")
        self.assertFalse((self.root / "var/lib/fabu").exists())
        self.tell("removed and purged")

    def runs_under_systemd(self):
        if not shutil.which("systemd-nspawn"):
            self.fail("systemd-nspawn is not installed (scripts/install-packages test)")
        self.apt("install", "systemd", "dbus", "/trial/fabu.deb")
        self.tell("systemd and fabu are installed")
        run("umount", "-R", "-l", self.root / "proc")
        run("umount", "-R", "-l", self.root / "dev")
        unit = self.root / "etc/systemd/system/trial.service"
        unit.write_text("[Unit]\nAfter=multi-user.target\n[Service]\nType=oneshot\nEnvironment=LC_ALL=C.UTF-8\n"
                        "ExecStart=/bin/sh /trial/life.sh\nTimeoutStartSec=90\nFailureAction=poweroff\n", encoding="utf-8")
        (self.root / "etc/systemd/system/default.target.wants").mkdir()
        (self.root / "etc/systemd/system/default.target.wants/trial.service").symlink_to("../trial.service")
        booted = subprocess.run(["systemd-nspawn", "-q", "--register=no", "--keep-unit", "--private-network", "-D", self.root, "--boot"],
                                stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=120,
                                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"})
        outcome = self.root / "outcome"
        if not outcome.exists():
            Life.not_run = "the package lived well without systemd, but this machine does not boot systemd in a container: " + \
                " ".join((booted.stdout + booted.stderr).split())[-300:]
            return
        facts = (outcome / "facts").read_text(encoding="utf-8").splitlines()
        for fact in facts:
            self.tell("systemd:", fact)
        said = "\n".join(facts) + (outcome / "journal").read_text(encoding="utf-8") + (outcome / "submit.err").read_text(encoding="utf-8")
        for wanted in ("broken failed 2 0", "started active notify fabu", "CapEff: 0000000000000000", "NoNewPrivs: 1", "Seccomp: 2",
                       "submitted 0", "after kill -9 active", "reinstalled 0 active anew",
                       "reinstalled-broken 0 active untouched", "stopped inactive success"):
            self.assertIn(wanted, facts, said)
        self.assertRegex("\n".join(facts), r"(?m)^verified 0 verified: [1-9]\d* records")
        self.assertNotIn("the web server reads the database", facts)
        self.assertIn(self.title, (outcome / "page").read_text(encoding="utf-8"))
        deliveries = [json.loads(line) for line in (outcome / "deliveries").read_text(encoding="utf-8").splitlines()]
        self.assertEqual({d["state"] for d in deliveries}, {"DELIVERY_STATE_DELIVERED"}, deliveries)
        self.assertNotIn("Operation not permitted", said)

    def ask(self, address, body=None, headers=None):
        request = urllib.request.Request(address, data=body, headers=headers or {}, method="POST" if body else "GET")
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            with error:
                self.assertEqual((body, error.code), (None, 404), error.read())

    def eventually(self, condition, seconds=30):
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            self.assertLess(time.monotonic(), deadline, (self.home / "serve.log").read_text(encoding="utf-8"))
            time.sleep(0.05)
        return value


if __name__ == "__main__":
    check_possible()
    if len(sys.argv) == 1:  # mounts of its own, which end with it
        os.execvp("unshare", ["unshare", "-m", "--propagation", "private", sys.executable, "-B", __file__, "--within"])
    sys.argv.pop()
    done = unittest.main(verbosity=2, exit=False).result
    if done.wasSuccessful() and Life.not_run:
        skip(Life.not_run)
    sys.exit(not done.wasSuccessful())
