"""Sizes of files and functions, first comments, and the contracts of public headers.

Reads text that clang-format has laid out; it is no C++ parser and need not be one.

SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import re
import tempfile

import sources

# docs/style.md. Tests hold tables, so they get more room and no limit per function.
HEADER_LINES, SOURCE_LINES, TEST_LINES, FUNCTION_LINES, COLUMNS = 300, 400, 600, 60, 100

OPENS_TYPE = re.compile(r"^\s*(?:template <.*>\s*)?(?:class|struct|union|enum|namespace|extern)\b")
TYPE = re.compile(r"^(\s*)(class|struct|enum class) (?:\[\[\w+\]\] )?(?:MCPGOV_API )?(\w+)[^;]*$")
FUNCTION = re.compile(r"^(\s*)(?!return\b|using\b|friend\b|typedef\b|#)[\w\[\]:&<>*, ]+"
                      r"\b(\w+)\(")
COMMENT_END = re.compile(r"(//.*|\*/)$")


def first_comment(name, lines):
    top = []
    for line in lines:
        if not line.startswith(("//", "/*", " *")):
            break
        top.append(line)
    if not top or not re.search(r"\w+ \w+", top[0]) or "SPDX" in top[0]:
        yield f"{name}:1: does not open with a comment that says what the file is for"
    if not any("SPDX-License-Identifier: Apache-2.0" in line for line in top):
        yield f"{name}:1: the first comment has no SPDX line"


def names_its_test(name, text, root):
    if name.parts[0] != "src" or name.suffix != ".cpp":
        return
    tests = re.findall(r"tests/[\w./-]+", "\n".join(text.splitlines()[:20]))
    if not tests:
        yield f"{name}:1: does not name its test (`Tested by tests/…`)"
    for test in tests:
        if not (root / test.rstrip(".")).exists():
            yield f"{name}:1: is tested by {test}, which does not exist"


def sizes(name, lines):
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS:
            yield f"{name}:{number}: {len(line)} columns, at most {COLUMNS}"
    test = name.parts[0] == "tests"
    limit = TEST_LINES if test else HEADER_LINES if name.suffix in (".hpp", ".h") else SOURCE_LINES
    if len(lines) > limit:
        yield f"{name}: {len(lines)} lines, at most {limit}"
    if test:
        return
    for start, length in functions(lines):
        if length > FUNCTION_LINES:
            yield f"{name}:{start}: a function of {length} lines, at most {FUNCTION_LINES}"


def functions(lines):
    """First line and length of every body that is not nested in another function."""
    inside = None
    for number, line in enumerate(lines, 1):
        indent = len(line) - len(line.lstrip())
        if inside is None:
            opens = line.rstrip().endswith("{") and not OPENS_TYPE.match(line)
            if opens and indent <= 4 and not re.search(r"=\s*\{$", line):
                inside = (number, indent)
        elif line.strip().startswith("}") and indent <= inside[1]:
            yield inside[0], number - inside[0] + 1
            inside = None


def contracts(name, lines):
    """Public classes and functions have comments; classes say who may use them at once."""
    covered = False  # a comment reaches to the next empty line
    comment = []
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if not stripped:
            covered, comment = False, []
        elif stripped.startswith("//"):
            if not covered:
                comment = []
            comment.append(stripped)
            covered = True
        elif stripped in ("public:", "private:", "protected:"):
            if stripped == "private:":
                covered = True  # nobody outside reads it
        else:
            yield from declaration(name, number, line, covered, comment)


def declaration(name, number, line, covered, comment):
    kind = TYPE.match(line)
    if kind and line.rstrip().endswith("{"):
        if not covered:
            yield f"{name}:{number}: `{kind[3]}` has no comment"
        elif kind[2] == "class" and not any("Threads:" in c for c in comment):
            yield f"{name}:{number}: the comment of `{kind[3]}` has no line `Threads:`"
        return
    function = FUNCTION.match(line)
    declared = function and len(function[1]) in (0, 2) and line.rstrip().endswith(";")
    if declared and not covered and not COMMENT_END.search(line):
        # Constructors, destructors and operators say with their name what they do.
        if not re.search(r"= (default|delete);|operator|~", line):
            yield f"{name}:{number}: `{function[2]}` has no comment"


def public_part(lines):
    """The lines with private parts emptied, so that their numbers stay."""
    hidden = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if line.strip() in ("private:", "protected:"):
            hidden = indent
        elif hidden is not None and line.strip() and indent < hidden:
            hidden = None
        elif line.strip() == "public:":
            hidden = None
        yield "" if hidden is not None else line


def findings(root=sources.ROOT):
    found = []
    for name in sources.code(root):
        text = (root / name).read_text()
        lines = text.splitlines()
        found += first_comment(name, lines)
        found += names_its_test(name, text, root)
        found += sizes(name, lines)
        if name.parts[:2] == ("include", "mcpgov"):
            found += contracts(name, list(public_part(lines)))
    return found


def self_test():
    top = "// What it is for.\n//\n// SPDX-License-Identifier: Apache-2.0\n"
    tested = top.replace("//\n", "// Tested by tests/a_test.cpp\n", 1)
    long_function = "void f() {\n" + "  g();\n" * FUNCTION_LINES + "}\n"
    bad = {
        "src/base/no_comment.cpp": "int x;\n",
        "src/base/no_spdx.cpp": "// What it is for.\n// Tested by tests/a_test.cpp\nint x;\n",
        "src/base/no_test.cpp": top,
        "src/base/lost_test.cpp": top.replace("//\n", "// Tested by tests/none.cpp\n", 1),
        "src/base/wide.cpp": tested + "// " + "x" * COLUMNS + "\n",
        "src/base/long.cpp": tested + "int x;\n" * SOURCE_LINES,
        "src/base/long.hpp": top + "int x;\n" * HEADER_LINES,
        "src/base/long_function.cpp": tested + long_function,
        "src/base/long_method.hpp": top + "class C {\n  " + long_function.replace("\n", "\n  "),
        "include/mcpgov/a.hpp": top + "\nvoid undocumented(int x);\n",
        "include/mcpgov/b.hpp": top + "\nstruct Undocumented {\n  int x;\n};\n",
        "include/mcpgov/c.hpp": top + "\n// No rule for threads.\nclass C {\n};\n",
        "include/mcpgov/d.hpp": top + "\n// One. Threads: none.\nclass C {\n public:\n\n"
                                      "  bool undocumented() const;\n};\n",
    }
    good = {
        "tests/a_test.cpp": top,
        "src/base/good.cpp": tested + long_function.replace("  g();\n", "", 5),
        "include/mcpgov/e.hpp": top + "\n// Counts. Threads: one thread.\nclass C {\n public:\n"
                                      "  C();\n\n  // How many.\n  int count() const;\n\n"
                                      " private:\n  int hidden() const;\n};\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        sources.write_tree(folder, {**bad, **good})
        found = findings(pathlib.Path(folder))
    wrong = [f"misses {n}" for n in bad if not any(f.startswith(n) for f in found)]
    return wrong + [f for f in found if f.split(":")[0] in good]
