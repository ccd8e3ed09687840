"""The restore drill: a store is lost, `ninety restore` brings an old backup
back, with the journal's segments and without. Two people share a bucket of the
look-up index, one of them is erased after the backup."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

from service import PATIENCE, Client, Service, run

NOW = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
TEXT_BYTES = 60000
# More than the ring of segments holds, so that only the archive has the rest.
WRITES = 1500


@contextlib.contextmanager
def service(build, yaml=""):
    # A single bucket: everybody shares it.
    s = Service(build, yaml=yaml, buckets=1)
    try:
        with open(f"{s.dir}/policies/house.yaml", encoding="utf-8") as f:
            house = f.read()
        with open(f"{s.dir}/policies/house.yaml", "w", encoding="utf-8") as f:
            f.write(re.sub(r"(?m)^cool_off: \S+", "cool_off: PT0S", house))
        s.start()
        yield s
    finally:
        s.remove()


def must(client, operation, body, timeout=20.0):
    got = client.insist(operation, body, timeout)
    assert got is not None and got[0] == "ok", (operation, got)
    return got[1]


def register(s, name):
    return must(Client(s.dir, "portal"), "subject.register", {
        "birth_date": "1980-01-02", "country": "DE",
        "contact": {"name": name, "email": f"{name}@example.com"},
        "terms": {"version": "1", "accepted_at": NOW}})["subject"]


def find(s, name, role="support"):
    got = Client(s.dir, role).insist("subject.find",
                                     {"email": f"{name}@example.com"})
    assert got is not None, name
    return got[0]


def erase(s, person):
    compliance = Client(s.dir, "compliance")
    request = must(compliance, "request.submit", {
        "type": "delete", "subject": person, "channel": "post"})["request"]
    must(compliance, "request.verify", {
        "request": request, "method": "in_person",
        "evidence": {"method": "in_person", "reference": "desk 4",
                     "at": NOW}})
    assert must(compliance, "request.fulfil",
                {"request": request}, 60)["state"] == "fulfilled"


def checkpoint(s, to):
    """Keeps the checkpoint that covers all that was done."""
    auditor = Client(s.dir, "auditor")
    size = must(auditor, "service.status", {})["log"]["size"]
    end = time.monotonic() + 20
    while time.monotonic() < end:
        got = auditor.insist("audit.checkpoint")
        if got[0] == "ok" and int(got[1]["note"].split("\n")[1]) >= size:
            with open(to, "w", encoding="utf-8") as f:
                f.write(got[1]["note"])
            return int(got[1]["note"].split("\n")[1])
        time.sleep(0.2)
    raise AssertionError("no checkpoint")


def restore(s, backup):
    done = subprocess.run(
        [f"{s.build}/bin/ninety", "--config", s.config, "--json", "restore",
         backup], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        timeout=120 * PATIENCE, check=False)
    if not done.stdout:
        return done.returncode, done.stderr.decode()
    return done.returncode, json.loads(done.stdout)


def audit(s, verb, *arguments, status=0):
    done = subprocess.run(
        [f"{s.build}/bin/ninety-audit", verb, s.dir, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120 * PATIENCE,
        check=False)
    assert done.returncode == status, done.stdout.decode()
    return done.stdout.decode()


def backup_then_erase(s):
    """Two people in one bucket, a backup, and one of them is gone."""
    register(s, "ada")
    bob = register(s, "bob")
    backup = f"{s.base}/backup"
    must(Client(s.dir, "admin"), "backup.create", {"directory": backup}, 30)
    erase(s, bob)
    register(s, "late")
    return backup


def much(s, person):
    """Fills the ring of segments more than once."""
    portal = Client(s.dir, "portal")
    at_work, done = 0, 0
    for n in range(WRITES):
        portal.send("subject.write", {
            "subject": person, "category": "content",
            "data": {"text": "x" * TEXT_BYTES}})
        at_work += 1
        while at_work >= 32 or (n == WRITES - 1 and at_work > 0):
            got = portal.receive(30)
            assert got is not None and got[1] in ("ok", "busy"), got
            at_work -= 1
            done += got[1] == "ok"
    return done


def nothing_is_lost_with_the_segments(build):
    base = "/tmp/ninety-archive-%d" % os.getpid()
    with service(build, yaml=f"archive: {base}\n") as s:
        backup = backup_then_erase(s)
        done = much(s, register(s, "writer"))
        register(s, "last")
        size = checkpoint(s, f"{s.base}/checkpoint")
        s.kill()
        assert any(n.endswith(".journal") for n in os.listdir(base))
        shutil.rmtree(f"{s.dir}/store/data")
        status, report = restore(s, backup)
        shutil.rmtree(base)
        assert status == 0 and report["complete"], report
        assert report["groups_replayed"] > 0 and done > WRITES // 2
        s.start()
        for name in ("ada", "late", "writer", "last"):
            assert find(s, name) == "ok", name
        assert find(s, "bob") == "not_found"
        register(s, "new")
        assert checkpoint(s, f"{s.base}/later") > size
        assert s.stop() == 0
        audit(s, "log", "--since", f"{s.base}/checkpoint")
        audit(s, "erasure")
        audit(s, "encryption")


def gap_waits_for_compliance(build):
    with service(build) as s:
        backup = backup_then_erase(s)
        size = checkpoint(s, f"{s.base}/checkpoint")
        s.kill()
        shutil.rmtree(f"{s.dir}/store")
        status, report = restore(s, backup)
        assert status == 1 and not report["complete"], report
        assert report["to_leaf"] == size > report["from_leaf"], report
        assert report["leaves_put_back"] == size - report["from_leaf"]
        assert report["buckets_rebuilt"] == 1, report
        assert report["people_erased_since"] == 1, report
        s.start()
        for role in ("portal", "support", "billing", "auditor"):
            got = Client(s.dir, role).insist("service.ping")
            assert got is not None and got[0] == "unavailable", (role, got)
        compliance = Client(s.dir, "compliance")
        gap = must(compliance, "service.status", {})["gap"]
        assert gap["gap"] == report["gap"], gap
        assert find(s, "ada", "compliance") == "ok"
        must(compliance, "restore.acknowledge",
             {"gap": gap["gap"], "note": "the disk of the store was lost"})
        assert "gap" not in must(compliance, "service.status", {})
        assert find(s, "ada") == "ok"
        assert find(s, "bob") == "not_found"
        assert find(s, "late") == "not_found"
        register(s, "late")
        assert find(s, "late") == "ok"
        assert checkpoint(s, f"{s.base}/later") > size
        assert s.stop() == 0
        audit(s, "log", "--since", f"{s.base}/checkpoint")
        audit(s, "erasure")
        audit(s, "encryption")


def log_whose_leaves_are_nowhere_has_a_successor(build):
    with service(build) as s:
        register(s, "early")
        checkpoint(s, f"{s.base}/first")
        backup = backup_then_erase(s)
        checkpoint(s, f"{s.base}/checkpoint")
        s.kill()
        shutil.rmtree(f"{s.dir}/store")
        shutil.rmtree(f"{s.dir}/log")
        status, report = restore(s, backup)
        assert status == 1 and report["log_closed"], report
        s.start()
        must(Client(s.dir, "compliance"), "restore.acknowledge",
             {"gap": report["gap"], "note": "two disks were lost"})
        assert find(s, "ada") == "ok" and find(s, "bob") == "not_found"
        checkpoint(s, f"{s.base}/later")
        with open(f"{s.base}/later", encoding="utf-8") as f:
            assert f.readline().endswith("/2\n")
        assert os.path.exists(f"{s.dir}/log.1/checkpoint")
        assert s.stop() == 0
        audit(s, "log", "--since", f"{s.base}/later")
        store_behind_its_log_is_found(s)
        s.start()
        assert find(s, "ada") == "ok"


def store_behind_its_log_is_found(s):
    """Of a successor too: an older store beside the log is a difference."""
    store, older, newer = f"{s.dir}/store", f"{s.base}/older", f"{s.base}/newer"
    shutil.copytree(store, older)
    s.start()
    register(s, "last")
    checkpoint(s, f"{s.base}/last")
    assert s.stop() == 0
    os.rename(store, newer)
    os.rename(older, store)
    found = audit(s, "log", status=1)
    assert re.search(r"files hold \d+ leaves, the store \d+", found), found
    shutil.rmtree(store)
    os.rename(newer, store)
    audit(s, "log", "--since", f"{s.base}/last")


def running_service_is_left_alone(build):
    with service(build) as s:
        backup = backup_then_erase(s)
        status, report = restore(s, backup)
        assert status == 69, (status, report)
        assert find(s, "late") == "ok"


if __name__ == "__main__":
    run([nothing_is_lost_with_the_segments, gap_waits_for_compliance,
         log_whose_leaves_are_nowhere_has_a_successor,
         running_service_is_left_alone], sys.argv[1])
