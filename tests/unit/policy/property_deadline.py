#!/usr/bin/python3
"""Deadlines against an independent implementation, years 2020 to 2100.

The laws' terms stand here a second time, on purpose; months, Easter and
recurring days are dateutil's, time zones are Python's zoneinfo.
usage: property_deadline.py PROBE POLICIES [SEED] [CASES]
"""
import random
import subprocess
import sys
from datetime import date, datetime, time, timedelta, timezone

try:
    from dateutil.easter import easter
    from dateutil.relativedelta import MO, TH, relativedelta
    from zoneinfo import ZoneInfo
except ImportError:
    print("skipped: python3-dateutil is missing")
    sys.exit(77)

MONTH = relativedelta(months=1)
MONTHS = relativedelta(months=3)


def days(n):
    return timedelta(days=n)


def us(year):
    found = set()
    for month, day, since in ((1, 1, 0), (6, 19, 2021), (7, 4, 0),
                              (11, 11, 0), (12, 25, 0)):
        for y in (year, year + 1):
            if y >= since:
                d = date(y, month, day)
                shift = {5: -1, 6: 1}.get(d.weekday(), 0)
                found.add(d + days(shift))
    for month, which in ((1, MO(3)), (2, MO(3)), (9, MO(1)), (10, MO(2)),
                         (11, TH(4))):
        found.add(date(year, month, 1) + relativedelta(weekday=which))
    found.add(date(year, 5, 31) + relativedelta(weekday=MO(-1)))
    return found


def england(year):
    e = easter(year)
    found = {e - days(2), e + days(1),
             date(year, 8, 31) + relativedelta(weekday=MO(-1))}
    new_year = date(year, 1, 1)
    if new_year.weekday() >= 5:
        new_year += relativedelta(weekday=MO)
    found.add(new_year)
    found.add(date(2020, 5, 8) if year == 2020 else
              date(year, 5, 1) + relativedelta(weekday=MO(1)))
    found.add(date(2022, 6, 2) if year == 2022 else
              date(year, 5, 31) + relativedelta(weekday=MO(-1)))
    taken = set()
    for day in (date(year, 12, 25), date(year, 12, 26)):
        if day.weekday() < 5:
            taken.add(day)
    for day in (date(year, 12, 25), date(year, 12, 26)):
        if day.weekday() >= 5:
            while day.weekday() >= 5 or day in taken:
                day += days(1)
            taken.add(day)
    return found | taken | {date(2022, 6, 3), date(2022, 9, 19),
                            date(2023, 5, 8)}


def fixed(year, *pairs):
    return {date(year, m, d) for m, d in pairs}


def germany(year):
    e = easter(year)
    return {e - days(2), e + days(1), e + days(39), e + days(50)} | fixed(
        year, (1, 1), (5, 1), (10, 3), (12, 25), (12, 26))


def france(year):
    e = easter(year)
    return {e + days(1), e + days(39), e + days(50)} | fixed(
        year, (1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11),
        (12, 25))


def ireland(year):
    found = fixed(year, (1, 1), (3, 17), (12, 25), (12, 26))
    found.add(easter(year) + days(1))
    for month in (5, 6, 8):
        found.add(date(year, month, 1) + relativedelta(weekday=MO(1)))
    found.add(date(year, 10, 31) + relativedelta(weekday=MO(-1)))
    if year >= 2023:
        first = date(year, 2, 1)
        found.add(first if first.weekday() == 4 else
                  first + relativedelta(weekday=MO(1)))
    return found | {date(2022, 3, 18)}


def none(year):
    return set()


GDPR = ("gdpr", MONTH, MONTHS, MONTH, True, None)
UK = ("uk-gdpr", MONTH, MONTHS, MONTH, True, None)
CCPA = ("ccpa", days(45), days(90), days(45), False, 10)


def state(name):
    return (name, days(45), days(90), days(45), False, None)


