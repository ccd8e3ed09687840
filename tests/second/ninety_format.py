"""The formats of docs/format.md, written from that page alone: sealing, the
keystore, the key tree, sealed records. Raises Refused for what does not open."""

import hashlib
import hmac
import re
import struct
import uuid

import nacl.bindings
import nacl.exceptions

ZERO_KEY = bytes(32)
FANOUT = 124
ROOT_LEVEL = 3
DAY_NONE = -(1 << 31)
DAY_FIRST = 18262  # 2020-01-01
DAY_END = 65744  # 2150-01-01
SLOT_BYTES = 4096
SLOT_DISTANCE = 1 << 20
STABLE, PENDING = 1, 2


class Refused(Exception):
    """Does not open, or is not what it says."""


def blake2b_256(message, key=b""):
    return hashlib.blake2b(message, digest_size=32, key=key).digest()


def derive(first, second, nonce, aad):
    both = hashlib.blake2b(
        second + nonce + blake2b_256(aad), digest_size=64, key=first
    ).digest()
    return both[:32], both[32:]


def seal(first, second, nonce, aad, plain):
    k_enc, k_com = derive(first, second, nonce, aad)
    return (
        nonce
        + k_com
        + nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
            plain, aad, nonce, k_enc
        )
    )


def unseal(first, second, aad, sealed):
    if len(sealed) < 72:
        raise Refused("too short")
    nonce, k_com = sealed[:24], sealed[24:56]
    k_enc, want = derive(first, second, nonce, aad)
    if not hmac.compare_digest(k_com, want):
        raise Refused("another key or context")
    try:
        return nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            sealed[56:], aad, nonce, k_enc
        )
    except nacl.exceptions.CryptoError as error:
        raise Refused("changed") from error


# Details of leaves

DETAIL_NAMES = (
    "about alarm at basis batch by category count country days drift_ms due_at "
    "epoch erased fields gap granted hold kept keystore kind method note "
    "notices of principal purpose reason received_at recipient recipients "
    "record records request root rows sha256 share shares slots state "
    "stopped_ms terms_version through ticket type version weak_keystore"
).split()
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HASH = re.compile("[0-9a-f]{64}")


def leaf_keys(slot_key, leaf_id):
    both = hashlib.blake2b(
        leaf_id, digest_size=64, key=slot_key, person=b"ninety leaf"
    ).digest()
    return both[:32], both[32:]


def details_xor(k_details, commitment, text):
    """XChaCha20-Poly1305 without its tag."""
    return nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        text, b"", commitment[:24], k_details
    )[:-16]


def details_open(slot_key, leaf, sealed):
    k_leaf, k_details = leaf_keys(slot_key, leaf[16:32])
    details = details_xor(k_details, leaf[32:], sealed)
    if not hmac.compare_digest(blake2b_256(details, k_leaf), leaf[32:]):
        raise Refused("not the details of the leaf")
    return details


def detail_name(name):
    if name in DETAIL_NAMES:
        return bytes([1 + DETAIL_NAMES.index(name)])
    return bytes([0x80 | len(name.encode())]) + name.encode()


def detail_text(text):
    b = text.encode()
    if UUID.fullmatch(text):
        return b"\x09" + bytes.fromhex(text.replace("-", ""))
    if HASH.fullmatch(text):
        return b"\x0a" + bytes.fromhex(text)
    if len(b) < 128:
        return bytes([0x80 | len(b)]) + b
    return b"\x06" + struct.pack(">I", len(b)) + b


def detail_value(v):
    if v is None or v is False or v is True:
        return bytes([{None: 0, False: 1, True: 2}[v]])
    if isinstance(v, int):
        if 0 <= v < 64:
            return bytes([0x40 | v])
        if 0 <= v < 65536:
            return b"\x03" + struct.pack(">H", v)
        return b"\x04" + struct.pack(">q", v)
    if isinstance(v, float):
        return b"\x05" + struct.pack(">d", v)
    if isinstance(v, str):
        return detail_text(v)
    if isinstance(v, list):
        return b"\x07" + struct.pack(">H", len(v)) + b"".join(
            detail_value(item) for item in v)
    return b"\x08" + struct.pack(">H", len(v)) + details_pack(v)


def details_pack(v):
    names = sorted(v, key=lambda name: name.encode())
    return b"".join(detail_name(n) + detail_value(v[n]) for n in names)


