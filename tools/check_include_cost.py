"""What one #include of the umbrella header costs a user: at most 2.5 times <string> and <vector>.

Time is the compiler's own processor time. Runs of both are interleaved and the least of each is
taken: whatever else the machine does only ever adds.

SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import resource
import subprocess
import tempfile

import sources

LIMIT = 2.5
ROUNDS = 7
BASELINE = "#include <string>\n#include <vector>\n"
UMBRELLA = "#include <mcpgov/mcpgov.hpp>\n"


def seconds(source, include):
    """Processor time of compiling source without optimisation, or None when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(["g++", "-std=c++20", "-O0", f"-I{include}", "-c", source, "-o",
                           "/dev/null"], stderr=subprocess.PIPE, check=False, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        print(done.stderr)
        return None
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def ratio(text, include=sources.ROOT / "include", rounds=ROUNDS):
    """How often the baseline fits into text; None when text does not compile by itself."""
    with tempfile.TemporaryDirectory() as folder:
        ours, base = pathlib.Path(folder) / "ours.cpp", pathlib.Path(folder) / "base.cpp"
        ours.write_text(text)
        base.write_text(BASELINE)
        pairs = [(seconds(ours, include), seconds(base, include)) for _ in range(rounds)]
    if any(one is None for one, _ in pairs):
        return None
    return min(one for one, _ in pairs) / min(two for _, two in pairs)


def findings(root=sources.ROOT):
    measured = ratio(UMBRELLA, root / "include")
    if measured is None:
        return ["include/mcpgov/mcpgov.hpp does not compile with -Iinclude alone"]
    print(f"    the umbrella header costs {measured:.2f} times <string> and <vector>")
    if measured > LIMIT:
        return [f"include/mcpgov/mcpgov.hpp costs {measured:.2f}, at most {LIMIT}"]
    return []


def self_test():
    wrong = []
    dear = ratio("#include <regex>\n#include <iostream>\n#include <functional>\n", rounds=2)
    if dear is None or dear <= LIMIT:
        wrong.append(f"finds <regex> cheap: {dear}")
    # The quiet compile error belongs to the example, so it is not shown.
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "bad.cpp"
        source.write_text("#include <mcpgov/none.hpp>\n")
        done = subprocess.run(["g++", "-fsyntax-only", source], stderr=subprocess.DEVNULL,
                              check=False)
        if done.returncode == 0:
            wrong.append("a header that does not exist compiles")
    return wrong
