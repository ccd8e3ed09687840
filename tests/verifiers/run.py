#!/usr/bin/python3
"""Makes a log, has it checked by ninety-audit and by one foreign verifier, then
flips one bit after the other somewhere in its files: both must refuse each.

    run.py VERIFIER --make-log P --audit P --place DIR --leaves N --flips N
           [--audit-flips N] [--seed S] -- COMMAND...

COMMAND reads folders from standard input and answers "ok" or "refused why",
a line each. The same after the log's key was rotated: who knows one key takes
what that one signed, before and after. VERIFIER is go, python or node; node reads checkpoints and proofs
alone, so only these are flipped for it. Exit 77: COMMAND cannot be had here.
"""
import argparse
import base64
import os
import random
import shutil
import subprocess
import sys


def files_below(top):
    for folder, _, names in os.walk(top):
        if os.path.basename(folder) != "tmp":
            for name in names:
                yield os.path.join(folder, name)


class Verifier:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def ask(self, folder):
        self.process.stdin.write(folder + "\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline().rstrip("\n")
        if not said:
            sys.exit("the verifier died")
        return said


class Audit:
    """ninety-audit on the log, and on the file at hand."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = folder
        self.vkey = os.path.join(folder, "vkey")

    def run(self, *args):
        p = subprocess.run([self.program, *args, "--vkey", self.vkey],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           text=True)
        if p.returncode not in (0, 1, 65):
            sys.exit(f"ninety-audit {args}: {p.returncode}\n{p.stdout}")
        return p.returncode == 0, p.stdout

    def log(self):
        since = [f"--since={f}" for f in
                 files_below(os.path.join(self.folder, "since"))]
        return self.run("log", *since, self.folder)

    def about(self, path):
        if os.path.basename(os.path.dirname(path)) == "proofs":
            return self.run("proof", path)
        return self.log()


def flip(path, bit):
    with open(path, "r+b") as f:
        f.seek(bit // 8)
        b = f.read(1)[0]
        f.seek(bit // 8)
        f.write(bytes([b ^ 1 << bit % 8]))


def must(condition, what):
    if not condition:
        sys.exit("FAILED: " + what)


def opening_of(path):
    """Bits of a receipt that only ninety-audit and Python look at: those of
    the opening in line 2, which Go's and sigstore's code know nothing of."""
    with open(path, "rb") as f:
        first = f.readline()
        second = f.readline()
    begin = len(first) + len(b"extra ") + 65 // 3 * 4
    return range(8 * begin, 8 * (len(first) + len(second) - 1))


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def signed_by(note, vkey):
    """By the key id in the signature's line."""
    name, key_id, _ = read(vkey).strip().split("+", 2)
    for line in read(note).split("\n\n", 1)[1].splitlines():
        _, by, signature = line.split(" ")
        if (by, base64.b64decode(signature)[:4].hex()) == (name, key_id):
            return True
    return False


def rotated(o, verifier):
    """A log whose key was rotated half way, to a verifier that knows the new
    key; and the log as it was before, to one that knows the old key."""
    place, before = o.place + ".rotated", o.place + ".before"
    for folder in place, before:
        shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([o.make_log, place, str(o.leaves), "rotate"], check=True)
    notes = list(files_below(os.path.join(place, "since")))
    old = [n for n in notes if signed_by(n, os.path.join(place, "vkey"))]
    must(0 < len(old) < len(notes), "the key was not rotated")
    last = max(int(os.path.basename(n)) for n in old)
    subprocess.run([o.make_log, before, str(last)], check=True)
    shutil.rmtree(os.path.join(before, "since"))
    os.mkdir(os.path.join(before, "since"))
    for note in old:
        shutil.copy(note, os.path.join(before, "since"))
    shutil.copy(os.path.join(place, "since", str(last)),
                os.path.join(before, "log/checkpoint"))
    said = verifier.ask(before)
    must(said == "ok", f"{o.name} with the old key: {said}")
    shutil.copy(os.path.join(place, "log/vkey"), os.path.join(place, "vkey"))
    said = verifier.ask(place)
    must(said.startswith("refused"), f"{o.name} takes another key's note")
    for note in old:
        os.unlink(note)
    said = verifier.ask(place)
    must(said == "ok", f"{o.name} with the new key: {said}")
    for folder in place, before:
        shutil.rmtree(folder)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("name", choices=["go", "python", "node"])
    p.add_argument("--make-log", required=True)
    p.add_argument("--audit", required=True)
    p.add_argument("--place", required=True)
    p.add_argument("--leaves", type=int, required=True)
    p.add_argument("--flips", type=int, required=True)
    p.add_argument("--audit-flips", type=int)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("command", nargs="+")
    o = p.parse_args()

    shutil.rmtree(o.place, ignore_errors=True)
    os.makedirs(os.path.dirname(o.place), exist_ok=True)
    subprocess.run([o.make_log, o.place, str(o.leaves)], check=True)
    audit = Audit(o.audit, o.place)
    verifier = Verifier(o.command)

    good, text = audit.log()
    must(good, "ninety-audit on the log as made:\n" + text)
    proofs = list(files_below(os.path.join(o.place, "proofs")))
    for path in proofs:
        good, text = audit.about(path)
        must(good, text)
    said = verifier.ask(o.place)
    must(said == "ok", f"{o.name} on the log as made: {said}")

    notes = [os.path.join(o.place, "log/checkpoint")]
    notes += files_below(os.path.join(o.place, "since"))
    tiles = list(files_below(os.path.join(o.place, "log/tile")))
    kinds = [notes, proofs]
    if o.name != "node":
        kinds += [tiles, [os.path.join(o.place, "log/vkey")]]
    chance = random.Random(o.seed)
    audit_flips = o.flips if o.audit_flips is None else o.audit_flips
    for n in range(o.flips):
        path = chance.choice(chance.choice(kinds))
        bit = chance.randrange(8 * os.path.getsize(path))
        flip(path, bit)
        what = f"{path}, bit {bit}"
        if n < audit_flips:
            good, text = audit.about(path)
            must(not good, f"ninety-audit takes {what}:\n{text}")
        if (o.name == "python" or path not in proofs or
                bit not in opening_of(path)):
            said = verifier.ask(o.place)
            must(said.startswith("refused"), f"{o.name} takes {what}: {said}")
        flip(path, bit)
    must(verifier.ask(o.place) == "ok", "the log is not as it was")
    rotated(o, verifier)
    print(f"{o.leaves} leaves, {len(tiles)} tile files, {len(proofs)} proofs: "
          f"ninety-audit and {o.name} agree, {o.flips} flipped bits refused")
    shutil.rmtree(o.place)


if __name__ == "__main__":
    main()
