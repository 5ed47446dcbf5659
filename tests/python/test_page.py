"""The examples of docs/bindings.md run as they stand.

SPDX-License-Identifier: Apache-2.0
"""

import re
import subprocess
import sys

from conftest import ROOT

PAGE = (ROOT / "docs/bindings.md").read_text()


def test_the_python_example_runs(tmp_path):
    (block,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    done = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        '{"jsonrpc":"2.0","id":1,"error":{"code":403,"message":"Unauthorized"}}',
        '{"jsonrpc":"2.0","id":1,"result":{}}', "3 records"]
