"""ninety-audit on an instance as the service leaves it: after work, after a
kill, after erasures. Each claim is checked with the command that an auditor
would run."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from service import PATIENCE, Client, Service, run

CANARIES = ["jane%d.quetzal@example.com", "Jane Quetzal %d", "+4930555%04d"]
NOW = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
PEOPLE = 12


@contextlib.contextmanager
def service(build):
    s = Service(build)
    try:
        with open(f"{s.dir}/policies/house.yaml", encoding="utf-8") as f:
            house = f.read()
        with open(f"{s.dir}/policies/house.yaml", "w", encoding="utf-8") as f:
            f.write(re.sub(r"(?m)^cool_off: \S+", "cool_off: PT0S", house))
        s.start()
        yield s
    finally:
        s.remove()


def audit(build, *arguments):
    done = subprocess.run(
        [f"{build}/bin/ninety-audit", *arguments, "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120 * PATIENCE,
        check=False)
    if not done.stdout:
        return done.returncode, {"faults": [done.stderr.decode()]}
    return done.returncode, json.loads(done.stdout)


def good(build, *arguments):
    status, report = audit(build, *arguments)
    assert status == 0, report["faults"]
    return report["checked"], report["remarks"]


def must(client, operation, body):
    got = client.insist(operation, body)
    assert got is not None and got[0] == "ok", (operation, got)
    return got[1]


def register(client, n):
    return must(client, "subject.register", {
        "birth_date": "1980-01-02", "country": "DE",
        "contact": {"name": CANARIES[1] % n, "email": CANARIES[0] % n,
                    "phone": CANARIES[2] % n},
        "terms": {"version": "1", "accepted_at": NOW}})["subject"]


def canaries(directory):
    path = os.path.join(directory, "canaries")
    with open(path, "w", encoding="ascii") as f:
        for n in range(PEOPLE):
            for form in CANARIES:
                f.write(form % n + "\n")
    return path


def visit(client, n, person):
    """What a visitor did before anybody knew who it was; then it is told."""
    got = client.insist("visit.append", {
        "visitor": "cookie-%04d" % n,
        "events": [{"at": NOW, "ip": "203.0.113.%d" % n, "language": "de",
                    "user_agent": "Jane Quetzal %d's browser" % n,
                    "page": "/offer/%d" % n, "action": "view"}]})
    if got[0] == "unknown_operation":
        print("(visit.append is not there: no visits in this run)")
        return
    assert got[0] == "ok", got
    must(client, "visit.identify", {
        "visitor": "cookie-%04d" % n, "subject": person})


def work(s):
    """People, an invitation, a request; everything that is there to do."""
    portal = Client(s.dir, "portal")
    people = [register(portal, n) for n in range(PEOPLE)]
    must(portal, "inquiry.record", {
        "contact": {"name": "Somebody Else", "email": "else@example.org"},
        "interest": "service", "message": "please call"})
    visit(portal, 5, people[5])
    visit(portal, 6, people[6])
    for person in people[:3]:
        must(portal, "request.submit", {
            "type": "access", "subject": person, "channel": "portal"})
    return people


def stopped_instance_is_as_promised(build):
    with service(build) as s, tempfile.TemporaryDirectory() as top:
        work(s)
        assert s.stop() == 0
        checked, _ = good(build, "encryption", s.dir, "--canaries",
                          canaries(top))
        assert checked["canaries"] == 3 * PEOPLE
        assert checked["rows_opened"] == checked["rows_sealed"] > PEOPLE
        checked, _ = good(build, "erasure", s.dir)
        assert checked["closure"]["stale"] == 0
        good(build, "log", s.dir)


def running_instance_is_left_alone(build):
    with service(build) as s:
        for verb in ("erasure", "encryption", "log"):
            status, report = audit(build, verb, s.dir)
            assert status == 69, (verb, status, report)


def killed_instance_is_as_promised(build):
    with service(build) as s, tempfile.TemporaryDirectory() as top:
        admin = Client(s.dir, "admin")
        work(s)
        must(admin, "key.rotate", {})
        s.kill()
        checked, _ = good(build, "encryption", s.dir, "--canaries",
                          canaries(top))
        assert checked["rows_opened"] == checked["rows_sealed"] > PEOPLE
        checked, _ = good(build, "erasure", s.dir)
        assert checked["closure"]["stale"] == 0
        assert checked["closure"]["live"] == checked["nodes"]


def erase(s, person):
    compliance = Client(s.dir, "compliance")
    request = must(compliance, "request.submit", {
        "type": "delete", "subject": person, "channel": "post"})["request"]
    must(compliance, "request.verify", {
        "request": request, "method": "in_person",
        "evidence": {"method": "in_person", "reference": "desk 4",
                     "at": NOW}})
    got = compliance.call("request.fulfil", {"request": request}, 30)
    assert got is not None and got[0] == "ok", got
    assert got[1]["state"] == "fulfilled", got
    return request


def erased_people_are_nowhere(build):
    with service(build) as s, tempfile.TemporaryDirectory() as top:
        people = work(s)
        before = os.path.join(top, "keystore.before")
        shutil.copy(f"{s.dir}/keystore/keystore", before)
        erase(s, people[5])
        portal = Client(s.dir, "portal")
        got = portal.insist("subject.status", {"subject": people[5]})
        assert got[0] == "not_found", got
        assert s.stop() == 0
        gone = os.path.join(top, "gone")
        with open(gone, "w", encoding="ascii") as f:
            f.writelines(form % 5 + "\n" for form in CANARIES)
        checked, _ = good(build, "erasure", s.dir, "--control", before,
                          "--canaries", gone)
        # The same look finds whoever is still there.
        status, report = audit(build, "erasure", s.dir, "--canaries",
                               canaries(top))
        assert status == 1 and any(
            "stands in a row that opens" in f for f in report["faults"])
        assert checked["slots_dead"] >= 4, checked
        assert checked["dead_rows_that_open"] == 0
        assert checked["control_slots_back"] >= 4
        checked, _ = good(build, "encryption", s.dir, "--canaries",
                          canaries(top))


def parts_put_back_are_found(build):
    """Each part remembers something of the others: one that was put back
    alone, or with some of the rest, does not fit."""
    with service(build) as s, tempfile.TemporaryDirectory() as top:
        people = work(s)
        assert s.stop() == 0
        shutil.copytree(s.dir, f"{top}/old")
        s.start()
        erase(s, people[4])
        size = must(Client(s.dir, "auditor"), "audit.entries",
                    {"from": 0, "to": 1})["size"]
        take(s, top, "new", size)
        assert s.stop() == 0
        shutil.copytree(s.dir, f"{top}/new")
        for parts in (["store"], ["log"], ["keys"], ["keystore/keystore"],
                      ["keystore/head"], ["store", "log"],
                      ["keys", "keystore/keystore"], ["keys", "keystore"],
                      ["log", "keystore/head"], ["store", "keystore/head"],
                      ["store", "keys", "keystore/keystore"],
                      ["store", "log", "keystore/head"]):
            for part in parts:
                put(f"{top}/old/{part}", f"{s.dir}/{part}")
            found = [verb for verb in ("encryption", "erasure", "log")
                     if audit(build, verb, s.dir)[0] != 0]
            # Log and head of before promise less, and keep it: the
            # auditor's own checkpoint knows of more.
            if {"log", "keystore/head"} <= set(parts):
                found += [1] * (audit(build, "log", s.dir, "--since",
                                      f"{top}/new.note")[0] != 0)
            assert found, parts
            for part in parts:
                put(f"{top}/new/{part}", f"{s.dir}/{part}")
        for verb in "encryption", "erasure", "log":
            good(build, verb, s.dir)


def put(source, target):
    if os.path.isdir(source):
        shutil.rmtree(target)
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)


def losing_one_of_two_loses_nothing(build):
    with service(build) as s, tempfile.TemporaryDirectory() as top:
        assert s.stop() == 0
        os.mkdir(f"{top}/second", 0o700)
        with open(f"{s.dir}/ninety.yaml", "a", encoding="utf-8") as f:
            f.write(f"\nkey_mirrors: [{top}/mirror]\nkeystores: "
                    f"[keystore/keystore, {top}/second/keystore]\n")
        s.start()
        people = work(s)
        erase(s, people[1])
        assert s.stop() == 0
        for lost in (f"{top}/mirror", f"{s.dir}/keys",
                     f"{s.dir}/keystore/keystore", f"{top}/second/keystore"):
            if os.path.isdir(lost):
                shutil.rmtree(lost)
            else:
                os.remove(lost)
            s.start()
            portal = Client(s.dir, "portal")
            must(portal, "subject.status", {"subject": people[0]})
            got = portal.insist("subject.status", {"subject": people[1]})
            assert got[0] == "not_found", got
            assert s.stop() == 0
            for verb in "encryption", "erasure":
                good(build, verb, s.dir)
        damaged_nodes_come_from_the_mirror(build, s, people)


def damaged_nodes_come_from_the_mirror(build, s, people):
    with open(f"{s.dir}/keys/data.mdb", "r+b") as f:
        nodes = f.read().replace(b"N9KN", b"n9kn")
        f.seek(0)
        f.write(nodes[:1 << 20])
    assert audit(build, "erasure", s.dir)[0] == 1
    s.start()
    must(Client(s.dir, "portal"), "subject.status", {"subject": people[0]})
    admin = Client(s.dir, "admin")
    must(admin, "key.rotate", {})
    for _ in range(200):
        if must(admin, "key.status", {})["rotation_left"] == 0:
            break
        time.sleep(0.05)
    assert s.stop() == 0
    good(build, "erasure", s.dir)


def take(s, top, name, size=0):
    """The checkpoint and the key of now, as an auditor is given them; one of
    so many leaves at least, which may still be to come."""
    auditor = Client(s.dir, "auditor")
    shown = must(auditor, "audit.checkpoint", {})
    for _ in range(600):
        if int(shown["note"].split("\n")[1]) >= size:
            break
        time.sleep(0.1)
        shown = must(auditor, "audit.checkpoint", {})
    assert int(shown["note"].split("\n")[1]) >= size, (shown["note"], size)
    for part in "note", "vkey":
        with open(f"{top}/{name}.{part}", "w", encoding="utf-8") as f:
            f.write(shown[part])
    return shown["vkey"]


def receipt(s, top, request, name):
    compliance = Client(s.dir, "compliance")
    for _ in range(100):
        got = compliance.insist("request.receipt", {"request": request})
        if got[0] == "ok":
            with open(f"{top}/{name}", "w", encoding="utf-8") as f:
                f.write(got[1]["receipt"])
            return got[1]["type"]
        assert got[0] == "unavailable", got
        time.sleep(0.1)
    raise AssertionError("no receipt")


def receipts_outlive_the_key_that_signed_them(build):
    with service(build) as s, tempfile.TemporaryDirectory() as top:
        people = work(s)
        first = erase(s, people[1])
        assert receipt(s, top, first, "first") == "erasure"
        old = take(s, top, "old")
        new = must(Client(s.dir, "admin"), "key.rotate",
                   {"of": "log"})["vkey"]
        while take(s, top, "new") != new:
            time.sleep(0.1)
        second = erase(s, people[2])
        receipt(s, top, second, "second")
        assert s.stop() == 0 and old != new
        # Whoever has one of the keys can check everything.
        for key in "old", "new":
            checked, _ = good(build, "log", s.dir, "--vkey",
                              f"{top}/{key}.vkey", "--since",
                              f"{top}/old.note", "--since", f"{top}/new.note")
            assert checked["key_rotations"] == 1
            for name in "first", "second":
                checked, _ = good(build, "erasure", s.dir, "--receipt",
                                  f"{top}/{name}", "--vkey",
                                  f"{top}/{key}.vkey")
                assert checked["receipt_leaf"] == "erasure"
        good(build, "proof", f"{top}/first", "--vkey", f"{top}/old.vkey")
        good(build, "proof", f"{top}/second", "--vkey", f"{top}/new.vkey")
        assert audit(build, "proof", f"{top}/second", "--vkey",
                     f"{top}/old.vkey")[0] == 1
        false_receipts_are_found(build, s, top)


def false_receipts_are_found(build, s, top):
    with open(f"{top}/first", encoding="utf-8") as f:
        text = f.read()
    lines = text.split("\n")
    at = next(i for i, l in enumerate(lines) if l.startswith("extra "))
    extra = lines[at]
    for changed in (
            # another leaf, another opening, another index, no signature
            extra[:8] + ("B" if extra[8] != "B" else "C") + extra[9:],
            extra[:-6] + ("B" if extra[-6] != "B" else "C") + extra[-5:]):
        with open(f"{top}/false", "w", encoding="utf-8") as f:
            f.write("\n".join(lines[:at] + [changed] + lines[at + 1:]))
        status, report = audit(build, "erasure", s.dir, "--receipt",
                               f"{top}/false")
        assert status == 1, report
        assert any(f.startswith("receipt:") for f in report["faults"])
    # A receipt of another log.
    with service(build) as other:
        request = erase(other, register(Client(other.dir, "portal"), 1))
        receipt(other, top, request, "foreign")
        assert other.stop() == 0
    assert audit(build, "erasure", s.dir, "--receipt", f"{top}/foreign")[0] \
        == 1


def passphrase_changes_while_stopped(build):
    with service(build) as s, tempfile.TemporaryDirectory() as top:
        work(s)
        new = f"{top}/new"
        with open(os.open(new, os.O_WRONLY | os.O_CREAT, 0o600), "w",
                  encoding="ascii") as f:
            f.write("one that nobody has seen\n")
        command = [f"{build}/bin/ninety", "--config", f"{s.dir}/ninety.yaml",
                   "key", "passphrase", new]
        done = subprocess.run(command, stderr=subprocess.PIPE, timeout=60 * PATIENCE,
                              check=False)
        assert done.returncode == 69, done.stderr
        assert s.stop() == 0
        shutil.copy(f"{s.dir}/passphrase", f"{top}/old")
        subprocess.run(command, stderr=subprocess.PIPE, timeout=60 * PATIENCE,
                       check=True)
        assert os.stat(f"{s.dir}/passphrase").st_mode & 0o777 == 0o600
        checked, _ = good(build, "encryption", s.dir)
        assert checked["rows_opened"] == checked["rows_sealed"] > PEOPLE
        good(build, "erasure", s.dir)
        s.start()
        size = must(Client(s.dir, "auditor"), "audit.entries",
                    {"from": 0, "to": 0})["size"]
        leaves = must(Client(s.dir, "auditor"), "audit.entries",
                      {"from": size - min(size, 20), "to": size})["items"]
        assert any(leaf["type"] == "key_rotation" for leaf in leaves)
        assert s.stop() == 0
        # The old one opens nothing any more.
        shutil.copy(f"{top}/old", f"{s.dir}/passphrase")
        status, report = audit(build, "erasure", s.dir)
        assert status != 0 or any("passphrase" in r
                                  for r in report["remarks"]), report


if __name__ == "__main__":
    run([stopped_instance_is_as_promised, running_instance_is_left_alone,
         killed_instance_is_as_promised, erased_people_are_nowhere,
         parts_put_back_are_found, losing_one_of_two_loses_nothing,
         receipts_outlive_the_key_that_signed_them,
         passphrase_changes_while_stopped],
        sys.argv[1])
