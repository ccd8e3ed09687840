#!/usr/bin/python3
"""ninety-audit log and proof from the outside: exit statuses, what an attacker
may do to the files, checkpoints that an auditor kept.

    audit.py --make-log P --audit P --place DIR
"""
import argparse
import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys


class Case:
    def __init__(self, options):
        self.o = options
        self.n = 0

    def make(self, name, leaves, *more):
        path = os.path.join(self.o.place, name)
        subprocess.run([self.o.make_log, path, str(leaves), *more], check=True)
        return path

    def audit(self, want, *args, says=""):
        p = subprocess.run([self.o.audit, *args], text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if p.returncode != want or says not in p.stdout + p.stderr:
            sys.exit(f"FAILED: {' '.join(args)}: {p.returncode}, wanted {want} "
                     f"{says!r}\n{p.stdout}{p.stderr}")
        self.n += 1
        return p.stdout

    @contextlib.contextmanager
    def changed(self, log):
        """The log may be changed inside, and is as before afterwards."""
        aside = log + ".aside"
        shutil.copytree(log, aside)
        yield
        shutil.rmtree(log)
        os.rename(aside, log)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, content):
    with open(path, "wb") as f:
        f.write(content)


def edge(log, kind):
    """The partial form of the last tile: there is one for the signed size."""
    folder = os.path.join(log, "log/tile", kind, "003.p")
    return os.path.join(folder, max(os.listdir(folder), key=int))


def usage(c, log):
    c.audit(64)
    c.audit(64, "log")
    c.audit(64, "log", "--nonsense", log)
    c.audit(64, "nonsense")
    c.audit(0, "--help", says="proof")
    c.audit(0, "log", "--help", says="--since")
    c.audit(0, "proof", "--help", says="tlog-proof")
    c.audit(64, "proof", os.path.join(log, "proofs/0"))
    c.audit(66, "log", os.path.join(log, "absent"))
    c.audit(66, "log", os.path.join(log, "proofs"))
    c.audit(66, "proof", "absent", "--vkey", log + "/vkey")
    c.audit(65, "log", log, "--vkey", os.path.join(log, "log/checkpoint"))
    c.audit(65, "log", log, "--since", os.path.join(log, "vkey"))
    c.audit(66, "log", log, "--since", os.path.join(log, "absent"))


def good(c, log):
    out = c.audit(0, "log", log, "--vkey", log + "/vkey", "--json")
    said = json.loads(out)
    assert said["ok"] and not said["faults"], said
    assert said["checked"]["leaves"] == 1000, said
    assert sum(said["checked"]["leaves_by_type"].values()) == 1000, said
    c.audit(0, "log", os.path.join(log, "log"), says="taken from the log")
    for size in os.listdir(log + "/since"):
        if size != "tmp":
            c.audit(0, "log", log, "--since", f"{log}/since/{size}")
    opened = c.audit(0, "proof", log + "/proofs/43", "--vkey", log + "/vkey",
                     says="opened")
    assert "yes" in opened, opened
    c.audit(0, "proof", log + "/proofs/0", "--vkey", log + "/vkey",
            says="does not open")


def attacks(c, log):
    def bundle(change):
        path = edge(log, "entries")
        raw = read(path)
        entries = [raw[i:i + 66] for i in range(0, len(raw), 66)]
        change(entries)
        write(path, b"".join(entries))

    def swap(entries):
        entries[3], entries[4] = entries[4], entries[3]

    steps = {
        "an entry removed": lambda: bundle(lambda e: e.pop(5)),
        "an entry added": lambda: bundle(lambda e: e.append(e[0])),
        "entries swapped": lambda: bundle(swap),
        "an entry twice": lambda: bundle(lambda e: e.__setitem__(1, e[0])),
        "the end cut": lambda: bundle(lambda e: e.pop()),
        "a byte cut": lambda: write(edge(log, "entries"),
                                    read(edge(log, "entries"))[:-1]),
        "hashes cut": lambda: write(edge(log, "0"), read(edge(log, "0"))[:-32]),
        "a bundle removed": lambda: os.remove(log + "/log/tile/entries/001"),
        "a tile removed": lambda: os.remove(log + "/log/tile/0/001"),
        "an upper tile removed": lambda: shutil.rmtree(log + "/log/tile/1"),
        "a partial form removed": lambda: os.remove(edge(log, "0")),
        "bundles exchanged": lambda: (
            os.rename(log + "/log/tile/entries/001", log + "/x"),
            os.rename(log + "/log/tile/entries/000",
                      log + "/log/tile/entries/001"),
            os.rename(log + "/x", log + "/log/tile/entries/000")),
        "a strange file": lambda: write(log + "/log/tile/0/notes", b"x"),
        "a tile too many": lambda: write(log + "/log/tile/0/009", bytes(8192)),
        "a strange key": lambda: (os.mkdir(log + "/log/key"),
                                  write(log + "/log/key/7", b"x")),
        "no checkpoint": lambda: os.remove(log + "/log/checkpoint"),
        "no key": lambda: os.remove(log + "/log/vkey"),
    }
    for what, step in steps.items():
        with c.changed(log):
            step()
            c.audit(1, "log", log, "--vkey", log + "/vkey", says="FAULT")


