#!/usr/bin/python3
"""Writes log.json: known answers of the log's formats (docs/format.md, The
log), made with hashlib and PyNaCl alone. Always the same."""
import base64
import hashlib
import json
import os
import sys

import nacl.signing

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "second"))

import ninety_format as nf  # noqa: E402

ORIGIN = "ninety.example/vectors"


def stream(name, n):
    return hashlib.shake_256(name.encode()).digest(n)


def leaf_bytes(f):
    return (bytes([1, f["type"], f["outcome"], f["category"]]) +
            f["recipient"].to_bytes(2, "big") + f["count"].to_bytes(2, "big") +
            f["at_ms"].to_bytes(8, "big") + bytes.fromhex(f["id"]) +
            bytes.fromhex(f["commitment"]))


def leaf_hash(b):
    return hashlib.sha256(b"\x00" + b).digest()


def tree_hash(hashes):
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return hashlib.sha256(b"\x01" + tree_hash(hashes[:k]) +
                          tree_hash(hashes[k:])).digest()


def commitments():
    for i, details in enumerate([b"", b"details", stream("long", 300)]):
        slot, leaf_id = stream(f"slot{i}", 32), stream(f"id{i}", 16)
        k_leaf, k_details = nf.leaf_keys(slot, leaf_id)
        out = nf.blake2b_256(details, k_leaf)
        yield {"slot_key": slot.hex(), "id": leaf_id.hex(),
               "details": details.hex(), "k_leaf": k_leaf.hex(),
               "k_details": k_details.hex(), "commitment": out.hex(),
               "sealed": nf.details_xor(k_details, out, details).hex()}


def details():
    record = "0198c2c4-7d6e-7a11-8e21-0c4e5f6a7b8c"
    for says in [
            {}, {"record": record, "version": 1},
            {"purpose": "support_request", "reason": "the customer called",
             "records": 3, "ticket": "T-1"},
            {"batch": 70000, "epoch": 64, "slots": 65535, "of": -1,
             "root": stream("root", 32).hex(), "weak_keystore": False},
            {"erased": {"contact": 1, "billing": 63, "about": 2},
             "kept": {}, "recipients": ["card-processor", ""],
             "note": "x" * 127, "reason": "Zo\u00eb " * 40, "gap": None,
             "an own name": True}]:
        yield {"says": says, "packed": nf.details_pack(says).hex()}
    for what, packed in [
            ("cut", "2090"), ("name of no number", "3140"),
            ("name 0", "0040"), ("a name that has a number", "826f6640"),
            ("out of order", "2e410141"), ("twice", "01410141"),
            ("value of no kind", "010b"), ("small as short", "01030001"),
            ("short as long", "01040000000000000400"),
            ("text as long", "01060000000161"),
            ("id as text", "01a4" + record.encode().hex()),
            ("a NUL", "018100"), ("list cut", "0107000240")]:
        yield {"comment": what, "packed": packed}


def leaves():
    rows = [(37, "read", 0, 1, 0, 0, 0), (33, "register_refused_age", 9, 0, 0,
                                          17, 1795467240123),
            (72, "disclose", 0, 3, 65535, 0, 253402300799999),
            (145, "notice_acknowledged", 18, 255, 1, 65535, 1)]
    for i, (t, word, outcome, category, recipient, count, at) in enumerate(rows):
        f = {"type": t, "word": word, "outcome": outcome, "category": category,
             "recipient": recipient, "count": count, "at_ms": at,
             "id": stream(f"leaf{i}", 16).hex(),
             "commitment": stream(f"commitment{i}", 32).hex()}
        b = leaf_bytes(f)
        yield {"result": "valid", **f, "leaf": b.hex(),
               "leaf_hash": leaf_hash(b).hex()}
    for what, at, value in [("version", 0, 2), ("type", 1, 0),
                            ("type", 1, 255), ("outcome", 2, 19),
                            ("time", 8, 0x80)]:
        bad = bytearray(b)
        bad[at] = value
        yield {"result": "invalid", "comment": what, "leaf": bytes(bad).hex()}
    yield {"result": "invalid", "comment": "short", "leaf": b[:63].hex()}
    yield {"result": "invalid", "comment": "long", "leaf": b.hex() + "00"}


def trees():
    """Entry i of these trees is i in eight bytes."""
    hashes = [leaf_hash(i.to_bytes(8, "big")) for i in range(1000)]
    for n in (0, 1, 2, 3, 7, 255, 256, 257, 1000):
        yield {"size": n, "root": tree_hash(hashes[:n]).hex()}


def checkpoint():
    seed = stream("seed", 32)
    key = nacl.signing.SigningKey(seed)
    raw = b"\x01" + key.verify_key.encode()
    key_id = hashlib.sha256(ORIGIN.encode() + b"\n" + raw).digest()[:4]
    root = bytes.fromhex(list(trees())[-1]["root"])
    b64 = lambda b: base64.b64encode(b).decode()
    text = f"{ORIGIN}\n1000\n{b64(root)}\n"
    signature = key.sign(text.encode()).signature
    return {"seed": seed.hex(), "origin": ORIGIN, "size": 1000,
            "root": root.hex(),
            "vkey": f"{ORIGIN}+{key_id.hex()}+{b64(raw)}",
            "note": f"{text}\n\u2014 {ORIGIN} {b64(key_id + signature)}\n"}


def head(note):
    mac_key = stream("mac", 32)
    body = (b"NINETYH1" + (7).to_bytes(8, "big") +
            len(note).to_bytes(4, "big") + note).ljust(4064, b"\0")
    mac = hashlib.blake2b(body, key=mac_key, digest_size=32).digest()
    return {"mac_key": mac_key.hex(), "sequence": 7,
            "slot_sha256": hashlib.sha256(body + mac).hexdigest()}


def main():
    c = checkpoint()
    all_of_it = {"format": "docs/format.md, The log",
                 "leaves": list(leaves()), "commitments": list(commitments()),
                 "details": list(details()),
                 "trees": list(trees()), "checkpoint": c,
                 "head": head(c["note"].encode())}
    with open(os.path.join(HERE, "log.json"), "w", encoding="utf-8") as f:
        json.dump(all_of_it, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    main()
