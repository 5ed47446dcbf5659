"""The report of compare.py as text, or as Markdown for README.md:

  python3 benchmarks/cedar/table.py build/bench/cedar.json

SPDX-License-Identifier: Apache-2.0
"""

import json
import sys

# At most, in nanoseconds and on the machine the figures were set for: (workload, op) → target.
TARGETS = {
    ("three", "authorize"): 100,
    **{(f"{app}-{n}", "authorize"): most for n in (5, 20, 50)
       for app, most in (("gdrive", 200), ("github", 300), ("tinytodo", 200))},
    ("scope-10000", "authorize"): 150,
    ("scope-100000", "authorize"): 200,
    ("tools-1001", "authorize"): 200,
    ("list-1000", "list"): 100e3,
    ("parse-10000", "parse"): 1e3,
    ("corpus", "schema"): 30e3,
    ("corpus", "validate"): 5e3,
    ("corpus", "corpus"): 2e9,
}
BY_MEAN = {"corpus"}  # workloads of one call each: the mean over tests is what is published
OP_TITLES = {"schema": "schema, parse and resolve, mean", "entities": "entities with schema, mean",
             "policies": "parse policies, mean",
             "compile": "parse, compile and index, mean", "validate": "validate, mean",
             "requests": "eight requests with schema, mean", "authorize": "authorize, mean",
             "corpus": "all checks of all tests"}


def duration(ns):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if ns >= size:
            return f"{ns / size:.3g} {unit}" if ns < 999.5 * size else f"{ns / size:,.0f} {unit}"
    return f"{ns:.3g} ns" if ns < 100 else f"{ns:.0f} ns"


def ratio(rival, ours):
    times = rival / ours
    return f"{times:,.0f}×" if times >= 10 else f"{times:.1f}×"


def rows(report):
    """Title, op, target and per engine a line of results, in the order they are shown."""
    for workload in report["workloads"]:
        by_op = {}
        for engine, lines in workload["results"].items():
            for line in lines:
                by_op.setdefault(line["op"], {})[engine] = line
        batch = by_op.pop("list, batch", None)
        for op, engines in by_op.items():
            title = workload["title"]
            if workload["name"] in BY_MEAN:
                title += ": " + OP_TITLES.get(op, op)
            elif op not in ("authorize", "list", "parse", "load"):
                title += ": " + op
            yield title, op, TARGETS.get((workload["name"], op)), engines
            if op == "list" and batch:
                ours = {"mcpgov": engines["mcpgov"]} if "mcpgov" in engines else {}
                yield workload["title"] + " (cedar-go's batch)", op, None, {**ours, **batch}


def value(line, op):
    if op == "memory":
        return f"{line['bytes']:,.0f} B"
    if "rate" in line:
        return f"{line['rate'] / 1e6:.3g} M/s"
    if "absent" in line:
        return line["absent"]
    about = "~" if line.get("estimated") else ""
    return about + duration(line["mean" if "tests" in line else "p50"])


def figure(line, mean):
    return line["mean"] if mean else line["p50"]


def compared(line, mean, by_cpu):
    return line["cpu"] if by_cpu and line.get("cpu") else figure(line, mean)


def cells(title, op, target, engines, names, by_cpu):
    ours = engines.get("mcpgov", {})
    mean = title.startswith("published tests")
    out = [title]
    for name in names:
        line = engines.get(name)
        if line is None:
            out += ["", ""]
        elif "p50" in line:
            about = "~" if line.get("estimated") else ""
            out += [about + duration(figure(line, mean)),
                    duration(line["p99"]) if "p99" in line else ""]
        else:
            out += [value(line, op), ""]
    for name in names[1:]:
        line = engines.get(name, {})
        if "p50" in line and "p50" in ours:
            out.append(ratio(compared(line, mean, by_cpu), compared(ours, mean, by_cpu)))
        elif "rate" in line and "rate" in ours:
            out.append(ratio(ours["rate"], line["rate"]))
        elif "bytes" in line and "bytes" in ours:
            out.append(ratio(line["bytes"], ours["bytes"]))
        else:
            out.append("")
    met = "p50" in ours and target is not None and compared(ours, mean, by_cpu) <= target
    out.append("" if target is None else f"≤ {duration(target)}" + ("" if met else "  MISSED"))
    return out


def lay_out(head, body, markdown):
    if markdown:
        lines = ["| " + " | ".join(row) + " |" for row in [head] + body]
        return [lines[0], "|" + "---|" + "---:|" * (len(head) - 1)] + lines[1:]
    widths = [max(len(row[i]) for row in [head] + body) for i in range(len(head))]
    return ["  ".join(cell.ljust(w) if i == 0 else cell.rjust(w)
                      for i, (cell, w) in enumerate(zip(row, widths))).rstrip()
            for row in [head] + body]


def published(report):
    """What engines answered otherwise than published tests say: a rival's mistakes are shown."""
    for workload in report["workloads"]:
        for engine, lines in workload["results"].items():
            for line in lines:
                if line.get("wrong"):
                    yield (f"{report['versions'][engine]}: {line['wrong']} of the answers to "
                           f"{line['tests']:,} published tests are wrong")


def busy(report):
    return report["machine"]["load"] > report["machine"]["cores"] * 0.5


def growth(report, markdown):
    body = []
    for shape in report.get("growth", []):
        for op in ("entities", "build", "decide", "bytes"):
            figures = shape[op]
            steps = [b / a for a, b in zip(figures, figures[1:])]
            last = f"{figures[-1]:,.0f} B" if op == "bytes" else duration(figures[-1])
            body.append([f"{shape['shape']}: {op}", f"{shape['sizes'][-1]:,}", last] +
                        [f"{step:.2f}" for step in steps])
    head = ["when the size doubles", "largest", "takes", "×2", "×4", "×8"]
    return lay_out(head, body, markdown) if body else []


def text(report, markdown=False):
    names = list(report["versions"])
    head = ["workload"] + [part for name in names for part in (name, "p99")] + \
        [f"{name}/ours" for name in names[1:]] + ["target"]
    body = [cells(*row, names, busy(report)) for row in rows(report)]
    about = report["machine"]
    out = [f"{about['cores']} cores, {about['cpu']}, {about['system']}, {about['compiler']}; "
           f"load {about['load']:.1f}; {about['date']}, commit {about['commit']}",
           "; ".join(report["versions"].values())]
    if busy(report):
        out.append("The machine was busy with other work: p50 and p99 hold waiting, so ratios are "
                   "of processor time, and targets are judged by it.")
    out.append("")
    for line in published(report):
        out.insert(2, line)
    if markdown:
        out = "\n\n".join(line for line in out if line).split("\n") + [""]
    return "\n".join(out + lay_out(head, body, markdown) + [""] + growth(report, markdown) + [""])


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        print(text(json.load(file), markdown=True))
