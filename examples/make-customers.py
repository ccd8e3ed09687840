#!/usr/bin/python3
"""make-customers.py [--count N] [--today YYYY-MM-DD] > customers.csv

Invented customers of several countries for `ninety import customers`: adults,
minors with a guardian or legal capacity, minors without either, and children
who must be refused. The same arguments give the same file. Names are made of
common parts; e-mail domains are reserved ones (RFC 2606), telephone numbers
lie in ranges that their countries keep for fiction, where they have one.
"""

import argparse
import csv
import datetime
import random
import sys

COUNTRIES = [
    # code, region or "", share, given names, family names, streets, cities
    ("DE", "DE-BE", 20, "Anna Jürgen Lena Björn Käthe Emil Şirin Paul",
     "Müller Groß Schäfer Yılmaz Köhler Weiß Brandt Vogel",
     "Lindenstraße Goethestraße Am~Bach Schulweg", "Berlin Köln Görlitz"),
    ("FR", "", 14, "Élodie Hervé Chloé Loïc Zoé Théo Maëlle Noël",
     "Lefèvre Dupré D'Arcy Fournier Gaël Béranger Moreau",
     "rue~de~l’Église avenue~Foch quai~d’Orsay", "Lyon Nîmes Orléans"),
    ("GB", "", 14, "Alice Owen Siân Rhys Fiona Niall Grace Tom",
     "Smith O'Neill Llewellyn MacLeod Baker Hughes Wright",
     "High~Street Station~Road Mill~Lane", "Leeds Cardiff Dundee"),
    ("US", "US-CA", 16, "Mary José Ashley DeShawn Wei Emma Noah Mia",
     "Johnson García Nguyen Williams Lee Brown Martinez",
     "Oak~Ave,~Apt~4 5th~Street Sunset~Blvd", "Fresno Oakland San~José"),
    ("US", "US-VA", 8, "Ruth Liam Ava Ethan Olivia James",
     "Carter Reed Hill Young King Scott", "Main~Street Elm~Drive",
     "Richmond Norfolk"),
    ("BR", "", 10, "João Luíza Conceição Thiago Inês Antônio",
     "Gonçalves Araújo Silva Simões Magalhães",
     "Rua~São~João Avenida~Atlântica", "Recife Goiânia"),
    ("JP", "", 8, "陽菜 蓮 結衣 大翔 葵 湊", "佐藤 鈴木 高橋 田中 渡辺",
     "本町 緑町 中央", "札幌市 神戸市"),
    ("PL", "", 10, "Łukasz Żaneta Grażyna Wojciech Małgorzata Jan",
     "Wiśniewski Dąbrowska Żak Kowalczyk Łuczak",
     "ul.~Długa ul.~Święty~Marcin", "Łódź Gdańsk Poznań"),
]
PHONE = {"DE": "+4930230{:05d}", "FR": "+3319900{:04d}", "GB": "+4420794{:05d}",
         "US": "+1{area}55501{:02d}", "BR": "+5511900{:06d}",
         "JP": "+8130000{:04d}", "PL": "+4822000{:04d}"}
AREA = {"US-CA": "559", "US-VA": "804"}
HEAD = ("birth_date country region name email phone company street city "
        "address_region postal_code address_country legal_capacity_at "
        "guardian_name guardian_email guardian_relation evidence_method "
        "evidence_reference evidence_at terms_version terms_accepted_at")
COMPANIES = ['Nordlicht GmbH', 'Acme, Inc.', '"Quick" Repairs', 'Łąka Sp. z o.o.',
             'Boulangerie "Au Pain d\'Or"', '海風商店']


def pick(r, words):
    return r.choice(words.split(" ")).replace("~", " ")


def born(r, today, lowest, highest):
    """A birthday of somebody between those ages, whole years, by then."""
    days = r.randrange(365 * lowest + lowest // 4 + 1,
                       365 * (highest + 1) + highest // 4)
    return today - datetime.timedelta(days=days)


def customer(r, number, today):
    country, region, _, given, family, streets, cities = r.choices(
        COUNTRIES, [c[2] for c in COUNTRIES])[0]
    name, surname = pick(r, given), pick(r, family)
    accepted = today - datetime.timedelta(days=r.randrange(30, 900))
    row = dict.fromkeys(HEAD.split(), "")
    row.update(country=country, region=region, name=f"{name} {surname}",
               email=f"customer{number:05d}@{r.choice(['example.com', 'example.org', 'example.net'])}",
               terms_version="2024-01", terms_accepted_at=accepted.isoformat())
    kind = r.choices(["adult", "minor", "capacity", "alone", "child"],
                     [88, 6, 2, 2, 2])[0]
    age = {"adult": (18, 88), "minor": (13, 17), "capacity": (16, 17),
           "alone": (13, 17), "child": (4, 12)}[kind]
    row["birth_date"] = born(r, today, *age).isoformat()
    if kind == "minor":
        row.update(guardian_name=f"{pick(r, given)} {surname}",
                   guardian_email=f"guardian{number:05d}@example.org",
                   guardian_relation="parent",
                   evidence_method="signed form",
                   evidence_reference=f"F-{number:06d}",
                   evidence_at=f"{accepted.isoformat()}T09:{number % 60:02d}:00Z")
    if kind == "capacity":
        row["legal_capacity_at"] = accepted.isoformat()
    if r.random() < 0.7:
        row["phone"] = PHONE[country].format(number % 100 if country == "US"
                                             else number, area=AREA.get(region, ""))
    if r.random() < 0.15:
        row["company"] = r.choice(COMPANIES)
    if r.random() < 0.6:
        row.update(street=f"{pick(r, streets)} {r.randrange(1, 200)}",
                   city=pick(r, cities), address_region=region,
                   postal_code=f"{r.randrange(10000, 99999)}",
                   address_country=country)
    return row


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--count", type=int, default=1200)
    p.add_argument("--today", type=datetime.date.fromisoformat,
                   default=datetime.date(2026, 11, 23))
    o = p.parse_args()
    r = random.Random(90)
    sys.stdout.reconfigure(encoding="utf-8", newline="")
    sys.stdout.write("\ufeff")  # as spreadsheets write it
    out = csv.DictWriter(sys.stdout, HEAD.split(), lineterminator="\r\n")
    out.writeheader()
    for number in range(1, o.count + 1):
        out.writerow(customer(r, number, o.today))


if __name__ == "__main__":
    main()
