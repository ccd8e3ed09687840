"""tests/second/check_erasure.py WRITE_INSTANCE NINETY_AUDIT: ninety-audit
erasure on an instance that is as it should be, and on ones where something was
planted: each must be found. The plants are made with the second
implementation."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile

try:
    import lmdb
    import nacl.bindings  # noqa: F401
except ImportError as error:
    print("skipped: %s (apt: python3-nacl python3-lmdb)" % error)
    sys.exit(77)

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import ninety_format as nf  # noqa: E402

# Time limits are for what hangs: under a sanitizer they are longer.
PATIENCE = int(os.environ.get("NINETY_PATIENCE", "1"))
FIRST_FREE = 47616
DEAD = FIRST_FREE + 3


class Instance:
    def __init__(self, directory):
        self.directory = directory

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def tree(self):
        passphrase = nf.passphrase_read(self.path("passphrase"))
        keystore = nf.keystore_open(self.path("keystore", "keystore"), passphrase)
        return nf.Tree(self.path("keys"), keystore)

    def leaf_key(self, index):
        tree = self.tree()
        key = tree.node(1, index // nf.FANOUT)[index % nf.FANOUT]
        keys = tree.node(0, index)
        epoch = tree.head["epoch"]
        store_id = tree.store_id
        tree.close()
        return key, keys, epoch, store_id

    def leaf(self, index, change):
        key, keys, epoch, store_id = self.leaf_key(index)
        change(keys)
        return nf.node_seal(
            key, 0, index, epoch, store_id, os.urandom(24), b"".join(keys)
        )

    def data_put(self, table, key, value):
        env = lmdb.open(
            self.path("store", "data"), max_dbs=64, map_size=1 << 30
        )
        with env.begin(write=True) as txn:
            txn.put(key, value, db=env.open_db(table, txn=txn, create=False))
        env.close()


def plant_unchanged_slot(instance):
    """A batch that sealed the slot's key anew instead of destroying it."""

    def revive(keys):
        keys[DEAD % nf.FANOUT] = bytes(range(32))

    index = DEAD // nf.FANOUT
    node = instance.leaf(index, revive)
    env = lmdb.open(instance.path("keys"), map_size=1 << 30)
    with env.begin(write=True) as txn:
        txn.put(index.to_bytes(4, "big"), node)
    env.close()


def plant_old_node(instance):
    """An older version under the node key of today, in a free page."""
    node = instance.leaf(FIRST_FREE // nf.FANOUT, lambda keys: None)
    with open(instance.path("keys", "data.mdb"), "ab") as f:
        f.write(bytes(16) + node + bytes(16))


def plant_row_under_zeros(instance):
    """A row of a dead slot, sealed under the zeros that stand for its key."""
    store_id = instance.leaf_key(DEAD // nf.FANOUT)[3]
    context = {
        "type": 2,
        "category": 1,
        "slot": DEAD,
        "record": "07" * 16,
        "version": 1,
        "day": nf.DAY_NONE,
        "schema": 1,
    }
    sealed = nf.record_seal(
        store_id, context, nf.ZERO_KEY, nf.ZERO_KEY, os.urandom(24), b"still"
    )
    key = DEAD.to_bytes(8, "big") + b"\x01" + b"\x07" * 16 + b"\0\0\0\x01"
    instance.data_put(b"t02", key, b"\x80\0\0\0" + sealed)


def plant_batch_row(instance):
    """A finished batch that names a slot which has a key."""
    key = (5).to_bytes(8, "big") + (FIRST_FREE + 10).to_bytes(8, "big")
    instance.data_put(b"t23", key, bytes(16) + b"N9BATCH1")


def flip_live_node(instance):
    name = instance.path("keys", "data.mdb")
    tree = instance.tree()
    node = tree.row(0, 200)
    tree.close()
    with open(name, "r+b") as f:
        at = f.read().index(node)
        f.seek(at + 1000)
        f.write(bytes([node[1000] ^ 1]))


def old_keystore_back(instance):
    shutil.copy(instance.path("keystore.before"),
                instance.path("keystore", "keystore"))


def cut_short(instance):
    os.truncate(instance.path("keys", "data.mdb"), 100 * 4096)


PLANTS = [
    (plant_unchanged_slot, "named in batch"),
    (plant_old_node, "old nodes open"),
    (plant_row_under_zeros, "opens with a key of today"),
    (plant_batch_row, "named in batch 5"),
    (flip_live_node, "lost or do not open"),
    (old_keystore_back, "old keystore was put back"),
    (cut_short, "cut short"),
]


def audit(program, directory, *arguments):
    done = subprocess.run(
        [program, "erasure", directory, "--json", *arguments],
        stdout=subprocess.PIPE,
        timeout=60 * PATIENCE,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def snapshot(directory):
    out = {}
    for root, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(root, name)
            with open(path, "rb") as f:
                out[path] = (f.read(), os.stat(path).st_mtime_ns)
    return out


def main(arguments):
    writer, program = arguments
    failed = 0

    def expect(what, right):
        nonlocal failed
        print("%s: %s" % ("ok" if right else "FAILED", what))
        failed += not right

    with tempfile.TemporaryDirectory() as top:
        good = os.path.join(top, "good")
        os.mkdir(good)
        subprocess.run([writer, good], check=True, timeout=60 * PATIENCE)
        before = snapshot(good)
        status, report = audit(
            program, good, "--control", os.path.join(good, "keystore.before"),
            "--backup", os.path.join(good, "backup"),
        )
        checked = report["checked"]
        expect("a good instance", status == 0 and report["ok"])
        expect("nothing was changed", snapshot(good) == before)
        expect("no old node opens", checked["closure"]["stale"] == 0)
        expect("old nodes were tried", checked["closure"]["closed"] > 0)
        expect("dead rows were tried", checked["rows_of_dead_keys"] >= 6)
        expect("living rows open", checked["rows_that_open"] >= 80)
        expect("the control finds the old tree",
               checked["control_slots_back"] == 2
               and checked["control_missing"] == 0)
        status, report = audit(
            program, good, "--control", os.path.join(good, "keystore", "keystore"))
        expect("a control that proves nothing fails", status == 1)
        for plant, words in PLANTS:
            bad = os.path.join(top, "bad")
            shutil.copytree(good, bad)
            plant(Instance(bad))
            status, report = audit(program, bad)
            found = any(words in fault for fault in report["faults"])
            expect(plant.__name__, status == 1 and found)
            if not found:
                print(report["faults"])
            shutil.rmtree(bad)
        os.unlink(os.path.join(good, "keystore", "keystore"))
        status, report = audit(program, good)
        expect("without a keystore: structure, and says so",
               status == 0 and "structure only" in report["remarks"][0])
        status = subprocess.run(
            [program, "erasure", os.path.join(top, "nowhere")],
            stderr=subprocess.DEVNULL, timeout=60 * PATIENCE, check=False).returncode
        expect("no such instance: 66", status == 66)
        store = os.open(os.path.join(good, "store"), os.O_RDONLY)
        fcntl.flock(store, fcntl.LOCK_EX)
        for verb in ("erasure", "encryption"):
            status = subprocess.run(
                [program, verb, good],
                stderr=subprocess.DEVNULL, timeout=60 * PATIENCE, check=False).returncode
            expect("%s of a running one: 69" % verb, status == 69)
        os.close(store)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
