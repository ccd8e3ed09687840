"""Mixed batches of the key tree under kill -9, then the audits: people whole
and in part, visitors, holds placed and released, notices, bundles, a day of
expiry, growth, rotation; at random moments every process is killed. Whoever was
erased in an answered call must be gone, the others be readable, and both audits
find nothing.

Usage: batches.py BUILD BATCHES [SEED]"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time

from service import Client, Service

NOW = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
ANSWER_S = 90.0
KILL_AFTER_S = (0.05, 0.6)
PEOPLE_MIN, PEOPLE_MAX = 20, 60  # living ones
# The calendar's day begins here first, and there 26 hours later.
WEST, EAST = "Etc/GMT+12", "Pacific/Kiritimati"


def change(path, pattern, to):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    text, n = re.subn(pattern, to, text)
    assert n == 1, pattern
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


class Killer:
    """Kills all processes at random moments, and starts them again."""

    def __init__(self, service, chance):
        self.service = service
        self.random = chance
        self.kills = 0
        self.failed = None
        self.hold = threading.Lock()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            while not self.over.wait(self.random.uniform(*KILL_AFTER_S)):
                with self.hold:
                    self.kill()
        except Exception as e:  # told by whoever stops the killer
            self.failed = e

    def kill(self):
        s = self.service
        s.process.send_signal(signal.SIGSTOP)
        for pid in s.children().values():
            os.kill(pid, signal.SIGKILL)
        s.process.kill()
        s.process.wait()
        self.kills += 1
        s.start()

    def stop(self):
        self.over.set()
        self.thread.join()
        assert self.failed is None, self.failed


class Mix:
    def __init__(self, service, chance):
        self.service = service
        self.random = chance
        self.clients = {role: Client(service.dir, role) for role in
                        ("portal", "compliance", "support", "admin")}
        self.living = {}   # subject: name
        self.erased = {}
        self.in_part = {}
        self.held = []
        self.browsers_gone = []
        self.n = 0
        self.did = {}

    def ask(self, role, operation, body):
        got = self.clients[role].insist(operation, body, ANSWER_S)
        assert got is not None, (operation, "no answer")
        return got

    def must(self, role, operation, body):
        got = self.ask(role, operation, body)
        assert got[0] == "ok", (operation, got)
        return got[1]

    def name(self):
        self.n += 1
        return "quetzal-%05d" % self.n

    def register(self):
        name = self.name()
        person = self.must("portal", "subject.register", {
            "birth_date": "1980-01-02", "country": "DE",
            "contact": {"name": name, "email": f"{name}@example.com",
                        "phone": "+4930%07d" % self.n},
            "terms": {"version": "1", "accepted_at": NOW}})["subject"]
        self.living[person] = name
        return person

    def some(self):
        if len(self.living) < PEOPLE_MIN or self.random.random() < 0.3:
            return self.register()
        return self.random.choice(sorted(self.living))

    def request(self, of, **more):
        request = self.must("compliance", "request.submit", {
            "type": of, "channel": "post", **more})["request"]
        self.must("compliance", "request.verify", {
            "request": request, "method": "in_person",
            "evidence": {"method": "in_person", "reference": "desk 4",
                         "at": NOW}})
        return self.must("compliance", "request.fulfil",
                         {"request": request})

    def visit(self, cookie, browser):
        self.must("portal", "visit.append", {
            "visitor": cookie,
            "events": [{"at": NOW, "ip": "203.0.113.9", "page": "/offer",
                        "user_agent": browser, "language": "de",
                        "action": "view"}]})

    # What makes batches

    def person(self):
        person = self.some()
        done = self.request("delete", subject=person)
        assert done["state"] == "fulfilled" and not done.get("kept"), done
        self.erased[person] = self.living.pop(person)

    def several(self):
        """Asked for together, so that they may share a batch."""
        people = {self.some() for _ in range(3)}
        asked = []
        for person in people:
            request = self.must("compliance", "request.submit", {
                "type": "delete", "channel": "post",
                "subject": person})["request"]
            self.must("compliance", "request.verify", {
                "request": request, "method": "in_person",
                "evidence": {"method": "in_person", "reference": "desk 4",
                             "at": NOW}})
            client = Client(self.service.dir, "compliance")
            call = client.send("request.fulfil", {"request": request})
            asked.append((person, request, client, call))
        for person, request, client, call in asked:
            end = time.monotonic() + ANSWER_S
            got = client.receive(0.5)
            while got is None or got[1] == "busy":
                assert time.monotonic() < end, "no answer"
                client.open()
                client.send("request.fulfil", {"request": request}, call)
                got = client.receive(0.5)
                if got is not None and got[1] == "busy":
                    time.sleep(0.1)
            assert got[1] == "ok", got
            client.close()
            self.erased[person] = self.living.pop(person)

    def category(self):
        """A hold keeps one category; the rest of the person goes."""
        person = self.some()
        hold = self.must("compliance", "hold.place", {
            "subject": person, "categories": ["contact"],
            "matter": "a claim"})["hold"]
        done = self.request("delete", subject=person)
        assert [k["category"] for k in done["kept"]] == ["contact"], done
        self.in_part[person] = self.living.pop(person)
        self.held.append(hold)

    def hold(self):
        if self.held and self.random.random() < 0.6:
            hold = self.held.pop(self.random.randrange(len(self.held)))
            got = self.ask("compliance", "hold.release",
                           {"hold": hold, "reason": "settled"})
            if got[0] == "state":  # its records still move
                self.held.append(hold)
            else:
                # Asked again after a kill, its slot may be gone, and with it
                # the stored answer.
                assert got[0] in ("ok", "expired"), got
            return
        if len(self.held) < 40:
            self.held.append(self.must("compliance", "hold.place", {
                "subject": self.some(), "categories": ["preferences"],
                "matter": "another claim"})["hold"])

    def visitor(self):
        browser = "browser of " + self.name()
        cookie = "cookie-%05d" % self.n
        self.visit(cookie, browser)
        self.request("delete", identity={"visitor": cookie})
        # Not the cookie: the request keeps by what somebody was known.
        self.browsers_gone.append(browser)

    def access(self):
        self.request("access", subject=self.some())

    def rotation(self):
        got = self.ask("admin", "key.rotate", {})
        assert got[0] in ("ok", "state"), got

    def batches(self):
        return self.must("admin", "key.status", {})["epoch"]

    def go(self):
        kinds = [(self.person, 34), (self.several, 14), (self.category, 10),
                 (self.visitor, 18), (self.hold, 14), (self.access, 8),
                 (self.rotation, 1)]
        if len(self.living) > PEOPLE_MAX:
            kinds = [(self.several, 1)]
        kind = self.random.choices([k for k, _ in kinds],
                                   [w for _, w in kinds])[0]
        kind()
        self.did[kind.__name__] = self.did.get(kind.__name__, 0) + 1

    def day(self, killer):
        """The day moves on by the time zone: what was due by it dies."""
        self.visit("cookie-of-the-day", "browser of the day")
        with killer.hold:
            self.service.stop()
            change(f"{self.service.dir}/policies/house.yaml",
                   r"(?m)^time_zone: \S+", f"time_zone: {EAST}")
            self.service.start()
        got = self.must("compliance", "retention.run", {})
        assert got["through"], got
        self.browsers_gone.append("browser of the day")
        self.did["day"] = 1

    def check(self):
        """Every answered erasure stands, everybody else is there."""
        for person, name in self.erased.items():
            for operation, body in (
                    ("subject.status", {"subject": person}),
                    ("subject.find", {"email": f"{name}@example.com"})):
                got = self.ask("support", operation, body)
                assert got[0] == "not_found", (name, operation, got)
        for person, name in self.living.items():
            got = self.must("support", "subject.find",
                            {"email": f"{name}@example.com"})
            assert json.dumps(got).count(person) > 0, got


def audit(s, verb, *arguments):
    done = subprocess.run(
        [f"{s.build}/bin/ninety-audit", verb, s.dir, *arguments, "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300,
        check=False)
    assert done.stdout, done.stderr.decode()
    report = json.loads(done.stdout)
    assert done.returncode == 0, (verb, report["faults"])
    return report["checked"]


def audits(s, mix):
    gone = f"{s.base}/erased.txt"
    with open(gone, "w", encoding="ascii") as f:
        f.writelines(f"{n}@example.com\n" for n in mix.erased.values())
        f.writelines(f"{browser}\n" for browser in mix.browsers_gone)
    checked = audit(s, "erasure", "--canaries", gone)
    assert checked["closure"]["stale"] == 0, checked
    assert checked["closure"]["live"] == checked["nodes"], checked
    assert checked["dead_rows_that_open"] == 0, checked
    assert checked["slots_dead"] >= 4 * len(mix.erased), checked
    sealed = audit(s, "encryption", "--canaries", gone)
    # Stored answers of the erased stay until their week is over.
    assert (sealed["rows_opened"] + sealed["rows_of_dead_keys"] ==
            sealed["rows_sealed"]), sealed
    audit(s, "log")
    return checked


def main(build, batches, seed):
    chance = random.Random(seed)
    print(f"seed {seed}", flush=True)
    s = Service(build)
    try:
        house = f"{s.dir}/policies/house.yaml"
        change(house, r"(?m)^cool_off: \S+", "cool_off: PT0S")
        change(house, r"(?m)^time_zone: \S+", f"time_zone: {WEST}")
        change(f"{s.dir}/policies/categories.yaml",
               r"(?s)(name: navigation\n.*?retention: {period: )P13M",
               r"\g<1>P1D")
        s.start()
        mix = Mix(s, chance)
        first = mix.batches()
        killer = Killer(s, random.Random(seed + 1))
        while mix.batches() - first < batches:
            mix.go()
            if "day" not in mix.did and mix.batches() - first > batches / 2:
                mix.day(killer)
        killer.stop()
        done = mix.batches() - first
        mix.check()
        assert s.stop() == 0
        checked = audits(s, mix)
    finally:
        s.remove()
    print(f"{done} batches, {killer.kills} kills: {mix.did}")
    print(f"{len(mix.erased)} erased, {len(mix.living)} living, "
          f"{checked['closure']['closed']} old nodes that stay closed, "
          f"{checked['closure']['stale']} stale keys")
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]),
         int(sys.argv[3]) if len(sys.argv) > 3
         else int.from_bytes(os.urandom(3), "big"))
