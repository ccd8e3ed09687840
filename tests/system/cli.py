"""The command line as people and scripts meet it: verbs, exit statuses, JSON."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import zipfile

from service import PATIENCE, SOURCE, free_port, init_service, run


class Cli:
    """An instance that is served, and `ninety` for it."""

    def __init__(self, build):
        self.build = build

    def __enter__(self):
        self.service = init_service(self.build)
        self.service.start()
        self.config = self.service.config
        return self

    def __exit__(self, *_):
        self.service.remove()

    def ninety(self, *words, status=0, stdin=""):
        r = subprocess.run([f"{self.build}/bin/ninety", "-c", self.config,
                            *words], input=stdin, capture_output=True,
                           text=True, timeout=60 * PATIENCE)
        assert r.returncode == status, (words, r.returncode, r.stdout,
                                        r.stderr)
        return r

    def json(self, *words, status=0):
        r = self.ninety("--json", *words, status=status)
        return json.loads(r.stdout)

    def register(self, email, **kw):
        words = {"birth-date": "1980-01-02", "country": "DE",
                 "contact.name": "Ada Example", "email": email,
                 "terms.version": "1", "terms.accepted-at": "2024-01-01", **kw}
        return self.json("register", *[w for k, v in words.items()
                                       for w in (f"--{k}", v)])["subject"]


def a_request_goes_its_way(build):
    with Cli(build) as c:
        subject = c.register("ada@example.org")
        c.ninety("subject", "write", subject, "preferences",
                 '--data={"language": "de"}')
        access = c.json("request", "submit", "access", "--email",
                        "ada@example.org", "--channel", "email")["request"]
        code = c.json("request", "challenge", access)["code"]
        c.ninety("request", "verify", access, "000000x", status=65)
        c.ninety("request", "verify", access, code)
        c.ninety("request", "fulfil", access)
        with tempfile.TemporaryDirectory() as d:
            c.ninety("request", "export", access, "-o", f"{d}/b.zip")
            assert "data.json" in zipfile.ZipFile(f"{d}/b.zip").namelist()
            assert stat.S_IMODE(os.stat(f"{d}/b.zip").st_mode) == 0o600
            c.ninety("request", "export", access, "-o", f"{d}/b.zip",
                     status=73)
        delete = c.json("request", "submit", "delete", "--subject", subject,
                        "--channel", "portal")["request"]
        shown = c.ninety("request", "show", delete).stdout
        assert "history" in shown and delete in shown, shown
        assert "gdpr" in c.ninety("policy", "explain", delete).stdout
        c.ninety("request", "verify", delete,
                 c.json("request", "challenge", delete)["code"])
        c.ninety("request", "fulfil", delete)
        c.ninety("subject", "status", subject, status=1)
        for _ in range(100):
            r = subprocess.run([f"{build}/bin/ninety", "-c", c.config,
                                "request", "receipt", delete],
                               capture_output=True, text=True)
            if r.returncode == 0:
                break
            time.sleep(0.1)
        assert r.stdout.startswith("c2sp.org/tlog-proof@v1"), r
        late = c.json("request", "submit", "access", "--email",
                      "late@example.org", "--channel", "post", "--country",
                      "FR", "--received-at", "2026-01-02")
        assert late["due_at"] < "2026-03", late
        listed = c.json("request", "list", "--overdue")["items"]
        assert [i["request"] for i in listed] == [late["request"]], listed


def statuses_are_those_of_the_manual(build):
    with Cli(build) as c:
        for words in (["no-such-verb"], ["call"], ["request"],
                      ["request", "show"], ["register", "--shoe-size", "9"],
                      ["import", "people", "x"], ["key", "new", "x"]):
            c.ninety(*words, status=64)
        assert "birth_date" in c.ninety("register", status=65).stderr
        c.ninety("call", "service.ping", "{", status=65)
        c.ninety("import", "customers", "/nonexistent", status=66)
        c.ninety("subject", "status", "00000000-0000-4000-8000-000000000000",
                 status=1)
        c.ninety("-k", f"{c.service.dir}/clients/portal.key", "key", "list",
                 status=77)
        c.ninety("-e", f"tcp://127.0.0.1:{free_port()}", "--timeout", "1",
                 "status", status=69)
        path = c.ninety("key", "new", "bob", "--role",
                        "support").stdout.strip()
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        c.ninety("-k", path, "call", "service.ping")
        c.ninety("key", "new", "bob", "--role", "support", status=73)
        c.ninety("key", "revoke", "bob")
        time.sleep(1)
        c.ninety("-k", path, "--timeout", "5", "call", "service.ping",
                 status=77)
        os.chmod(path, 0o644)
        c.ninety("-k", path, "call", "service.ping", status=78)


def answers_are_one_document(build):
    with Cli(build) as c:
        assert c.json("status")["version"]
        assert c.json("call", "service.ping")["version"]
        assert c.json("subject", "find", "nobody@example.org",
                      status=1)["error"] == "not_found"
        assert json.loads(c.ninety("call", "subject.find", "-",
                                   stdin='{"email": "x@example.org"}',
                                   status=1).stdout or "null") is None


def imports_add_nothing_the_second_time(build):
    with Cli(build) as c:
        file = f"{SOURCE}/examples/customers.csv"
        first = c.json("import", "customers", file, status=1)
        again = c.json("import", "customers", file, status=1)
        assert first["rows"] == first["added"] + first["refused"], first
        assert first["added"] > 1000 and first["minors"] > 50
        assert first["refused_as"]["under_age"] > 0
        assert (again["added"], again["already_there"],
                again["refused"]) == (0, first["added"],
                                      first["refused"]), again
        file = f"{SOURCE}/examples/access.log"
        first = c.json("import", "access-log", file)
        assert first == c.json("import", "access-log", file)
        assert first["events"] > 1000 and first["broken"] > 0, first
        assert first["lines"] == (first["events"] + first["no_page_view"] +
                                  first["broken"]), first
        seen = c.json("call", "report.navigation",
                      '{"from": "2026-11-01", "to": "2026-12-31"}')
        assert seen["views"] == first["events"], seen["views"]


def bad_rows_are_told_one_by_one(build):
    head = ("birth_date,country,name,email,terms_version,"
            "terms_accepted_at,phone\n")
    with Cli(build) as c, tempfile.TemporaryDirectory() as d:
        with open(f"{d}/c.csv", "wb") as f:
            f.write(head.encode() +
                    b"1980-01-01,DE,Ok One,one@example.org,1,2024-01-01,\n"
                    b"1980-01-01,DE,Open \"quote\",x@example.org,1,2024-01-01,\n"
                    b"1980-01-01,DE,J\xfcrgen,y@example.org,1,2024-01-01,\n"
                    b"1980-01-01,QQ,No Country,z@example.org,1,2024-01-01,\n"
                    b"1980-01-01,DE,Short,s@example.org\n"
                    b"1980-01-01,DE,\"Ok, Two\",two@example.org,1,2024-01-01,"
                    b"+4930123456\r\n")
        r = c.ninety("import", "customers", f"{d}/c.csv", status=1)
        lines = re.findall(r"c\.csv:(\d+): (\w+)", r.stderr)
        assert sorted(lines) == [(str(n), "invalid") for n in range(3, 7)], \
            r.stderr
        assert re.search(r"added +2\b", r.stdout), r.stdout
        with open(f"{d}/h.csv", "w") as f:
            f.write("name,email\nx,y\n")
        c.ninety("import", "customers", f"{d}/h.csv", status=65)


def faults_of_policies_are_told_with_their_place(build):
    with tempfile.TemporaryDirectory() as d:
        shutil.copytree(f"{SOURCE}/policies", f"{d}/policies")
        check = [f"{build}/bin/ninety", "policy", "check", f"{d}/policies"]
        assert subprocess.run(check, capture_output=True).returncode == 0
        with open(f"{d}/policies/house.yaml", "a") as f:
            f.write("no_such_member: 1\n")
        r = subprocess.run(check, capture_output=True, text=True)
        assert r.returncode == 78
        assert re.search(r"^house\.yaml:\d+:\d+: ", r.stderr, re.M), r.stderr


def backups_are_made_while_serving(build):
    with Cli(build) as c:
        c.register("b@example.org")
        r = c.json("backup", f"{c.service.base}/backup")
        assert os.path.isdir(r["directory"])
        assert not [f for _, _, fs in os.walk(r["directory"])
                    for f in fs if "keystore" in f or "passphrase" in f]


def init_refuses_what_is_there(build):
    with tempfile.TemporaryDirectory() as d:
        with open(f"{d}/x", "w"):
            pass
        r = subprocess.run([f"{build}/bin/ninety", "init", d],
                           capture_output=True, text=True)
        assert r.returncode == 73 and "empty" in r.stderr, r
        r = subprocess.run([f"{build}/bin/ninety", "init", f"{d}/n",
                            "--endpoint", "http://x"],
                           capture_output=True, text=True)
        assert r.returncode == 64 and not os.path.exists(f"{d}/n"), r


def an_endpoint_that_is_none_is_named(build):
    s = init_service(build)
    try:
        for endpoint in ("garbage", ""):
            r = subprocess.run([f"{build}/bin/ninety", "--config", s.config,
                                "--endpoint", endpoint, "status"],
                               capture_output=True, text=True, timeout=60)
            assert r.returncode == 78, r
            assert r.stderr.startswith("ninety: --endpoint: "), r
    finally:
        s.remove()


def the_manual_names_every_verb(build):
    with open(f"{SOURCE}/docs/man/ninety.1", encoding="utf-8") as f:
        page = f.read()
    help_text = subprocess.run([f"{build}/bin/ninety", "--help"],
                               capture_output=True, text=True).stdout
    verbs = re.findall(r"^  ([a-z]+)  +", help_text.split("Verbs:")[1], re.M)
    assert len(verbs) > 15, verbs
    for verb in verbs:
        assert re.search(rf"Cm .*\b{verb}\b", page), verb
        r = subprocess.run([f"{build}/bin/ninety", verb, "--help"],
                           capture_output=True, text=True)
        assert r.returncode == 0 and r.stdout, verb
        for name in re.findall(rf"^  {verb} ([a-z]+)", r.stdout, re.M):
            assert re.search(rf"Cm .*\b{name}\b", page), (verb, name)


run([a_request_goes_its_way, statuses_are_those_of_the_manual,
     answers_are_one_document, imports_add_nothing_the_second_time,
     bad_rows_are_told_one_by_one,
     faults_of_policies_are_told_with_their_place,
     backups_are_made_while_serving, init_refuses_what_is_there,
     an_endpoint_that_is_none_is_named,
     the_manual_names_every_verb], sys.argv[1])
