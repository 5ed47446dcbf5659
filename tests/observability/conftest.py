"""The samples that all tests here look at, made by the library's own code.

SPDX-License-Identifier: Apache-2.0
"""

import functools
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


@functools.cache
def batch(form, events=None):
    """The batch of all samples (or of the given events) in one format, as bytes."""
    program = os.environ["MCPGOV_SAMPLES"]
    command = [program, form] + (["-"] if events is not None else [])
    return subprocess.run(command, input=events, stdout=subprocess.PIPE, check=True).stdout


@functools.cache
def stored():
    """The stored events, read."""
    return [json.loads(line) for line in batch("events").splitlines()]


@pytest.fixture(scope="session")
def events():
    return stored()
