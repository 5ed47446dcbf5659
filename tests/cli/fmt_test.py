"""`mcpgov fmt`: output, --check, --write, standard input, errors.

usage: fmt_test.py PATH-OF-MCPGOV

SPDX-License-Identifier: Apache-2.0
"""

import os
import pathlib
import stat
import subprocess
import sys
import tempfile

from checks import contains, equal, lacks, run_all

MCPGOV = pathlib.Path(sys.argv[1]).resolve()
ROUGH = "// who\npermit(principal==User::\"ann\",action,resource)when{context.a}; // end\n"
TIDY = """// who
permit (
  principal == User::"ann",
  action,
  resource
)
when { context.a }; // end
"""


def fmt(*arguments, text=None, folder=None):
    return subprocess.run([MCPGOV, "fmt", *map(str, arguments)], input=text, cwd=folder, text=True,
                          capture_output=True, timeout=60, check=False)


class Place:
    """A folder with a rough and a tidy file."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        self.rough = self.path / "rough.cedar"
        self.tidy = self.path / "tidy.cedar"
        self.rough.write_text(ROUGH)
        self.tidy.write_text(TIDY)


def prints():
    """Without options the layout goes to standard output and no file changes."""
    place = Place()
    result = fmt(place.rough)
    equal((result.returncode, result.stdout, result.stderr), (0, TIDY, ""))
    equal(place.rough.read_text(), ROUGH)


def standard_input():
    """`-` reads standard input."""
    result = fmt("-", text=ROUGH)
    equal((result.returncode, result.stdout), (0, TIDY))


def options():
    """Width and indentation are options."""
    result = fmt("--width", "1", "--indent", "4", "-", text="permit(principal,action,resource);")
    equal(result.stdout, "permit\n(principal, action, resource);\n")
    result = fmt("--indent", "4", "-", text=ROUGH)
    contains(result.stdout, "\n    principal == ")


def trailing_commas():
    """Comments beside a trailing comma stay, except as the reference drops them."""
    text = "permit(principal, action in [Action::\"a\", // one\n], resource);"
    contains(fmt("-", text=text).stdout, "// one")
    lacks(fmt("--as-reference", "-", text=text).stdout, "// one")


def check():
    """--check changes nothing, names what would change with its line, and exits with 1."""
    place = Place()
    result = fmt("--check", place.tidy)
    equal((result.returncode, result.stdout, result.stderr), (0, "", ""))
    result = fmt("--check", place.tidy, place.rough)
    equal(result.returncode, 1)
    contains(result.stderr, "rough.cedar:2: the layout would change here")
    lacks(result.stderr, "tidy.cedar")
    equal(place.rough.read_text(), ROUGH)


def write():
    """--write changes what is not laid out, keeps its mode, and names it."""
    place = Place()
    place.rough.chmod(0o640)
    link = place.path / "link.cedar"
    os.symlink("rough.cedar", link)
    result = fmt("--write", place.tidy, link)
    equal((result.returncode, result.stdout, result.stderr), (0, f"{link}\n", ""))
    equal(place.rough.read_text(), TIDY)
    equal(stat.S_IMODE(place.rough.stat().st_mode), 0o640)
    equal(link.is_symlink(), True)
    equal(sorted(each.name for each in place.path.iterdir()),
          ["link.cedar", "rough.cedar", "tidy.cedar"])
    equal(fmt("--check", place.rough).returncode, 0)


def errors():
    """A file that is no policy is named with its place, stays as it is, and hides no other."""
    place = Place()
    broken = place.path / "broken.cedar"
    broken.write_text("permit(principal,\n action);\n")
    result = fmt("--write", broken, place.path / "missing.cedar", place.rough)
    equal(result.returncode, 1)
    contains(result.stderr, "broken.cedar:2:8: ")
    contains(result.stderr, "missing.cedar")
    equal(broken.read_text(), "permit(principal,\n action);\n")
    equal(place.rough.read_text(), TIDY)


def command_line():
    """Options that make no sense are errors of one line."""
    for arguments in (["--write", "-"], ["--write", "--check", "x"], ["--width", "0", "-"], []):
        result = fmt(*arguments, text=ROUGH)
        equal((result.returncode, result.stdout, result.stderr.count("\n")), (1, "", 1))


if __name__ == "__main__":
    sys.exit(run_all([prints, standard_input, options, trailing_commas, check, write, errors,
                      command_line]))
