"""The C example of docs/bindings.md: taken out of the page, built by CMake, run.

usage: page_test.py take PAGE OUTPUT.c
       page_test.py run PROGRAM

SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import re
import subprocess
import sys

EXPECTED = '403 {"jsonrpc":"2.0","id":1,"error":{"code":403,"message":"Unauthorized"}}\n'


def take(page, output):
    text = pathlib.Path(page).read_text()
    (block,) = re.findall(r"^```c\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    pathlib.Path(output).write_text(block)


def run(program):
    done = subprocess.run([program], capture_output=True, text=True, timeout=60, check=False)
    good = (done.returncode, done.stdout) == (0, EXPECTED) and done.stderr.count("\n") == 1
    if not good:
        print(done)
    print(f"{int(good)} passed, {int(not good)} failed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit({"take": take, "run": run}[sys.argv[1]](*sys.argv[2:]))
