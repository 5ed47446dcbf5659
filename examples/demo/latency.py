"""What `mcpgov run` adds to a call, as the official Python client measures it.

usage: latency.py MCPGOV WORK-FOLDER

Two servers, one with and one without it, are asked in turn, so that what else the machine does
meets both alike. Prints p50 and p99 in microseconds. Run `./run demo` first.

SPDX-License-Identifier: Apache-2.0
"""

import asyncio
import os
import pathlib
import sys
import time

from session import connect

MCPGOV, WORK = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
WARM, ROUNDS = 200, 3000

CONFIG = """version: 1
servers:
  everything:
    namespace: Everything
    policies:
      - text: |
          permit (principal, action == Everything::Action::"echo", resource)
          unless { context.input.message like "*password*" };
identity: {stdio: {kind: user, issuer: idp, subject: ann}}
audit: {file: latency-records.jsonl}
"""


async def one(client):
    begin = time.perf_counter_ns()
    await client.call_tool("echo", {"message": "hello"})
    return (time.perf_counter_ns() - begin) / 1000


def percentile(times, part):
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


async def main():
    (WORK / "latency.yaml").write_text(CONFIG)
    server = ["node", WORK / "node_modules/@modelcontextprotocol/server-everything/dist/index.js",
              "stdio"]
    governed = [MCPGOV, "run", "--config", WORK / "latency.yaml", "--", *server]
    with open(os.devnull, "w", encoding="utf-8") as errors:
        async with connect(server, errors) as plain, connect(governed, errors) as through:
            for client in (plain, through):
                await client.list_tools()
            for _ in range(WARM):
                await one(plain)
                await one(through)
            times = [[await one(plain), await one(through)] for _ in range(ROUNDS)]
    for name, at in (("without", 0), ("with", 1)):
        column = [row[at] for row in times]
        print(f"{name:8} p50 {percentile(column, 0.5):8.1f} us   p99 {percentile(column, 0.99):8.1f} us")
    added = [b - a for a, b in times]
    print(f"{'added':8} p50 {percentile(added, 0.5):8.1f} us   (median of {ROUNDS} pairs)")


if __name__ == "__main__":
    asyncio.run(main())
