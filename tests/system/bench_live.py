"""Suites and works of ninety-bench that want a running service, small: they
end well, and their figures are there and sensible."""

import json
import subprocess
import sys

from service import PATIENCE, init_service, run

REPORT = {
    "requests": (150, 160),
    "list_s": (0.0001, 60),
    "csv_s": (0.0001, 60),
    "list_bytes": (150 * 150, 150 * 600),
    "first_ms": (0.01, 10000),
    "write_p99_idle_us": (10, 60e6),
    "write_p99_ratio": (0.0001, 10000),
    "expiring": (100, 100),
    "expiry_s": (0.00001, 60),
    "listings_meanwhile": (1, 1e6),
    "wrong": (0, 0),
}
GROWTH = {
    "register_per_s_20": (1, 1e6),
    "write_per_s_20": (1, 1e6),
    "disk_ratio_20": (2, 1e6),
    "write_per_s_200": (1, 1e6),
    "write_ratio_200": (0.001, 1000),
    "read_p99_us_200": (10, 60e6),
    "read_p99_ratio_200": (0.0001, 10000),
    "disk_ratio_200": (2, 1e6),
    "wrong": (0, 0),
}


def bench(s, *words):
    return subprocess.run([f"{s.build}/bin/ninety-bench", *words, "-i", s.dir],
                          capture_output=True, text=True, timeout=120 * PATIENCE)


def figures_hold(s, words, expected):
    done = bench(s, *words, "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    said = json.loads(done.stdout)
    assert said["suite"] == words[0] and said["machine"]
    for name, (least, most) in expected.items():
        value = said["figures"][name]["value"]
        assert least <= value <= most, (name, value)


def suites_have_their_figures(build):
    s = init_service(build)
    try:
        s.start()
        figures_hold(s, ["report", "-n", "150", "-R", "1", "-t", "1", "-r",
                         "50", "--no-peer", "-x", "100"], REPORT)
        figures_hold(s, ["growth", "-f", "20", "-n", "200", "-t", "1", "-r",
                         "50"], GROWTH)
        done = bench(s, "share", "-c", "2", "-w", "4", "-p", "3", "-t", "1",
                     "--json")
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        assert said["calls"] > 0 and said["refused"] == 0, said
        assert bench(s, "growth", "-n", "0").returncode == 64
        assert bench(s, "growth", "-f", "20", "-n", "2").returncode == 64
    finally:
        s.remove()


if __name__ == "__main__":
    sys.exit(run([suites_have_their_figures], sys.argv[1]))
