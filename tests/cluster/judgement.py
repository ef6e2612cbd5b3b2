"""Gathers the evidence of a hammered cluster, when everything is delivered, and has it judged."""
import collections
import json
import pathlib
import re
import subprocess
import time

import roles
from checker import Evidence, judge, unsettled
from load import versions_in
from log_reader import LogReader, open_checkpoint
from roles import fetch


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def verifier_key(cluster):
    first = next(iter(cluster.brokers.values()))
    return first.place.run(roles.BINARY, "keys", "show", "--data", first.folder / "data").stdout.strip().splitlines()[-1]


def reader_of(cluster):
    """Reads from whichever broker answers."""
    def get(path):
        for name in cluster.brokers:
            status, body = fetch(f"{cluster.url(name)}/log/{path}")
            if status == 200:
                return body
        return None
    return LogReader(get, verifier_key(cluster))


def wait_until_settled(reader, known, seconds=120.0):
    """Until every ack's record is in the log and nothing planned is open; gives what is still open at the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        read = reader.update()
        left = unsettled(reader.records)
        if read and len(reader.records) > known and not left:
            return []
        if time.monotonic() > deadline:
            return left or ["the log cannot be read to its end"]
        time.sleep(0.3)


def pages_of(site, reference_of):
    """Versions on each item's page."""
    pages = {}
    for page in pathlib.Path(site, "items").glob("*/index.html"):
        item = int(page.parent.name)
        gone = (page.parent / ".gone").exists()
        found = versions_in(page.read_text(encoding="utf-8"), reference_of.get(item, "?"))
        pages[item] = found if not gone or found else set()
    return pages


def listed_in(site):
    """How often each item stands in its entry's list: its numbered pages, which hold everything."""
    found = collections.Counter()
    for page in pathlib.Path(site, "lists", "entry").glob("*/[0-9]*/index.html"):
        found.update(int(number) for number in re.findall(r'href="[^"]*/items/(\d+)/"', page.read_text(encoding="utf-8")))
    return found


def verify_with_fabu(cluster, url):
    """fabu's own verification of the whole log: None, or what it says."""
    done = subprocess.run([roles.BINARY, "audit", "verify", url + "/log"], capture_output=True, text=True, timeout=120, check=False)
    return None if done.returncode == 0 else f"fabu audit verify {url}: {done.stdout}{done.stderr}".strip()


def judge_run(cluster, hammer, seconds=120.0):
    """Every fault of a run: waits until all is delivered, then compares. The hammer has been stopped; it is closed here."""
    acks = lines(hammer.folder / "acks.jsonl")
    reader = reader_of(cluster)
    left = wait_until_settled(reader, max((ack["log_index"] for ack in acks), default=-1), seconds)
    hammer.close()
    reader.update()
    key = reader.key
    checkpoints = [(line["from"], *open_checkpoint(line["note"].encode(), key)) for line in lines(hammer.folder / "checkpoints.jsonl")]
    evidence = Evidence(
        acks=acks, records=reader.records, checkpoints=checkpoints,
        pages=pages_of(hammer.site, {ack["item"]: ack["reference"] for ack in acks}),
        sheets={path.stem for path in hammer.spool.glob("*.pdf")},
        sightings=[(line["item"], set(line["versions"])) for line in lines(hammer.folder / "sightings.jsonl")],
        sheet_sightings=[line["sheet"] for line in lines(hammer.folder / "sheets.jsonl")],
        given_up=[line["what"] for line in lines(hammer.folder / "faults.jsonl")],
        channels=tuple(cluster.channels), listed=listed_in(hammer.site), sheets_before=hammer.sheets_before)
    faults = [f"lost: {delivery} is still open" for delivery in left[:5]] + judge(evidence)
    faults += filter(None, (verify_with_fabu(cluster, cluster.url(name)) for name in cluster.brokers))
    return evidence, faults
