"""No two types of one namespace have one name: the linker would keep the functions of either.

Types of unnamed namespaces are apart by themselves. Declarations and members that are defined
outside their class (`struct Outer::Inner {`) are not meant.

SPDX-License-Identifier: Apache-2.0
"""

import collections
import pathlib
import re
import tempfile

import sources

FOLDERS = ("src", "include", "bindings")
OPENS = re.compile(r"^(?:inline )?namespace(?: ([\w:]+))? \{")
CLOSES = re.compile(r"^\}  // namespace")
TYPE = re.compile(r"^(?:template <.*> )?(?:struct|class|union|enum class|enum) "
                  r"(?:alignas\([^)]*\) |MCPGOV_\w+ )*(\w+)(?: final)?(?: : [^;{]*)?(?: \{|$)")


def types_of(text):
    """Namespace and name of every type that a file defines at its outermost level."""
    inside = []
    for line in text.splitlines():
        if opens := OPENS.match(line):
            if not line.rstrip().endswith("}"):
                inside.append(opens[1])
        elif CLOSES.match(line) and inside:
            inside.pop()
        elif (found := TYPE.match(line)) and None not in inside:
            yield "::".join(inside), found[1]


def findings(root=sources.ROOT):
    files = collections.defaultdict(list)
    for name in sources.code(root, FOLDERS):
        for type_name in types_of((root / name).read_text()):
            files[type_name].append(str(name))
    for (namespace, name), where in sorted(files.items()):
        # What is not built (net/absent.cpp) stands in for what is.
        where = [each for each in where if each != "src/net/absent.cpp"]
        if len(where) > 1:
            yield f"{where[0]}: `{namespace}::{name}` is another type in {', '.join(where[1:])}"


def self_test():
    text = "namespace a {\nnamespace {\nstruct Apart {\n};\n}  // namespace\n%s\n}  // namespace a\n"
    files = {
        "src/a/one.hpp": text % "struct Twin {\n};\nstruct Outer;",
        "src/a/two.cpp": text % "class Twin final : public Base {\n};\nstruct Outer {\n};",
        "src/a/three.cpp": text % "struct Outer::Twin {\n};",
        "src/b/one.hpp": "namespace b {\nstruct Twin {\n};\n}  // namespace b\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        sources.write_tree(folder, files)
        found = list(findings(pathlib.Path(folder)))
    good = len(found) == 1 and "`a::Twin`" in found[0] and "two.cpp" in found[0]
    return [] if good else [f"finds {found}"]
