"""Which files the checks read: what git knows, or everything outside build/ without git.

SPDX-License-Identifier: Apache-2.0
"""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
CODE = (".hpp", ".cpp", ".h", ".c")


def tracked(root=ROOT):
    """Paths relative to root, sorted."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, check=False)
    if listed.returncode == 0 and listed.stdout:
        names = [pathlib.Path(n) for n in listed.stdout.decode().split("\0") if n]
    else:
        names = [p.relative_to(root) for p in root.rglob("*")
                 if not {"build", ".git", "node_modules"} & set(p.relative_to(root).parts)]
    return sorted(n for n in names if (root / n).is_file())


def code(root=ROOT, folders=None, suffixes=CODE):
    """C and C++ files, of all folders or of some at the top."""
    for name in tracked(root):
        if name.suffix in suffixes and (folders is None or name.parts[0] in folders):
            yield name


def write_tree(root, files):
    """Puts a small tree of bad or good examples below root, for the self-tests."""
    for name, text in files.items():
        path = pathlib.Path(root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
