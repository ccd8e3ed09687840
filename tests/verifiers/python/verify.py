"""A verifier of ninety's log from RFC 6962 and the C2SP texts alone.

Uses hashlib and PyNaCl's Ed25519, none of ninety's code. The recursion follows
the RFC word for word: slow, and easy to compare with it.

    verify.py DIR      check DIR/log, DIR/since/*, DIR/proofs/* under DIR/vkey
    verify.py -        read such lines from standard input, answer one line each
"""
import base64
import hashlib
import os
import re
import sys

import nacl.exceptions
import nacl.signing


class Refused(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Refused(what)


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError as e:
        raise Refused(f"{path}: {e.strerror}")


def b64(text):
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("not base64")
    need(base64.b64encode(raw) == text, "not canonical base64")
    return raw


def decimal(text):
    need(re.fullmatch(rb"0|[1-9][0-9]*", text), "not a decimal number")
    return int(text)


# RFC 6962, section 2.1

def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def tree_hash(hashes):
    """MTH over leaf hashes, one level at a time."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    while len(hashes) > 1:
        odd = hashes[-1:] if len(hashes) % 2 else []
        hashes = [node_hash(hashes[i], hashes[i + 1])
                  for i in range(0, len(hashes) - 1, 2)] + odd
    return hashes[0]


def path_root(leaf, index, size, path):
    """The root that PATH(index, D[size]) leads to."""
    if size == 1:
        need(not path, "proof too long")
        return leaf
    need(path, "proof too short")
    k = split(size)
    if index < k:
        return node_hash(path_root(leaf, index, k, path[:-1]), path[-1])
    return node_hash(path[-1], path_root(leaf, index - k, size - k, path[:-1]))


def subproof(m, hashes, whole):
    n = len(hashes)
    if m == n:
        return [] if whole else [tree_hash(hashes)]
    k = split(n)
    if m <= k:
        return subproof(m, hashes[:k], whole) + [tree_hash(hashes[k:])]
    return subproof(m - k, hashes[k:], False) + [tree_hash(hashes[:k])]


def proof_roots(m, n, proof, old, whole=True):
    """(old root, new root) that PROOF(m, D[n]) leads to."""
    if m == n:
        if whole:
            need(not proof, "proof too long")
            return old, old
        need(len(proof) == 1, "proof of a wrong length")
        return proof[0], proof[0]
    need(proof, "proof too short")
    k = split(n)
    if m <= k:
        was, now = proof_roots(m, k, proof[:-1], old, whole)
        return was, node_hash(now, proof[-1])
    was, now = proof_roots(m - k, n - k, proof[:-1], old, False)
    return node_hash(proof[-1], was), node_hash(proof[-1], now)


# c2sp.org/signed-note, c2sp.org/tlog-checkpoint

class Verifier:
    def __init__(self, vkey):
        name, key_id, key = vkey.strip().split(b"+", 2)
        raw = b64(key)
        need(raw[:1] == b"\x01" and len(raw) == 33, "not an Ed25519 key")
        self.name = name
        self.id = hashlib.sha256(name + b"\n" + raw).digest()[:4]
        need(self.id.hex().encode() == key_id, "key id")
        self.key = nacl.signing.VerifyKey(raw[1:])

    def open(self, note):
        text, sep, signatures = note.rpartition(b"\n\n")
        need(sep and signatures.endswith(b"\n"), "not a note")
        text += b"\n"
        found = False
        for line in signatures[:-1].split(b"\n"):
            dash, name, value = (line.split(b" ") + [b"", b""])[:3]
            need(dash == "\u2014".encode() and name and line.count(b" ") == 2,
                 "signature line")
            raw = b64(value)
            if name == self.name and raw[:4] == self.id:
                try:
                    self.key.verify(text, raw[4:])
                except (nacl.exceptions.BadSignatureError, ValueError):
                    raise Refused("signature")
                found = True
        need(found, "not signed by the key")
        return text

    def checkpoint(self, note):
        lines = self.open(note).split(b"\n")
        need(len(lines) == 4 and lines[3] == b"", "checkpoint lines")
        need(lines[0] == self.name, "origin")
        root = b64(lines[2])
        need(len(root) == 32, "root")
        return decimal(lines[1]), root


# c2sp.org/tlog-tiles

def tile_number(n):
    groups = [f"{n % 1000:03}"]
    while n >= 1000:
        n //= 1000
        groups.insert(0, f"x{n % 1000:03}")
    return "/".join(groups)


def tile_path(level, n, width):
    return f"tile/{level}/{tile_number(n)}" + ("" if width == 256
                                               else f".p/{width}")


def read_entries(log, size):
    entries = []
    for n in range((size + 255) // 256):
        width = min(256, size - n * 256)
        path = f"{log}/{tile_path('entries', n, width)}"
        if not os.path.exists(path):
            path = f"{log}/{tile_path('entries', n, 256)}"
        raw = read(path)
        at = 0
        for _ in range(width):
            length = int.from_bytes(raw[at:at + 2], "big")
            need(len(raw) >= at + 2 + length, "bundle too short")
            entries.append(raw[at + 2:at + 2 + length])
            at += 2 + length
        need(at == len(raw), "bundle too long")
    return entries


def check_tiles(log, entries, hashes):
    """Every file under tile/ holds what the entries give."""
    levels = {0: hashes}
    while len(levels[max(levels)]) >= 256:
        below = levels[max(levels)]
        levels[max(levels) + 1] = [tree_hash(below[i:i + 256]) for i in
                                   range(0, len(below) - 255, 256)]
    for folder, _, files in os.walk(f"{log}/tile"):
        for name in files:
            path = os.path.relpath(os.path.join(folder, name), log)
            m = re.fullmatch(r"tile/(entries|\d+)/((?:x\d{3}/)*\d{3})"
                             r"(?:\.p/(\d+))?", path)
            need(m, f"{path}: no file of the log")
            level = m[1] if m[1] == "entries" else int(m[1])
            n = int(m[2].replace("x", "").replace("/", ""))
            width = int(m[3]) if m[3] else 256
            need(tile_path(level, n, width) == path, f"{path}: its name")
            first, last = n * 256, n * 256 + width
            if level == "entries":
                need(last <= len(entries), f"{path}: beyond the log")
                want = b"".join(len(e).to_bytes(2, "big") + e
                                for e in entries[first:last])
            else:
                need(level in levels and last <= len(levels[level]),
                     f"{path}: beyond the log")
                want = b"".join(levels[level][first:last])
            need(read(f"{log}/{path}") == want, f"{path}: content")


# c2sp.org/tlog-proof

def check_proof(verifier, raw):
    head, sep, note = raw.partition(b"\n\n")
    lines = head.split(b"\n")
    need(sep and lines[0] == b"c2sp.org/tlog-proof@v1", "not a proof")
    need(len(lines) >= 3 and lines[1].startswith(b"extra ") and
         lines[2].startswith(b"index "), "proof lines")
    extra = b64(lines[1][6:])
    need(extra[0] == 1 and len(extra) >= 65, "extra")
    index = decimal(lines[2][6:])
    path = [b64(line) for line in lines[3:]]
    need(all(len(h) == 32 for h in path), "proof hash")
    size, root = verifier.checkpoint(note)
    leaf = extra[1:65]
    need(index < size, "index")
    need(path_root(leaf_hash(leaf), index, size, path) == root, "inclusion")
    if len(extra) > 65:
        # BLAKE2b-256 keyed with k_leaf over the details
        need(len(extra) >= 97, "opening")
        opened = hashlib.blake2b(extra[97:], key=extra[65:97], digest_size=32)
        need(opened.digest() == leaf[32:64], "commitment")


def check(folder):
    vkey = read(f"{folder}/vkey")
    log = f"{folder}/log"
    need(read(f"{log}/vkey") == vkey, "published key")
    verifier = Verifier(vkey)
    size, root = verifier.checkpoint(read(f"{log}/checkpoint"))
    entries = read_entries(log, size)
    hashes = [leaf_hash(e) for e in entries]
    need(tree_hash(hashes) == root, "root")
    check_tiles(log, entries, hashes)
    for name in os.listdir(f"{folder}/since"):
        if name == "tmp":
            continue
        m, was = verifier.checkpoint(read(f"{folder}/since/{name}"))
        need(0 < m <= size, "older size")
        proof = subproof(m, hashes, True)
        need(proof_roots(m, size, proof, was) == (was, root), "consistency")
        need(tree_hash(hashes[:m]) == was, "older root")
    for name in os.listdir(f"{folder}/proofs"):
        if name != "tmp":
            check_proof(verifier, read(f"{folder}/proofs/{name}"))


def answer(folder):
    try:
        check(folder)
        return "ok"
    except Refused as e:
        return f"refused {e}"


if __name__ == "__main__":
    if sys.argv[1:] == ["-"]:
        for line in sys.stdin:
            print(answer(line.rstrip("\n")), flush=True)
    else:
        said = answer(sys.argv[1])
        print(said)
        sys.exit(said != "ok")
