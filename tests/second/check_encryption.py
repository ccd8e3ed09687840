"""tests/second/check_encryption.py WRITE_INSTANCE NINETY_AUDIT: ninety-audit
encryption on an instance that is as it should be, and on ones where a record
was changed, swapped, cut or left in clear: each must be found."""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile

try:
    import lmdb
except ImportError as error:
    print("skipped: %s (apt: python3-lmdb)" % error)
    sys.exit(77)

# Time limits are for what hangs: under a sanitizer they are longer.
PATIENCE = int(os.environ.get("NINETY_PATIENCE", "1"))
CANARY = b"canary-Quetzalcoatl-77"


class Rows:
    """A table of the store, to be written to behind the service's back."""

    def __init__(self, directory, table=b"t02"):
        self.env = lmdb.open(
            os.path.join(directory, "store", "data"),
            max_dbs=64,
            map_size=1 << 30,
        )
        self.txn = self.env.begin(write=True)
        self.db = self.env.open_db(table, txn=self.txn, create=False)
        self.items = list(self.txn.cursor(self.db))

    def __enter__(self):
        return self

    def put(self, key, value):
        self.txn.put(key, value, db=self.db)

    def __exit__(self, *_):
        self.txn.commit()
        self.env.close()


def flip(directory):
    with Rows(directory) as rows:
        key, value = rows.items[5]
        rows.put(key, value[:90] + bytes([value[90] ^ 1]) + value[91:])


def flip_commitment(directory):
    with Rows(directory) as rows:
        key, value = rows.items[5]
        rows.put(key, value[:40] + bytes([value[40] ^ 1]) + value[41:])


def swap(directory):
    with Rows(directory) as rows:
        (one, first), (two, second) = rows.items[6:8]
        rows.put(one, second)
        rows.put(two, first)


def move(directory):
    with Rows(directory) as rows:
        key, value = rows.items[4]
        rows.put(key[:-1] + b"\x63", value)


def cut(directory):
    with Rows(directory) as rows:
        key, value = rows.items[3]
        rows.put(key, value[:-1])


def cut_to_nothing(directory):
    with Rows(directory) as rows:
        rows.put(rows.items[3][0], b"")


def in_clear(directory):
    with Rows(directory) as rows:
        key, value = rows.items[2]
        rows.put(key, value[:4] + b"Jane Doe <jane.doe@example.com>")


def in_a_free_page(directory):
    name = os.path.join(directory, "store", "data", "data.mdb")
    with open(name, "ab") as f:
        f.write(b"\0" * 100 + b"call me at jane.doe@example.com\0" * 2)
        f.write(b"\0" * 4000)


def card_in_journal(directory):
    journal = os.path.join(directory, "store", "journal")
    name = os.path.join(journal, sorted(os.listdir(journal))[0])
    with open(name, "r+b") as f:
        f.seek(70000)
        f.write(b"pan=4111 1111 1111 1111;")


def address_in_log(directory):
    os.mkdir(os.path.join(directory, "log"))
    with open(os.path.join(directory, "log", "debug"), "wb") as f:
        f.write(b"request from 192.0.2.17 at noon")


def canary_plain(directory):
    with open(os.path.join(directory, "keys", "data.mdb"), "ab") as f:
        f.write(CANARY)


def canary_base64(directory):
    with open(os.path.join(directory, "keys", "data.mdb"), "ab") as f:
        f.write(base64.b64encode(b"xy" + CANARY + b"z"))


def canary_hex(directory):
    with open(os.path.join(directory, "keys", "data.mdb"), "ab") as f:
        f.write(CANARY.hex().upper().encode())


def canary_in_a_file_of_no_part(directory):
    os.mkdir(os.path.join(directory, "store.lost-1"))
    with open(os.path.join(directory, "store.lost-1", "status"), "wb") as f:
        f.write(b"seen: " + CANARY)


def keystore_slot(directory):
    path = os.path.join(directory, "keystore", "keystore")
    with open(path, "r+b") as f:
        f.seek(100)
        one = f.read(1)
        f.seek(100)
        f.write(bytes([one[0] ^ 1]))


def keystore_longer(directory):
    with open(os.path.join(directory, "keystore", "keystore"), "ab") as f:
        f.write(b"\0")


def readable_passphrase(directory):
    os.chmod(os.path.join(directory, "passphrase"), 0o644)


def writable_store(directory):
    os.chmod(os.path.join(directory, "store", "data", "data.mdb"), 0o666)


def readable_client_key(directory):
    os.makedirs(os.path.join(directory, "clients"), exist_ok=True)
    path = os.path.join(directory, "clients", "portal.key")
    with open(path, "w", encoding="ascii") as f:
        f.write("name: portal")
    os.chmod(path, 0o640)


PLANTS = [
    (flip, "sealed bytes were changed"),
    (flip_commitment, "another key or context"),
    (swap, "another key or context"),
    (move, "another key or context"),
    (cut, "record"),
    (cut_to_nothing, "not in the form"),
    (in_clear, "not in the form"),
    (in_a_free_page, "2 e-mail addresses"),
    (card_in_journal, "1 card numbers"),
    (address_in_log, "1 IP addresses"),
    (canary_plain, "canary 1 stands in it"),
    (canary_base64, "canary 1 stands in it"),
    (canary_hex, "canary 1 stands in it"),
    (canary_in_a_file_of_no_part, "canary 1 stands in it"),
    (keystore_slot, "1 of 2 slots of the keystore open"),
    (keystore_longer, "not the length of a keystore"),
    (readable_passphrase, "passphrase"),
    (readable_client_key, "others may read a client's key"),
    (writable_store, "anybody may write"),
]


def main(arguments):
    writer, program = arguments
    failed = 0

    def audit(directory, *more):
        done = subprocess.run(
            [program, "encryption", directory, "--json", *more],
            stdout=subprocess.PIPE,
            timeout=60 * PATIENCE,
            check=False,
        )
        return done.returncode, json.loads(done.stdout)

    def expect(what, right):
        nonlocal failed
        print("%s: %s" % ("ok" if right else "FAILED", what))
        failed += not right

    with tempfile.TemporaryDirectory() as top:
        good = os.path.join(top, "good")
        canaries = os.path.join(top, "canaries")
        os.mkdir(good)
        with open(canaries, "wb") as f:
            f.write(CANARY + b"\nrecord number 7\n")
        subprocess.run([writer, good], check=True, timeout=60 * PATIENCE)
        # What it tells the tests in clear.
        os.unlink(os.path.join(good, "records.json"))
        status, report = audit(good, "--canaries", canaries)
        checked = report["checked"]
        expect("a good instance", status == 0)
        if status != 0:
            print(report["faults"])
        expect("all rows were opened or are dead",
               checked["rows_opened"] == 40
               and checked["rows_of_dead_keys"] == 3)
        expect("no shapes", checked["emails"] == 0 and checked["cards"] == 0)
        for plant, words in PLANTS:
            bad = os.path.join(top, "bad")
            shutil.copytree(good, bad)
            plant(bad)
            status, report = audit(bad, "--canaries", canaries)
            found = any(words in fault for fault in report["faults"])
            expect(plant.__name__, status == 1 and found)
            if not found:
                print(report["faults"])
            shutil.rmtree(bad)
        os.unlink(os.path.join(good, "keystore", "keystore"))
        status, report = audit(good)
        expect("without a keystore: format alone, and says so",
               status == 0 and "structure only" in report["remarks"][0])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
