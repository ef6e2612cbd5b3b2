"""The hammer: steady load on a cluster from AMQP and HTTP submitters, which writes down every ack as it comes, and watches what the public sees.

Everything lies as lines of JSON in its folder: acks, checkpoints, and what was seen on the channels. The checker judges it afterwards.
"""
import json
import os
import pathlib
import random
import threading
import time

from load import item, versions_in
from roles import fetch
from submitters import AmqpSubmitter, GaveUp, HttpSubmitter, Refused, as_line


class Lines:
    """A file that threads append to; each line is there when write() returns."""

    def __init__(self, path):
        self._file = open(path, "a", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    def write(self, line):
        with self._lock:
            self._file.write(line)

    def close(self):
        self._file.close()


class Hammer:
    def __init__(self, folder, urls, hosts, keys, passwords, site, spool, rate=10.0, amqp=3, http=3, seed=20261125, prefix="H"):
        """rate: items a second of all submitters together. site, spool: the channels' folders. prefix: of all references, its own in each run."""
        self.prefix = prefix
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.urls, self.site, self.spool = list(urls), pathlib.Path(site), pathlib.Path(spool)
        self.acks, self.checkpoints, self.sightings, self.sheets, self.faults = (
            Lines(self.folder / f"{name}.jsonl") for name in ("acks", "checkpoints", "sightings", "sheets", "faults"))
        self.ending = threading.Event()
        self.watching_ends = threading.Event()
        self.standing = {}  # item number: its reference, of all that are acked
        self.last_ack = time.time()
        self.count = 0
        self._lock = threading.Lock()
        departments = list(passwords)
        self.submitters, self.watchers = [], []
        for number in range(amqp + http):
            department = departments[number % len(departments)]
            over_http = HttpSubmitter(urls, keys[department])
            via = AmqpSubmitter(hosts, department, passwords[department]) if number < amqp else over_http
            name = f"{'amqp' if number < amqp else 'http'}{number}"
            pause = (amqp + http) / rate
            self.submitters.append(threading.Thread(target=self._submit, args=(name, department, via, over_http, pause, random.Random(seed + number)),
                                                    name=name))
        for watch, pause in ((self._watch_checkpoints, 0.5), (self._watch_pages, 0.2), (self._watch_sheets, 0.3)):
            self.watchers.append(threading.Thread(target=self._repeat, args=(watch, pause), daemon=True))
        self.sheets_before = {path.stem for path in self.spool.glob("*.pdf")}
        self._seen_checkpoints, self._seen_pages, self._seen_sheets = set(), {}, {}

    @classmethod
    def on(cls, cluster, folder, **more):
        """On this cluster; the process must have entered its network."""
        passwords = {name: (cluster.folder / "passwords" / name).read_text(encoding="ascii").strip()
                     for name in cluster.keys if name != "operator"}
        return cls(folder, [cluster.url(name) for name in cluster.brokers], [cluster.address(name) for name in cluster.nodes], cluster.keys,
                   passwords, cluster.folder / "channels" / "website", cluster.folder / "channels" / "noticeboard", **more)

    def start(self):
        for thread in (*self.submitters, *self.watchers):
            thread.start()
        return self

    def stop(self):
        """No new items; ends when those begun have their receipts, or were given up."""
        self.ending.set()
        for thread in self.submitters:
            thread.join()

    def close(self):
        """After everything is delivered: the last look, then the files are whole."""
        self.watching_ends.set()
        for thread in self.watchers:
            thread.join()
        for file in (self.acks, self.checkpoints, self.sightings, self.sheets, self.faults):
            file.close()

    # --- submitting

    def _submit(self, name, department, via, over_http, pause, chance):
        number = 0
        try:
            while not self.ending.is_set():
                begun = time.monotonic()
                number += 1
                self._one_item(name, department, f"{self.prefix}-{name}-{number}", via, over_http, chance)
                self.ending.wait(max(0.0, begun + pause * chance.uniform(0.5, 1.5) - time.monotonic()))
        finally:
            via.close()

    def _one_item(self, name, department, reference, via, over_http, chance):
        try:
            receipt = self._acked(name, reference, "original", 1, lambda: via.submit(item(department, reference, 1)))
            self.standing[receipt.item_id] = reference
            version = 1
            while version < 4 and chance.random() < 0.4:
                version += 1
                # The next edition often comes while the last one is still on its way, by the other road and to another broker.
                road = chance.choice([via, over_http])
                correction = item(department, reference, version, receipt.edition)
                receipt = self._acked(name, reference, "correction", version, lambda road=road, correction=correction: road.submit(correction))
            if chance.random() < 0.08:
                edition, number = receipt.edition, receipt.item_id
                self._acked(name, reference, "withdrawal", version, lambda: over_http.withdraw(number, "故障测试撤回", edition))
        except (Refused, GaveUp) as fault:
            self.faults.write(json.dumps({"at": time.time(), "what": f"{reference}: {type(fault).__name__}: {fault}"}) + "\n")

    def _acked(self, name, reference, kind, version, send):
        begun = time.time()
        receipt = send()
        now = time.time()
        self.acks.write(as_line(receipt, at=now, begun=begun, by=name, reference=reference, kind=kind, version=version))
        with self._lock:
            self.last_ack = max(self.last_ack, now)
            self.count += 1
        return receipt

    # --- watching

    def _repeat(self, watch, pause):
        while True:
            last = self.watching_ends.is_set()
            watch()
            if last:
                return
            self.watching_ends.wait(pause)

    def _watch_checkpoints(self):
        for url in self.urls:
            status, note = fetch(url + "/log/checkpoint", seconds=2)
            if status == 200 and (url, note) not in self._seen_checkpoints:
                self._seen_checkpoints.add((url, note))
                self.checkpoints.write(json.dumps({"at": time.time(), "from": url, "note": note.decode()}) + "\n")

    def _watch_pages(self):
        """Which version stands on each item's page, written down whenever it changed. 0: withdrawn."""
        for number, reference in list(self.standing.items()):
            page = self.site / "items" / str(number) / "index.html"
            try:
                stamp = page.stat().st_mtime_ns, page.stat().st_ino
                if self._seen_pages.get(number) == stamp:
                    continue
                versions = versions_in(page.read_text(encoding="utf-8"), reference)
            except OSError:
                continue
            self._seen_pages[number] = stamp
            self.sightings.write(json.dumps({"at": time.time(), "item": number, "versions": sorted(versions)}) + "\n")

    def _watch_sheets(self):
        """Each sheet whenever it was laid into the spool; a second time is a sheet printed twice."""
        try:
            entries = list(os.scandir(self.spool))
        except OSError:
            return
        for entry in entries:
            if not entry.name.endswith(".pdf"):
                continue
            try:
                file = entry.inode()
            except OSError:
                continue
            if self._seen_sheets.get(entry.name) != file:
                self._seen_sheets[entry.name] = file
                self.sheets.write(json.dumps({"at": time.time(), "sheet": entry.name.removesuffix(".pdf"), "file": file}) + "\n")
