"""The version is told once, and the changelog has a place for what comes next.

SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import re
import tempfile

import sources


def findings(root=sources.ROOT):
    found = []
    version = (root / "VERSION").read_text().strip()
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        found.append(f"VERSION: `{version}` is no version")
    header = (root / "include/mcpgov/mcpgov.hpp").read_text()
    macro = re.search(r'^#define MCPGOV_VERSION "(.*)"$', header, re.MULTILINE)
    if not macro or macro[1] != version:
        found.append(f"include/mcpgov/mcpgov.hpp: MCPGOV_VERSION is not {version}")
    public = {name.name for name in sources.code(root, ["include"], [".hpp"])} - {"mcpgov.hpp"}
    for name in sorted(public):
        if f'#include "mcpgov/{name}"' not in header:
            found.append(f"include/mcpgov/mcpgov.hpp: does not include {name}")
    if len(public) > 12:
        found.append(f"include/mcpgov: {len(public)} headers, at most 12")
    changelog = (root / "CHANGELOG.md").read_text()
    if "## [Unreleased]" not in changelog:
        found.append("CHANGELOG.md: has no section `## [Unreleased]`")
    return found


def self_test():
    good = {"VERSION": "1.2.3\n", "CHANGELOG.md": "## [Unreleased]\n",
            "include/mcpgov/wire.hpp": "",
            "include/mcpgov/mcpgov.hpp": '#define MCPGOV_VERSION "1.2.3"\n'
                                         '#include "mcpgov/wire.hpp"\n'}
    bad = [{"VERSION": "1.2.4\n"}, {"VERSION": "new\n"}, {"CHANGELOG.md": "## [1.2.3]\n"},
           {"include/mcpgov/audit.hpp": ""}]
    wrong = []
    for change in [{}, *bad]:
        with tempfile.TemporaryDirectory() as folder:
            sources.write_tree(folder, {**good, **change})
            if bool(findings(pathlib.Path(folder))) != bool(change):
                wrong.append(f"wrong about {change or 'the good example'}")
    return wrong
