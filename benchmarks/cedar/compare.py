"""Cedar, mcpgov beside its rivals: builds what is installed, runs every workload, prints a table.

Called by `./run bench cedar [--quick] [--only WORD]…`, which builds mcpgov first. Rivals: the
official Rust engine (needs cargo) and cedar-go (needs go); without them their columns stay empty.
All engines must give the same answers, or the run fails. Writes build/bench/cedar.json.

SPDX-License-Identifier: Apache-2.0
"""

import argparse
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import time

import table
import workloads

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RIVALS = ROOT / "benchmarks" / "rivals"
SECONDS, QUICK_SECONDS = 0.6, 0.05  # per operation; what takes longer is done once
TIMEOUT = 240


def output(*command, cwd=None):
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def build_rival(name, tool, command, program, environment):
    """The program, or None with one line that says why."""
    if not shutil.which(tool):
        print(f"{name}: left out, there is no `{tool}` (its column stays empty)", flush=True)
        return None
    print(f"{name}: building", flush=True)
    done = subprocess.run(command, cwd=RIVALS / name, env={**os.environ, **environment},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode == 0:
        return program
    last = done.stdout.strip().splitlines()[-8:]
    print(f"{name}: left out, it does not build:\n    " + "\n    ".join(last), flush=True)
    return None


def engines(build):
    """Name, program and version of what there is. build: where mcpgov was built."""
    version = (ROOT / "VERSION").read_text().strip()
    out = [("mcpgov", build / "bin" / "cedar_runner", f"mcpgov {version}")]
    if not out[0][1].exists():
        sys.exit(f"compare: {out[0][1]} is not built")
    rust = ROOT / "build" / "rivals" / "cedar-rust"
    found = build_rival("cedar-rust", "cargo", ["cargo", "build", "--release", "--locked", "-q"],
                        rust / "release" / "cedar-rust-bench", {"CARGO_TARGET_DIR": str(rust)})
    if found:
        pinned = re.search(r'name = "cedar-policy"\nversion = "(.+)"',
                           (RIVALS / "cedar-rust" / "Cargo.lock").read_text())
        compiler = " ".join(output("rustc", "--version").split()[:2])
        out.append(("rust", found, f"cedar-policy {pinned[1]} ({compiler})"))
    go = ROOT / "build" / "rivals" / "cedar-go"
    found = build_rival("cedar-go", "go", ["go", "build", "-o", str(go), "."], go, {})
    if found:
        pinned = re.search(r"cedar-go (v\S+)", (RIVALS / "cedar-go" / "go.mod").read_text())
        out.append(("go", found, f"cedar-go {pinned[1]} ({output('go', 'env', 'GOVERSION')})"))
    return out


def machine():
    model = re.search(r"model name\s*: (.+)", pathlib.Path("/proc/cpuinfo").read_text())
    name = output("sh", "-c", ". /etc/os-release && echo $PRETTY_NAME")
    compiler = output("c++", "--version").splitlines()
    return {"cpu": model[1] if model else platform.machine(), "cores": os.cpu_count(),
            "system": name, "compiler": compiler[0] if compiler else "",
            "load": os.getloadavg()[0], "date": time.strftime("%Y-%m-%d"),
            "commit": output("git", "rev-parse", "--short", "HEAD", cwd=ROOT)}


def corpus(root, quick):
    """The published tests as a workload, or none where they are not."""
    data = pathlib.Path(os.environ.get("MCPGOV_CONFORMANCE", ROOT / "../shared/conformance"))
    archive = data / "cedar" / "corpus-tests.tar.gz"
    if not archive.exists():
        print(f"corpus: left out, there is no {archive} (see MCPGOV_CONFORMANCE)", flush=True)
        return []
    folder = root / "corpus-tests"
    if not folder.exists():
        subprocess.run(["tar", "-xzf", archive, "-C", root], check=True)
    names = sorted(p.name for p in folder.glob("*.json") if not p.name.endswith(".entities.json"))
    out = workloads.Folder(root, "corpus", "corpus", "published tests", corpus=str(folder))
    chosen = names[::16] if quick else names
    (out.path / "tests.json").write_text(json.dumps(chosen))
    return [out.done()]


def run(program, folder, seconds):
    """Lines of the report, or what went wrong."""
    try:
        done = subprocess.run([program, folder, str(seconds)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return [], f"longer than {TIMEOUT} s"
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    problem = "" if done.returncode == 0 else (done.stderr.strip() or "failed").splitlines()[-1]
    return lines, problem


def disagreements(title, results):
    """What the engines answered differently. results: engine → lines."""
    known = {}
    for engine, lines in results.items():
        for line in lines:
            where = f"{engine}, {line['op']}"
            if line.get("wrong") and engine == "mcpgov":
                yield f"{title}: {where}: {line['wrong']} answers are not the published ones"
            for kind in ("decisions", "digest"):
                if kind not in line or (kind == "digest" and "-" in line.get("decisions", "")):
                    continue
                first = known.setdefault(kind, (where, line[kind]))
                both = zip(first[1], line[kind])
                # A dash: a slow engine was not asked that one.
                if len(first[1]) != len(line[kind]) or \
                        any(a != b and "-" not in (a, b) for a, b in both):
                    yield f"{title}: {kind} of {where} differ from {first[0]}"


def main():
    parser = argparse.ArgumentParser(prog="./run bench cedar")
    parser.add_argument("--quick", action="store_true", help="a minute or two, rougher")
    parser.add_argument("--only", action="append", help="workloads with this in their name")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "bench")
    options = parser.parse_args()
    seconds = QUICK_SECONDS if options.quick else SECONDS
    root = options.build / "cedar"
    started = time.monotonic()
    programs = engines(options.build)
    print("workloads: writing", flush=True)
    todo = workloads.write(root, options.quick) + corpus(root, options.quick)
    todo = [w for w in todo if not options.only or any(o in w["name"] for o in options.only)]
    report = {"machine": machine(), "quick": options.quick, "seconds": seconds,
              "versions": {name: version for name, _, version in programs}, "workloads": []}
    wrong = []
    for number, facts in enumerate(todo, 1):
        print(f"\r\x1b[K{number} of {len(todo)}: {facts['title']}", end="", flush=True)
        results, problems = {}, {}
        for name, program, _ in programs:  # one behind the other: noise hits all alike
            results[name], problem = run(program, root / facts["name"], seconds)
            if problem:
                problems[name] = problem
                wrong.append(f"{facts['title']}: {name}: {problem}")
        wrong += disagreements(facts["title"], results)
        report["workloads"].append({**facts, "results": results, "problems": problems})
    if not options.only or "growth" in options.only:
        print("\r\x1b[Kgrowth", end="", flush=True)
        quick = ["--quick"] if options.quick else []
        done = subprocess.run([programs[0][1], "--growth", *quick], stdout=subprocess.PIPE,
                              text=True, check=True)
        report["growth"] = [json.loads(line) for line in done.stdout.splitlines()]
    report["machine"]["load after"] = os.getloadavg()[0]
    report["took_s"] = round(time.monotonic() - started)
    report["wrong"] = wrong
    for old in report["workloads"]:  # long, and compared already
        for lines in old["results"].values():
            for line in lines:
                line.pop("decisions", None)
    (options.build / "cedar.json").write_text(json.dumps(report, indent=1))
    print("\r\x1b[K" + table.text(report))
    print(f"wrote {options.build / 'cedar.json'}; {report['took_s']} s")
    for each in wrong:
        print(f"WRONG: {each}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
