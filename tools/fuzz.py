"""Runs libFuzzer targets: first every seed, then new inputs for some seconds; and random programs
against the official engines.

python3 tools/fuzz.py BUILD SECONDS [RELEASE]
A program bin/NAME_fuzz of BUILD has its seeds in fuzz/seeds/NAME. RELEASE: a build that has the
programs of tests/differential.

SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import random
import sys

import differential
from tally import Tally

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run_all(tally, build, seconds):
    targets = sorted((build / "bin").glob("*_fuzz"))
    if not targets:
        tally.failed("fuzz", "no target was built")
    for target in targets:
        name = target.name.removesuffix("_fuzz")
        seeds = ROOT / "fuzz/seeds" / name
        if not seeds.is_dir() or not any(seeds.iterdir()):
            tally.failed(f"fuzz {name}", f"fuzz/seeds/{name} has no seeds")
            continue
        found, corpus = build / "found" / name, build / "corpus" / name
        for folder in (found, corpus):
            folder.mkdir(parents=True, exist_ok=True)
        # -timeout: seconds for one input; a hang is a defect as much as a crash.
        command = [target, f"-artifact_prefix={found}/", "-timeout=10", "-rss_limit_mb=2048"]
        dictionary = ROOT / "fuzz" / f"{name}.dict"
        if dictionary.exists():
            command.append(f"-dict={dictionary}")
        if tally.run(f"fuzz {name}: seeds", [*command, "-runs=0", seeds], one=True):
            tally.run(f"fuzz {name}: {seconds} s",
                      [*command, f"-max_total_time={seconds}", "-print_final_stats=1", corpus,
                       seeds],
                      timeout=seconds + 120, one=True)


if __name__ == "__main__":
    total = Tally()
    duration = int(sys.argv[2])
    run_all(total, pathlib.Path(sys.argv[1]).resolve(), duration)
    if len(sys.argv) > 3:
        # 300 seconds for each target, the default, give 105,000 programs.
        differential.run_all(total, pathlib.Path(sys.argv[3]).resolve(), count=350 * duration,
                             seed=random.randrange(1 << 40), timeout=100 * duration)
    sys.exit(total.close())
