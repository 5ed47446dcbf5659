"""Counts what passed, failed and was skipped; runs commands and reads the counts they print.

Tested by `python3 tools/tally.py --self-test`, which `./run check` runs.

SPDX-License-Identifier: Apache-2.0
"""

import dataclasses
import re
import subprocess
import sys
import time

# doctest's closing line; ANSI colours are off because the output is no terminal.
DOCTEST = re.compile(
    r"^\[doctest\] test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed\s*\|\s*(\d+) skipped",
    re.MULTILINE,
)
# Our own programs' closing line, and the only form they may use.
OURS = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.MULTILINE)
# pytest's closing line names only what is not zero: `1 failed, 2 passed in 0.1s`.
PYTEST = re.compile(r"^=*\s*((?:\d+ \w+(?:, )?)+) in [\d.]+s", re.MULTILINE)
# A test that leaves something out says so in a line of this form.
SKIPPED = re.compile(r"^SKIPPED: .*$", re.MULTILINE)


@dataclasses.dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Counts(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return text + (f", {self.skipped} skipped" if self.skipped else "")


def counts_of(output, exit_code):
    """What a finished program says about itself; its exit code must not contradict it."""
    said = Counts(skipped=len(SKIPPED.findall(output)))
    programs = 0
    for match in DOCTEST.finditer(output):
        said += Counts(int(match[2]), int(match[3]), int(match[4]))
        programs += 1
    for match in OURS.finditer(output):
        said += Counts(int(match[1]), int(match[2]))
        if not SKIPPED.search(output):
            said.skipped += int(match[3] or 0)
        programs += 1
    for match in PYTEST.finditer(output):
        words = {word: int(count) for count, word in re.findall(r"(\d+) (\w+)", match[1])}
        failed = words.get("failed", 0) + words.get("errors", 0) + words.get("error", 0)
        said += Counts(words.get("passed", 0), failed, words.get("skipped", 0))
        programs += 1
    if programs == 0 and exit_code == 0 and said.skipped == 0:
        said.passed = 1  # a test without a summary is one test
    elif programs != 0 and said == Counts():
        said.failed = 1  # a suite without a single case tests nothing
    if exit_code != 0 and said.failed == 0:
        said.failed = 1
    return said


class Tally:
    """Runs steps one after the other and keeps their sum."""

    def __init__(self):
        self.total = Counts()
        self.failures = []
        self.started = time.monotonic()

    def note(self, name, counts, seconds=0.0, output=""):
        """Adds counts under a name, and shows what a reader needs: all output of a failure."""
        self.total += counts
        print(f"    {name}: {counts} ({seconds:.1f} s)", flush=True)
        for line in SKIPPED.findall(output):
            print(f"    {name}: {line}", flush=True)
        if counts.failed:
            self.failures.append(name)
            print(output[-20000:], flush=True)

    def passed(self, name):
        self.note(name, Counts(passed=1))

    def failed(self, name, why):
        self.note(name, Counts(failed=1), output=why)

    def skipped(self, name, why):
        self.note(name, Counts(skipped=1), output=f"SKIPPED: {why}")

    def run(self, name, command, timeout=600, one=False, **kwargs):
        """Runs a command as a test. one: it counts once, whatever it prints. True if it passed."""
        code, output, seconds = execute(command, timeout, **kwargs)
        counts = counts_of(output, code)
        if one:
            counts = Counts(passed=int(code == 0), failed=int(code != 0))
        self.note(name, counts, seconds, output)
        return counts.failed == 0

    def close(self):
        """Prints the closing line and returns the exit code."""
        minutes = (time.monotonic() - self.started) / 60
        print(f"--- {minutes:.1f} minutes", flush=True)
        for name in self.failures:
            print(f"FAILED: {name}", flush=True)
        print(self.total, flush=True)
        return 1 if self.total.failed or not self.total.passed else 0


def execute(command, timeout, **kwargs):
    """Exit code, output with errors, seconds. A program that does not end or start has failed."""
    started = time.monotonic()
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            timeout=timeout, text=True, errors="replace", check=False, **kwargs
        )
        code, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        code, output = 124, (late.stdout or b"").decode(errors="replace")
        output += f"\ndid not end within {timeout} seconds\n"
    except OSError as error:
        code, output = 127, f"cannot be started: {error}\n"
    return code, output, time.monotonic() - started


def self_test():
    doctest = "[doctest] test cases: 9 | {} passed | {} failed | {} skipped\n"
    cases = [
        ("a doctest program", doctest.format(9, 0, 0), 0, Counts(9, 0)),
        ("a failing doctest program", doctest.format(7, 2, 0), 1, Counts(7, 2)),
        ("a crash after the summary", doctest.format(9, 0, 0), 139, Counts(9, 1)),
        ("a crash before any summary", "half a line", 139, Counts(0, 1)),
        ("a doctest program without cases", doctest.format(0, 0, 0), 0, Counts(0, 1)),
        ("a case switched off", doctest.format(8, 0, 1), 0, Counts(8, 0, 1)),
        ("our own closing line", "x\n12 passed, 1 failed, 2 skipped\n", 1, Counts(12, 1, 2)),
        ("a wrong exit code beside it", "12 passed, 0 failed\n", 3, Counts(12, 1)),
        ("pytest", "=== 1 failed, 2 passed, 3 skipped in 0.10s ===\n", 1, Counts(2, 1, 3)),
        ("quiet pytest", "3 passed in 0.10s\n", 0, Counts(3)),
        ("a test without a summary", "ok\n", 0, Counts(1)),
        ("a silent failure", "", 1, Counts(0, 1)),
        ("only a skip", "SKIPPED: no suite\n", 0, Counts(0, 0, 1)),
        ("cases and a skip", doctest.format(9, 0, 0) + "SKIPPED: no suite\n", 0, Counts(9, 0, 1)),
    ]
    wrong = 0
    for name, output, code, expected in cases:
        if counts_of(output, code) != expected:
            print(f"tally: {name}: {counts_of(output, code)}, not {expected}")
            wrong += 1
    code, output, _ = execute(["sleep", "5"], timeout=0.2)
    wrong += code != 124 or "did not end" not in output
    wrong += execute(["/no/such/program"], timeout=1)[0] != 127
    return wrong


if __name__ == "__main__":
    sys.exit(1 if sys.argv[1:] == ["--self-test"] and self_test() else 0)
