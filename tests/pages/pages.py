"""pages.py BUILD NODE [--keep DIR]: what compliance officers and data subjects
look at. Pages of an instance that has lived, and of answers that none of ours
has (nothing, one of each, thousands of rows, names from hell), go to pages.mjs,
which opens them in Chromium and compares them with the JSON beside them."""

import base64
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "system"))
from report import fill  # noqa: E402
from service import (  # noqa: E402
    PATIENCE, SOURCE, Client, init_service, run)

NODE, KEEP = sys.argv[2], sys.argv[4] if len(sys.argv) > 4 else None
KINDS = ("deadlines", "requests", "sharing", "registrations", "retention",
         "navigation")
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"
HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(2)>"


class Pages:
    """A folder of pages, each with what it was made of."""

    def __init__(self, build, folder):
        self.build, self.folder, self.cases = build, folder, []

    def path(self, name):
        return os.path.join(self.folder, name)

    def add(self, name, kind, **answers):
        self.cases.append({"name": name, "kind": kind,
                           "page": self.path(f"{name}.html"), **answers})

    def add_lived(self, kind, **answers):
        self.add(kind, kind, lived=True, **answers)

    def render(self, name, kind, answer, requests=None):
        """A page of an answer that nobody gave."""
        files = []
        for which, value in (("answer", answer), ("requests", requests)):
            if value is not None:
                files.append(self.path(f"{name}.{which}.json"))
                with open(files[-1], "w", encoding="utf-8") as f:
                    json.dump(value, f, ensure_ascii=False)
        with open(self.path(f"{name}.html"), "wb") as f:
            subprocess.run([f"{self.build}/tests/pages/render", kind, "html",
                            *files], stdout=f, check=True, timeout=60 * PATIENCE)
        self.add(name, kind, answer=answer, requests=requests)


def ninety(s, *words):
    p = subprocess.run([f"{s.build}/bin/ninety", "--config", s.config, *words],
                       capture_output=True, text=True, timeout=60 * PATIENCE, check=False)
    assert p.returncode in (0, 1), (words, p.returncode, p.stderr)
    return p.stdout


def ask(client, operation, body):
    status, answer = client.insist(operation, body)
    assert status == "ok", (operation, answer)
    return answer


def verified(client, body):
    request = ask(client, "request.submit",
                  {"channel": "portal", **body})["request"]
    code = ask(client, "request.challenge", {"request": request})["code"]
    ask(client, "request.verify", {"request": request, "code": code})
    return request


def live(s):
    """Customers, visits, shares, holds, requests that ended; an access
    bundle's files."""
    ninety(s, "import", "customers", f"{SOURCE}/examples/customers.csv")
    ninety(s, "import", "access-log", f"{SOURCE}/examples/access.log")
    portal, compliance = Client(s.dir, "portal"), fill(s)
    people = [ask(portal, "subject.register", {
        "birth_date": "1980-02-29", "country": "US",
        "contact": {"name": f"{LONG} {i} {HOSTILE}"[:100],
                    "email": f"a{i}@{'long.' * 20}example.com"},
        "terms": {"version": "1", "accepted_at": "2026-01-01T00:00:00Z"},
    })["subject"] for i in range(4)]
    for i, person in enumerate(people):
        ask(portal, "subject.write", {
            "subject": person, "category": "billing", "data": {
                "name": "Ada", "card_number": "4111111111111111",
                "card_expiry": "2031-05"}})
        for recipient, purpose, category, field in (
                ("card-processor", "collect_payment", "billing",
                 "card_number"),
                ("contact-provider", "service", "contact", "email")):
            ask(portal, "share.record", {
                "subject": person, "recipient": recipient, "purpose": purpose,
                "categories": [category], "fields": [field]})
        ask(portal, "visit.append", {"visitor": f"v{i}", "events": [
            {"at": "2026-11-01T10:00:00Z", "ip": "192.0.2.1",
             "user_agent": HOSTILE, "language": "de",
             "page": f"/a/{LONG}/{n}", "action": "view"}
            for n in range(20)]})
        ask(portal, "visit.identify", {"visitor": f"v{i}", "subject": person})
    status, _ = portal.insist("share.record", {
        "subject": people[0], "recipient": "former-processor",
        "purpose": "service", "categories": ["contact"], "fields": ["email"]})
    assert status == "not_permitted", status
    ask(compliance, "hold.place", {"category": "usage",
                                   "matter": f"{LONG} v. {HOSTILE}"})
    for body in ({"type": "delete", "subject": people[1]},
                 {"type": "change", "subject": people[2], "change": {
                     "category": "contact",
                     "data": {"name": "A", "email": "a@example.com"}}}):
        ask(compliance, "request.fulfil",
            {"request": verified(portal, body)})
    request = verified(portal, {"type": "access", "subject": people[0]})
    ask(compliance, "request.fulfil", {"request": request})
    exported = ask(portal, "request.export", {"request": request})
    return zipfile.ZipFile(io.BytesIO(base64.b64decode(exported["data"])))


