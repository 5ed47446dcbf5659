"""The shared library exports what its headers declare and nothing else, and its soname is the ABI.

usage: symbols_test.py NM LIBRARY HEADER…

SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import re
import subprocess
import sys


def declared(header):
    """Function names; typedefs and struct members are indented or end otherwise."""
    return set(re.findall(r"^[a-z][\w* ]*?\b(mcpgov_\w+)\(", header, re.MULTILINE))


def exported(nm, library):
    lines = subprocess.run([nm, "-D", "--defined-only", library], stdout=subprocess.PIPE,
                           check=True, text=True).stdout.splitlines()
    # The version node itself is an absolute symbol.
    symbols = {line.split()[-1].split("@")[0] for line in lines if line.split()[-2] != "A"}
    return symbols


def main():
    nm, library, *headers = sys.argv[1:]
    header = "\n".join(pathlib.Path(path).read_text() for path in headers)
    wanted, found = declared(header), exported(nm, library)
    wrong = [f"declared and not exported: {s}" for s in sorted(wanted - found)]
    wrong += [f"exported and not declared: {s}" for s in sorted(found - wanted)]
    if len(wanted) < 40:
        wrong.append(f"only {len(wanted)} functions are declared: the header is read wrongly")
    abi = re.search(r"^#define MCPGOV_ABI (\d+)$", header, re.MULTILINE)[1]
    if f".so.{abi}" not in pathlib.Path(library).name:
        wrong.append(f"{pathlib.Path(library).name} is not named after ABI {abi}")
    for line in wrong:
        print(line)
    print(f"{len(wanted & found)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
