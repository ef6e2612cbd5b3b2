"""The audit log as anyone reads it: C2SP tiles over HTTP or any other way, RFC 6962, and no code of fabu."""
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration" / "audit"))
from independent_check import fields, open_checkpoint, sha, tile_path  # noqa: E402

RECEIVED, REFUSED, PLANNED, DELIVERED, FAILED, DEAD, SUPERSEDED, REPLAYED, OBSERVED, WITHDRAWN = range(1, 11)


class Record:
    """One leaf, decoded by protobuf's wire format."""

    def __init__(self, entry):
        self.entry, self.leaf = entry, sha(b"\0", entry)
        said = fields(entry)

        def one(number, default):
            return said.get(number, [default])[0]
        self.seq, self.time_ms, self.action = one(1, 0), one(2, 0), one(5, 0)
        self.item, self.edition, self.digest = one(6, 0), one(7, 0), one(8, b"")
        self.channel, self.delivery, self.previous = one(9, b"").decode(), one(10, b"").decode(), one(13, b"")
        detail = fields(one(14, b""))
        self.channels = [name.decode() for name in detail.get(2, [])]
        self.department, self.reference = (detail.get(number, [b""])[0].decode() for number in (6, 7))


def split_bundle(bundle):
    at = 0
    while at < len(bundle):
        length, = struct.unpack_from(">H", bundle, at)
        yield bundle[at + 2:at + 2 + length]
        at += 2 + length


class Heads:
    """Roots of a growing log: push leaves, ask for the root at any moment (RFC 6962 section 2.1)."""

    def __init__(self):
        self.size, self.stack = 0, []  # (height, hash) of whole subtrees, largest first

    def push(self, leaf):
        self.size += 1
        height = 0
        while self.stack and self.stack[-1][0] == height:
            leaf, height = sha(b"\1", self.stack.pop()[1], leaf), height + 1
        self.stack.append((height, leaf))

    def root(self):
        if not self.stack:
            return sha()
        root = self.stack[-1][1]
        for _, left in reversed(self.stack[:-1]):
            root = sha(b"\1", left, root)
        return root


class LogReader:
    """Follows a log that grows: update() reads what is new below the newest checkpoint."""

    def __init__(self, get, verifier_key):
        """get: bytes of a path below the log, or None."""
        self.get, self.key = get, verifier_key
        self.records = []

    def update(self):
        """False when the log cannot be read now."""
        note = self.get("checkpoint")
        if note is None:
            return False
        size, _ = open_checkpoint(note, self.key)
        while len(self.records) < size:
            tile, within = divmod(len(self.records), 256)
            width = min(256, size - tile * 256)
            bundle = self.get(tile_path("entries", tile, width))
            if bundle is None:
                return False
            self.records += [Record(entry) for entry in list(split_bundle(bundle))[within:]]
        return True
