"""report_schema.py BUILD [--write]: docs/reports.schema.json is what the service
itself describes, and what it answers fits it."""

import json
import os
import sys

from report import fill, ninety
from service import SOURCE, init_service, run

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

FILE = os.path.join(SOURCE, "docs", "reports.schema.json")
KINDS = ("deadlines", "requests", "sharing", "registrations", "retention",
         "navigation")
TYPES = {
    "text": {"type": "string"},
    "id": {"type": "string", "format": "uuid"},
    "time": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
}


def typed(field, kind):
    if kind == "enum":
        return {"enum": field["names"]}
    if kind == "object":
        return shaped(field["fields"])
    if kind == "list":
        return {"type": "array", "maxItems": field["max"],
                "items": typed(field, field["item"])}
    return dict(TYPES[kind])


def shaped(fields):
    return {
        "type": "object",
        "properties": {f["name"]: {"description": f["help"],
                                   **typed(f, f["type"])} for f in fields},
        "required": [f["name"] for f in fields if not f.get("optional")],
        "additionalProperties": False,
    }


def schema_of(operations):
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Answers of ninety's reports",
        "description": "From service.describe; `ninety report KIND --format "
                       "json` writes one of these. An answer that was joined "
                       "from pages may have more items than one page.",
        "$defs": {kind: {"description": operations[f"report.{kind}"]["help"],
                         **shaped(operations[f"report.{kind}"]["out"])}
                  for kind in KINDS},
    }


def reports_fit_their_schema(build):
    s = init_service(build)
    try:
        s.start()
        c = fill(s)
        status, described = c.insist("service.describe", {})
        assert status == "ok", described
        schema = schema_of(described["operations"])
        text = json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        if "--write" in sys.argv:
            with open(FILE, "w", encoding="utf-8") as f:
                f.write(text)
        with open(FILE, encoding="utf-8") as f:
            assert f.read() == text, "stale: run report_schema.py --write"
        for kind in KINDS:
            one = {**schema, "$ref": f"#/$defs/{kind}"}
            checker = jsonschema.Draft202012Validator(
                one, format_checker=jsonschema.FormatChecker())
            checker.check_schema(one)
            answer = json.loads(ninety(s, "report", kind, "--format", "json"))
            checker.validate(answer)
            answer["more"] = 1
            assert not checker.is_valid(answer)
        assert s.stop() == 0
    finally:
        s.remove()


if __name__ == "__main__":
    sys.exit(run([reports_fit_their_schema], sys.argv[1]))
