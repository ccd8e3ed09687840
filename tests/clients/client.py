#!/usr/bin/python3
"""client.py CLIENTS: a portal's day in Python, after docs/protocol.md alone.

CLIENTS is the folder of key files. Registers a customer, writes a record, asks
for access with a key of the customer's own, has it fulfilled, and opens the
bundle that comes back. Every step is checked; exits 0 when all hold.
"""

import base64
import hmac
import io
import json
import os
import re
import sys
import time
import uuid
import zipfile

try:
    import zmq
    from nacl import bindings as sodium
    from nacl.encoding import RawEncoder
    from nacl.hash import blake2b
    from nacl.public import PrivateKey, SealedBox
except ImportError as missing:
    print(f"{missing.name} is not installed")
    sys.exit(77)


def key_file(path):
    with open(path, encoding="ascii") as f:
        rows = re.findall(r"^(\w+): *(.*?) *$", f.read(), re.M)
    return {k: v[1:-1].replace("''", "'") if v[:1] == "'" else v
            for k, v in rows}


def connect(path):
    key = key_file(path)
    socket = zmq.Context.instance().socket(zmq.REQ)
    socket.curve_publickey = key["public"].encode()
    socket.curve_secretkey = key["secret"].encode()
    socket.curve_serverkey = key["server"].encode()
    socket.setsockopt(zmq.RCVTIMEO, 5000)
    socket.setsockopt(zmq.LINGER, 0)
    socket.connect(key["endpoint"])
    return socket


def call(role, operation, body, call_id=None, tries=5):
    call_id, text = call_id or uuid.uuid4().bytes, json.dumps(body).encode()
    for attempt in range(tries):
        socket = connect(f"{sys.argv[1]}/{role}.key")
        try:
            socket.send_multipart([b"N1", operation.encode(), call_id, text])
            version, reply_id, status, reply = socket.recv_multipart()
        except zmq.Again:
            continue
        finally:
            socket.close()
        assert version == b"N1" and reply_id == call_id
        if status in (b"busy", b"unavailable"):
            time.sleep(0.1 * 2 ** attempt)
            continue
        return status.decode(), json.loads(reply or b"{}")
    raise TimeoutError(operation)


def ok(role, operation, body):
    status, reply = call(role, operation, body)
    assert status == "ok", (operation, status, reply)
    return reply


CHUNK = 65536 + 17


def open_bundle(sealed, secret_key):
    key = SealedBox(PrivateKey(secret_key)).decrypt(sealed[:80])
    tag = blake2b(b"ninety bundle 1", 32, key=key, encoder=RawEncoder)
    if not hmac.compare_digest(tag, sealed[80:112]):
        raise ValueError("not sealed under this key")
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    sodium.crypto_secretstream_xchacha20poly1305_init_pull(
        state, sealed[112:136], key)
    plain, end = [], None
    for at in range(136, len(sealed), CHUNK):
        chunk, end = sodium.crypto_secretstream_xchacha20poly1305_pull(
            state, sealed[at:at + CHUNK])
        plain.append(chunk)
    if end != sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL:
        raise ValueError("cut off")
    return b"".join(plain)


def main():
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
    email = f"{uuid.uuid4().hex}@example.org"
    body = {"birth_date": "1980-02-29", "country": "FR",
            "contact": {"name": "Zoé Müller", "email": email},
            "terms": {"version": "1", "accepted_at": now}}
    call_id = os.urandom(16)
    status, first = call("portal", "subject.register", body, call_id)
    assert status == "ok" and first["standing"] == "adult", (status, first)
    # The same call once more has its effect once.
    assert call("portal", "subject.register", body, call_id) == (status, first)
    assert call("portal", "subject.register", body)[0] == "exists"
    child = dict(body, birth_date=f"{time.gmtime().tm_year - 5}-01-01",
                 contact={"name": "x", "email": f"child-{email}"})
    status, reply = call("portal", "subject.register", child)
    assert status == "under_age", (status, reply)

    subject = first["subject"]
    written = ok("portal", "subject.write",
                 {"subject": subject, "category": "preferences",
                  "data": {"language": "fr", "newsletter": False}})
    read = ok("portal", "subject.read",
              {"subject": subject, "purpose": "service",
               "reason": "shows the settings"})
    assert written["record"] in [r["record"] for r in read["records"]]
    status, reply = call("portal", "subject.write", {"subject": subject})
    assert (status, reply["field"]) == ("invalid", "category"), reply
    assert call("auditor", "subject.write", {})[0] == "denied"

    own = PrivateKey.generate()
    request = ok("portal", "request.submit", {
        "type": "access", "subject": subject, "channel": "portal",
        "reply_key": base64.b64encode(bytes(own.public_key)).decode()})
    code = ok("portal", "request.challenge", {"request": request["request"]})
    assert code["deliver_to"] == {"email": email}
    ok("portal", "request.verify", {"request": request["request"],
                                    "code": code["code"]})
    ok("compliance", "request.fulfil", {"request": request["request"]})
    got = ok("compliance", "request.get", {"request": request["request"]})
    assert (got["state"], got["type"]) == ("fulfilled", "access"), got

    parts, sealed = 1, b""
    part = 0
    while part < parts:
        reply = ok("portal", "request.export",
                   {"request": request["request"], "part": part})
        parts, part = reply["parts"], part + 1
        sealed += base64.b64decode(reply["data"], validate=True)
    bundle = zipfile.ZipFile(io.BytesIO(open_bundle(sealed, bytes(own))))
    assert set(bundle.namelist()) >= {"data.json", "index.html"}
    assert email in bundle.read("data.json").decode()
    assert json.loads(bundle.read("data.json"))
    print(f"ok: {subject} registered, written, read; {request['request']} "
          f"fulfilled, {len(sealed)} bytes opened")


main()