def forks(c, log):
    fork = c.make("fork", 1000, "change=500")
    short = c.make("short", 600)
    other_key = c.make("rotated", 1000, "rotate")
    last = log + "/since/1000"
    # The same key has signed two logs: each is good by itself.
    c.audit(0, "log", fork, "--vkey", log + "/vkey")
    c.audit(1, "log", fork, "--since", last, says="equivocation")
    c.audit(1, "log", fork, "--since", log + "/since/719", says="fork")
    c.audit(0, "log", fork, "--since", log + "/since/431")
    c.audit(1, "log", short, "--since", last, says="rolled back")
    c.audit(0, "log", log, "--since", short + "/since/600")
    # All of the fork's files under the checkpoint that was given out.
    shutil.copy(last, fork + "/log/checkpoint")
    c.audit(1, "log", fork, "--vkey", log + "/vkey", says="root")
    # Leaves of the longer log behind an older checkpoint are only unsigned.
    with c.changed(log):
        shutil.copy(log + "/since/431", log + "/log/checkpoint")
        c.audit(0, "log", log, says="569 leaves are written and not signed")
        c.audit(1, "log", log, "--since", last, says="rolled back")
    rotations(c, log, other_key)


def stores(c):
    same = c.make("same", 300, "store=300")
    c.audit(0, "log", same, says="store_leaves")
    ahead = c.make("ahead", 300, "store=317")
    c.audit(0, "log", ahead, says="17 leaves are in the store and not yet")
    behind = c.make("behind", 300, "store=290")
    c.audit(1, "log", behind, says="hold 300 leaves, the store 290")
    other = c.make("other", 300, "store=300", "differ=123")
    c.audit(1, "log", other, says="leaf 123 in the store is not the entry")
    c.audit(0, "log", other + "/log")
    fd = os.open(other + "/store", os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    c.audit(69, "log", other)
    c.audit(69, "log", other + "/log")
    os.close(fd)


def rotations(c, log, rotated):
    first, now = rotated + "/vkey", rotated + "/log/vkey"
    assert read(first) != read(now)
    for size in os.listdir(rotated + "/since"):
        if size != "tmp":
            for key in (first, now):
                c.audit(0, "log", rotated, "--vkey", key, "--since",
                        f"{rotated}/since/{size}")
    # The old key goes on, as if it had not been replaced.
    with c.changed(rotated):
        shutil.copy(log + "/since/1000", rotated + "/log/checkpoint")
        c.audit(1, "log", rotated, "--vkey", first, says="not in force")
    with c.changed(rotated):
        shutil.rmtree(rotated + "/log/key")
        c.audit(1, "log", rotated, "--vkey", first, says="none of this log")
    c.audit(0, "proof", rotated + "/proofs/43", "--vkey", first, "--vkey", now)
    c.audit(1, "proof", rotated + "/proofs/43", "--vkey", first)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--make-log", required=True)
    p.add_argument("--audit", required=True)
    p.add_argument("--place", required=True)
    o = p.parse_args()
    shutil.rmtree(o.place, ignore_errors=True)
    os.makedirs(o.place)
    c = Case(o)
    log = c.make("log", 1000)
    usage(c, log)
    good(c, log)
    attacks(c, log)
    forks(c, log)
    stores(c)
    print(f"{c.n} runs of ninety-audit said what they should")
    shutil.rmtree(o.place)


if __name__ == "__main__":
    main()
