"""`mcpgov audit tail|query|export|verify|prove|check-proof|report|erase-key` on logs of a made-up week.

usage: audit_verbs_test.py PATH-OF-MCPGOV PATH-OF-MAKE_AUDIT_LOG

SPDX-License-Identifier: Apache-2.0
"""

import collections
import hashlib
import html
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cli"))
from checks import contains, equal, lacks, run_all  # noqa: E402

MCPGOV, MAKE_LOG = sys.argv[1:3]
WORK = pathlib.Path(tempfile.mkdtemp(prefix="mcpgov-audit-"))
LOGS = WORK / "logs"
STORY = subprocess.run([sys.executable, HERE / "story.py", "--days", "4"], capture_output=True,
                       check=True).stdout
LINES = STORY.decode().splitlines()
EVENTS = [json.loads(line) for line in LINES]


def make_log(folder, lines, name, segment=1 << 18):
    subprocess.run([MAKE_LOG, folder, name, str(segment)], input="\n".join(lines).encode(),
                   check=True, timeout=120)


# Two processes on one directory, taking turns.
make_log(LOGS, LINES[0::2], "20261116T000000Z-11-aaaa")
make_log(LOGS, LINES[1::2], "20261116T000000Z-12-bbbb")
KEY = (LOGS / "signing.vkey").read_text().strip().splitlines()[-1]


