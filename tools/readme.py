"""Compiles the C++ of README.md and docs/: what a user copies must work, and what a page names
must exist.

A block that opens with ```cpp is compiled as it is; one that opens with ```cpp NAME is put in place
of the line `@CODE@` of tests/readme/NAME.cpp.in. That file may say `// Needs: HEADER`: as long as the
header does not exist, the block is skipped aloud.

SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import re
import sys
import tempfile

from tally import Tally, execute

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```(?:cpp|c\+\+)[ \t]*(\S*)[ \t]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


def check(code, name, compiler):
    """('passed' | 'failed' | 'skipped', why) of one block."""
    text = code
    if name:
        frame = ROOT / "tests/readme" / f"{name}.cpp.in"
        if not frame.exists():
            return "failed", f"tests/readme/{name}.cpp.in does not exist"
        text = frame.read_text()
        for header in re.findall(r"^// Needs: (\S+)$", text, re.MULTILINE):
            if not (ROOT / "include" / header).exists():
                return "skipped", f"include/{header} does not exist yet"
        if "@CODE@" not in text:
            return "failed", f"tests/readme/{name}.cpp.in has no line @CODE@"
        text = text.replace("@CODE@", code)
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "block.cpp"
        source.write_text(text)
        code, output, _ = execute([compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror",
                                   "-fsyntax-only", f"-I{ROOT}/include", source], 120)
    return ("passed", "") if code == 0 else ("failed", output)


def documents():
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def lost_paths(text, root=ROOT, folder=ROOT):
    """Tests, sources and pages that a text names and that do not exist: paths in backticks from the
    root (`tools/list` and its like are methods of MCP), links from the folder of the text."""
    named = re.findall(r"`((?:tests|cmake|docs|src|include)/[\w./-]+|tools/[\w-]+\.py)`", text)
    lost = {name for name in named
            if not (root / name).exists() and not re.search(r"[A-Z]{3}$", name)}
    linked = re.findall(r"\]\(((?!https?:)[^)#]+)\)", text)
    return sorted(lost | {name for name in linked if not (folder / name).exists()})


def run_all(tally, compiler):
    blocks = 0
    for document in documents():
        text = document.read_text()
        for name in lost_paths(text, folder=document.parent):
            tally.failed(f"{document.relative_to(ROOT)}", f"names {name}, which does not exist")
        for block in BLOCK.finditer(text):
            line = text.count("\n", 0, block.start()) + 1
            name = f"{document.relative_to(ROOT)}:{line}"
            result, why = check(block[2], block[1], compiler)
            if result == "passed":
                tally.passed(name)
            else:
                getattr(tally, result)(name, why)
            blocks += 1
    if blocks == 0:
        tally.failed("README", "holds no C++ at all")


def self_test():
    blocks = BLOCK.findall("a\n```cpp\nint x;\n```\n```sh\nls\n```\n```cpp server\ny();\n```\n")
    wrong = blocks != [("", "int x;\n"), ("server", "y();\n")]
    wrong += check("int x = nothing;\n", "", "g++")[0] != "failed"
    wrong += check("extern int x;\n", "", "g++")[0] != "passed"
    wrong += check("", "no_such_frame", "g++")[0] != "failed"
    wrong += lost_paths("`tests/none.cpp` `src/ROOM` `tools/readme.py`") != ["tests/none.cpp"]
    if wrong:
        print("readme: the self-test failed")
    return wrong


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(1 if self_test() else 0)
    total = Tally()
    run_all(total, "g++")
    sys.exit(total.close())
