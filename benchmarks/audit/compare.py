"""The audit log beside loggers that promise less: builds what is installed, prints one table.

Called by `./run bench audit`, which builds mcpgov first. Rivals: spdlog's asynchronous logger (needs
libspdlog-dev), Go's slog as ToolHive uses it (needs go), and the audit log of Microsoft's Agent Governance
Toolkit (needs MCPGOV_PYTHON or python3 with venv); without them their rows are missing. All are given the
facts of one tool call, about 0.6 KB, and write below /dev/shm, so that no disk is compared. p50 and p99
are what the caller waits for a record, at 250,000 a second (AGT: one after the other); records a second
are what one caller gets taken, ours until the last one is synced.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RIVALS, OUT = ROOT / "benchmarks" / "rivals", ROOT / "build" / "rivals"
WHERE = "/dev/shm" if os.path.isdir("/dev/shm") else "/tmp"
AGT = "agentmesh-platform==3.7.0"
TIMEOUT = 300

LOST = {
    "mcpgov": "nothing that a caller was told about",
    "mcpgov, 1 KiB of content": "the same",
    "spdlog async": "up to 8,192 records; no order, proof or answer to a full disk",
    "Go slog (ToolHive)": "nothing, but on loss of power; write errors are not told; no proof",
    "AGT, in memory": "everything",
    "AGT, signed file": "nothing, but on loss of power; a torn last line stops the next start; "
                        "tail deletion verifies",
}


def attempt(name, command, cwd=None):
    """Whether the command succeeds; if not, one line says why."""
    if not shutil.which(str(command[0])):
        print(f"{name}: left out, there is no `{command[0]}`", flush=True)
        return False
    done = subprocess.run(list(map(str, command)), cwd=cwd, stdout=subprocess.PIPE, timeout=TIMEOUT,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        print(f"{name}: left out: {done.stdout.strip()[-300:]}", flush=True)
    return done.returncode == 0


def answer(name, command):
    """What a rival prints, or None with one line that says why."""
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=TIMEOUT, check=False)
    if done.returncode == 0:
        return json.loads(done.stdout)
    print(f"{name}: left out: {done.stderr.strip()[-300:]}", flush=True)
    return None


def ours(program):
    """Rows of our program: the caller, and spdlog beside it. The best of repetitions."""
    done = subprocess.run([program, "--benchmark_format=json",
                           "--benchmark_filter=caller|sustained_in_memory|rival"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          timeout=TIMEOUT, check=True)
    found = {}
    for each in json.loads(done.stdout)["benchmarks"]:
        if each["run_type"] == "iteration":
            found.setdefault(each["name"].split("/iterations")[0], []).append(each)

    def best(name, counter, choose):
        return choose(each[counter] for each in found[name]) if name in found else None

    for title, call, much in [("mcpgov", "caller/content:0", "sustained_in_memory"),
                              ("mcpgov, 1 KiB of content", "caller/content:1024", None),
                              ("spdlog async", "rival_spdlog_async", "rival_spdlog_sustained")]:
        if call not in found:
            print(f"{title}: left out, libspdlog-dev was not there when it was built")
            continue
        yield title, {"p50_ns": best(call, "p50_ns", min), "p99_ns": best(call, "p99_ns", min),
                      "records_per_s": best(much, "records_per_s", max) if much else None}


def rivals():
    slog = OUT / "audit-slog"
    if attempt("slog", ["go", "build", "-o", slog, "."], RIVALS / "audit-slog"):
        yield "Go slog (ToolHive)", answer("slog", [slog, WHERE])
    venv = OUT / "audit-agt"
    python = venv / "bin" / "python"
    if attempt("AGT", [os.environ.get("MCPGOV_PYTHON", "python3"), "-m", "venv", venv]) and attempt(
            "AGT", [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", AGT]):
        bench = RIVALS / "audit-agt" / "bench.py"
        yield "AGT, in memory", answer("AGT", [python, bench, WHERE, "memory"])
        yield "AGT, signed file", answer("AGT", [python, bench, WHERE, "file"])


def main():
    program = ROOT / "build" / "bench" / "bin" / "audit_bench"
    if len(sys.argv) > 1:
        program = pathlib.Path(sys.argv[1])
    OUT.mkdir(parents=True, exist_ok=True)
    rows = [*ours(program), *rivals()]
    print("\n| logger | p50, ns | p99, ns | records a second | lost when the process is killed |")
    print("|---|---|---|---|---|")
    for name, row in rows:
        if row is None:
            continue
        much = f"{row['records_per_s']:,.0f}" if row["records_per_s"] else ""
        print(f"| {name} | {row['p50_ns']:,.0f} | {row['p99_ns']:,.0f} | {much} | {LOST[name]} |")


main()
