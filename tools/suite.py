"""Every test of the project, in the order in which a failure says most. Called by `./run test`.

Closes with one line, `N passed, M failed` or `N passed, M failed, K skipped`.

SPDX-License-Identifier: Apache-2.0
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys

import audit_interop
import audit_sinks
import compile_pairs
import differential
import fuzz
import identity_providers
import observability
import readme
from tally import Counts, Tally, counts_of, execute

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
CLANG = {"CC": os.environ.get("MCPGOV_CLANG", "clang"),
         "CXX": os.environ.get("MCPGOV_CLANGXX", "clang++")}
CONFORMANCE = pathlib.Path(os.environ.get("MCPGOV_CONFORMANCE", ROOT.parent / "shared/conformance"))

# Undefined behaviour ends the program; so do a leak and a race.
SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=0:detect_leaks=1:allocator_may_return_null=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1",
}


def heading(text):
    print(f"--- {text}", flush=True)


def build(tally, preset, env=None, targets=()):
    """Configures and builds, showing progress. A build that fails is one failure."""
    heading(f"build {preset}")
    environment = {**os.environ, **(env or {})}
    commands = [["cmake", "--preset", preset],
                ["cmake", "--build", "--preset", preset, *(f"--target={t}" for t in targets)]]
    for command in commands:
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
            tally.failed(f"build {preset}", f"{' '.join(command)} failed; its output is above")
            return False
    return True


def registered(preset):
    """What CMake's add_test knows: name, command, directory and environment of every test."""
    listed = subprocess.run(["ctest", "--test-dir", BUILD / preset, "--show-only=json-v1"],
                            stdout=subprocess.PIPE, check=True, text=True).stdout
    for test in json.loads(listed)["tests"]:
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        environment = dict(e.split("=", 1) for e in properties.get("ENVIRONMENT", []))
        yield (test["name"], test.get("command"), properties.get("WORKING_DIRECTORY", BUILD),
               environment)


def run_programs(tally, preset):
    """Runs every registered test, as many at a time as there are processors."""
    heading(f"tests of {preset}")

    def one(test):
        name, command, directory, environment = test
        if not command:
            return name, "was not built", 1, 0.0
        env = {**os.environ, **SANITIZERS, "MCPGOV_CONFORMANCE": str(CONFORMANCE), **environment}
        code, output, seconds = execute(command, 900, cwd=directory, env=env)
        return name, output, code, seconds

    tests = list(registered(preset))
    if not tests:
        tally.failed(f"tests of {preset}", "there are none")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for name, output, code, seconds in pool.map(one, tests):
            tally.note(f"{preset} {name}", counts_of(output, code), seconds, output)


def headers_alone(tally, preset):
    """Every public header compiles without another one before it."""
    heading("public headers by themselves")
    tally.run("headers alone", ["cmake", "--build", BUILD / preset, "--target",
                                "all_verify_interface_header_sets"], one=True)


def consume(tally, preset):
    """Installs the library and builds tests/install against it, with CMake and with pkg-config."""
    heading(f"an installed consumer ({preset})")
    prefix, work = BUILD / "install" / preset, BUILD / "consumer" / preset
    for folder in (prefix, work):
        shutil.rmtree(folder, ignore_errors=True)
    source = ROOT / "tests/install"
    install = ["cmake", "--install", BUILD / preset, "--prefix", prefix]
    if not tally.run(f"{preset} install", install, one=True):
        return
    libraries = next(prefix.glob("lib*/**/pkgconfig")).parent
    env = {**os.environ, "PKG_CONFIG_PATH": str(libraries / "pkgconfig"),
           "LD_LIBRARY_PATH": str(libraries)}
    find = ["cmake", "-S", source, "-B", work, f"-DCMAKE_PREFIX_PATH={prefix}", "-G", "Ninja"]
    pkg_config = (f'c++ -std=c++20 "{source}/consumer.cpp" -o "{work}/by_pkg_config" '
                  '$(pkg-config --cflags --libs mcpgov)')
    steps = [("find_package configures", find),
             ("find_package builds", ["cmake", "--build", work]),
             ("find_package runs", [work / "consumer"]),
             ("pkg-config builds", ["sh", "-c", pkg_config]),
             ("pkg-config runs", [work / "by_pkg_config"]),
             ("version agrees", ["sh", "-c", f'test "$(pkg-config --modversion mcpgov)" = '
                                             f'"$(cat {ROOT}/VERSION)"'])]
    for name, command in steps:
        if not tally.run(f"{preset} {name}", command, one=True, env=env):
            return


def embed(tally):
    """A project that adds our folder to its own must get the library and none of our tests."""
    heading("a consumer that embeds the sources")
    work = BUILD / "consumer/embedded"
    shutil.rmtree(work, ignore_errors=True)
    configure = ["cmake", "-S", ROOT / "tests/install/embedded", "-B", work, "-G", "Ninja",
                 f"-DMCPGOV_FOLDER={ROOT}"]
    tally.run("add_subdirectory configures", configure, one=True)


