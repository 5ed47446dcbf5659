"""Every error code that the library can give is produced by a test.

SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import re
import tempfile

import sources

LIST = "include/mcpgov/error_codes.def"
ENTRY = re.compile(r"^MCPGOV_ERROR\((\w+), \d+,", re.MULTILINE)
# These hand codes in, to test names, sentences and statuses, which proves nothing about who gives
# them.
ABOUT_THE_LIST = {"tests/base/result_test.cpp", "tests/install/consumer.cpp",
                  "tests/wire/refusals_test.cpp", "tests/audit/record_json_test.cpp",
                  "bindings/c/mcpgov.h"}


def mentioned(root, folders, suffixes):
    words = set()
    for name in sources.tracked(root):
        if name.parts[0] in folders and name.suffix in suffixes:
            if str(name) not in ABOUT_THE_LIST and str(name) != LIST:
                # By its C++ name, or by its text in records, messages and cases of other languages.
                text = (root / name).read_text(errors="replace")
                words.update(re.findall(r"ErrorCode::(\w+)|\"(\w+)\"|\[(\w+)\]|\bMCPGOV_CODE\((\w+)",
                                        text))
    return {word for groups in words for word in groups if word}


def findings(root=sources.ROOT):
    codes = set(ENTRY.findall((root / LIST).read_text())) - {"none"}
    given = mentioned(root, ("src", "bindings"), sources.CODE) & codes
    tested = mentioned(root, ("tests", "bindings"), (*sources.CODE, ".py", ".json", ".jsonl")) & codes
    waiting = sorted(codes - given)
    if waiting:
        print(f"    {len(waiting)} codes are given by nothing yet: {' '.join(waiting)}")
    return [f"{LIST}: `{code}` is given by the library and produced by no test"
            for code in sorted(given - tested)]


def self_test():
    files = {
        LIST: "MCPGOV_ERROR(none, 0, \"no\")\nMCPGOV_ERROR(tested, 1, \"a\")\n"
              "MCPGOV_ERROR(untested, 2, \"b\")\n",
        "src/base/a.cpp": "return ErrorCode::tested; return ErrorCode::untested;\n",
        "tests/base/a_test.cpp": "CHECK(code == ErrorCode::tested);\n",
        "tests/base/result_test.cpp": "CHECK(code == ErrorCode::untested);\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        sources.write_tree(folder, files)
        found = findings(pathlib.Path(folder))
    return [] if len(found) == 1 and "`untested`" in found[0] else [f"finds {found}"]
