"""tests/second/make_vectors.py [--check] DIRECTORY: writes seal.json, node.json,
keystore.json and bucket.json, the known answers that ninety-audit vectors and the tests of
other languages read. All inputs come from a counter, so that the same files
come out each time. --check compares instead of writing."""

import json
import os
import sys

import ninety_format as nf


def octets(label, n):
    out = b""
    while len(out) < n:
        out += nf.blake2b_256(b"%s %d" % (label.encode(), len(out)))
    return out[:n]


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def seal_vectors():
    base = {
        "type": 2,
        "category": 3,
        "slot": 47626,
        "record": octets("record", 16).hex(),
        "version": 4,
        "day": 20780,
        "schema": 1,
    }
    cases = [
        ("a record with a day", base, b"hello"),
        ("no day", {**base, "day": nf.DAY_NONE}, b"hello"),
        ("empty", base, b""),
        ("a day before 1970", {**base, "day": -1}, octets("plain", 33)),
        (
            "largest members",
            {
                "type": 255,
                "category": 65535,
                "slot": (1 << 63) - 1,
                "record": "ff" * 16,
                "version": (1 << 63) - 1,
                "day": (1 << 31) - 1,
                "schema": 65535,
            },
            octets("plain", 1000),
        ),
    ]
    out = []
    for i, (comment, context, plain) in enumerate(cases):
        store_id = octets("store", 16)
        slot_key = octets("slot key %d" % i, 32)
        day_key = (
            nf.ZERO_KEY
            if context["day"] == nf.DAY_NONE
            else octets("day key %d" % i, 32)
        )
        sealed = nf.record_seal(
            store_id, context, slot_key, day_key, octets("nonce %d" % i, 24),
            plain,
        )
        vector = {
            "comment": comment,
            "store": store_id.hex(),
            "context": context,
            "slot_key": slot_key.hex(),
            "day_key": day_key.hex(),
            "plain": plain.hex(),
            "sealed": sealed.hex(),
            "result": "valid",
        }
        out.append(vector)
        if i > 0:
            continue
        changes = [
            ("nonce changed", {"sealed": flipped(sealed, 1).hex()}),
            ("commitment changed", {"sealed": flipped(sealed, 25).hex()}),
            ("ciphertext changed", {"sealed": flipped(sealed, 57).hex()}),
            ("tag changed", {"sealed": flipped(sealed, -1 % len(sealed)).hex()}),
            ("version changed", {"sealed": flipped(sealed, 0).hex()}),
            ("cut short", {"sealed": sealed[:-1].hex()}),
            ("nothing but a version", {"sealed": "01"}),
            ("another slot key", {"slot_key": octets("other", 32).hex()}),
            ("another day key", {"day_key": octets("other", 32).hex()}),
            ("no day key", {"day_key": nf.ZERO_KEY.hex()}),
            ("another store", {"store": octets("other", 16).hex()}),
        ]
        for name, value in [
            ("type", 9),
            ("category", 4),
            ("slot", 47627),
            ("record", octets("other", 16).hex()),
            ("version", 5),
            ("day", 20781),
            ("schema", 2),
        ]:
            changes.append(
                ("another " + name, {"context": {**context, name: value}})
            )
        for comment, change in changes:
            out.append(
                {**vector, **change, "comment": comment, "result": "invalid"}
            )
    return {
        "format": "docs/format.md, Sealed records",
        "note": "plain and sealed in hexadecimal; day_key zero: no day",
        "vectors": out,
    }


def node_vectors():
    out = []
    for i, (level, index, epoch) in enumerate(
        [(0, 384, 2), (1, 3, 9), (2, 0, 1 << 40), (3, 0, 17)]
    ):
        key = octets("node key %d" % i, 32)
        store_id = octets("store", 16)
        plain = octets("children %d" % i, 124 * 32)
        node = nf.node_seal(
            key, level, index, epoch, store_id, octets("nonce %d" % i, 24),
            plain,
        )
        vector = {
            "comment": "level %d" % level,
            "store": store_id.hex(),
            "level": level,
            "index": index,
            "epoch": epoch,
            "key": key.hex(),
            "plain": plain.hex(),
            "node": node.hex(),
            "result": "valid",
        }
        out.append(vector)
        if i == 0:
            for comment, change in [
                ("another place", {"index": index + 1}),
                ("another level", {"level": 1}),
                ("another key", {"key": octets("other", 32).hex()}),
                ("another store", {"store": octets("other", 16).hex()}),
                ("epoch changed", {"node": flipped(node, 23).hex()}),
                ("commitment changed", {"node": flipped(node, 60).hex()}),
                ("ciphertext changed", {"node": flipped(node, 100).hex()}),
                ("cut short", {"node": node[:-1].hex()}),
            ]:
                out.append(
                    {
                        **vector,
                        **change,
                        "comment": comment,
                        "result": "invalid",
                    }
                )
    return {"format": "docs/format.md, The key tree", "vectors": out}


