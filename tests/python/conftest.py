"""Where the tests find the project, and a governor to ask.

SPDX-License-Identifier: Apache-2.0
"""

import json
import pathlib

import mcpgov
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Permits everything to the caller of the configuration.
OPEN = """
version: 1
servers:
  shop:
    policies: [{text: '@id("all") permit(principal, action, resource);'}]
    unknown_tools: natural
identity: {stdio: {kind: user, issuer: os, subject: root}}
"""


def call(tool="list_tables", number=1, **arguments):
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": "tools/call",
                       "params": {"name": tool, "arguments": arguments}}).encode()


@pytest.fixture
def records():
    return []


@pytest.fixture
def governor(records):
    return mcpgov.Governor.parse(OPEN, sink=records.append)
