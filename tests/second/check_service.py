"""tests/second/check_service.py BUILD: a service works and is killed; then its
store, journal, log and head are read by docs/format.md alone, and every row
that is sealed opens, every leaf's commitment too."""

import base64
import hashlib
import os
import signal
import struct
import subprocess
import sys
import time

try:
    import lmdb
    from nacl import bindings as sodium
except ImportError as error:
    print("skipped: %s (apt: python3-nacl python3-lmdb)" % error)
    sys.exit(77)

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "system"))

import audit  # noqa: E402
import ninety_format as nf  # noqa: E402
from service import Client  # noqa: E402


def u16(b, at=0):
    return int.from_bytes(b[at : at + 2], "big")


def u32(b, at=0):
    return int.from_bytes(b[at : at + 4], "big")


def u64(b, at=0):
    return int.from_bytes(b[at : at + 8], "big")


def day(b, at=0):
    return struct.unpack_from(">i", b, at)[0]


# The store: LMDB and the journal's groups behind it


def groups(directory, incarnation):
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), "rb") as f:
            data = f.read()
        for at in range(0, len(data) - 23, 4096):
            n = u32(data, at + 12)
            if data[at + 8 : at + 12] != b"NJR1" or at + 24 + n > len(data):
                continue
            checked = data[at + 8 : at + 24 + n]
            if (sodium.crypto_shorthash_siphash24(checked, incarnation)
                    == data[at : at + 8]):
                yield u64(data, at + 16), data[at + 24 : at + 24 + n]


def rows_of(payload):
    at = 0
    while at < len(payload):
        head = int.from_bytes(payload[at : at + 2], "big")
        table, is_put, key_n = head >> 10, head >> 9 & 1, head & 511
        at += 2
        value_n = 0
        if is_put:
            value_n = int.from_bytes(payload[at : at + 3], "big")
            at += 3
        key = payload[at : at + key_n]
        at += key_n + value_n
        yield table, is_put, key, payload[at - value_n : at]


def store_read(directory):
    tables = [{} for _ in range(26)]
    env = lmdb.open(f"{directory}/data", readonly=True, lock=False,
                    max_dbs=64)
    with env.begin() as txn:
        for n, table in enumerate(tables):
            try:
                db = env.open_db(b"t%02d" % n, txn=txn, create=False)
            except lmdb.NotFoundError:
                continue
            table.update(txn.cursor(db))
        meta = env.open_db(b"meta", txn=txn, create=False)
        sequence = u64(txn.get(b"sequence", db=meta))
    env.close()
    incarnation = tables[0][b"store.incarnation"][:16]
    behind = sorted(g for g in groups(f"{directory}/journal", incarnation)
                    if g[0] > sequence)
    for number, payload in behind:
        sequence += 1
        assert number == sequence, "a group is missing"
        for table, is_put, key, value in rows_of(payload):
            if is_put:
                tables[table][key] = value
            else:
                tables[table].pop(key, None)
    return tables, len(behind)


# What each table's rows are sealed as


def by_id(kind, slot_at, clear):
    return lambda k, v: (context(kind, u64(v, slot_at), record=k), v[clear:])


def context(kind, slot, category=0, record=bytes(16), version=0,
            on=nf.DAY_NONE, schema=1):
    return {"type": kind, "category": category, "slot": slot,
            "record": record.hex(), "version": version, "day": on,
            "schema": schema}


def page_count(k, v):
    if k[0] == 0:
        return context(16, 6, record=k[5:], version=day(k, 1)), v[16:]
    return context(16, 6, record=k[1:], on=day(v, 4)), v[8:]


SEALED = {
    1: lambda k, v: (context(1, u64(v, 16), record=k, schema=2), v[24:]),
    2: lambda k, v: (context(2, u64(k), k[8], k[9:25], u32(k, 25), day(v)),
                     v[4:]),
    3: lambda k, v: (context(3, u64(v), record=bytes(12) + k), v[8:]),
    6: lambda k, v: (context(5, u64(v, 1), record=k[:16], version=u32(k, 16),
                             on=day(v, 9)), v[13:]),
    7: lambda k, v: (context(6, 3, version=u32(v)), v[4:]),
    8: by_id(7, 0, 8),
    11: lambda k, v: (context(8, u64(v), version=u64(k), schema=2), v[16:]),
    12: lambda k, v: (context(9, u64(k), record=k[12:], version=day(k, 8),
                              on=day(v), schema=2), v[4:]),
    13: page_count,
    14: by_id(10, 8, 26),
    16: by_id(11, 0, 10),
    17: by_id(12, 0, 8),
    18: by_id(13, 0, 8),
    20: lambda k, v: (context(14, 0, record=k), v),
    21: lambda k, v: (context(15, u64(k), version=u32(k, 8)), v),
}


def rows_open(tables, tree):
    opened, dead = {}, 0
    for number, where in SEALED.items():
        for key, value in tables[number].items():
            c, sealed = where(key, value)
            try:
                plain = nf.record_open_with(tree, c, sealed)
            except nf.Refused as why:
                assert str(why) == "dead", (number, key.hex(), why)
                dead += 1
                continue
            opened[number] = opened.get(number, 0) + 1
            if number == 2:
                record_read(plain)
    return opened, dead


# Packed values