def keystore_vectors():
    out = []
    passphrase = b"correct horse battery staple"
    for i, (state, following) in enumerate(
        [(nf.STABLE, nf.ZERO_KEY), (nf.PENDING, octets("next", 32))]
    ):
        salt = octets("salt", 16)
        store_id = octets("store", 16)
        header = nf.keystore_header(store_id, i, 1, 8192, salt)
        content = {
            "state": state,
            "sequence": 41 + i,
            "epoch": 7,
            "batch": i * 12,
            "root": octets("root", 32).hex(),
            "next": following.hex(),
            "outer": octets("outer", 32).hex(),
        }
        plain = nf.keystore_plain(
            state, 41 + i, 7, i * 12, octets("root", 32), following,
            octets("outer", 32),
        )
        kek = nf.keystore_kek(passphrase, salt, 1, 8192)
        sealed = nf.seal(
            kek, nf.ZERO_KEY, octets("nonce %d" % i, 24), header, plain
        )
        # The zeros behind the sealed part are left out here.
        vector = {
            "comment": "STABLE" if state == nf.STABLE else "PENDING",
            "passphrase": passphrase.decode(),
            "slot": (header + sealed).hex(),
            "content": content,
            "result": "valid",
        }
        out.append(vector)
        for comment, at in [
            ("store changed", 8),
            ("weak changed", 25),
            ("salt changed", 48),
            ("nonce changed", 64),
            ("commitment changed", 90),
            ("ciphertext changed", 130),
        ]:
            out.append(
                {
                    **vector,
                    "comment": comment,
                    "slot": flipped(header + sealed, at).hex(),
                    "result": "invalid",
                }
            )
        out.append(
            {
                **vector,
                "comment": "another passphrase",
                "passphrase": "incorrect",
                "result": "invalid",
            }
        )
    return {
        "format": "docs/format.md, The keystore",
        "note": "slot without the zeros that fill it up to 4,096 bytes",
        "vectors": out,
    }


def bucket_vectors():
    out = []
    for i, (kind, value, buckets, others) in enumerate([
        (1, "jane.quetzal@example.com", 65536, 0),
        (2, "+49305550101", 65536, 3),
        (3, "cookie-0001", 1 << 20, 8),
        (1, "j\u00f6rg@example.com", 1, 20),
    ]):
        store_id = octets("store", 16)
        route_key, slot_key = octets("route", 32), octets("slot %d" % i, 32)
        slot = 47616 + i
        number, name = nf.bucket_route(route_key, kind, value, buckets)
        entries = [nf.bucket_entry(name, 1 + i, i, octets("owner %d" % i, 16))]
        entries += [
            nf.bucket_entry(octets("hash %d" % n, 8), 1, 0,
                            octets("other %d" % n, 16))
            for n in range(others)
        ]
        row = nf.bucket_seal(store_id, number, slot, slot_key,
                             octets("nonce %d" % i, 24), entries)
        assert nf.bucket_open(store_id, number, slot_key, row)[0][0] == name
        vector = {
            "comment": "%d entries in one of %d" % (len(entries), buckets),
            "store": store_id.hex(),
            "route_key": route_key.hex(),
            "kind": kind,
            "value": value,
            "buckets": buckets,
            "bucket": number,
            "hash": name.hex(),
            "slot": slot,
            "slot_key": slot_key.hex(),
            "row": row.hex(),
            "entries": b"".join(entries).hex(),
            "result": "valid",
        }
        out.append(vector)
        if i > 0:
            continue
        for comment, change in [
            ("another value", {"value": value[1:]}),
            ("another kind", {"kind": 2}),
            ("another route key", {"route_key": octets("other", 32).hex()}),
            ("another slot", {"slot": slot + 1}),
            ("another slot key", {"slot_key": octets("other", 32).hex()}),
            ("another store", {"store": octets("other", 16).hex()}),
            ("slot in clear changed", {"row": flipped(row, 7).hex()}),
            ("sealed list changed", {"row": flipped(row, 90).hex()}),
            ("cut short", {"row": row[:-1].hex()}),
            ("no list", {"row": row[:8].hex()}),
        ]:
            out.append({**vector, **change, "comment": comment,
                        "result": "invalid"})
    return {
        "format": "docs/format.md, People: the look-up index",
        "vectors": out,
    }


def main(arguments):
    check = arguments[:1] == ["--check"]
    directory = arguments[-1]
    wrong = 0
    for name, vectors in [
        ("seal", seal_vectors()),
        ("node", node_vectors()),
        ("keystore", keystore_vectors()),
        ("bucket", bucket_vectors()),
    ]:
        path = os.path.join(directory, name + ".json")
        text = json.dumps(vectors, indent=1) + "\n"
        if check:
            with open(path, encoding="ascii") as f:
                same = f.read() == text
            print("%s: %s" % (name, "as made" if same else "DIFFERS"))
            wrong += not same
        else:
            with open(path, "w", encoding="ascii") as f:
                f.write(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