def lived_in(pages):
    s = init_service(pages.build)
    try:
        s.start()
        bundle = live(s)
        with open(pages.path("bundle.html"), "wb") as f:
            f.write(bundle.read("index.html"))
        pages.add_lived("bundle", answer=json.loads(bundle.read("data.json")))
        now = json.loads(ninety(s, "report", "deadlines", "--json"))["as_of"]
        for kind in KINDS:
            words = ("report", kind, "--as-of", now)
            page = pages.path(f"{kind}.html")
            ninety(s, *words, "--format", "html", "-o", page)
            answers = {"answer": json.loads(ninety(s, *words, "--json"))}
            if kind == "deadlines":
                answers["requests"] = json.loads(ninety(
                    s, "report", "requests", "--as-of", now, "--json"))
            pages.add_lived(kind, **answers)
        assert s.stop() == 0
    finally:
        s.remove()


def deadlines(n, seed=1):
    """An answer of n open requests, as the service would give it."""
    r = random.Random(seed)
    day = 86400
    items = []
    for i in range(n):
        left = r.randrange(-20, 90)
        items.append({
            "request": f"019a0000-0000-7000-8000-{i:012x}",
            "type": r.choice(["access", "change", "delete"]),
            "state": r.choice(["open", "verifying", "in_progress"]),
            "regime": r.choice([None, "gdpr", "ccpa", LONG]),
            "assignee": r.choice([None, "eve", f"{LONG} {HOSTILE}"]),
            "received_at": stamp((left - 90) * day),
            "due_at": stamp(left * day + 3600), "days_left": left,
            "overdue": left < 0})
    items.sort(key=lambda item: item["due_at"])
    for item in items:
        for name in ("regime", "assignee"):
            if item[name] is None:
                del item[name]
    count = lambda wanted: sum(1 for i in items if wanted(i))  # noqa: E731
    age = lambda i: min(9, (90 - i["days_left"]) // 10)  # noqa: E731
    types = ("access", "change", "delete")
    return {"as_of": stamp(0), "summary": {
        "open": n, "overdue": count(lambda i: i["overdue"]),
        "approaching": count(lambda i: 0 <= i["days_left"] < 14),
        "by_type": {t: count(lambda i: i["type"] == t) for t in types},
        "by_state": {t: count(lambda i: i["state"] == t)
                     for t in ("open", "verifying", "in_progress")},
        "tracks": [{
            "type": t,
            "on_track": count(lambda i: i["type"] == t and
                              i["days_left"] >= 14),
            "approaching": count(lambda i: i["type"] == t and
                                 0 <= i["days_left"] < 14),
            "overdue": count(lambda i: i["type"] == t and i["overdue"])}
            for t in types],
        "ages": [{
            "from_days": b * 10, **({"to_days": b * 10 + 10} if b < 9 else {}),
            "open": count(lambda i: age(i) == b),
            "overdue": count(lambda i: age(i) == b and i["overdue"])}
            for b in range(10)],
        "weeks": [{"week": stamp(w * 7 * day)[:10],
                   "due": count(lambda i: i["days_left"] >= 0 and
                                i["days_left"] // 7 == w)}
                  for w in range(13)]}, "items": items}


def stamp(seconds):
    import datetime
    t = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.timezone.utc)
    t += datetime.timedelta(seconds=seconds)
    return t.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def requests(n, months=13, seed=2):
    """A year's answer in which about n requests were received a month."""
    r = random.Random(seed)
    types = ("access", "change", "delete")
    part = lambda: r.randrange(n // 3 + 1) if n > 2 else n  # noqa: E731
    rows, years, by_month = [], [], []
    for t in types:
        fulfilled, denied = part() * months, part()
        late = min(fulfilled, part())
        row = {"type": t, "received": fulfilled + denied + part(),
               "fulfilled": fulfilled, "denied": denied, "revoked": part(),
               "expired": part(), "on_time": fulfilled + denied - late,
               "late": late}
        if fulfilled + denied > 0:
            row.update(median_days=r.randrange(5, 60),
                       p95_days=r.randrange(60, 130))
        rows.append(row)
    for y in (2025, 2026):
        for t in types:
            years.append({"year": y, "type": t, "complete": y < 2026,
                          "received": part(),
                          "complied": part(), "denied": part(),
                          **({"median_days": 20, "mean_days": 27}
                             if n > 0 else {})})
    for m in range(months):
        year, month = divmod(2025 * 12 + 10 + m, 12)
        closed = part() * 3
        late = min(closed, part() // 4)
        by_month.append({"month": f"{year}-{month + 1:02}",
                         "received": part() * 3, "closed": closed,
                         "on_time": closed - late, "late": late})
    ages = [{"from_days": b * 10, **({"to_days": b * 10 + 10} if b < 9 else {}),
             "person": part(), "recipient": part(), "alarm": part()}
            for b in range(10)]
    waiting = {k: sum(a[k] for a in ages)
               for k in ("person", "recipient", "alarm")}
    if n > 0:
        waiting.update(oldest_at=stamp(-86400 * 97), oldest_days=97)
    names = ["card-processor", LONG, HOSTILE] if n > 0 else []
    return {"from": "2025-11-01", "to": "2026-11-24",
            "received": sum(m["received"] for m in by_month),
            "closed": sum(m["closed"] for m in by_month),
            "types": rows,
            "channels": [{"name": c, "n": part()} for c in (
                "portal", "email", "phone", "post", "agent")],
            "denials": [{"name": d, "n": part()} for d in (
                "suspected_fraud", "identity_not_verified", "no_match",
                "not_covered", "outside_jurisdiction", "too_many_requests",
                "legal_hold", "other")],
            "months": by_month, "years": years,
            "unacknowledged": {**waiting, "ages": ages, "recipients": [
                {"recipient": name, "n": n, "oldest_at": stamp(-86400 * d),
                 "oldest_days": d} for name, d in zip(names, (97, 12, 0))]}}


def made_up(pages):
    for name, n in (("none", 0), ("one", 1), ("many", 10000)):
        pages.render(f"deadlines-{name}", "deadlines", deadlines(n),
                     requests(n))
        pages.render(f"requests-{name}", "requests",
                     requests(n, 13 if n < 9999 else 240))
    span = {"from": "2025-11-01", "to": "2026-11-24"}
    pages.render("sharing-none", "sharing", {
        **span, "given": 0, "declared": 0, "refused": 0, "items": []})
    pages.render("sharing-many", "sharing", {
        **span, "given": 2 ** 53, "declared": 123456789, "refused": 3,
        "items": [{"recipient": f"{LONG}-{i}", "purpose": HOSTILE,
                   "category": "contact", "country": "US",
                   "outcome": "given", "n": 2 ** 53 - i}
                  for i in range(4000)] + [{"outcome": "refused", "n": 3}]})
    pages.render("registrations-none", "registrations", {
        **span, "adults": 0, "minors": 0, "under_age": 0,
        "consent_required": 0, "prospects": 0, "closed": 0, "reopened": 0,
        "items": [], "months": []})
    pages.render("navigation-none", "navigation", {**span, "items": []})
    pages.render("bundle-none", "bundle", {
        "format": "ninety access bundle 1", "controller": f"{LONG}, Inc.",
        "made_at": stamp(0), "request": "019a0000-0000-7000-8000-000000000000",
        "account": {}, "data": [], "purposes": [], "disclosures": [],
        "requests": [], "rights": [], "navigation": []})


def look(*words):
    p = subprocess.run([NODE, f"{HERE}/pages.mjs", *words], timeout=100 * PATIENCE,
                       check=False)
    if p.returncode == 77:
        sys.exit(77)
    assert p.returncode == 0, "see above"


def pages_are_for_everybody(build):
    look()
    folder = KEEP or tempfile.mkdtemp(prefix="ninety-pages-")
    os.makedirs(folder, exist_ok=True)
    pages = Pages(build, folder)
    try:
        lived_in(pages)
        made_up(pages)
        cases = pages.path("cases.json")
        with open(cases, "w", encoding="utf-8") as f:
            json.dump(pages.cases, f)
        look(cases)
    finally:
        if KEEP is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    run([pages_are_for_everybody], sys.argv[1])
