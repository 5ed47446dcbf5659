"""Sinks of the audit log against what really stands at their other end. A part of `./run test`.

python3 tools/audit_sinks.py BUILD

The OpenTelemetry collector is built from Go modules, Kafka comes from Maven Central; rsyslog and
Prometheus are those of the system. Each is skipped, loudly, where it cannot be had.

SPDX-License-Identifier: Apache-2.0
"""

import os
import pathlib
import shutil
import sys

from tally import Tally, execute

ROOT = pathlib.Path(__file__).resolve().parent.parent
SUITES = ROOT / "tests/sinks"
WORK = ROOT / "build/sinks"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
STANDARD_WEBHOOKS = "standardwebhooks==1.1.0"
DAEMON_PATHS = os.environ["PATH"] + ":/usr/sbin:/sbin"


def missing(*programs):
    return [p for p in programs if not shutil.which(p, path=DAEMON_PATHS)]


def same(one, other):
    return one.exists() and one.read_bytes() == other.read_bytes()


def prepare(tally, name, source, command, seconds):
    """Runs a command in a copy of the source folder, once for what is in it. The copy, or None."""
    folder = WORK / name
    done = folder / "done"
    if done.exists() and all(same(folder / each.name, each) for each in source.iterdir()):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder)
    code, output, _ = execute(command, seconds, cwd=folder)
    if code != 0:
        tally.skipped(name, f"{command[0]} could not prepare it")
        print(output[-2000:], flush=True)
        return None
    done.touch()
    return folder


def otlp(tally, programs):
    if lacking := missing("go"):
        return tally.skipped("collector", f"{lacking[0]} is not installed")
    folder = prepare(tally, "collector", SUITES / "collector",
                     ["go", "build", "-o", "collector", "."], 900)
    for name, script in (("OpenTelemetry collector", "otlp.py"),
                         ("the collector's ready-made configuration", "ready_made.py")):
        if folder:
            tally.run(name, [sys.executable, SUITES / script, programs, folder / "collector"],
                      timeout=170)


def kafka(tally, programs):
    if lacking := missing("java", "mvn"):
        return tally.skipped("kafka", f"{lacking[0]} is not installed")
    if "MCPGOV_KAFKA:BOOL=ON" not in (programs.parent / "CMakeCache.txt").read_text():
        return tally.skipped("kafka", "the library was built without librdkafka")
    folder = prepare(tally, "kafka", SUITES / "kafka",
                     ["mvn", "-q", "-B", COPY, "-DoutputDirectory=lib",
                      "-DincludeScope=runtime"], 300)
    if folder:
        tally.run("Kafka", [sys.executable, SUITES / "kafka.py", programs, folder / "lib"],
                  timeout=170)


def webhook(tally, programs):
    interpreter = os.environ.get("MCPGOV_PYTHON")
    if not interpreter:
        return tally.skipped("webhook", "MCPGOV_PYTHON names no interpreter; ./run test sets it")
    execute([interpreter, "-m", "pip", "install", "--quiet", STANDARD_WEBHOOKS], 120)
    tally.run("Standard Webhooks", [interpreter, SUITES / "webhook.py", programs], timeout=120)


def run_all(tally, build):
    programs = build / "bin"
    if not (programs / "sinks_export").exists():
        return tally.skipped("sinks", "the library was built without libcurl")
    otlp(tally, programs)
    webhook(tally, programs)
    tally.run("Splunk (a mock)", [sys.executable, SUITES / "splunk.py", programs], timeout=120)
    for name, script, program in (("rsyslog", "syslog.py", "rsyslogd"),
                                  ("Prometheus", "prometheus.py", "prometheus")):
        if missing(program):
            tally.skipped(name, f"{program} is not installed")
        else:
            tally.run(name, [sys.executable, SUITES / script, programs], timeout=170)
    kafka(tally, programs)
    return None


if __name__ == "__main__":
    total = Tally()
    run_all(total, pathlib.Path(sys.argv[1]).resolve())
    sys.exit(total.close())