THIRTY = days(30)
PLACES = {
    ("DE", "-"): (GDPR, "Europe/Berlin", germany),
    ("FR", "-"): (GDPR, "Europe/Paris", france),
    ("IE", "-"): (GDPR, "Europe/Dublin", ireland),
    ("PT", "-"): (GDPR, "Europe/Lisbon", none),
    ("GR", "-"): (GDPR, "Europe/Athens", none),
    ("FI", "-"): (GDPR, "Europe/Helsinki", none),
    ("IS", "-"): (GDPR, "Atlantic/Reykjavik", none),
    ("CY", "-"): (GDPR, "Asia/Nicosia", none),
    ("GB", "-"): (UK, "Europe/London", england),
    ("GB", "GB-NIR"): (UK, "Europe/London", england),
    ("GB", "GB-SCT"): (UK, "Europe/London", none),
    ("-", "GB-SCT"): (UK, "Europe/London", none),
    ("US", "US-UT"): (state("utah"), "America/Denver", us),
    ("AR", "-"): (("argentina-access", days(10), None, None, False, None),
                  "America/Argentina/Buenos_Aires", none),
    ("US", "US-CA"): (CCPA, "America/Los_Angeles", us),
    ("-", "US-CA"): (CCPA, "America/Los_Angeles", us),
    ("US", "US-VA"): (state("virginia"), "America/New_York", us),
    ("US", "US-CO"): (state("colorado"), "America/Denver", us),
    ("US", "US-TX"): (state("texas"), "America/Chicago", us),
    ("US", "US-CT"): (state("connecticut"), "America/New_York", us),
    ("BR", "-"): (("lgpd", days(15), None, None, False, None),
                  "America/Sao_Paulo", none),
    ("CA", "-"): (("pipeda", THIRTY, days(60), THIRTY, False, None),
                  "America/Toronto", none),
    ("CA", "CA-QC"): (("quebec", THIRTY, None, None, False, None),
                      "America/Toronto", none),
    ("CH", "-"): (("swiss-fadp", THIRTY, None, None, False, None),
                  "Europe/Zurich", none),
    ("KR", "-"): (("south-korea-pipa", days(10), None, None, False, None),
                  "Asia/Seoul", none),
    ("AU", "-"): None,
    ("US", "US-NY"): None,
}
# Before these days another law holds, or none.
SINCE = {"ccpa": date(2020, 1, 1), "uk-gdpr": date(2021, 1, 1),
         "virginia": date(2023, 1, 1),
         "colorado": date(2023, 7, 1), "texas": date(2024, 7, 1),
         "connecticut": date(2023, 7, 1), "quebec": date(2023, 9, 22),
         "utah": date(2023, 12, 31),
         "swiss-fadp": date(2023, 9, 1), "lgpd": date(2020, 9, 18)}
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MS = timedelta(milliseconds=1)


def end_ms(day, zone):
    """The last millisecond of a day, by the first moment of the next."""
    midnight = datetime.combine(day + days(1), time(0), zone)
    return (midnight.astimezone(timezone.utc) - EPOCH) // MS - 1


def is_free(day, holidays):
    return day.weekday() >= 5 or day in holidays(day.year)


def moved(day, holidays, rolls):
    while rolls and is_free(day, holidays):
        day += days(1)
    return day


def expected(country, region, received_ms, extended):
    house = received_ms + 90 * 86400 * 1000
    place = PLACES[(country, region)]
    if place is None:
        return "-", -1, house, -1, -1
    (name, answer, longer, notice, rolls, confirm), zone, holidays = place
    zone = ZoneInfo(zone)
    day = (EPOCH + received_ms * MS).astimezone(zone).date()
    if name == "quebec" and day < SINCE[name]:
        return expected("CA", "-", received_ms, extended)
    if day < SINCE.get(name, date(1970, 1, 1)):
        return "-", -1, house, -1, -1
    term = longer if extended and longer else answer
    legal = end_ms(moved(day + term, holidays, rolls), zone)
    confirm_by = -1
    if confirm:
        last = day
        left = confirm
        while left > 0:
            last += days(1)
            left -= not is_free(last, holidays)
        confirm_by = end_ms(last, zone)
    notice_by = -1
    if notice:
        notice_by = end_ms(moved(day + notice, holidays, rolls), zone)
    return name, legal, min(legal, house), confirm_by, notice_by


def main():
    probe, policies = sys.argv[1:3]
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 90
    cases = int(sys.argv[4]) if len(sys.argv) > 4 else 4000
    rng = random.Random(seed)
    first = (datetime(2020, 1, 1, tzinfo=timezone.utc) - EPOCH) // MS
    last = (datetime(2100, 12, 31, tzinfo=timezone.utc) - EPOCH) // MS
    asked = []
    for _ in range(cases):
        place = rng.choice(sorted(PLACES))
        asked.append((*place, rng.randrange(first, last), rng.randrange(2)))
    lines = "".join("%s %s %d %d\n" % a for a in asked)
    out = subprocess.run([probe, policies], input=lines, text=True,
                         capture_output=True, check=True).stdout
    answers = out.splitlines()
    assert len(answers) == len(asked), (len(answers), len(asked))
    wrong = 0
    for a, line in zip(asked, answers):
        want = "%s %d %d %d %d" % expected(*a)
        if want != line:
            wrong += 1
            if wrong <= 5:
                print("seed %d: %s: got %s, want %s" % (seed, a, line, want))
    print("%d cases, %d differ (seed %d)" % (cases, wrong, seed))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
