"""Counts the checks of a test program that drives the command, and closes as the suite reads it.

SPDX-License-Identifier: Apache-2.0
"""

import sys
import traceback


def run_all(tests):
    """tests: functions whose docstring is the sentence they prove. Exit code 1 if any failed."""
    failed = 0
    for test in tests:
        try:
            test()
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"FAILED: {test.__doc__}")
            traceback.print_exc(file=sys.stdout)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


def equal(got, expected):
    if got != expected:
        raise AssertionError(f"got {got!r}, expected {expected!r}")


def contains(text, part):
    if part not in text:
        raise AssertionError(f"{part!r} is not in {text!r}")


def lacks(text, part):
    if part in text:
        raise AssertionError(f"{part!r} is in {text!r}")
