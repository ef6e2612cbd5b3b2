"""The checker is seen to find a lost, a doubled, a reordered and a forked case, and to find nothing where nothing is wrong."""
import copy
import unittest

from checker import Evidence, judge, longest_silence, unsettled
from log_reader import DEAD, DELIVERED, PLANNED, RECEIVED, SUPERSEDED, WITHDRAWN, Heads, Record, sha
from independent_check import tree_root


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value) if value else b""
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value if value else b""


class Story:
    """Writes a log, the acks and the channels of a run in which nothing goes wrong, step by step."""

    def __init__(self):
        self.entries, self.previous, self.acks, self.pages, self.sheets, self.sightings = [], {}, [], {}, set(), []

    def record(self, action, item, edition, channel="", detail=b"", digest=b""):
        delivery = f"{item}-{edition}-{channel}" if channel else ""
        entry = b"".join([field(1, len(self.entries)), field(2, 1000 + len(self.entries)), field(5, action), field(6, item), field(7, edition),
                          field(8, digest), field(9, channel), field(10, delivery), field(13, self.previous.get(item, b"")), field(14, detail)])
        self.entries.append(entry)
        self.previous[item] = sha(b"\0", entry)

    def accept(self, item, edition, kind="original"):
        digest = sha(f"{item}/{edition}".encode())
        action = WITHDRAWN if kind == "withdrawal" else RECEIVED
        self.acks.append({"item": item, "edition": edition, "digest": digest.hex(), "log_index": len(self.entries), "department": "ggj",
                          "reference": f"R{item}", "kind": kind, "version": edition, "at": float(len(self.acks))})
        self.record(action, item, edition, digest=digest, detail=field(6, "ggj") + field(7, f"R{item}"))
        self.record(PLANNED, item, edition, detail=field(2, "website") + field(2, "noticeboard"))

    def settle(self, item, edition, channel, action=DELIVERED):
        self.record(action, item, edition, channel)
        if action != DELIVERED:
            return
        if channel == "noticeboard":
            self.sheets.add(f"{item}-{edition}-noticeboard")
        else:
            gone = next(ack["kind"] for ack in self.acks if (ack["item"], ack["edition"]) == (item, edition)) == "withdrawal"
            self.pages[item] = set() if gone else {edition}
            self.sightings.append((item, self.pages[item]))

    def evidence(self):
        records = [Record(entry) for entry in self.entries]
        heads, checkpoints = Heads(), []
        for number, record in enumerate(records):
            heads.push(record.leaf)
            if number % 3 == 0:
                checkpoints.append((f"broker{number % 2}", heads.size, heads.root()))
        return Evidence(acks=copy.deepcopy(self.acks), records=records, checkpoints=checkpoints, pages=copy.deepcopy(self.pages),
                        sheets=set(self.sheets), sightings=list(self.sightings), sheet_sightings=sorted(self.sheets),
                        listed={item: 1 for item, versions in self.pages.items() if versions})


def good_story():
    story = Story()
    story.accept(1, 1)
    story.settle(1, 1, "website")
    story.accept(2, 1)
    story.accept(2, 2, "correction")
    story.settle(1, 1, "noticeboard")
    story.settle(2, 1, "website")
    story.settle(2, 1, "noticeboard", SUPERSEDED)
    story.settle(2, 2, "noticeboard")
    story.settle(2, 2, "website")
    story.accept(3, 1)
    story.settle(3, 1, "website")
    story.accept(3, 2, "withdrawal")
    story.settle(3, 1, "noticeboard")
    story.settle(3, 2, "website")
    story.settle(3, 2, "noticeboard")
    return story


