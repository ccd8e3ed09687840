"""formats.py BUILD: what other programs make of the files, for answers that no
instance of ours gives: cells that a spreadsheet would run, names of all kinds,
ten thousand rows, none."""

import csv
import io
import json
import os
import subprocess
import sys
import tempfile

try:
    import icalendar
except ImportError:
    print("python3-icalendar is not installed")
    sys.exit(77)

BUILD = sys.argv[1]
# Time limits are for what hangs: under a sanitizer they are longer.
PATIENCE = int(os.environ.get("NINETY_PATIENCE", "1"))
SIGNS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1",
         "－1", "＠1"]
PLAIN = ["a=1", "gdpr", " x", "'=1", 'say "so"', "a,b", "a;b", "two\nlines",
         "ü€😀", "x" * 5000]


def render(kind, form, answer, locale="C.UTF-8"):
    with tempfile.NamedTemporaryFile("w", suffix=".json",
                                     encoding="utf-8") as f:
        json.dump(answer, f)
        f.flush()
        return subprocess.run(
            [f"{BUILD}/tests/pages/render", kind, form, f.name],
            stdout=subprocess.PIPE, check=True, timeout=60 * PATIENCE,
            env={**os.environ, "LC_ALL": locale}).stdout.decode()


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def cells_are_no_formulas():
    answer = {"items": [{"recipient": cell, "n": -5, "outcome": "given"}
                        for cell in SIGNS + PLAIN]}
    text = render("sharing", "csv", answer)
    rows = rows_of(text)
    assert [r["recipient"] for r in rows] == \
        ["'" + s for s in SIGNS] + PLAIN
    assert all(r["n"] == "-5" and r["purpose"] == "" for r in rows)
    assert text.count("\r\n") == len(rows) + 1


def item(i, **more):
    return {"request": f"019a0000-0000-7000-8000-{i:012x}", "type": "access",
            "state": "open", "received_at": "2026-03-01T09:00:00.123Z",
            "due_at": "2026-05-30T09:00:00.123Z", "days_left": 80,
            "overdue": False, **more}


def calendars_hold_whatever_is_written():
    nasty = "a;b,c\\d\nBEGIN:VEVENT\r\nX:1 " + "ü" * 100
    answer = {"as_of": "2026-03-02T09:00:00.000Z", "items":
              [item(0, regime=nasty)] + [item(i) for i in range(1, 10000)]}
    text = render("deadlines", "ics", answer)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    events = [e for e in icalendar.Calendar.from_ical(text).walk()
              if e.name == "VEVENT"]
    assert len(events) == 10000
    assert len({str(e["uid"]) for e in events}) == 10000
    assert f"Regime: {nasty[:10]}" in str(events[0]["description"])
    empty = render("deadlines", "ics", {**answer, "items": []})
    assert icalendar.Calendar.from_ical(empty).name == "VCALENDAR"


def lists_of_nothing_are_headings():
    assert render("deadlines", "csv", {"items": []}).count("\r\n") == 1
    assert rows_of(render("navigation", "csv", {"items": []})) == []


def terminals_get_no_control_characters():
    for locale in ("C.UTF-8", "C"):
        text = render("sharing", "table", {
            "from": "2026-01-01", "to": "2026-02-01", "given": 1,
            "items": [{"recipient": "\x1b[2J\x07ü", "outcome": "given",
                       "n": 1}]}, locale)
        assert "\x1b" not in text and "\x07" not in text, repr(text)


def long_histories_become_pages():
    """In time that grows as they do; quadratic, it would be minutes."""
    event = {"at": "2026-11-01T10:00:00.000Z", "ip": "192.0.2.1",
             "user_agent": "x", "language": "de", "action": "view"}
    text = render("bundle", "html", {
        "controller": "C", "made_at": "2026-11-24T00:00:00.000Z",
        "navigation": [{"visitor": "v", "events": [
            {**event, "page": f"/{day}/{i}"} for i in range(1000)]}
            for day in range(20)]})
    assert text.count("<tr>") == 20 * 1000 + 1
    assert "/19/999<" in text


failed = 0
for test in (cells_are_no_formulas, calendars_hold_whatever_is_written,
             lists_of_nothing_are_headings,
             terminals_get_no_control_characters,
             long_histories_become_pages):
    try:
        test()
        print(f"ok      {test.__name__}")
    except Exception as e:  # every failure is told, none ends the rest
        failed += 1
        print(f"FAILED  {test.__name__}: {type(e).__name__}: {str(e)[:300]}")
sys.exit(failed > 0)