def value_read(b, at=0):
    kind, at = b[at], at + 1
    if kind == 0:
        return None, at
    if kind == 1:
        return bool(b[at]), at + 1
    if kind == 2:
        return struct.unpack_from(">q", b, at)[0], at + 8
    if kind == 3:
        return struct.unpack_from(">d", b, at)[0], at + 8
    if kind == 4:
        end = at + 4 + u32(b, at)
        return b[at + 4 : end].decode(), end
    n, at = u32(b, at), at + 4
    out = [] if kind == 5 else {}
    for _ in range(n):
        if kind == 6:
            end = at + 4 + u32(b, at)
            name, at = b[at + 4 : end].decode(), end
            assert not out or list(out)[-1] < name, "not in order"
            out[name], at = value_read(b, at)
        else:
            item, at = value_read(b, at)
            out.append(item)
    return out, at


def record_read(plain):
    """collected at 8, collected with, source, principal 4, due 4, data"""
    at = 8
    for _ in range(2):
        n = u32(plain, at)
        at += 4 + (0 if n == 0xFFFFFFFF else n)
    data, end = value_read(plain, at + 8)
    assert isinstance(data, dict) and end == len(plain)


# The log


def leaves_check(tables, tree):
    """The details of each leaf, by the slots that can open them."""
    opened, names = 0, set()
    for key, sealed in tables[4].items():
        details = nf.details_unpack(nf.details_open(
            tree.key(u64(key)), tables[5][key[8:]], sealed))
        opened, names = opened + 1, names | set(details)
    assert names <= set(nf.DETAIL_NAMES), names
    return opened


def key_check(tables, tree, log):
    with open(f"{log}/vkey", encoding="utf-8") as f:
        origin, _, key = f.read().strip().split("+", 2)
    row = tables[0][b"log.keys"]
    place, at, rotations = int.from_bytes(row[:2], "big"), 2, 0
    while at < len(row):
        n = int.from_bytes(row[at : at + 2], "big")
        rotations += 1
        with open(f"{log}/key/{rotations}", "rb") as f:
            assert f.read() == row[at + 2 : at + 2 + n]
        at += 2 + n
    place += rotations
    seed = hashlib.blake2b(
        rotations.to_bytes(8, "big") + origin.encode(), digest_size=32,
        key=tree.key(4 if place == 0 else 23 + place), person=b"ninety log key").digest()
    public, _ = sodium.crypto_sign_seed_keypair(seed)
    assert base64.b64decode(key) == b"\x01" + public
    return rotations


def head_check(path, outer, log):
    with open(path, "rb") as f:
        data = f.read()
    key = nf.blake2b_256(b"head", outer)
    slots = [data[at : at + 4096] for at in (0, 1 << 20)]
    for s in slots:
        assert s[:8] == b"NINETYH1" and nf.blake2b_256(s[:4064], key) \
            == s[4064:]
    # The one before, when it was killed between head and file.
    with open(f"{log}/checkpoint", "rb") as f:
        assert f.read() in [s[20 : 20 + u32(s, 16)] for s in slots]


def instance_check(directory):
    keystore = nf.keystore_open(
        f"{directory}/keystore/keystore",
        nf.passphrase_read(f"{directory}/passphrase"))
    tree = nf.Tree(f"{directory}/keys", keystore)
    tables, behind = store_read(f"{directory}/store")
    opened, dead = rows_open(tables, tree)
    openings = leaves_check(tables, tree)
    rotations = key_check(tables, tree, f"{directory}/log")
    head_check(f"{directory}/keystore/head", keystore["outer"],
               f"{directory}/log")
    assert u64(tables[0][b"batch.epoch"]) <= keystore["epoch"]
    assert len(tables[5]) == u64(tables[0][b"log.size"])
    print("%d groups behind the store, rows opened by table %s, %d of dead "
          "slots, %d commitments, %d rotations" % (
              behind, opened, dead, openings, rotations))
    assert set(opened) >= {1, 2, 3, 6, 7, 8, 12, 17} and behind > 0
    assert openings > 20
    assert dead > 0 and rotations == 1


def audit_answers(build, directory):
    return subprocess.run(
        [f"{build}/bin/ninety-audit", "encryption", directory],
        stdout=subprocess.PIPE, check=False)


def changed_details_are_found(build, directory):
    """One bit of what a leaf says of somebody alive, in the store itself."""
    assert audit_answers(build, directory).returncode == 0
    env = lmdb.open(f"{directory}/store/data", max_dbs=64)
    with env.begin(write=True) as txn:
        db = env.open_db(b"t04", txn=txn, create=False)
        key, value = next((k, v) for k, v in txn.cursor(db)
                          if u64(k) == 5 and len(v) > 4)
        txn.put(key, value[:3] + bytes([value[3] ^ 1]) + value[4:], db=db)
    env.close()
    done = audit_answers(build, directory)
    assert done.returncode == 1, done
    assert b"not the details that the leaf commits to" in done.stdout, done


def service_writes(build):
    with audit.service(build) as s:
        people = audit.work(s)
        portal, admin = Client(s.dir, "portal"), Client(s.dir, "admin")
        audit.must(portal, "invite.create", {
            "subject": people[0],
            "friend": {"name": "A Friend", "email": "friend@example.net"}})
        next_key = audit.must(admin, "key.rotate", {"of": "log"})["vkey"]
        audit.erase(s, people[5])
        auditor = Client(s.dir, "auditor")
        while audit.must(auditor, "audit.checkpoint", {})["vkey"] != next_key:
            time.sleep(0.05)
        for pid in [*s.children().values(), s.process.pid]:
            os.kill(pid, signal.SIGSTOP)
        for pid in [*s.children().values(), s.process.pid]:
            os.kill(pid, signal.SIGKILL)
        s.process.wait()
        instance_check(s.dir)
        changed_details_are_found(build, s.dir)


if __name__ == "__main__":
    service_writes(sys.argv[1])
