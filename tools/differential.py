"""Random programs, answered by us and by the official engines. A part of `./run test`, and as long
as wanted in `./run fuzz`.

python3 tools/differential.py BUILD COUNT SEED

SPDX-License-Identifier: Apache-2.0
"""

import dataclasses
import os
import pathlib
import shutil
import sys

from tally import Tally, execute

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODULES = ROOT / "build/differential"


@dataclasses.dataclass
class Comparison:
    """A script of tests/differential, the program whose answers it compares, and its oracle."""

    name: str
    script: str
    package: str
    program: str
    # Programs of each hundred asked for: a case with a schema holds three policies and costs ten
    # times what one without does.
    share: int


# The official engine for programs of Node, of the language version that we follow.
CEDAR = "@cedar-policy/cedar-wasm@4.12.0"
MCP_SCHEMA = "@cedar-policy/mcp-schema-generator-wasm@0.6.0"
JOSE = "jose@6.2.17"
COMPARISONS = [
    Comparison("differential", "cedar_wasm.mjs", CEDAR, "cedar_differential", 45),
    Comparison("differential with schemas", "schema_wasm.mjs", CEDAR, "schema_differential", 30),
    Comparison("differential of JSON policies", "est_wasm.mjs", CEDAR, "est_differential", 15),
    Comparison("differential of schemas for MCP", "mcp_schema_wasm.mjs", MCP_SCHEMA,
               "mcp_schema_differential", 10),
    Comparison("differential of tokens", "jose.mjs", JOSE, "jose_differential", 60),
]


def installed(package):
    return (MODULES / "node_modules" / package.rpartition("@")[0]).is_dir()


def install(tally):
    """Every oracle, once; those that cannot be had are told."""
    wanted = sorted({each.package for each in COMPARISONS if not installed(each.package)})
    if not wanted:
        return
    MODULES.mkdir(parents=True, exist_ok=True)
    code, output, _ = execute(["npm", "install", "--no-audit", "--no-fund", "--prefix", MODULES,
                               *wanted], 300, cwd=MODULES)
    if code != 0:
        tally.skipped("differential", f"npm could not install {', '.join(wanted)}")
        print(output[-2000:], flush=True)


def run_all(tally, build, count, seed, timeout=600):
    """count: random programs altogether. The same seed gives the same programs."""
    if not shutil.which("node") or not shutil.which("npm"):
        tally.skipped("differential", "node or npm is not installed")
        return
    install(tally)
    for each in COMPARISONS:
        if not installed(each.package):
            continue
        # --no-opt: the optimiser of Node 20 fails after some ten thousand cases ("unreachable code").
        tally.run(each.name, ["node", "--no-opt", ROOT / "tests/differential" / each.script,
                              build / "bin" / each.program, MODULES, str(seed),
                              str(count * each.share // 100)], timeout=timeout)


if __name__ == "__main__":
    total = Tally()
    run_all(total, pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2]), int(sys.argv[3]),
            timeout=int(os.environ.get("MCPGOV_DIFFERENTIAL_SECONDS", "14400")))
    sys.exit(total.close())
