"""The reports as files: what another program reads out of them is what the
service said, and nothing in them can do harm."""

import csv
import datetime
import fcntl
import html.parser
import io
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import zoneinfo

import zmq

from service import PATIENCE, Client, init_service, run

try:
    import icalendar
except ImportError:
    icalendar = None

HOUSE = zoneinfo.ZoneInfo("America/Los_Angeles")
EVIL = "=cmd|' /C calc'!A0"
TAG = "<script>alert(1)</script>&\"'"


def ago(days):
    t = datetime.datetime.now(datetime.timezone.utc)
    t -= datetime.timedelta(days=days)
    return t.strftime("%Y-%m-%dT%H:%M:%SZ")


def fill(s):
    c = Client(s.dir, "compliance")
    for name in (EVIL, TAG):
        status, told = Client(s.dir, "admin").insist("principal.add", {
            "name": name, "roles": ["support"],
            "public_key": zmq.curve_keypair()[0].decode()})
        assert status == "ok", told
    ages = [0, 1, 3, 5, 8, 12, 12, 14, 19, 22, 25, 31, 33, 38, 40, 44, 47, 52,
            55, 58, 63, 66, 71, 77, 79, 82, 84, 88, 91, 97, 120]
    kinds = ["access", "delete", "access", "change", "delete"]
    for i, age in enumerate(ages):
        kind = kinds[i % 5]
        body = {"type": kind, "channel": "email", "received_at": ago(age),
                "identity": {"email": f"p{i}@example.com"}}
        if i % 4 == 1:
            body["country"] = "US"
            body["region"] = "US-CA"
        if kind == "change":
            body["change"] = {"category": "contact", 
                              "data": {"name": "N",
                                       "email": "n@example.com"}}
        status, answer = c.insist("request.submit", body)
        assert status == "ok", answer
        if i == 3 or i == 4:
            status, told = c.insist("request.assign", {
                "request": answer["request"], "to": EVIL if i == 3 else TAG})
            assert status == "ok", told
    for i in range(24):
        status, answer = c.insist("request.submit", {
            "type": kinds[i % 3], "channel": "portal",
            "received_at": ago(7 + i * 9),
            "identity": {"email": f"q{i}@example.com"}})
        assert status == "ok", answer
        status, answer = c.insist("request.deny", {
            "request": answer["request"], "reason": "no_match"})
        assert status == "ok", answer
    return c


def ninety(s, *words, status=None):
    p = subprocess.run([f"{s.build}/bin/ninety", "--config", s.config, *words],
                       capture_output=True, text=True, timeout=60 * PATIENCE,
                       env={**os.environ, "LC_ALL": "C.UTF-8"})
    if status is not None:
        assert p.returncode == status, (words, p.returncode, p.stderr)
    return p.stdout


