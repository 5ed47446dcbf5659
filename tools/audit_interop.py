"""Checkpoints and proofs of the audit log, exchanged with Go's own packages in both directions.

python3 tools/audit_interop.py BUILD

SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import shutil
import sys

from tally import Tally, execute

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = ROOT / "tests/audit_interop/peer"
WORK = ROOT / "build/audit-interop"


def run_all(tally, build):
    program, peer = build / "bin/audit_interop", WORK / "peer"
    if not shutil.which("go"):
        tally.skipped("audit interop", "go is not installed")
        return
    shutil.rmtree(WORK, ignore_errors=True)
    for folder in ("ours", "theirs"):
        (WORK / folder).mkdir(parents=True)
    # The module proxy may be out of reach; the program itself must compile wherever it is not.
    code, output, _ = execute(["go", "mod", "download"], 300, cwd=SOURCES)
    if code != 0:
        tally.skipped("audit interop", "go could not download golang.org/x/mod")
        print(output[-2000:], flush=True)
        return
    build_peer = ["go", "build", "-mod=readonly", "-o", peer, "."]
    if not tally.run("audit interop: go build", build_peer, one=True, cwd=SOURCES):
        return
    for maker, folder in ((program, "ours"), (peer, "theirs")):
        if not tally.run(f"audit interop: make {folder}", [maker, "make", WORK / folder], one=True):
            return
    tally.run("audit interop: Go checks ours", [peer, "check", WORK / "ours"])
    tally.run("audit interop: we check Go's", [program, "check", WORK / "theirs"])


if __name__ == "__main__":
    total = Tally()
    run_all(total, pathlib.Path(sys.argv[1]))
    sys.exit(total.close())
