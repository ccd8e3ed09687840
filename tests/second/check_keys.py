"""tests/second/check_keys.py WRITE_INSTANCE: has the C side write an instance,
and opens keystore, tree and records with the second implementation. Also that
the known answers are those that it makes itself."""

import json
import os
import subprocess
import sys
import tempfile

try:
    import lmdb  # noqa: F401
    import nacl.bindings  # noqa: F401
except ImportError as error:
    print("skipped: %s (apt: python3-nacl python3-lmdb)" % error)
    sys.exit(77)

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import make_vectors  # noqa: E402
import ninety_format as nf  # noqa: E402


def check_records(directory):
    passphrase = nf.passphrase_read(os.path.join(directory, "passphrase"))
    keystore = nf.keystore_open(
        os.path.join(directory, "keystore", "keystore"), passphrase
    )
    assert keystore["state"] == nf.STABLE
    tree = nf.Tree(os.path.join(directory, "keys"), keystore)
    assert tree.head["epoch"] == keystore["epoch"]
    with open(os.path.join(directory, "records.json"), encoding="ascii") as f:
        records = json.load(f)
    opened = refused = 0
    for record in records:
        sealed = bytes.fromhex(record["sealed"])
        try:
            plain = nf.record_open_with(tree, record["context"], sealed)
        except nf.Refused as why:
            assert not record["opens"], "%s: %s" % (record["context"], why)
            assert str(why) == "dead", why
            refused += 1
            continue
        assert record["opens"], "opened, though its key was destroyed"
        assert plain == bytes.fromhex(record["plain"])
        opened += 1
        for at in range(0, len(sealed), 9):
            try:
                nf.record_open_with(
                    tree, record["context"], make_vectors.flipped(sealed, at)
                )
            except nf.Refused:
                continue
            raise AssertionError("a changed record opened")
    tree.close()
    print("%d records opened, %d refused, epoch %d" % (
        opened, refused, keystore["epoch"]))
    assert opened == 40 and refused == 3


def main(arguments):
    if make_vectors.main(
        ["--check", os.path.join(os.path.dirname(HERE), "vectors")]
    ):
        return 1
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([arguments[0], directory], check=True, timeout=60)
        check_records(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
