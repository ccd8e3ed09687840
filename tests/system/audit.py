"""ninety-audit on an instance as the service leaves it: after work, after a
kill, after erasures. Each claim is checked with the command that an auditor
would run."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from service import Client, Service, run

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
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
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
        pids = s.children()
        for pid in pids.values():
            os.kill(pid, signal.SIGKILL)
        s.process.kill()
        s.process.wait()
        time.sleep(0.2)
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
    if got is not None and got[0] == "unknown_operation":
        return None
    assert got is not None and got[0] == "ok", got
    return got[1]["state"]


def erased_people_are_nowhere(build):
    with service(build) as s, tempfile.TemporaryDirectory() as top:
        people = work(s)
        before = os.path.join(top, "keystore.before")
        shutil.copy(f"{s.dir}/keystore/keystore", before)
        state = erase(s, people[5])
        if state is None:
            print("(request.fulfil is not there: nothing was erased)")
            return
        assert state == "fulfilled", state
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


if __name__ == "__main__":
    run([stopped_instance_is_as_promised, running_instance_is_left_alone,
         killed_instance_is_as_promised, erased_people_are_nowhere],
        sys.argv[1])
