"""Misuse that must not compile, each with its legal twin: tests/compile_fail/*.cpp.

A file is compiled twice: as it is, which must succeed, and with MCPGOV_MISUSE defined, which must
fail with a message that matches its line `// Expect: REGULAR EXPRESSION`, so that it cannot fail
for another reason unnoticed. A line `// Compiler: clang` restricts it to that compiler.

SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import re
import sys
import tempfile

from tally import Tally, execute

ROOT = pathlib.Path(__file__).resolve().parent.parent


def verdict(source, compiler):
    """None when the pair behaves, otherwise what is wrong."""
    text = source.read_text()
    expected = re.search(r"^// Expect: (.+)$", text, re.MULTILINE)
    if not expected:
        return "has no line `// Expect: …`"
    command = [compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
               f"-I{ROOT}/include", f"-I{ROOT}/src", source]
    code, output, _ = execute(command, 120)
    if code != 0:
        return f"the legal twin does not compile:\n{output}"
    code, output, _ = execute([*command, "-DMCPGOV_MISUSE"], 120)
    if code == 0:
        return "the misuse compiles"
    if not re.search(expected[1], output):
        return f"the misuse fails, but not with `{expected[1]}`:\n{output}"
    return None


def run_all(tally, compilers, folder=ROOT / "tests/compile_fail"):
    sources = sorted(folder.glob("*.cpp"))
    if not sources:
        tally.failed("compile_fail", f"{folder} holds no pairs")
    for source in sources:
        only = re.search(r"^// Compiler: (\S+)$", source.read_text(), re.MULTILINE)
        for compiler in compilers:
            if only and only[1] not in compiler:
                continue
            name = f"compile_fail {source.stem} ({compiler})"
            wrong = verdict(source, compiler)
            if wrong:
                tally.failed(name, wrong)
            else:
                tally.passed(name)


def self_test():
    misuse = "#ifdef MCPGOV_MISUSE\n{}\n#endif\n"
    bad = {
        "no expectation": misuse.format("int x = nothing;"),
        "legal twin broken": "// Expect: nothing\nint x = nothing;\n",
        "misuse compiles": "// Expect: nothing\n" + misuse.format("extern int x;"),
        "fails otherwise": "// Expect: another reason\n" + misuse.format("int x = nothing;"),
    }
    good = "// Expect: nothing\n" + misuse.format("int x = nothing;")
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "pair.cpp"
        for name, text in {**bad, "good": good}.items():
            source.write_text(text)
            if (verdict(source, "g++") is None) != (name == "good"):
                print(f"compile_pairs: not noticed: {name}")
                wrong += 1
    return wrong


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(1 if self_test() else 0)
    total = Tally()
    run_all(total, sys.argv[1:] or ["g++"])
    sys.exit(total.close())