def audit(*arguments, input=None):
    done = subprocess.run([MCPGOV, "audit", *map(str, arguments)], input=input, text=True,
                          capture_output=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def good(*arguments):
    code, out, errors = audit(*arguments)
    equal(errors, "")
    equal(code, 0)
    return out


def ids(text):
    return [json.loads(line)["id"] for line in text.splitlines()]


def copy_of_logs(name):
    target = WORK / name
    subprocess.run(["cp", "-r", LOGS, target], check=True)
    return target


def tail_shows_the_newest():
    """tail shows the newest events of all logs, in the order of time"""
    out = good("tail", LOGS, "-n", 5)
    equal(len(out.splitlines()), 5)
    equal(ids(good("tail", LOGS, "-n", 5, "--json")), [e["id"] for e in EVENTS[-5:]])


def tail_gives_stored_bytes():
    """tail --json gives the lines as they were written"""
    equal(good("tail", LOGS, "-n", 3, "--json").splitlines(), LINES[-3:])


def tail_follows():
    """tail -f shows what was there, and ends when its reader goes away"""
    process = subprocess.Popen([MCPGOV, "audit", "tail", "-f", "-n", "2", str(LOGS)],
                               stdout=subprocess.PIPE, text=True)
    try:
        first = process.stdout.readline()
        contains(first, EVENTS[-2]["time"][:10])
    finally:
        process.kill()
        process.wait(timeout=20)


def query_needs_no_index():
    """query --no-index reads every record, and answers alike"""
    for arguments in (("--tool", "drop_table"), ("--caller", "bob", "--newest-first"), ()):
        equal(good("query", LOGS, *arguments, "--json", "--no-index"),
              good("query", LOGS, *arguments, "--json"))


def export_with_control_has_no_gaps():
    """export --with-control writes every record of each log, so that a number that is missing shows"""
    plain = [json.loads(line) for line in
             good("export", LOGS, "--format", "jsonl").splitlines()]
    def once(members):
        equal(len(members), len(dict(members)))
        return dict(members)

    all_of_it = [json.loads(line, object_pairs_hook=once) for line in
                 good("export", LOGS, "--format", "jsonl", "--with-control").splitlines()]
    equal([e for e in all_of_it if e["kind"] in ("call", "intent")], plain)
    for log in {e["log"] for e in plain}:
        seqs = [e["seq"] for e in all_of_it if e["log"] == log]
        equal(seqs, list(range(1, len(seqs) + 1)))
    equal({e["kind"] for e in all_of_it} - {"call", "intent"}, {"config", "heartbeat"})


def query_answers_by_each():
    """query finds exactly the events that a reader of the lines would find"""
    rng = [
        (("--caller", "bob"), lambda e: e["caller"]["subject"] == "bob"),
        (("--caller", "https://idp.example.com#bob"), lambda e: e["caller"]["subject"] == "bob"),
        (("--tool", "drop_table"), lambda e: e.get("target") == "drop_table"),
        (("--server", "web"), lambda e: e["server"] == "web"),
        (("--decision", "deny"), lambda e: e["decision"]["effect"] == "deny"),
        (("--outcome", "failed"), lambda e: e["outcome"] == "failed"),
        (("--session", EVENTS[40]["session"]["id"]),
         lambda e: e["session"]["id"] == EVENTS[40]["session"]["id"]),
        (("--policy", "files-guard"), lambda e: "files-guard" in e["decision"]["policies"]),
        (("--trace", EVENTS[99]["trace"]["trace_id"]), lambda e: e is EVENTS[99]),
        (("--id", EVENTS[7]["id"]), lambda e: e is EVENTS[7]),
        (("--since", "2026-11-18"), lambda e: e["time"] >= "2026-11-18"),
        (("--until", "2026-11-17T12:00:00Z"), lambda e: e["time"] < "2026-11-17T12:00:00Z"),
        (("--caller", "ann", "--decision", "deny", "--server", "files"),
         lambda e: (e["caller"]["subject"], e["decision"]["effect"], e["server"])
         == ("ann", "deny", "files")),
    ]
    for arguments, wanted in rng:
        expected = [e["id"] for e in EVENTS if wanted(e)]
        if not expected:
            raise AssertionError(f"the story has nothing for {arguments}")
        found = [json.loads(line) for line in good("query", LOGS, *arguments, "--json").splitlines()]
        equal(sorted(e["id"] for e in found), sorted(expected))
        equal([e["time"] for e in found], sorted(e["time"] for e in found))
        equal(good("query", LOGS, *arguments, "--count").strip(), str(len(expected)))


def query_of_nothing():
    """query exits with 1 when there is nothing, and with 2 when it is not understood"""
    equal(audit("query", LOGS, "--caller", "nobody")[0], 1)
    equal(audit("query", LOGS, "--since", "yesterday")[0], 2)
    equal(audit("query", LOGS, "--decision", "perhaps")[0], 2)
    equal(audit("query")[0], 2)
    equal(audit("nonsense")[0], 2)
    equal(audit("query", WORK / "none")[0], 1)


def export_jsonl():
    """export --format jsonl has every event once, with the log and its number in it"""
    lines = [json.loads(line) for line in good("export", LOGS, "--format", "jsonl").splitlines()]
    equal(sorted(e["id"] for e in lines), sorted(e["id"] for e in EVENTS))
    equal(len({(e["log"], e["seq"]) for e in lines}), len(EVENTS))


def export_formats():
    """every format can be written, to a file too, and only whole files appear"""
    counts = collections.Counter()
    for form in ("otlp", "otlp-traces", "ocsf", "ecs", "cef", "toolhive", "syslog", "splunk",
                 "webhook"):
        out = WORK / f"export.{form}"
        good("export", LOGS, "--format", form, "--out", out)
        counts[form] = out.read_bytes().count(b"\n") or 1
        lacks([p.name for p in WORK.iterdir()], out.name + ".part")
    equal(counts["ocsf"], len(EVENTS))
    equal(counts["cef"], len(EVENTS))
    otlp = [json.loads(line) for line in (WORK / "export.otlp").read_text().splitlines()]
    records = [r for batch in otlp for res in batch["resourceLogs"] for s in res["scopeLogs"]
               for r in s["logRecords"]]
    equal(len(records), len(EVENTS))
    equal(audit("export", LOGS, "--format", "parquet")[0], 2)


def verify_says_what_is_proven():
    """verify of untouched logs is intact, with the directory's key and with one from outside"""
    contains(good("verify", LOGS), "intact:")
    out = good("verify", LOGS, "--key", KEY, "--against",
               LOGS / "20261116T000000Z-11-aaaa" / "checkpoint")
    lacks(out, "directory's own")
    found = json.loads(good("verify", LOGS, "--key", KEY, "--json"))
    equal(found["intact"], True)
    equal(sum(log["proven"][-1]["last_seq"] for log in found["logs"]),
          sum(log["last_seq"] for log in found["logs"]))


def verify_finds_an_edit():
    """verify finds one changed byte, names its segment, and exits with 1; so does the report"""
    logs = copy_of_logs("edited")
    segment = sorted((logs / "20261116T000000Z-11-aaaa").glob("*.seg"))[1]
    data = bytearray(segment.read_bytes())
    at = data.index(b'"subject":"bob"') + 12
    data[at] ^= 1
    segment.write_bytes(data)
    code, out, _ = audit("verify", logs, "--key", KEY)
    equal(code, 1)
    contains(out, "BROKEN")
    contains(out, segment.name)
    page = WORK / "edited.html"
    code, _, errors = audit("report", logs, "--key", KEY, "-o", page)
    equal(code, 1)
    contains(errors, "does not verify")
    contains(page.read_text(), "Not as it was written.")


def verify_finds_a_lost_tail():
    """verify finds a deleted last segment by a checkpoint that was kept elsewhere"""
    logs = copy_of_logs("cut")
    kept = WORK / "kept"
    log = logs / "20261116T000000Z-11-aaaa"
    kept.write_bytes((log / "checkpoint").read_bytes())
    sorted(log.glob("*.seg"))[-1].unlink()
    (log / "checkpoint").unlink()
    equal(audit("verify", logs, "--key", KEY, "--against", kept)[0], 1)


def verify_reads_the_spare_part():
    """verify --spare reads the segment that lies there, and refuses a directory that is none"""
    logs, spare = copy_of_logs("with-spare"), WORK / "spare"
    log = sorted(logs.glob("*-11-*"))[0]
    (spare / log.name).mkdir(parents=True)
    for folder in (spare, spare / log.name):
        folder.chmod(0o700)
    last = sorted(log.glob("*.seg*"))[-1]
    last.rename(spare / log.name / last.name)
    equal(audit("verify", logs, "--key", KEY)[0], 1)
    contains(good("verify", logs, "--key", KEY, "--spare", spare), "intact:")
    contains(audit("verify", logs, "--key", KEY, "--spare", WORK / "none")[2], "--spare")


def verify_needs_a_right_key():
    """verify with another key proves nothing, and a text that is no key is an error"""
    other = WORK / "other"
    make_log(other, LINES[:50], "20261116T000000Z-13-cccc")
    key = (other / "signing.vkey").read_text().strip().splitlines()[-1]
    equal(audit("verify", LOGS, "--key", key)[0], 1)
    equal(audit("verify", LOGS, "--key", "no key")[0], 1)


def prove_and_check():
    """a proof of one event holds offline, and not for another event, key or byte"""
    event = EVENTS[333]
    proof = WORK / "event.tlog-proof"
    good("prove", LOGS, event["id"], "-o", proof)
    contains(good("check-proof", proof, "--key", KEY), "proven: record ")
    bare = WORK / "bare.tlog-proof"
    good("prove", LOGS, event["id"], "--without-event", "-o", bare)
    equal(audit("check-proof", bare, "--key", KEY)[0], 2)
    stored, other = WORK / "event.json", WORK / "other.json"
    stored.write_text(LINES[333] + "\n")
    other.write_text(LINES[333].replace('"v":1', '"v":2'))
    good("check-proof", bare, "--event", stored, "--key", KEY)
    equal(audit("check-proof", bare, "--event", other, "--key", KEY)[0], 1)
    bad = WORK / "bad.tlog-proof"
    bad.write_text(proof.read_text().replace("index ", "index 1"))
    equal(audit("check-proof", bad, "--key", KEY)[0], 1)
    equal(audit("prove", LOGS, "0" * 32)[0], 1)


def erase_key_of_one_tenant():
    """erase-key removes the key of exactly the tenant that is named, and says when there is none"""
    keys = WORK / "keys"
    keys.mkdir(mode=0o700)
    for name in ["acme.key", "acm.key", "default.key", "=2e=2e.key"]:
        (keys / name).write_text("x" * 44)
    contains(good("erase-key", keys, "--tenant", "acme"), "erased: acme.key")
    equal(sorted(each.name for each in keys.iterdir()), ["=2e=2e.key", "acm.key", "default.key"])
    code, out, errors = audit("erase-key", keys, "--tenant", "acme")
    equal((code, out), (1, ""))
    contains(errors, "there is no key of this tenant")
    contains(good("erase-key", keys, "--no-tenant"), "erased: default.key")
    equal(sorted(each.name for each in keys.iterdir()), ["=2e=2e.key", "acm.key"])
    for wrong in [("erase-key", keys), ("erase-key",), ("erase-key", "--tenant", "acm"),
                  ("erase-key", keys, "--tenant", "acm", "--no-tenant"),
                  ("erase-key", keys, "--tenant", "")]:
        equal(audit(*wrong)[0], 2)
    code, out, errors = audit("erase-key", WORK / "none", "--tenant", "acm")
    equal((code, out), (1, ""))
    contains(errors, "cannot be read")
    equal(audit("erase-key", keys, "--tenant", "../keys/acm")[0], 1)
    equal(sorted(each.name for each in keys.iterdir()), ["=2e=2e.key", "acm.key"])


def report_numbers():
    """the report's numbers are those of the events, from logs and from lines alike"""
    from_logs = json.loads(good("report", LOGS, "--json", "--key", KEY))
    lines = WORK / "events.jsonl"
    lines.write_bytes(STORY)
    from_lines = json.loads(good("report", lines, "--json"))
    for facts in (from_logs, from_lines):
        equal(facts["messages"]["messages"], len(EVENTS))
        equal(facts["messages"]["denied"], sum(not e["decision"]["allowed"] for e in EVENTS))
        equal(facts["messages"]["bytes_received"], sum(e.get("reply_bytes", 0) for e in EVENTS))
        calls = collections.Counter(e["caller"]["subject"] for e in EVENTS)
        equal({c["subject"]: c["messages"] for c in facts["callers"]}, dict(calls))
        tools = collections.Counter((e["server"], e["target"]) for e in EVENTS if "target" in e)
        equal({(t["server"], t["name"]): t["messages"] for t in facts["tools"]}, dict(tools))
        found = {f["rule"]: f["total"] for f in facts["findings"]}
        equal(found["A denied call, tried again and again"], 1)
        equal(found["Sensitive read, then a write to the open world"], 1)
        equal(found["Secrets in results"], 2)
        equal(found["The log does not verify"], 0)
        equal(found["Gaps in the sequence"], 0)
    equal([log["proven"] for log in from_logs["logs"]], ["yes", "yes"])


def report_leads_to_proofs():
    """each finding of an event names its record, leaf and checkpoint, and the command proves it"""
    out = json.loads(good("report", LOGS, "--json"))
    rows = [row for rule in out["findings"] for row in rule["rows"] if row["event"]]
    lines = {json.loads(line)["id"]: line for line in LINES}
    if not rows:
        raise AssertionError("the story has no findings of events")
    for row in rows:
        leaf = hashlib.sha256(b"\0" + lines[row["event"]].encode()).hexdigest()
        equal(row["leaf"], leaf)
        if row["checkpoint"] < row["seq"]:
            raise AssertionError(f"not covered: {row}")
    page = html.unescape(good("report", LOGS))
    command = f"mcpgov audit prove '{LOGS}' '{rows[0]['event']}' -o event.tlog-proof"
    contains(page, command)
    proof = WORK / "event.tlog-proof"
    subprocess.run(command.replace("mcpgov", MCPGOV, 1).replace("event.tlog-proof", str(proof)),
                   shell=True, check=True, timeout=60)
    contains(good("check-proof", proof, "--key", KEY), f"record {rows[0]['seq']} of ")
    contains(page, '<svg class="trace"')


def report_range():
    """the report counts only what lies in the time asked for, and says what does not"""
    facts = json.loads(good("report", LOGS, "--json", "--since", "2026-11-17", "--until",
                            "2026-11-18"))
    equal(facts["messages"]["messages"],
          sum("2026-11-17" <= e["time"] < "2026-11-18" for e in EVENTS))


def report_of_config():
    """the report with a configuration names servers that are not in it, and what is not used"""
    page = WORK / "granted.html"
    root = HERE.parents[1]
    good("report", LOGS, "--config", root / "policies" / "analyst-engineer" / "mcpgov.yaml",
         "-o", page)
    text = page.read_text()
    contains(text, "not in the configuration")
    contains(text, "granted, never used")
    equal(audit("report", LOGS, "--config", WORK / "none.yaml")[0], 1)


def report_is_private():
    """the report's file is for its owner alone"""
    page = WORK / "private.html"
    good("report", LOGS, "-o", page)
    equal(page.stat().st_mode & 0o777, 0o600)


if __name__ == "__main__":
    code = run_all([tail_shows_the_newest, tail_gives_stored_bytes, tail_follows,
                    query_answers_by_each, query_needs_no_index, query_of_nothing, export_jsonl,
                    export_with_control_has_no_gaps, export_formats,
                    verify_says_what_is_proven, verify_finds_an_edit, verify_finds_a_lost_tail,
                    verify_reads_the_spare_part, verify_needs_a_right_key, prove_and_check,
                    erase_key_of_one_tenant,
                    report_numbers, report_leads_to_proofs,
                    report_range,
                    report_of_config, report_is_private])
    subprocess.run(["rm", "-rf", WORK], check=False)
    sys.exit(code)
