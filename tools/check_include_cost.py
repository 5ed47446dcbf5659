"""What one #include of the umbrella header costs a user: at most 2.5 times <string> and <vector>.

Time is the compiler's own processor time. Runs of both are interleaved and the least of each is
taken: whatever else the machine does only ever adds.

SPDX-License-Identifier: Apache-2.0
"""

import contextlib
import io
import pathlib
import resource
import subprocess
import tempfile

import sources

LIMIT = 2.5
ROUNDS = 5
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


def ratio(text, include=sources.ROOT / "include"):
    """How often the baseline fits into text; None when text does not compile by itself.

    A busy machine may need more rounds to show a quiet one, so a bad result is measured again."""
    ours, base = [], []
    with tempfile.TemporaryDirectory() as folder:
        one, two = pathlib.Path(folder) / "ours.cpp", pathlib.Path(folder) / "base.cpp"
        one.write_text(text)
        two.write_text(BASELINE)
        while len(ours) < ROUNDS or (len(ours) < 2 * ROUNDS and min(ours) > LIMIT * min(base)):
            ours.append(seconds(one, include))
            base.append(seconds(two, include))
            if ours[-1] is None:
                return None
    return min(ours) / min(base)


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
    dear = ratio("#include <regex>\n#include <filesystem>\n#include <thread>\n")
    if dear is None or dear <= LIMIT:
        wrong.append(f"finds <regex> cheap: {dear}")
    with contextlib.redirect_stdout(io.StringIO()):  # the error belongs to the example
        if ratio("#include <mcpgov/none.hpp>\n") is not None:
            wrong.append("a header that does not exist compiles")
    return wrong
