"""The checker: compares every ack with every channel and with the audit log, and says each thing that does not fit in one line.

Pure: what is judged is passed in as values, so that the checker itself is tested with made-up evidence (checker_test.py).
"""
import collections
import dataclasses

from log_reader import DEAD, DELIVERED, PLANNED, RECEIVED, SUPERSEDED, WITHDRAWN, Heads


@dataclasses.dataclass
class Evidence:
    acks: list          # as submitters wrote them down: item, edition, digest (hex), log_index, department, reference, kind, version
    records: list       # log_reader.Record, from 0
    checkpoints: list   # (who served it, size, root)
    pages: dict         # item number: set of versions on its page; an empty set is a withdrawal's notice
    sheets: set         # delivery ids of the PDFs in the spool
    sightings: list = dataclasses.field(default_factory=list)       # (item, versions) of a page, whenever it changed
    sheet_sightings: list = dataclasses.field(default_factory=list)  # delivery id, whenever its PDF was laid down
    given_up: list = dataclasses.field(default_factory=list)         # the hammer's own complaints
    channels: tuple = ("website", "noticeboard")
    listed: dict = None  # item number: how often it stands in its entry's list; None: the site has no lists
    sheets_before: set = dataclasses.field(default_factory=set)  # PDFs from before this run, which was judged already


def judge(evidence):
    """Every fault, in words; nothing when all holds."""
    faults = [f"not acked: {what}" for what in evidence.given_up]
    for part in (_log, _one_history, _acks, _deliveries, _pages, _lists, _sheets, _sightings):
        faults += part(evidence)
    return faults


def unsettled(records):
    """Delivery ids that are planned and neither delivered nor superseded."""
    open_ones = {}
    for record in records:
        if record.action == PLANNED:
            for channel in record.channels:
                open_ones[f"{record.item}-{record.edition}-{channel}"] = True
        elif record.action in (DELIVERED, SUPERSEDED):
            open_ones.pop(record.delivery, None)
    return list(open_ones)


def _log(evidence):
    time, previous = 0, {}
    for number, record in enumerate(evidence.records):
        if record.seq != number:
            yield f"log: record {number} carries the number {record.seq}"
        if record.time_ms < time:
            yield f"log: record {number} is older than the one before it"
        time = record.time_ms
        if record.item:
            if record.previous != previous.get(record.item, b""):
                yield f"log: record {number} does not name the previous record of item {record.item}"
            previous[record.item] = record.leaf


def _one_history(evidence):
    """Every checkpoint that anybody served is the head of a beginning of this one log."""
    wanted = collections.defaultdict(set)
    for who, size, root in evidence.checkpoints:
        wanted[size].add((who, root))
    heads = Heads()
    for size in sorted(wanted):
        if size > len(evidence.records):
            yield f"fork: {sorted(wanted[size])[0][0]} signed {size} records, the log has {len(evidence.records)}"
            continue
        while heads.size < size:
            heads.push(evidence.records[heads.size].leaf)
        for who, root in sorted(wanted[size]):
            if root != heads.root():
                yield f"fork: {who} signed another history of {size} records"


def _acks(evidence):
    received, item_of = collections.Counter(), {}
    for record in evidence.records:
        if record.action in (RECEIVED, WITHDRAWN):
            received[record.item, record.edition] += 1
        if record.action == RECEIVED:
            known = item_of.setdefault((record.department, record.reference), record.item)
            if known != record.item:
                yield f"doubled: {record.reference} is item {known} and item {record.item}"
    for (item, edition), times in received.items():
        if times > 1:
            yield f"doubled: edition {edition} of item {item} was received {times} times"
    for ack in evidence.acks:
        name = f"{ack['reference']} edition {ack['edition']}"
        if ack["kind"] == "withdrawal":  # whose receipt does not say where its record is
            if received[ack["item"], ack["edition"]] == 0:
                yield f"lost: the withdrawal of {ack['reference']} is not in the log"
            continue
        if ack["log_index"] >= len(evidence.records):
            yield f"lost: {name}: its record {ack['log_index']} is not in the log"
            continue
        record = evidence.records[ack["log_index"]]
        if (record.action, record.item, record.edition) != (RECEIVED, ack["item"], ack["edition"]):
            yield f"lost: {name}: record {ack['log_index']} is not of its arrival"
        elif record.digest.hex() != ack["digest"] or record.reference != ack["reference"]:
            yield f"lost: {name}: record {ack['log_index']} is of other content"