def detail_read(b, at):
    tag, at = b[at], at + 1
    if tag & 0x80:
        end = at + (tag & 127)
        return b[at:end].decode(), end
    if tag & 0x40:
        return tag & 63, at
    if tag < 3:
        return (None, False, True)[tag], at
    if tag in (3, 4, 5):
        form = {3: ">H", 4: ">q", 5: ">d"}[tag]
        return struct.unpack_from(form, b, at)[0], at + struct.calcsize(form)
    if tag == 6:
        end = at + 4 + int.from_bytes(b[at : at + 4], "big")
        return b[at + 4 : end].decode(), end
    if tag in (9, 10):
        n = 16 if tag == 9 else 32
        text = b[at : at + n].hex()
        return (str(uuid.UUID(text)) if tag == 9 else text), at + n
    if tag not in (7, 8):
        raise Refused("a value of no kind")
    n, at = int.from_bytes(b[at : at + 2], "big"), at + 2
    out = [] if tag == 7 else {}
    for _ in range(n):
        if tag == 7:
            item, at = detail_read(b, at)
            out.append(item)
        else:
            at = detail_member(b, at, out)
    return out, at


def detail_member(b, at, out):
    first, at = b[at], at + 1
    if first & 0x80:
        end = at + (first & 127)
        name, at = b[at:end].decode(), end
    else:
        name = DETAIL_NAMES[first - 1]
    out[name], at = detail_read(b, at)
    return at


def details_unpack(b):
    out, at = {}, 0
    try:
        while at < len(b):
            at = detail_member(b, at, out)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise Refused("not details") from error
    # There is one spelling.
    if details_pack(out) != b:
        raise Refused("not as details are spelt")
    return out


# The keystore


def keystore_header(store_id, weak, operations, memory, salt):
    return (
        b"N9KEYST1"
        + store_id
        + bytes([1, weak])
        + bytes(6)
        + struct.pack(">QQ", operations, memory)
        + salt
    )


def keystore_kek(passphrase, salt, operations, memory):
    return nacl.bindings.crypto_pwhash_alg(
        32,
        passphrase,
        salt,
        operations,
        memory,
        nacl.bindings.crypto_pwhash_ALG_ARGON2ID13,
    )


def keystore_plain(state, sequence, epoch, batch, root, following, outer):
    return (
        bytes([state])
        + bytes(7)
        + struct.pack(">QQQ", sequence, epoch, batch)
        + root
        + following
        + outer
    )


def keystore_slot_open(slot, passphrase):
    header = slot[:64]
    if len(slot) != SLOT_BYTES or header[:8] != b"N9KEYST1" or header[24] != 1:
        raise Refused("no keystore slot")
    operations, memory = struct.unpack(">QQ", header[32:48])
    kek = keystore_kek(passphrase, header[48:64], operations, memory)
    plain = unseal(kek, ZERO_KEY, header, slot[64:264])
    sequence, epoch, batch = struct.unpack(">QQQ", plain[8:32])
    return {
        "store_id": header[8:24],
        "weak": header[25] == 1,
        "state": plain[0],
        "sequence": sequence,
        "epoch": epoch,
        "batch": batch,
        "root": plain[32:64],
        "next": plain[64:96],
        "outer": plain[96:128],
    }


def passphrase_read(path):
    with open(path, "rb") as f:
        passphrase = f.read()
    return passphrase[:-1] if passphrase.endswith(b"\n") else passphrase


def keystore_open(path, passphrase):
    """The newest valid slot."""
    with open(path, "rb") as f:
        content = f.read()
    found = []
    for at in (0, SLOT_DISTANCE):
        try:
            found.append(
                keystore_slot_open(content[at : at + SLOT_BYTES], passphrase)
            )
        except Refused:
            pass
    if not found:
        raise Refused("no slot opens")
    return max(found, key=lambda slot: slot["sequence"])


# The key tree


def node_header(level, index, epoch):
    return b"N9KN" + bytes([1, level, 0, 0]) + struct.pack(">QQ", index, epoch)


def node_seal(key, level, index, epoch, store_id, nonce, plain):
    header = node_header(level, index, epoch)
    return header + seal(key, ZERO_KEY, nonce, header + store_id, plain)


def node_open(key, level, index, store_id, node):
    header = node[:24]
    if len(node) != 4064 or header[:16] != node_header(level, index, 0)[:16]:
        raise Refused("not this node")
    plain = unseal(key, ZERO_KEY, header + store_id, node[24:])
    return [plain[i * 32 : i * 32 + 32] for i in range(FANOUT)]


