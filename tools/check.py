"""Everything that reads the sources: each check first proves that it can fail, then runs.

Called by `./run check [WORD]`, which shows and counts only findings that contain WORD, such as a
room's name. Exit code 1 on a finding.

SPDX-License-Identifier: Apache-2.0
"""

import sys
import time

import check_codes
import check_format
import check_headers
import check_include_cost
import check_layers
import check_release
import check_twins
import check_words
import compile_pairs
import readme
import tally

CHECKS = [
    ("format", check_format),
    ("layers", check_layers),
    ("sizes, first comments, header contracts", check_headers),
    ("error codes", check_codes),
    ("types of one name", check_twins),
    ("words", check_words),
    ("version and changelog", check_release),
    ("include cost", check_include_cost),
]


def main():
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    wrong = 0
    for name, tool in (("tally", tally), ("compile pairs", compile_pairs), ("readme", readme)):
        if tool.self_test():
            print(f"{name}: the self-test failed")
            wrong += 1
    for name, check in CHECKS:
        started = time.monotonic()
        defects = [f"self-test: {d}" for d in check.self_test()]
        found = defects + [f for f in check.findings() if only in f]
        for finding in found:
            print(f"    {finding}")
        wrong += len(found)
        verdict = f"{len(found)} findings" if found else "ok"
        print(f"{name}: {verdict} ({time.monotonic() - started:.1f} s)", flush=True)
    print(f"check: {wrong} findings" if wrong else "check: ok")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
