"""Verification of tokens, mcpgov beside other libraries: builds what is installed, prints one table.

Called by `./run bench identity`, which builds mcpgov first. Rivals: npm jose (needs node and npm),
PyJWT (needs MCPGOV_PYTHON or python3 with venv), golang-jwt (needs go), Rust's jsonwebtoken (needs
cargo); without them their columns stay empty. All verify the same tokens with keys that are ready:
signature, form and claims; ours from the header field to the caller, without its cache. Microseconds,
median of five runs each. `OpenSSL alone` is the signature without anything around it.

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
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
SECONDS = "2"
JOSE, PYJWT = "jose@6.2.17", "PyJWT[crypto]==2.10.1"


def attempt(name, commands, cwd=None, env=None):
    """Whether all commands succeed; if not, one line says which did not."""
    for command in commands:
        if not shutil.which(str(command[0])):
            print(f"{name}: left out, there is no `{command[0]}`", flush=True)
            return False
        done = subprocess.run(list(map(str, command)), cwd=cwd, env={**os.environ, **(env or {})},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        if done.returncode != 0:
            print(f"{name}: left out: {done.stdout.strip()[-300:]}", flush=True)
            return False
    return True


def rivals(tokens):
    """Name and command of what there is."""
    node, python, rust = OUT / "jwt-node", OUT / "jwt-python", OUT / "jwt-rust"
    OUT.mkdir(parents=True, exist_ok=True)
    npm = ["npm", "install", "--no-audit", "--no-fund", "--prefix", node, JOSE]
    if attempt("jose", [npm, ["node", "--version"]]):
        yield "jose (npm)", ["node", RIVALS / "jwt-node/bench.mjs", node, tokens, SECONDS]
    interpreter = os.environ.get("MCPGOV_PYTHON", "python3")
    pip = [python / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", PYJWT]
    if attempt("PyJWT", [[interpreter, "-m", "venv", python]]) and attempt("PyJWT", [pip]):
        yield "PyJWT", [python / "bin/python", RIVALS / "jwt-python/bench.py", tokens, SECONDS]
    go = ["go", "build", "-o", OUT / "jwt-go", "."]
    if attempt("golang-jwt", [go], RIVALS / "jwt-go"):
        yield "golang-jwt", [OUT / "jwt-go", tokens, SECONDS]
    cargo = ["cargo", "build", "--release", "--locked", "-q"]
    if attempt("jsonwebtoken", [cargo], RIVALS / "jwt-rust", {"CARGO_TARGET_DIR": str(rust)}):
        yield "jsonwebtoken (Rust)", [rust / "release/jwt-rust-bench", tokens, SECONDS]


def measured(program, words):
    """Our programs' median times in microseconds and counters, by name."""
    done = subprocess.run([program, "--benchmark_format=json", "--benchmark_repetitions=5",
                           f"--benchmark_filter={words}"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return {each["run_name"]: {**each, "us": each["real_time"] / 1000}
            for each in json.loads(done.stdout)["benchmarks"]
            if each["run_type"] == "aggregate" and each["aggregate_name"] == "median"}


def ours(bench):
    """Columns of our programs: OpenSSL alone, and everything from the header field to the caller."""
    alone = measured(bench / "identity_bench", "openssl_alone")
    whole = measured(bench / "verifier_bench", "whole")
    yield "OpenSSL alone", {a: alone[f"openssl_alone/{a}"]["us"] for a in ALGORITHMS}
    yield "mcpgov", {a: whole[f"whole/{a}"]["us"] for a in ALGORITHMS}


def rest(bench):
    """Lines about the cache and floods."""
    found = measured(bench / "verifier_bench", "hit|flood")
    yield "| from the cache, 1 KiB | nanoseconds a request | requests per second |"
    yield "|---|---:|---:|"
    for name, title in (("hit/shared", "the same token"), ("hit/own", "one token a thread")):
        for threads in (1, 2):
            us = found[f"{name}/real_time/threads:{threads}"]["us"]
            yield f"| {title}, threads {threads} | {us * 1000 * threads:.0f} | {1 / us:.1f} M |"
    yield ""
    yield "| 100,000 distinct forged tokens | microseconds a token | memory grown |"
    yield "|---|---:|---:|"
    for name, title in (("unlimited", "each one verified"), ("limited", "refused by the buckets")):
        each = found[f"flood/{name}/iterations:100000"]
        yield f"| {title} | {each['us']:.2f} | {each['grown_KiB']:.0f} KiB |"


def main():
    bench = ROOT / "build/bench/bin"
    program = bench / "identity_bench"
    if not program.exists():
        sys.exit(f"compare: {program} is not built")
    tokens = OUT / "tokens.json"
    OUT.mkdir(parents=True, exist_ok=True)
    tokens.write_text(subprocess.run([program, "--tokens"], stdout=subprocess.PIPE, text=True,
                                     check=True).stdout)
    columns = list(ours(bench))
    for name, command in rivals(tokens):
        done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True,
                              check=False, timeout=120)
        lines = [line.split() for line in done.stdout.splitlines()]
        if done.returncode != 0 or {line[0] for line in lines} != set(ALGORITHMS):
            sys.exit(f"{name}: refuses a token")
        columns.append((name, {line[0]: float(line[1]) for line in lines}))
    print("| microseconds | " + " | ".join(name for name, _ in columns) + " |")
    print("|---|" + "---|" * len(columns))
    for algorithm in ALGORITHMS:
        print(f"| {algorithm} | " + " | ".join(f"{each[algorithm]:.1f}" for _, each in columns) + " |")
    print()
    for line in rest(bench):
        print(line)


if __name__ == "__main__":
    main()
