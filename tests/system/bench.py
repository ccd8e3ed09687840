"""A suite of ninety-bench, small: it ends well, and its figures are there and
sensible. bench.py BUILD SUITE"""

import json
import os
import subprocess
import sys
import tempfile

# Arguments, and what figures must lie between.
SUITES = {
    "erase": (
        ["-p", "1000", "-b", "100", "-B", "60", "-n", "200"],
        {
            "people_slots": (1000, 1000),
            "alone_nodes": (4, 12),
            "alone_key_disk_bytes": (5 * 4096, 200e3),
            "alone_bytes": (5 * 4096, 400e3),
            "batch_nodes_each": (0.05, 7),
            "batch_bytes_each": (1000, 100e3),
            "day_nodes": (4, 4),
            "registered_nodes": (0, 0),
            "cold_nodes": (1, 4),
            "warm_reads": (0, 0),
            "scan_batches": (60, 1000),
            "scan_pages_per_s": (100, 1e9),
            "scan_stale": (0, 0),
            "control_percent": (100, 100),
            "locked_bytes": (0, 256 << 20),
        },
    ),
    "log": (
        ["-R", "2", "-c", "512", "-p", "30", "-t", "3", "-n", "5000"],
        {
            "writes_per_s": (10, 1e7),
            "writes_without_per_s": (10, 1e7),
            "leaf_cost_percent": (-1000, 100),
            "core_leaves": (1000, 2000),
            "core_file_bytes": (64, 1000),
            "checkpoints": (1, 30),
            "log_leaves": (5000, 5000),
            "proofs_per_s": (1000, 1e8),
            "leaf_row_bytes": (64 + 8, 120),
            "leaf_file_bytes": (66 + 32, 130),
            "audit_per_s": (1000, 1e9),
        },
    ),
}


def run(build, suite, args, folder):
    command = [os.path.join(build, "bin", "ninety-bench"), suite,
               "-d", folder, *args]
    return subprocess.run(command, capture_output=True, text=True,
                          timeout=240)


def main():
    build, suite = sys.argv[1:]
    args, expected = SUITES[suite]
    with tempfile.TemporaryDirectory(prefix="ninety-bench-test-") as folder:
        done = run(build, suite, ["--json", *args], folder)
        assert done.returncode == 0, done.stderr + done.stdout
        said = json.loads(done.stdout)
        assert said["suite"] == suite and said["machine"]
        for name, (least, most) in expected.items():
            value = said["figures"][name]["value"]
            assert least <= value <= most, (name, value)
        for name, figure in said["figures"].items():
            reach = figure.get("at_most", figure.get("at_least"))
            assert (reach is None) == ("reached" not in figure), name
        assert os.listdir(folder) == [], "it leaves nothing behind"
        assert run(build, suite, ["--no-such"], folder).returncode == 64
    print(f"{suite}: {len(said['figures'])} figures")


if __name__ == "__main__":
    main()
