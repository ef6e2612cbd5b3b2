#!/usr/bin/env python3
"""Checks an evidence bundle, or a log's folder, without any code of fabu.

    independent_check.py bundle FILE VKEY      independent_check.py log DIR VKEY

Needs Python's own hashlib and the openssl program (for Ed25519). Reads protobuf by its wire format, so that no generated code
is trusted either. Exits 0 when everything holds, 1 when something does not, and names the first bad record.
"""
import base64, hashlib, pathlib, struct, subprocess, sys, tempfile


def fail(words):
    sys.exit(f"NOT VERIFIED: {words}")


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def fields(message):
    """Protobuf's wire format: number -> list of values."""
    out, at = {}, 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    while at < len(message):
        tag = varint()
        if tag & 7 == 0:
            value = varint()
        elif tag & 7 == 2:
            length = varint()
            value, at = message[at:at + length], at + length
        else:
            fail(f"wire type {tag & 7} is not used by these messages")
        out.setdefault(tag >> 3, []).append(value)
    return out


def open_checkpoint(note, vkey):
    """C2SP signed-note and tlog-checkpoint: (size, root) when the key signed it."""
    name, _, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    key_id = sha(name.encode(), b"\n", key)[:4]
    text, _, signatures = note.rpartition(b"\n\n")
    text += b"\n"
    for line in signatures.decode().splitlines():
        dash, signer, blob = line.split(" ")
        blob = base64.b64decode(blob)
        if dash == "\u2014" and signer == name and blob[:4] == key_id and ed25519(key[1:], text, blob[4:]):
            origin, size, root = text.decode().splitlines()
            if origin != name:
                fail("the checkpoint is of another log")
            return int(size), base64.b64decode(root)
    fail("the checkpoint is not signed by the key")


def ed25519(public, text, signature):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        der = bytes.fromhex("302a300506032b6570032100") + public  # RFC 8410
        pem = b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(der) + b"\n-----END PUBLIC KEY-----\n"
        for file, content in (("key", pem), ("text", text), ("signature", signature)):
            (folder / file).write_bytes(content)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin", "-inkey", folder / "key", "-in", folder / "text",
                   "-sigfile", folder / "signature"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def root_from_path(index, size, leaf, path):
    """RFC 9162 section 2.1.3.2."""
    fn, sn, node = index, size - 1, leaf
    for sibling in path:
        if fn & 1 or fn == sn:
            node = sha(b"\1", sibling, node)
            while fn & 1 == 0 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = sha(b"\1", node, sibling)
        fn, sn = fn >> 1, sn >> 1
    return node if sn == 0 else None


def tree_root(hashes):
    """RFC 6962 section 2.1."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha()
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return sha(b"\1", tree_root(hashes[:k]), tree_root(hashes[k:]))


def check_bundle(path, vkey):
    bundle = fields(pathlib.Path(path).read_bytes())
    size, root = open_checkpoint(bundle[4][0], vkey)
    records, proofs = bundle[7], [fields(proof) for proof in bundle[8]]
    if len(records) != len(proofs):
        fail("records and proofs do not pair")
    previous, received, committed = b"", {}, {}
    for bytes_, proof in zip(records, proofs):
        index, leaf = proof.get(1, [0])[0], sha(b"\0", bytes_)
        if root_from_path(index, size, leaf, proof.get(2, [])) != root:
            fail(f"record {index}: it is not in the tree")
        record = fields(bytes_)
        if record.get(1, [0])[0] != index:
            fail(f"record {index}: it carries another number")
        if record.get(13, [b""])[0] != previous:
            fail(f"record {index}: it does not follow the item's previous record")
        previous = leaf
        if record[5][0] in (1, 10):  # RECEIVED, WITHDRAWN
            received[record[7][0]] = record[8][0]
        if 15 in record:
            committed[index] = record[15][0]
    for edition in map(fields, bundle.get(6, [])):
        if sha(edition[4][0]) != received.get(edition[2][0]):
            fail(f"edition {edition[2][0]}: not the one that was received")
    for opening in map(fields, bundle.get(9, [])):
        if sha(opening[2][0], opening.get(3, [b""])[0]) != committed.get(opening.get(1, [0])[0]):
            fail(f"record {opening.get(1, [0])[0]}: its opening does not fit")
    print(f"verified: {len(records)} records in a tree of {size}, root {root.hex()}")


def tile_path(kind, number, width):
    path = f"{number % 1000:03}"
    while number := number // 1000:
        path = f"x{number % 1000:03}/{path}"
    return f"tile/{kind}/{path}" + (f".p/{width}" if width < 256 else "")


def check_log(folder, vkey):
    folder = pathlib.Path(folder)
    size, root = open_checkpoint((folder / "checkpoint").read_bytes(), vkey)
    leaves = []
    for tile in range(-(-size // 256)):
        width = min(256, size - tile * 256)
        bundle, hashes, at = (folder / tile_path("entries", tile, width)).read_bytes(), [], 0
        while at < len(bundle):
            length, = struct.unpack_from(">H", bundle, at)
            hashes.append(sha(b"\0", bundle[at + 2:at + 2 + length]))
            at += 2 + length
        stored = (folder / tile_path("0", tile, width)).read_bytes()
        for i in range(width):
            if i >= len(hashes) or hashes[i] != stored[32 * i:32 * i + 32]:
                fail(f"record {tile * 256 + i}: leaf does not match its tile")
        leaves += hashes
    if len(leaves) != size or tree_root(leaves) != root:
        fail("the root is not that of the checkpoint")
    print(f"verified: {size} records, root {root.hex()}")


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("bundle", "log"):
        sys.exit(__doc__)
    (check_bundle if sys.argv[1] == "bundle" else check_log)(sys.argv[2], sys.argv[3].strip())
