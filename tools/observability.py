"""Events, projections and metrics, judged by the programs of those who read them. A part of
`./run test`.

python3 tools/observability.py BUILD

SPDX-License-Identifier: Apache-2.0
"""

import os
import pathlib
import re
import sys

from tally import Tally, counts_of, execute

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests/observability"


def run_all(tally, build):
    """build: the folder of a preset, where observability_samples was built."""
    interpreter = os.environ.get("MCPGOV_PYTHON")
    samples = build / "bin/observability_samples"
    if not interpreter:
        tally.skipped("observability",
                      "MCPGOV_PYTHON names no interpreter; ./run test sets it")
        return
    if not samples.exists():
        tally.failed("observability", f"{samples} was not built")
        return
    pip = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r",
           TESTS / "requirements.txt"]
    code, output, _ = execute(pip, 600)
    if code != 0:
        tally.skipped("observability", "pip could not install the validators")
        print(output[-2000:], flush=True)
        return
    code, output, seconds = execute(
        [interpreter, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", TESTS], 900,
        cwd=build, env={**os.environ, "MCPGOV_SAMPLES": str(samples)})
    counts = counts_of(output, code)
    tally.note("observability", counts, seconds, output)
    for reason in sorted(set(re.findall(r"^SKIPPED \[\d+\] \S+: (.*)$", output, re.MULTILINE))):
        print(f"    observability: SKIPPED: {reason}", flush=True)


def main():
    tally = Tally()
    run_all(tally, pathlib.Path(sys.argv[1]).resolve())
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