def on_terminal(s, width, *words, **environ):
    """What a terminal of that width gets."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ,
                struct.pack("HHHH", 50, width, 0, 0))
    p = subprocess.Popen([f"{s.build}/bin/ninety", "--config", s.config,
                          *words], stdout=theirs,
                         env={**os.environ, "LC_ALL": "C.UTF-8",
                              "TERM": "xterm", "COLUMNS": str(width), **environ})
    os.close(theirs)
    text = b""
    try:
        while part := os.read(ours, 65536):
            text += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert p.wait() in (0, 1)
    return text.decode().replace("\r\n", "\n")


class Page(html.parser.HTMLParser):
    """What of a page could load or run something; its figures and tables."""

    def __init__(self):
        super().__init__()
        self.bad, self.tags = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag in ("script", "link", "img", "iframe", "object", "base"):
            self.bad.append(tag)
        for name, value in attributes:
            if name.startswith("on") or name == "src":
                self.bad.append(name)
            if name == "href" and not value.startswith("#"):
                self.bad.append(value)


def reports_say_what_the_service_says(build):
    s = init_service(build)
    try:
        s.start()
        c = fill(s)
        status, said = c.insist("report.deadlines", {})
        assert status == "ok" and said["summary"]["overdue"] > 0
        wanted = {i["request"]: i for i in said["items"]}

        # JSON, and the exit status of bad news.
        got = json.loads(ninety(s, "report", "deadlines", "--format", "json",
                                status=1))
        assert [i["request"] for i in got["items"]] == \
            [i["request"] for i in said["items"]]
        ninety(s, "report", "deadlines", "--as-of", "2020-01-01", status=0)

        # CSV.
        text = ninety(s, "report", "deadlines", "--format=csv", status=1)
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert list(rows[0]) == ["request", "type", "state", "regime",
                                 "assignee", "received_at", "due_at",
                                 "legal_due_at", "days_left", "overdue"]
        assert len(rows) == len(wanted)
        for row in rows:
            item = wanted[row["request"]]
            assert row["type"] == item["type"]
            assert row["due_at"] == item["due_at"]
            assert int(row["days_left"]) - item["days_left"] in (-1, 0)
            assert row["overdue"] == str(item["overdue"]).lower()
            assert row["assignee"][:1] not in ("=", "+", "-", "@")
        assert any(row["assignee"] == "'" + EVIL for row in rows)
        assert any(row["assignee"] == TAG for row in rows)

        # ICS.
        text = ninety(s, "report", "deadlines", "--format", "ics", status=1)
        if icalendar is not None:
            events = [e for e in icalendar.Calendar.from_ical(text).walk()
                      if e.name == "VEVENT"]
            assert len(events) == len(wanted)
            for e in events:
                item = wanted[str(e["uid"]).split("@")[0]]
                due = e["dtstart"].dt
                assert due.tzinfo is not None
                assert due.strftime("%Y-%m-%dT%H:%M:%S") == \
                    item["due_at"][:19]
                reminders = sorted(a["trigger"].dt.days for a in e.walk()
                                   if a.name == "VALARM")
                assert reminders == ([] if item["overdue"] else [-7, -1])
        ninety(s, "report", "requests", "--format", "ics", status=64)

        # The page: one file, nothing in it that runs or loads.
        path = f"{s.base}/page.html"
        ninety(s, "report", "deadlines", "--format", "html", "-o", path,
               status=1)
        with open(path, encoding="utf-8") as f:
            text = f.read()
        page = Page()
        page.feed(text)
        assert page.bad == [], page.bad
        assert "<script" not in text and "&lt;script&gt;" in text
        assert page.tags.count("figure") == 6 and page.tags.count("table") == 7
        assert page.tags.count("main") == 1 and page.tags.count("h1") == 1
        open_ones = said["summary"]["open"]
        assert f"<b>{open_ones}</b> open" in text
        for row in said["summary"]["weeks"]:
            assert row["week"] in text

        # Dates are the house's: what ends with a day of California ends on
        # that day, though UTC has the next one.
        for item in said["items"]:
            due = datetime.datetime.fromisoformat(
                item["due_at"].replace("Z", "+00:00"))
            day = due.astimezone(HOUSE).date().isoformat()
            row = [r for r in text.split("<tr>") if item["request"] in r]
            assert len(row) == 1 and f">{day}</td>" in row[0], (day, row)
        assert any(i["due_at"][11:16] in ("06:59", "07:59")
                   for i in said["items"])

        # The terminal: one line that says it all, then a line a request.
        lines = ninety(s, "report", "deadlines", status=1).splitlines()
        assert f"{open_ones} open" in lines[0], lines[0]
        assert lines[1].startswith("By age, 0-9 to 90+ days:"), lines[1]
        assert len(lines) == len(wanted) + 3
        lines = ninety(s, "report", "deadlines", "--quiet",
                       status=1).splitlines()
        assert lines[0].startswith("REQUEST"), lines[0]

        # Colour for eyes alone, and no line of a table beyond the edge.
        assert "\x1b" not in "".join(lines)
        for width in (60, 80, 120, 200):
            for kind in ("deadlines", "requests", "registrations",
                         "retention"):
                text = on_terminal(s, width, "report", kind, "--quiet")
                assert kind != "deadlines" or "\x1b[31m" in text
                for line in re.sub(r"\x1b\[[0-9;]*m", "", text).split("\n"):
                    assert len(line) <= width, (kind, width, line)

        assert "\x1b" not in on_terminal(s, 120, "report", "deadlines",
                                         NO_COLOR="1")

        # Parts: the public table alone as a page, lists as CSV.
        text = ninety(s, "report", "requests", "--part", "years", "--format",
                      "html", status=0)
        assert text.count("<table") == 1 and "figure" not in \
            text.split("</style>")[1]
        rows = list(csv.DictReader(io.StringIO(ninety(
            s, "report", "requests", "--part", "notices", "--format", "csv",
            status=0))))
        assert int(rows[0]["person"]) == 24 and len(rows) == 10, rows
        ninety(s, "report", "requests", "--part", "x", status=64)
        ninety(s, "report", "deadlines", "--part", "ages", "--format", "html",
               status=64)

        for kind in ("requests", "sharing", "registrations", "retention"):
            for form in ("table", "json", "csv", "html"):
                out = ninety(s, "report", kind, "--format", form, status=0)
                assert out or kind == "sharing", (kind, form)
        rows = list(csv.DictReader(io.StringIO(ninety(
            s, "report", "requests", "--format", "csv", status=0))))
        assert sum(int(r["denied"]) for r in rows) == 24, rows
        if os.environ.get("REPORT_KEEP"):
            for kind in ("deadlines", "requests", "retention"):
                ninety(s, "report", kind, "--format", "html", "-o",
                       f"{os.environ['REPORT_KEEP']}/{kind}.html")
            with open(f"{os.environ['REPORT_KEEP']}/table.txt", "w") as f:
                f.write(ninety(s, "report", "deadlines"))
                f.write(ninety(s, "report", "requests"))
                f.write(ninety(s, "report", "retention"))
            subprocess.run(
                ["script", "-qc",
                 f"stty cols 100; {build}/bin/ninety --config {s.config} "
                 "report deadlines",
                 f"{os.environ['REPORT_KEEP']}/tty.txt"],
                stdout=subprocess.DEVNULL,
                env={**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm"})
        assert s.stop() == 0
    finally:
        s.remove()


if __name__ == "__main__":
    sys.exit(run([reports_say_what_the_service_says], sys.argv[1]))
