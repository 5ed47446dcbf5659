"""A room includes only rooms of lower layers, and only the edges touch the outside.

The layers are those of docs/flow.md.

SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import re
import tempfile

import sources

# `cli` stands above `net`: the command may use the network, the network never the command.
LAYERS = {name: number for number, name in enumerate(
    ["base", "crypto", "wire", "identity", "catalog", "policy", "request", "controls", "exchange",
     "audit", "governor", "net", "cli"])}
# Public headers are named after their room, but for these.
HEADER_ROOMS = {"result": "base", "error_codes": "base", "mcpgov": "cli", "cedar": "policy"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.MULTILINE)
OPERATING_SYSTEM = re.compile(
    r"^(unistd\.h|sys/.*|fcntl\.h|pthread\.h|poll\.h|signal\.h|spawn\.h|sched\.h|dlfcn\.h|"
    r"termios\.h|netdb\.h|netinet/.*|arpa/.*|windows\.h|winsock2?\.h|io\.h|linux/.*)$")
# Rooms below audit decide on what they are handed: no files, streams or threads of their own.
HOST_ONLY = {"fstream", "iostream", "filesystem", "thread"}
# What a host would pay for in each of its own files.
NOT_PUBLIC = re.compile(r"^(functional|iostream|regex|map|unordered_map|fstream|simdjson.*|"
                        r"nlohmann/.*|yaml-cpp/.*|openssl/.*|fmt/.*|re2/.*|curl/.*)$")


def room_of(name):
    """The room a file belongs to, or None outside src/ and include/."""
    if name.parts[0] == "src" and len(name.parts) > 2:
        return name.parts[1]
    if name.parts[:2] == ("include", "mcpgov"):
        return HEADER_ROOMS.get(name.stem, name.stem)
    return None


def room_included(included):
    """The room an include names, or None when it is not ours."""
    parts = included.split("/")
    if parts[0] == "mcpgov" and len(parts) == 2:
        stem = pathlib.Path(parts[1]).stem
        return HEADER_ROOMS.get(stem, stem)
    return parts[0] if len(parts) > 1 and parts[0] in LAYERS else None


def outside(name, room, included):
    """Why this file may not include this header of somebody else, or None."""
    if included.startswith("openssl/") and room != "crypto":
        return "only crypto includes OpenSSL"
    edge = room in ("net", "crypto") or (room == "base" and name.name.startswith("os_"))
    if OPERATING_SYSTEM.match(included) and not edge:
        return "operating-system calls live in src/base/os_*.cpp and src/net"
    if included in HOST_ONLY and 0 < LAYERS[room] < LAYERS["audit"]:
        return "a room below audit does no input or output"
    if name.parts[0] == "include" and NOT_PUBLIC.match(included):
        return "too dear for a public header"
    return None


def check_file(name, text):
    room = room_of(name)
    for match in INCLUDE.finditer(text):
        where = f"{name}:{text.count(chr(10), 0, match.start()) + 1}"
        if room is None:
            # Bindings and examples are hosts: they get what every host gets.
            if room_included(match[2]) and not match[2].startswith("mcpgov/"):
                yield f"{where}: includes {match[2]}: a host includes public headers only"
            continue
        if room not in LAYERS:
            yield f"{where}: `{room}` is no room of docs/flow.md"
            return
        target = room_included(match[2])
        if target is None:
            why = outside(name, room, match[2])
            if why:
                yield f"{where}: includes {match[2]}: {why}"
        elif target not in LAYERS:
            yield f"{where}: includes {match[2]}: `{target}` is no room"
        elif LAYERS[target] > LAYERS[room]:
            yield (f"{where}: {room} ({LAYERS[room]}) includes {match[2]} of {target} "
                   f"({LAYERS[target]})")


# Libraries whose types have another size without the definitions that come with their target.
LAID_OUT_BY_TARGET = {"simdjson::simdjson": re.compile(r"\bsimdjson\b")}


def unlinked(root, texts):
    """Rooms that use such a library, perhaps through another room's header, and do not link it."""
    for room in sorted({room_of(name) for name in texts if name.parts[0] == "src"} - {None}):
        listed = root / "src" / room / "CMakeLists.txt"
        linked = listed.read_text() if listed.exists() else ""
        for target, used in LAID_OUT_BY_TARGET.items():
            if target in linked:
                continue
            if any(room_of(name) == room and used.search(text) for name, text in texts.items()):
                yield f"src/{room}/CMakeLists.txt: the room uses {target} and does not link it"


def findings(root=sources.ROOT):
    found = []
    texts = {name: (root / name).read_text()
             for name in sources.code(root, ("src", "include", "bindings", "examples"))}
    for name, text in texts.items():
        found += check_file(name, text)
    found += unlinked(root, texts)
    # The page and this table are one statement.
    page = root / "docs/flow.md"
    if page.exists():
        rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", page.read_text(), re.MULTILINE)
        if [(int(n), r) for n, r in rows] != [(n, r) for r, n in LAYERS.items()]:
            found.append("docs/flow.md: its table of rooms differs from tools/check_layers.py")
    return found


def self_test():
    bad = {
        "src/wire/a.cpp": '#include "policy/value.hpp"\n',
        "src/wire/b.cpp": "#include <openssl/evp.h>\n",
        "src/base/c.cpp": "#include <unistd.h>\n",
        "src/policy/d.cpp": "#include <fstream>\n",
        "src/tools/e.cpp": '#include "base/hash.hpp"\n',
        "src/net/f.cpp": '#include "cli/run.hpp"\n',
        "src/audit/l.cpp": '#include "mcpgov/governor.hpp"\n',
        "include/mcpgov/wire.hpp": "#include <functional>\n",
        "include/mcpgov/audit.hpp": '#include "mcpgov/governor.hpp"\n',
        "bindings/c/g.cpp": '#include "governor/session.hpp"\n',
        "src/request/m.cpp": "simdjson::dom::parser* parser;\n",
        "src/request/CMakeLists.txt": "mcpgov_room(request SOURCES m.cpp)\n",
        "docs/flow.md": "| 0 | `wire` | first |\n",
    }
    good = {
        "src/policy/h.cpp": '#include "wire/sse.hpp"\n#include "policy/value.hpp"\n',
        "src/base/os_file.cpp": "#include <unistd.h>\n",
        "src/crypto/i.cpp": "#include <openssl/evp.h>\n",
        "src/cli/j.cpp": '#include "net/http.hpp"\n#include "mcpgov/mcpgov.hpp"\n',
        "bindings/c/k.cpp": '#include "mcpgov/mcpgov.hpp"\n',
    }
    with tempfile.TemporaryDirectory() as folder:
        sources.write_tree(folder, {**bad, **good})
        found = findings(pathlib.Path(folder))
    # What is wrong with m.cpp stands in the room's list.
    del bad["src/request/m.cpp"]
    wrong = [f"misses {n}" for n in bad if not any(f.startswith(n) for f in found)]
    return wrong + [f"refuses {n}" for n in good if any(f.startswith(n) for f in found)]
