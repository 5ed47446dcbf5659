"""No path of one machine, no registry host, and no name that says nothing.

SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import re
import tempfile

import sources

THIS = "tools/check_words.py"
# A slash before it makes it the path of a URI, which tests and examples may hold.
ANYWHERE = [
    (re.compile(r"(?<![\w/:])/(?:work|root|home/\w+|tmp/brief)/"), "a path of one machine"),
    (re.compile(r"\b(?:pypi\.org|pythonhosted\.org|registry\.npmjs\.org|npmmirror\.com|"
                r"deb\.debian\.org|archive\.ubuntu\.com)\b"), "the host of a package registry"),
    (re.compile(r"\b(?:issue|ticket) #?\d+\b", re.IGNORECASE), "the number of an issue"),
]
# style.md 6.1: the domain's word or none.
EMPTY = r"(?:[Mm]anager|[Hh]elper|[Uu]til|[Uu]tils|[Hh]andler|[Dd]ata)"
IN_CODE = [
    (re.compile(rf"^\s*(?:class|struct|namespace|enum class) (?:\w*(?:Manager|Helper|Util|Utils|"
                rf"Handler|Data)|{EMPTY})\b", re.MULTILINE), "a type named without a word"),
]
USING = re.compile(r"^using namespace ", re.MULTILINE)


def findings(root=sources.ROOT):
    found = []
    for name in sources.tracked(root):
        if str(name) == THIS or name.suffix in (".png", ".gz") or "seeds" in name.parts:
            continue
        try:
            text = (root / name).read_text()
        except UnicodeDecodeError:
            continue
        patterns = ANYWHERE + (IN_CODE if name.suffix in sources.CODE else [])
        if name.suffix in (".h", ".hpp"):
            patterns = [*patterns, (USING, "forced on everyone who includes this header")]
        for pattern, why in patterns:
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{name}:{line}: `{match[0].strip()}`: {why}")
        if name.suffix in sources.CODE and re.fullmatch(rf"(\w+_)?{EMPTY}", name.stem):
            found.append(f"{name}: a file named without a word")
    return found


def self_test():
    bad = {
        "a.md": "see /work/notes\n", "b.md": "from https://pypi.org/x\n", "c.md": "see issue 12\n",
        "d.cpp": "class TokenManager {};\n", "e.cpp": "struct Data {};\n", "string_util.hpp": "\n",
        "f.hpp": "using namespace std;\n",
    }
    good = {"g.cpp": 'auto uri = "file:///home/ann/a.txt";\nstruct Database {};\n',
            "h.md": "a framework /workshop/ and data\n"}
    with tempfile.TemporaryDirectory() as folder:
        sources.write_tree(folder, {**bad, **good})
        found = findings(pathlib.Path(folder))
    wrong = [f"misses {n}" for n in bad if not any(f.startswith(n) for f in found)]
    return wrong + [f for f in found if f.split(":")[0] in good]
