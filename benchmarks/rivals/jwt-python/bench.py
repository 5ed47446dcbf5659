"""PyJWT: bench.py TOKENS SECONDS prints a line `RS256 microseconds` each.

SPDX-License-Identifier: Apache-2.0
"""

import json
import pathlib
import sys
import time

import jwt

tokens = json.loads(pathlib.Path(sys.argv[1]).read_text())
seconds = float(sys.argv[2])
for algorithm, given in tokens.items():
    key = jwt.PyJWK(given["jwk"]).key
    times = []
    for _ in range(5):
        start = now = time.perf_counter()
        done = 0
        while now < start + seconds / 5:
            for _ in range(10):
                jwt.decode(given["token"], key, algorithms=[algorithm],
                           audience="https://mcp.example.com/mcp")
            done += 10
            now = time.perf_counter()
        times.append((now - start) / done * 1e6)
    print(algorithm, f"{sorted(times)[2]:.2f}", flush=True)