def _deliveries(evidence):
    planned, ends, newest = {}, collections.defaultdict(list), {}
    for record in evidence.records:
        if record.action == PLANNED:
            for channel in record.channels:
                planned[f"{record.item}-{record.edition}-{channel}"] = record
        elif record.action in (DELIVERED, SUPERSEDED, DEAD):
            if record.delivery not in planned:
                yield f"doubled: {record.delivery} was settled and never planned"
            ends[record.delivery].append(record.action)
        if record.action == DELIVERED:
            before = newest.get((record.item, record.channel), 0)
            if record.edition < before:
                yield f"order: {record.delivery} was delivered after edition {before}"
            newest[record.item, record.channel] = max(before, record.edition)
    for delivery, record in planned.items():
        settled = [action for action in ends[delivery] if action != DEAD]
        # A newer edition may come while a worker has this one: it is superseded, and what the worker did is recorded after all.
        if len(settled) > 1 and settled != [SUPERSEDED, DELIVERED]:
            yield f"doubled: {delivery} was settled {len(settled)} times"
        if not settled:
            yield f"lost: {delivery} is {'dead' if ends[delivery] else 'not delivered'}"
        elif settled == [SUPERSEDED] and newest.get((record.item, delivery.rpartition("-")[2]), 0) <= record.edition:
            yield f"lost: {delivery} was superseded and nothing newer was delivered"
    for ack in evidence.acks:
        for channel in evidence.channels:
            if ack["kind"] == "original" and f"{ack['item']}-{ack['edition']}-{channel}" not in planned:
                yield f"lost: {ack['reference']} was never planned for {channel}"


def _last_acks(evidence):
    last = {}
    for ack in evidence.acks:
        if ack["item"] not in last or ack["edition"] > last[ack["item"]]["edition"]:
            last[ack["item"]] = ack
    return last


def _pages(evidence):
    last = _last_acks(evidence)
    for item, ack in last.items():
        wanted = set() if ack["kind"] == "withdrawal" else {ack["version"]}
        if item not in evidence.pages:
            yield f"lost: {ack['reference']} has no page"
        elif evidence.pages[item] != wanted:
            yield f"lost: the page of {ack['reference']} shows {sorted(evidence.pages[item])} instead of {sorted(wanted)}"
    stored = {record.item for record in evidence.records if record.action == RECEIVED}
    for item in sorted(set(evidence.pages) - stored):
        yield f"doubled: a page of item {item}, which the log does not know"


def _lists(evidence):
    if evidence.listed is None:
        return
    for item, ack in _last_acks(evidence).items():
        wanted, found = (0 if ack["kind"] == "withdrawal" else 1), evidence.listed.get(item, 0)
        if found < wanted:
            yield f"lost: {ack['reference']} is not in its list"
        elif found > wanted:
            yield f"doubled: {ack['reference']} is {found} times in its list instead of {wanted}"


def _sheets(evidence):
    delivered = {record.delivery for record in evidence.records if record.action == DELIVERED and record.channel == "noticeboard"}
    yield from (f"lost: {delivery} was delivered and has no sheet" for delivery in sorted(delivered - evidence.sheets))
    yield from (f"unrecorded: the sheet {delivery} lies there, and the log has no delivery of it" for delivery in sorted(evidence.sheets - delivered - evidence.sheets_before))


def _sightings(evidence):
    """What the public saw in the course of time."""
    newest, gone = {}, set()
    for item, versions in evidence.sightings:
        if len(versions) > 1:
            yield f"doubled: the page of item {item} showed versions {sorted(versions)} at once"
        shown = max(versions, default=0)
        if not versions:
            gone.add(item)
        elif item in gone:
            yield f"order: the page of item {item} came back after its withdrawal"
        if versions and shown < newest.get(item, 0):
            yield f"order: the page of item {item} went back from version {newest[item]} to {shown}"
        newest[item] = max(newest.get(item, 0), shown)
    for sheet, times in collections.Counter(evidence.sheet_sightings).items():
        if times > 1:
            yield f"doubled: the sheet {sheet} was laid down {times} times"


def longest_silence(acks, begin, end):
    """Seconds between begin and end in which no ack came."""
    times = sorted([begin, end, *(ack["at"] for ack in acks if begin <= ack["at"] <= end)])
    return max(later - earlier for earlier, later in zip(times, times[1:]))
