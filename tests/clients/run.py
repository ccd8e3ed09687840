"""run.py BUILD CLIENT...: an instance made by `ninety init`, served by ninetyd,
for a client that gets the folder of key files as its last argument."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "system"))
from service import init_service  # noqa: E402

build, client = sys.argv[1], sys.argv[2:]
service = init_service(build)
try:
    service.start()
    code = subprocess.run(client + [f"{service.dir}/clients"],
                          timeout=120, check=False).returncode
    if service.stop() != 0 and code == 0:
        print("\n".join(service.lines))
        code = 1
finally:
    service.remove()
sys.exit(code)
