"""All C and C++ is formatted as .clang-format says.

SPDX-License-Identifier: Apache-2.0
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

import sources

# Version 14 formats for us; others differ in details and would undo each other's work.
FORMATTER = "clang-format-14"


def findings(root=sources.ROOT):
    if not shutil.which(FORMATTER):
        return [f"{FORMATTER} is not installed"]
    names = [str(n) for n in sources.code(root)]
    processors = os.cpu_count() or 1
    running = [subprocess.Popen([FORMATTER, "--dry-run", "-Werror", "--ferror-limit=1", *part],
                                cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True)
               for part in (names[i::processors] for i in range(processors)) if part]
    found = []
    for one in running:
        output, _ = one.communicate()
        if one.returncode != 0:
            found += [line for line in output.splitlines() if ": error:" in line] or [output]
    return sorted(found)


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        style = (sources.ROOT / ".clang-format").read_text()
        sources.write_tree(folder, {".clang-format": style, "a.cpp": "int  x ;\n"})
        bad = findings(pathlib.Path(folder))
        sources.write_tree(folder, {"a.cpp": "int x;\n"})
        good = findings(pathlib.Path(folder))
    return [] if len(bad) == 1 and not good else ["misses a badly formatted file"]
