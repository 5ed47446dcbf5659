"""The examples of docs/bindings.md, as they stand.

SPDX-License-Identifier: Apache-2.0
"""

import re
import subprocess
import sys
from types import SimpleNamespace

import mcpgov
from conftest import OPEN, ROOT

PAGE = (ROOT / "docs/bindings.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_python_example_runs(tmp_path):
    block = BLOCKS[0]
    done = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        '{"jsonrpc":"2.0","id":1,"error":{"code":403,"message":"Unauthorized"}}',
        '{"jsonrpc":"2.0","id":1,"result":{}}', "3 records"]


def test_the_host_over_http_is_one_application(tmp_path, monkeypatch):
    """Its block names an application of the reader's, and the file of a configuration."""
    _, block = BLOCKS
    (tmp_path / "mcpgov.yaml").write_text(OPEN + "audit: {file: records.jsonl}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "notes", SimpleNamespace(
        server=SimpleNamespace(streamable_http_app=lambda: None)))
    names = {}
    exec(compile(block, "bindings.md", "exec"), names)  # pylint: disable=exec-used
    assert isinstance(names["app"], mcpgov.asgi.Middleware)