# Words of mcpgov-conformance, and the part of the published data that each is about.
CONFORMANCE_WORDS = {
    "cedar": "cedar",
    "cedar-json-schemas": "cedar",
    "cedar-validation": "cedar",
    "cedar-validator-cases": "cedar/validator-cases",
    "cedar-formatter": "cedar/formatter",
    "cedar-mcp-schema": "cedar-mcp-schema",
    "jose": "jose",
}


def conformance(tally):
    heading("conformance to published suites")
    program, suite = BUILD / "release/bin/mcpgov-conformance", CONFORMANCE / "cedar"
    if not program.exists():
        tally.skipped("cedar", "mcpgov-conformance is not part of the build yet")
    elif not suite.is_dir():
        tally.skipped("cedar", f"no suite in {suite}; set MCPGOV_CONFORMANCE")
    else:
        for word, folder in CONFORMANCE_WORDS.items():
            tally.run(word, [program, word, CONFORMANCE / folder], timeout=1800)


def python(tally):
    """Builds the wheel as a user would, and runs its tests."""
    heading("Python")
    interpreter = os.environ.get("MCPGOV_PYTHON")
    if not interpreter:
        tally.skipped("python", "MCPGOV_PYTHON names no interpreter; ./run test sets it")
        return
    pip = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    tests = ROOT / "tests/python"
    if not tally.run("requirements", [*pip, "-r", tests / "requirements.txt"], one=True):
        return
    if tally.run("pip install .", [*pip, "--force-reinstall", "--no-deps", ROOT], timeout=1800,
                 one=True):
        # Outside the checkout, so that what was installed is tested.
        tally.run("pytest", [interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests],
                  timeout=900, cwd=BUILD)


def demo(tally):
    """The demo checks what it shows: published servers and clients, governed end to end."""
    heading("the demo")
    tally.run("demo", [ROOT / "examples/demo/run"], timeout=1800)


def fuzz_shortly(tally):
    heading("fuzz targets: seeds, then 10 seconds each")
    if not (ROOT / "fuzz/CMakeLists.txt").exists():
        tally.skipped("fuzz", "there are no fuzz targets yet")
    elif build(tally, "fuzz", CLANG):
        fuzz.run_all(tally, BUILD / "fuzz", seconds=10)


def tidy(tally):
    """clang-tidy on every source of the library, with the compiler's own commands."""
    heading("clang-tidy")
    program = shutil.which("clang-tidy-14") or shutil.which("clang-tidy")
    if not program:
        tally.skipped("clang-tidy", "it is not installed")
        return

    def one(source):
        return source, execute([program, "--quiet", "-p", BUILD / "clang", source], 600)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for source, (code, output, seconds) in pool.map(one, sorted(ROOT.glob("src/**/*.cpp"))):
            counts = Counts(passed=int(code == 0), failed=int(code != 0))
            tally.note(f"clang-tidy {source.relative_to(ROOT)}", counts, seconds, output)


def thorough(tally):
    """What --all adds: the other compiler, races, and the library as a shared object."""
    for preset in ("clang", "tsan"):
        if build(tally, preset, CLANG):
            run_programs(tally, preset)
    tidy(tally)
    if build(tally, "shared"):
        consume(tally, "shared")


def main():
    parser = argparse.ArgumentParser(prog="./run test", description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="clang, ThreadSanitizer, shared too")
    options = parser.parse_args()
    if options.all:
        os.environ.setdefault("MCPGOV_CRASHES", "200")  # tests/audit/log_crash_test.cpp
    tally = Tally()
    if build(tally, "release"):
        run_programs(tally, "release")
        headers_alone(tally, "release")
        consume(tally, "release")
        conformance(tally)
        heading("random programs, against the official engines")
        # The same seed every time: a new one belongs to whoever looks for differences.
        differential.run_all(tally, BUILD / "release", count=3000, seed=1)
        heading("tokens of real identity providers")
        identity_providers.run_all(tally, BUILD / "release", options.all)
        heading("checkpoints and proofs, exchanged with Go")
        audit_interop.run_all(tally, BUILD / "release")
        heading("events and metrics, by the programs that read them")
        observability.run_all(tally, BUILD / "release")
        heading("sinks of the audit log, on real parts")
        audit_sinks.run_all(tally, BUILD / "release")
        demo(tally)
    embed(tally)
    heading("misuse that must not compile")
    compile_pairs.run_all(tally, [os.environ.get("CXX", "g++"), CLANG["CXX"]])
    heading("code of the README and of docs/")
    readme.run_all(tally, os.environ.get("CXX", "g++"))
    python(tally)
    if build(tally, "asan"):
        run_programs(tally, "asan")
    fuzz_shortly(tally)
    if options.all:
        thorough(tally)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
