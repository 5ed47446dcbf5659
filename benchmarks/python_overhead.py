"""p50 and p99 of session.receive and verdict.allowed for a 500-byte call with 100 policies.

The call, the policies and the tools are those of c_overhead.cpp. Run it with the Python that has the
module: build/.venv/bin/python benchmarks/python_overhead.py

SPDX-License-Identifier: Apache-2.0
"""

import time

import mcpgov

TOOLS = 100
ROUNDS = 100_000


def configuration():
    lines = ["version: 1", "servers:", "  shop:", "    policies:", "      - text: |"]
    tools = []
    for at in range(TOOLS):
        lines.append(f'          permit(principal in shop::Role::"idp#engineer", '
                     f'action == shop::Action::"tool_{at}", resource) '
                     'when { context.input.limit < 100 };')
        tools.append(f'{{"name":"tool_{at}","inputSchema":{{"type":"object","properties":'
                     '{"query":{"type":"string"},"limit":{"type":"integer"}}}}')
    lines.append(f"    tools: {{text: '[{','.join(tools)}]'}}")
    return "\n".join(lines) + "\n"


def call():
    start = (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"tool_42","arguments":'
             b'{"limit":10,"query":"')
    return start.ljust(496, b"q") + b'"}}}'


def measure(name, action):
    clock, taken = time.perf_counter_ns, []
    for _ in range(ROUNDS // 10):
        action()
    for _ in range(ROUNDS):
        started = clock()
        action()
        taken.append(clock() - started)
    taken.sort()
    print(f"{name}: p50 {taken[ROUNDS // 2]} ns, p99 {taken[ROUNDS * 99 // 100]} ns")


def main():
    caller = mcpgov.Caller(kind="user", issuer="idp", subject="eve", roles=["engineer"])
    body = call()
    assert len(body) == 500
    # Without records: what a Python sink costs is the sink's.
    text = configuration() + "audit: {required: false}\n"
    session = mcpgov.Governor.parse(text).session(server="shop", caller=caller)

    def decide():
        assert session.receive(body)[0].allowed

    counted = [0]

    def count(line):
        counted[0] += 1

    recorded = mcpgov.Governor.parse(configuration(), sink=count).session(server="shop",
                                                                          caller=caller)

    def decide_with_sink():
        assert recorded.receive(body)[0].allowed

    measure("an empty call", lambda: None)
    measure("receive and allowed, no sink", decide)
    measure("receive and allowed, Python sink of two lines", decide_with_sink)


if __name__ == "__main__":
    main()
