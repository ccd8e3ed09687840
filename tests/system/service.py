"""A ninetyd of our own for the system tests, and a client of a few lines."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

try:
    import zmq
except ImportError:
    print("python3-zmq is not installed")
    sys.exit(77)

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
# Time limits are for what hangs: under a sanitizer they are longer.
PATIENCE = int(os.environ.get("NINETY_PATIENCE", "1"))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def gone(pid, timeout):
    """A dead process has let go of its files when its last thread has ended,
    whether or not somebody has asked for its status."""
    end = time.monotonic() + timeout * PATIENCE
    while time.monotonic() < end:
        try:
            with open(f"/proc/{pid}/stat") as f:
                state = f.read().rsplit(")", 1)[1].split()[0]
            if state == "Z" and len(os.listdir(f"/proc/{pid}/task")) == 1:
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def key_file(path):
    """The members of a key file: one line each, quoted where YAML wants it."""
    with open(path) as f:
        rows = re.findall(r"^(\w+):\s*(.*?)\s*$", f.read(), re.M)
    return {k: v[1:-1].replace("''", "'") if v[:1] in "'\"" else v
            for k, v in rows}


class Client:
    def __init__(self, instance, role, context=None):
        self.context = context or zmq.Context.instance()
        self.key = key_file(f"{instance}/clients/{role}.key")
        self.socket = None
        self.open()

    def open(self):
        self.close()
        s = self.socket = self.context.socket(zmq.DEALER)
        s.linger = 0
        s.curve_publickey = self.key["public"].encode()
        s.curve_secretkey = self.key["secret"].encode()
        s.curve_serverkey = self.key["server"].encode()
        s.connect(self.key["endpoint"])

    def close(self):
        if self.socket is not None:
            self.socket.close()

    def send(self, operation, body=None, call_id=None):
        call_id = call_id or os.urandom(16)
        self.socket.send_multipart(
            [b"", b"N1", operation.encode(), call_id,
             json.dumps(body or {}).encode()])
        return call_id

    def receive(self, timeout=5.0):
        """(id, status, body), or None."""
        if not self.socket.poll(int(timeout * 1000)):
            return None
        empty, version, call_id, status, body = self.socket.recv_multipart()
        assert (empty, version) == (b"", b"N1"), (empty, version)
        return call_id, status.decode(), json.loads(body or b"{}")

    def call(self, operation, body=None, timeout=5.0, call_id=None):
        sent = self.send(operation, body, call_id)
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            got = self.receive(end - time.monotonic())
            if got is not None and got[0] == sent:
                return got[1:]
        return None

    def insist(self, operation, body=None, timeout=10.0):
        """Repeats the same call over new connections, as a client should;
        busy: the first one is still at work."""
        call_id = os.urandom(16)
        end = time.monotonic() + timeout * PATIENCE
        got = None
        while time.monotonic() < end:
            got = self.call(operation, body, 0.5, call_id)
            if got is None:
                self.open()
            elif got[0] == "busy":
                time.sleep(0.1)
            else:
                break
        return got


class Service:
    def __init__(self, build, endpoint=None, yaml="", buckets=65536):
        self.build = build
        self.base = tempfile.mkdtemp(prefix="ninety-system-")
        self.dir = f"{self.base}/instance"
        self.endpoint = endpoint or f"tcp://127.0.0.1:{free_port()}"
        subprocess.run([f"{build}/tests/support/make-instance", self.dir,
                        self.endpoint, str(buckets)], check=True)
        shutil.copytree(f"{SOURCE}/policies", f"{self.dir}/policies")
        self.config = f"{self.dir}/ninety.yaml"
        with open(self.config, "w") as f:
            f.write(f"endpoint: {self.endpoint}\n"
                    f"allow_unlocked_memory: yes\n{yaml}")
        self.process = None
        self.lines = []

    def start(self, wait=True, env=None):
        self.lines = []
        self.process = subprocess.Popen(
            [f"{self.build}/bin/ninetyd", "--config", self.config],
            stderr=subprocess.PIPE, text=True, bufsize=1,
            env={**os.environ, **(env or {})})
        threading.Thread(target=self._read, args=(self.process,),
                         daemon=True).start()
        if wait:
            self.wait_for("ready")

    def _read(self, process):
        for line in process.stderr:
            self.lines.append(line.rstrip("\n"))

    def events(self, name):
        return [line for line in list(self.lines)
                if f'"event":"{name}"' in line]

    def wait_for(self, name, count=1, timeout=20.0):
        end = time.monotonic() + timeout * PATIENCE
        while time.monotonic() < end:
            if len(self.events(name)) >= count:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise AssertionError(f"no {name}: " + "\n".join(self.lines))

    def wait(self, timeout=30.0):
        code = self.process.wait(timeout * PATIENCE)
        time.sleep(0.1)
        return code

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            return self.wait()
        return None

    def kill(self):
        """SIGKILL to every process of it; they are gone afterwards."""
        self.process.send_signal(signal.SIGSTOP)  # it starts none anew
        pids = self.children().values()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        for pid in pids:
            assert gone(pid, 10)

    def children(self):
        """{"core": pid, "front": pid}"""
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            pids = [int(p) for p in f.read().split()]
        named = {}
        for p in pids:
            with open(f"/proc/{p}/comm") as f:
                name = f.read().strip()
            named["front" if name == "ninety-front" else "core"] = p
        return named

    def remove(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.base, ignore_errors=True)


def init_service(build, yaml=""):
    """A Service whose instance `ninety init` made, keys for every role."""
    s = Service.__new__(Service)
    s.build = build
    s.base = tempfile.mkdtemp(prefix="ninety-system-")
    s.dir = f"{s.base}/instance"
    s.endpoint = f"tcp://127.0.0.1:{free_port()}"
    s.config = f"{s.dir}/ninety.yaml"
    s.process, s.lines = None, []
    subprocess.run([f"{build}/bin/ninety", "init", s.dir, "--endpoint",
                    s.endpoint, "--accept-weak-keystore"], check=True,
                   stdout=subprocess.DEVNULL,
                   env={**os.environ, "NINETY_POLICIES": f"{SOURCE}/policies"})
    with open(s.config, "a") as f:
        f.write(f"allow_unlocked_memory: yes\n{yaml}")
    return s


def run(tests, build):
    """Runs functions of one argument, the build folder; says which failed."""
    failed = 0
    for test in tests:
        try:
            started = time.monotonic()
            test(build)
            print(f"ok      {test.__name__} "
                  f"({time.monotonic() - started:.1f} s)", flush=True)
        except Exception as e:  # every failure is told, none ends the rest
            failed += 1
            print(f"FAILED  {test.__name__}: {type(e).__name__}: {e}",
                  flush=True)
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