class Checker(unittest.TestCase):
    def finds(self, evidence, *beginnings):
        faults = judge(evidence)
        for beginning in beginnings:
            self.assertTrue([fault for fault in faults if fault.startswith(beginning)], f"nothing begins with {beginning!r} in {faults}")
        return faults

    def test_a_good_run_has_no_faults(self):
        self.assertEqual(judge(good_story().evidence()), [])

    def test_roots_are_those_of_the_rfc(self):
        heads, leaves = Heads(), []
        for number in range(40):
            leaves.append(sha(bytes([number])))
            heads.push(leaves[-1])
            self.assertEqual(heads.root(), tree_root(leaves))

    def test_an_ack_whose_record_is_not_in_the_log_is_lost(self):
        evidence = good_story().evidence()
        evidence.acks.append({**evidence.acks[0], "reference": "R9", "item": 9, "log_index": 900})
        self.finds(evidence, "lost: R9")

    def test_an_ack_whose_record_is_of_something_else_is_lost(self):
        evidence = good_story().evidence()
        evidence.acks[0]["log_index"] += 1
        self.finds(evidence, "lost: R1")

    def test_an_ack_of_other_content_is_lost(self):
        evidence = good_story().evidence()
        evidence.acks[0]["digest"] = "00" * 32
        self.finds(evidence, "lost: R1")

    def test_a_withdrawal_that_is_not_in_the_log_is_lost(self):
        evidence = good_story().evidence()
        evidence.acks.append({**evidence.acks[0], "kind": "withdrawal", "edition": 2, "log_index": 0})
        self.finds(evidence, "lost: the withdrawal of R1")

    def test_superseded_while_a_worker_had_it_is_no_fault_and_the_other_way_round_is(self):
        story = good_story()
        story.accept(4, 1)
        story.accept(4, 2, "correction")
        for channel in ("website", "noticeboard"):
            story.settle(4, 1, channel, SUPERSEDED)
            story.settle(4, 1, channel)
            story.settle(4, 2, channel)
        self.assertEqual(judge(story.evidence()), [])
        story.settle(4, 2, "website", SUPERSEDED)
        self.finds(story.evidence(), "doubled: 4-2-website")

    def test_a_missing_page_is_lost(self):
        evidence = good_story().evidence()
        del evidence.pages[1]
        self.finds(evidence, "lost: R1 has no page")

    def test_a_page_of_an_older_edition_is_lost(self):
        evidence = good_story().evidence()
        evidence.pages[2] = {1}
        self.finds(evidence, "lost: the page of R2")

    def test_a_withdrawn_page_that_still_stands_is_found(self):
        evidence = good_story().evidence()
        evidence.pages[3] = {1}
        self.finds(evidence, "lost: the page of R3")

    def test_what_stands_in_no_list_or_twice_is_found(self):
        for times, word in ((0, "lost: R1"), (2, "doubled: R1 is 2 times")):
            evidence = good_story().evidence()
            evidence.listed[1] = times
            self.finds(evidence, word)

    def test_what_was_withdrawn_and_is_still_listed_is_found(self):
        evidence = good_story().evidence()
        evidence.listed[3] = 1
        self.finds(evidence, "doubled: R3 is 1 times in its list instead of 0")

    def test_a_missing_sheet_is_lost(self):
        evidence = good_story().evidence()
        evidence.sheets.remove("1-1-noticeboard")
        self.finds(evidence, "lost: 1-1-noticeboard")

    def test_a_sheet_that_nobody_settled_is_unrecorded(self):
        evidence = good_story().evidence()
        evidence.sheets.add("2-1-noticeboard")
        self.finds(evidence, "unrecorded: the sheet 2-1-noticeboard")

    def test_a_sheet_laid_down_twice_is_doubled(self):
        evidence = good_story().evidence()
        evidence.sheet_sightings.append("1-1-noticeboard")
        self.finds(evidence, "doubled: the sheet 1-1-noticeboard")

    def test_a_delivery_settled_twice_is_doubled(self):
        story = good_story()
        story.settle(1, 1, "website")
        self.finds(story.evidence(), "doubled: 1-1-website was settled 2 times")

    def test_a_delivery_that_never_ended_is_lost(self):
        story = good_story()
        story.accept(4, 1)
        story.settle(4, 1, "website")
        evidence = story.evidence()
        self.finds(evidence, "lost: 4-1-noticeboard is not delivered")
        self.assertEqual(unsettled(evidence.records), ["4-1-noticeboard"])

    def test_a_dead_delivery_is_lost(self):
        story = good_story()
        story.accept(4, 1)
        story.settle(4, 1, "website")
        story.settle(4, 1, "noticeboard", DEAD)
        self.finds(story.evidence(), "lost: 4-1-noticeboard is dead")

    def test_superseded_by_nothing_is_lost(self):
        story = good_story()
        story.accept(4, 1)
        story.settle(4, 1, "website")
        story.settle(4, 1, "noticeboard", SUPERSEDED)
        self.finds(story.evidence(), "lost: 4-1-noticeboard was superseded")

    def test_the_same_reference_as_two_items_is_doubled(self):
        story = good_story()
        story.accept(4, 1)
        story.entries[-2] = story.entries[-2].replace(b"R4", b"R1")
        self.finds(story.evidence(), "doubled: R1 is item 1 and item 4")

    def test_an_edition_received_twice_is_doubled(self):
        story = good_story()
        story.accept(2, 2, "correction")
        self.finds(story.evidence(), "doubled: edition 2 of item 2")

    def test_editions_in_the_wrong_order_are_found(self):
        story = Story()
        story.accept(1, 1)
        story.accept(1, 2, "correction")
        for edition in (2, 1):
            story.settle(1, edition, "noticeboard")
            story.settle(1, edition, "website")
        faults = self.finds(story.evidence(), "order: 1-1-noticeboard", "order: 1-1-website", "order: the page of item 1 went back")
        self.assertTrue([fault for fault in faults if fault.startswith("lost: the page of R1 shows [1]")])

    def test_a_page_that_goes_back_for_a_moment_is_found(self):
        evidence = good_story().evidence()
        evidence.sightings += [(2, {1}), (2, {2})]
        self.finds(evidence, "order: the page of item 2 went back from version 2 to 1")

    def test_a_page_that_comes_back_after_its_withdrawal_is_found(self):
        evidence = good_story().evidence()
        evidence.sightings += [(3, {1}), (3, set())]
        self.finds(evidence, "order: the page of item 3 came back")

    def test_a_fork_is_found(self):
        evidence = good_story().evidence()
        who, size, _ = evidence.checkpoints[1]
        evidence.checkpoints.append((who, size, sha(b"another history")))
        self.finds(evidence, f"fork: {who}")

    def test_a_signed_record_that_is_gone_is_a_fork(self):
        evidence = good_story().evidence()
        evidence.checkpoints.append(("broker1", len(evidence.records) + 5, sha(b"more")))
        self.finds(evidence, "fork: broker1 signed")

    def test_a_dropped_record_is_found(self):
        evidence = good_story().evidence()
        del evidence.records[4]
        self.finds(evidence, "log: record 4 carries the number 5")

    def test_a_chain_that_leaves_a_record_out_is_found(self):
        story = good_story()
        story.previous[1] = sha(b"something else")
        story.accept(1, 2, "correction")
        self.finds(story.evidence(), "log: record")

    def test_what_was_never_acked_is_told(self):
        evidence = good_story().evidence()
        evidence.given_up.append("R7: GaveUp")
        self.finds(evidence, "not acked: R7")

    def test_the_longest_silence(self):
        acks = [{"at": at} for at in (0.0, 1.0, 2.0, 6.5, 7.0, 30.0)]
        self.assertEqual(longest_silence(acks, 0.5, 8.0), 4.5)
        self.assertEqual(longest_silence([], 0.0, 3.0), 3.0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