def head_open(head, root_key):
    if len(head) != 184 or head[:5] != b"N9KH\x01":
        raise Refused("no head")
    if not hmac.compare_digest(head[152:], blake2b_256(head[:152], root_key)):
        raise Refused("head of another root")
    names = (
        "epoch leaves nodes batch_id batch_epoch rotation_from "
        "rotation_left rotation_leaf"
    ).split()
    fields = dict(zip(names, struct.unpack(">8Q", head[24:88])))
    fields["store_id"] = head[8:24]
    fields["batch_hash"] = head[88:120]
    fields["root_hash"] = head[120:152]
    return fields


class Tree:
    """The key tree of an instance, from its LMDB environment."""

    def __init__(self, directory, keystore):
        import lmdb

        self.store_id = keystore["store_id"]
        self.root_key = keystore["root"]
        self.env = lmdb.open(
            directory,
            readonly=True,
            lock=False,
            create=False,
            map_size=1 << 36,
            max_dbs=0,
        )
        self.head = head_open(self.row(0xFF, 0), self.root_key)
        if blake2b_256(self.row(ROOT_LEVEL, 0)) != self.head["root_hash"]:
            raise Refused("root and head differ")

    def row(self, level, index):
        place = bytes([level]) + index.to_bytes(3, "big")
        with self.env.begin() as txn:
            value = txn.get(place)
        if value is None:
            raise Refused("no such row")
        return value

    def node(self, level, index):
        if level == ROOT_LEVEL:
            key = self.root_key
        else:
            key = self.node(level + 1, index // FANOUT)[index % FANOUT]
        if key == ZERO_KEY:
            raise Refused("never made")
        return node_open(
            key, level, index, self.store_id, self.row(level, index)
        )

    def key(self, slot):
        key = self.node(0, slot // FANOUT)[slot % FANOUT]
        if key == ZERO_KEY:
            raise Refused("dead")
        return key

    def close(self):
        self.env.close()


def day_slot(day):
    if not DAY_FIRST <= day < DAY_END:
        raise Refused("no such day")
    return FANOUT + day - DAY_FIRST


# Sealed records


def record_aad(store_id, c):
    return (
        b"N9S1"
        + store_id
        + struct.pack(
            ">BHQ16sQiH",
            c["type"],
            c["category"],
            c["slot"],
            bytes.fromhex(c["record"]),
            c["version"],
            c["day"],
            c["schema"],
        )
    )


def record_seal(store_id, c, slot_key, day_key, nonce, plain):
    return b"\x01" + seal(
        slot_key, day_key, nonce, record_aad(store_id, c), plain
    )


def record_open(store_id, c, slot_key, day_key, sealed):
    if len(sealed) < 73 or sealed[0] != 1:
        raise Refused("no sealed record")
    return unseal(slot_key, day_key, record_aad(store_id, c), sealed[1:])


# The look-up index


def bucket_route(route_key, kind, value, buckets):
    """(number of the bucket, keyed hash of the value in it)"""
    h = blake2b_256(bytes([kind]) + value.encode(), route_key)
    return int.from_bytes(h[:4], "big") % buckets, h[4:12]


def bucket_context(number, slot):
    return {
        "type": 3,
        "category": 0,
        "slot": slot,
        "record": number.to_bytes(16, "big").hex(),
        "version": 0,
        "day": DAY_NONE,
        "schema": 1,
    }


def bucket_entry(keyed_hash, kind, tag, owner):
    return keyed_hash + bytes([kind, tag]) + owner


def bucket_seal(store_id, number, slot, slot_key, nonce, entries):
    plain = len(entries).to_bytes(2, "big") + b"".join(entries)
    plain += bytes(-len(plain) % 208)
    return slot.to_bytes(8, "big") + record_seal(
        store_id, bucket_context(number, slot), slot_key, ZERO_KEY, nonce,
        plain,
    )


def bucket_open(store_id, number, slot_key, row):
    """The entries: (keyed hash, kind, tag, owner)"""
    plain = record_open(
        store_id,
        bucket_context(number, int.from_bytes(row[:8], "big")),
        slot_key,
        ZERO_KEY,
        row[8:],
    )
    n = int.from_bytes(plain[:2], "big")
    if len(plain) % 208 or 2 + 26 * n > len(plain) or any(plain[2 + 26 * n:]):
        raise Refused("no list of a bucket")
    each = [plain[i : i + 26] for i in range(2, 2 + 26 * n, 26)]
    return [(e[:8], e[8], e[9], e[10:]) for e in each]


def record_open_with(tree, c, sealed):
    day = ZERO_KEY if c["day"] == DAY_NONE else tree.key(day_slot(c["day"]))
    return record_open(tree.store_id, c, tree.key(c["slot"]), day, sealed)
