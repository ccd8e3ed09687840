"""ninetyd as an operator meets it: starting, stopping, faults, signals."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

from service import Client, Service, free_port, gone, run

# Builds with sanitizers keep their file system and system calls.
SANDBOX_OFF = "SANDBOX_OFF" in os.environ


@contextlib.contextmanager
def service(build, start=True, env=None, **kw):
    s = Service(build, **kw)
    try:
        if start:
            s.start(env=env)
        yield s
    finally:
        s.remove()


def starts_serves_and_stops(build):
    with service(build) as s:
        c = Client(s.dir, "portal")
        for _ in range(100):
            assert c.call("service.ping")[0] == "ok"
        pids = s.children().values()
        assert s.stop() == 0, s.lines
        assert all(gone(p, 2) for p in pids)


def one_instance_has_one_service(build):
    with service(build) as s:
        other = f"{s.dir}/other.yaml"
        with open(other, "w") as f:
            f.write(f"endpoint: tcp://127.0.0.1:{free_port()}\n")
        r = subprocess.run([f"{build}/bin/ninetyd", "--config", other],
                           capture_output=True, text=True, timeout=60)
        assert r.returncode == 69, r
        assert "another process has the store open" in r.stderr, r
        assert Client(s.dir, "portal").call("service.ping")[0] == "ok"
        assert s.stop() == 0


def killed_front_is_back_within_a_second(build):
    with service(build) as s:
        c = Client(s.dir, "portal")
        assert c.call("service.ping")[0] == "ok"
        for _ in range(3):
            front = s.children()["front"]
            n = len(s.events("front_ready"))
            killed = time.monotonic()
            os.kill(front, signal.SIGKILL)
            s.wait_for("front_ready", n + 1)
            assert time.monotonic() - killed < 1.0
            # The same socket: libzmq connects again by itself.
            assert c.insist("service.ping")[0] == "ok"
        assert s.stop() == 0


def killed_core_comes_back(build):
    with service(build) as s:
        c = Client(s.dir, "portal")
        assert c.call("service.ping")[0] == "ok"
        os.kill(s.children()["core"], signal.SIGKILL)
        s.wait_for("ready", 2)
        assert c.insist("service.ping")[0] == "ok"
        assert s.stop() == 0


def killed_parent_leaves_nobody_behind(build):
    with service(build) as s:
        pids = s.children()
        s.process.kill()
        s.process.wait()
        assert gone(pids["front"], 5)
        assert gone(pids["core"], 5)


def stop_answers_what_was_accepted(build):
    with service(build) as s:
        c = Client(s.dir, "portal")
        assert c.call("service.ping")[0] == "ok"
        for _ in range(500):
            c.send("service.ping")
        assert c.receive() is not None
        s.process.send_signal(signal.SIGTERM)
        answered = 1
        while c.receive(1.0) is not None:
            answered += 1
        assert s.wait() == 0
        assert answered > 1


def a_signal_to_the_whole_group_is_a_stop(build):
    with service(build) as s:
        for pid in list(s.children().values()) + [s.process.pid]:
            os.kill(pid, signal.SIGINT)
        assert s.wait() == 0, s.lines


def revoked_key_gets_silence_within_a_second(build):
    with service(build) as s:
        admin = Client(s.dir, "admin")
        portal = Client(s.dir, "portal")
        assert portal.call("service.ping")[0] == "ok"
        status, body = admin.call("principal.revoke", {"name": "portal"})
        assert status == "ok", body
        time.sleep(1.0)
        assert portal.call("service.ping", timeout=0.5) is None
        portal.open()
        assert portal.call("service.ping", timeout=0.5) is None
        assert admin.call("service.ping")[0] == "ok"


def reload_is_all_or_nothing(build):
    with service(build) as s:
        c = Client(s.dir, "portal")
        house = f"{s.dir}/policies/house.yaml"
        with open(house) as f:
            good = f.read()
        s.process.send_signal(signal.SIGHUP)
        s.wait_for("reloaded")
        with open(house, "w") as f:
            f.write(good + "\nnonsense: 1\n")
        s.process.send_signal(signal.SIGHUP)
        s.wait_for("reload_refused")
        assert any("house.yaml:" in line for line in s.lines), s.lines
        assert c.call("service.ping")[0] == "ok"
        with open(house, "w") as f:
            f.write(good)
        with open(s.config, "a") as f:
            f.write("nonsense: 1\n")
        s.process.send_signal(signal.SIGHUP)
        s.wait_for("reload_refused", 2)
        assert c.call("service.ping")[0] == "ok"
        assert s.stop() == 0


def bad_configuration_is_78(build):
    with service(build, start=False, yaml="nonsense: 1\n") as s:
        s.start(wait=False)
        assert s.wait() == 78
        assert any("ninety.yaml:3:1" in line for line in s.lines), s.lines


def bad_policy_is_78(build):
    with service(build, start=False) as s:
        with open(f"{s.dir}/policies/house.yaml", "a") as f:
            f.write("\nnonsense: 1\n")
        s.start(wait=False)
        assert s.wait() == 78, s.lines
        assert any("house.yaml:" in line for line in s.lines), s.lines


def readable_secrets_are_78(build):
    for name in ("server.key", "passphrase", "keystore/keystore"):
        with service(build, start=False) as s:
            os.chmod(f"{s.dir}/{name}", 0o640)
            s.start(wait=False)
            assert s.wait() == 78, s.lines
            assert any("chmod 600" in line for line in s.lines), s.lines


def taken_port_is_69(build):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with service(build, start=False,
                     endpoint=f"tcp://127.0.0.1:{port}") as s:
            s.start(wait=False)
            assert s.wait() == 69, s.lines
            assert any(f":{port}" in line for line in s.lines), s.lines


def ipc_endpoint_serves(build):
    s = Service(build)
    path = f"{s.base}/sock"
    s.remove()
    os.makedirs(s.base, exist_ok=True)
    with service(build, endpoint=f"ipc://{path}") as own:
        assert Client(own.dir, "portal").call("service.ping")[0] == "ok"
        assert own.stop() == 0
        assert not os.path.exists(path)
    os.rmdir(s.base)


def endpoint_has_its_roles(build):
    with service(build, start=False) as s:
        other = f"tcp://127.0.0.1:{free_port()}"
        with open(s.config, "w") as f:
            f.write("allow_unlocked_memory: yes\nendpoints:\n"
                    f"  - address: {s.endpoint}\n    roles: [portal]\n"
                    f"  - address: {other}\n    roles: [admin]\n")
        s.start()
        assert Client(s.dir, "portal").call("service.ping")[0] == "ok"
        got = Client(s.dir, "admin").call("principal.list", timeout=1.0)
        assert got is None or got[0] == "denied", got
        admin = Client(s.dir, "admin")
        admin.key["endpoint"] = other
        admin.open()
        assert admin.call("principal.list")[0] == "ok"
        assert s.stop() == 0


def service_manager_is_told(build):
    with service(build, start=False) as s:
        path = f"{s.base}/notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            manager.settimeout(10)
            s.start(env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "400000"})
            heard = [manager.recv(256).decode()]
            while not any("READY=1" in h for h in heard):
                heard.append(manager.recv(256).decode())
            while heard[-1] != "WATCHDOG=1":
                heard.append(manager.recv(256).decode())
            s.process.send_signal(signal.SIGHUP)
            while "RELOADING=1\nMONOTONIC_USEC=" not in heard[-1]:
                heard.append(manager.recv(256).decode())
            while heard[-1] != "READY=1":
                heard.append(manager.recv(256).decode())
            assert s.stop() == 0
            while heard[-1] != "STOPPING=1":
                heard.append(manager.recv(256).decode())


def processes_are_locked_down(build):
    with service(build) as s:
        pids = {"parent": s.process.pid, **s.children()}
        for name, pid in pids.items():
            with open(f"/proc/{pid}/status") as f:
                status = dict(line.rstrip("\n").split(":\t", 1)
                              for line in f if ":\t" in line)
            assert status["NoNewPrivs"] == "1", name
            if not SANDBOX_OFF and not s.events("seccomp_absent"):
                assert status["Seccomp"] == "2", name
            with open(f"/proc/{pid}/limits") as f:
                core = [line for line in f if line.startswith("Max core")]
            assert core[0].split()[4:6] == ["0", "0"], core
        # No secret in arguments or environment, no key file held open.
        for name, pid in pids.items():
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                assert b"correct horse" not in f.read(), name
        try:
            for name, pid in pids.items():
                with open(f"/proc/{pid}/environ", "rb") as f:
                    assert b"correct horse" not in f.read(), name
            front = pids["front"]
            opened = [os.readlink(f"/proc/{front}/fd/{fd}")
                      for fd in os.listdir(f"/proc/{front}/fd")]
            assert not [o for o in opened if s.dir in o], opened
        except PermissionError:
            # Not dumpable: its own user may not look into it, root alone.
            assert os.getuid() != 0


def backup_goes_where_it_may(build):
    with service(build) as s:
        admin = Client(s.dir, "admin")
        got = admin.call("backup.create", {"directory": f"{s.base}/b"}, 20)
        assert got[0] == "ok", got
        assert os.path.isdir(f"{s.base}/b")
        for nowhere in (f"{s.base}/none/b", f"{s.config}/b"):
            status, body = admin.call("backup.create",
                                      {"directory": nowhere}, 20)
            assert (status, body["field"]) == ("invalid", "directory"), body
            assert "cannot make it" in body["message"], body
        assert s.stop() == 0
        with open(s.config, "a") as f:
            f.write(f"backups: [{s.base}/allowed]\n")
        os.mkdir(f"{s.base}/allowed")
        s.start()
        admin.open()
        if not SANDBOX_OFF and not s.events("landlock_absent"):
            got = admin.call("backup.create",
                             {"directory": f"{s.base}/c"}, 20)
            assert got[0] != "ok", got
        got = admin.call("backup.create",
                         {"directory": f"{s.base}/allowed/c"}, 20)
        assert got[0] == "ok", got
        assert s.stop() == 0


def random_bytes_and_crowds_do_no_harm(build):
    with service(build) as s:
        c = Client(s.dir, "portal")
        port = int(s.endpoint.rsplit(":", 1)[1])
        crowd = []
        for i in range(1000):
            raw = socket.create_connection(("127.0.0.1", port))
            if i % 3 == 0:
                raw.send(os.urandom(200))
            crowd.append(raw)
        assert c.call("service.ping")[0] == "ok"
        newcomer = Client(s.dir, "admin")
        assert newcomer.call("service.ping")[0] == "ok"
        for raw in crowd:
            raw.close()
        assert c.call("service.ping")[0] == "ok"
        assert not s.events("front_died"), s.lines
        assert s.stop() == 0


if __name__ == "__main__":
    run([starts_serves_and_stops, one_instance_has_one_service,
         killed_front_is_back_within_a_second,
         killed_core_comes_back, killed_parent_leaves_nobody_behind,
         stop_answers_what_was_accepted,
         a_signal_to_the_whole_group_is_a_stop,
         revoked_key_gets_silence_within_a_second,
         reload_is_all_or_nothing, bad_configuration_is_78,
         bad_policy_is_78, readable_secrets_are_78, taken_port_is_69,
         ipc_endpoint_serves, endpoint_has_its_roles,
         service_manager_is_told, processes_are_locked_down,
         backup_goes_where_it_may,
         random_bytes_and_crowds_do_no_harm], sys.argv[1])
