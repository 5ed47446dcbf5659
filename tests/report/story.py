"""A week of a made-up company's traffic, as canonical audit events, one JSON object a line.

Five servers, people and agents at their usual hours, and one story: on the sixth day the agent
`report-bot` is taken over at night. It tries `drop_table` again and again, reads the payroll, posts
it to a web hook, and a server grows a tool that nobody had reviewed.

usage: story.py [--days N] [--seed N] [--attack] [--quiet] > events.jsonl

The same arguments always give the same bytes.

SPDX-License-Identifier: Apache-2.0
"""

import argparse
import datetime
import json
import random
import sys

START = datetime.datetime(2026, 11, 16, tzinfo=datetime.timezone.utc)  # a Monday
ISSUER = "https://idp.example.com"

# name: (class, open world, median ms, median bytes of a reply)
SERVERS = {
    "files": {"read_file": ("read_only", False, 3, 4000), "list_folder": ("read_only", False, 2, 900),
              "write_file": ("write", False, 6, 120), "delete_file": ("destructive", False, 5, 60)},
    "database": {"query": ("read_only", False, 40, 9000), "insert_row": ("write", False, 12, 80),
                 "drop_table": ("destructive", False, 30, 40)},
    "payroll": {"export_salaries": ("read_only", False, 120, 60000),
                "find_employee": ("read_only", False, 25, 700)},
    "web": {"fetch_page": ("read_only", True, 400, 20000), "post_hook": ("write", True, 250, 90)},
    "tickets": {"search": ("read_only", False, 60, 3000), "comment": ("write", True, 80, 100),
                "close_ticket": ("unclassified", False, 70, 90)},
}

# name: kind, agent, hours, calls an hour, what it calls and how often
CALLERS = [
    ("ann", "user", "", range(8, 17), 9, {("files", "read_file"): 6, ("files", "write_file"): 2,
                                          ("tickets", "search"): 3, ("tickets", "comment"): 1}),
    ("bob", "user", "claude-desktop", range(9, 18), 7, {("database", "query"): 6, ("files", "read_file"): 2,
                                                        ("tickets", "search"): 2}),
    ("carla", "user", "cursor", range(10, 20), 12, {("files", "read_file"): 9, ("files", "list_folder"): 6,
                                                   ("files", "write_file"): 4, ("web", "fetch_page"): 2}),
    ("dmitri", "user", "", range(7, 15), 4, {("payroll", "find_employee"): 5, ("tickets", "search"): 2,
                                             ("payroll", "export_salaries"): .03}),
    ("erin", "user", "vscode", range(9, 17), 8, {("tickets", "search"): 5, ("tickets", "close_ticket"): 2,
                                                 ("database", "query"): 2}),
    ("report-bot", "agent", "", range(6, 9), 30, {("database", "query"): 8, ("files", "write_file"): 2,
                                                  ("tickets", "search"): 3}),
    ("backup", "workload", "", range(1, 3), 40, {("files", "read_file"): 5, ("files", "list_folder"): 2,
                                                 ("database", "query"): 2}),
    ("support-agent", "agent", "", range(0, 24), 6, {("tickets", "search"): 6, ("tickets", "comment"): 3,
                                                     ("web", "fetch_page"): 1}),
]


class Story:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.events = []
        self.snapshot = "1-4be1c07d"

    def event(self, when, caller, server, tool, allowed=True, **more):
        """more: reason, session, digest, found, reply, peer, outcome, snapshot, method."""
        name, kind, agent = caller
        rng = self.random
        described = SERVERS.get(server, {}).get(tool, ("unclassified", True, 50, 500))
        event = {"v": 1, "kind": "call", "id": f"{rng.getrandbits(128):032x}",
                 "time": when.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z", "server": server,
                 "transport": "streamable_http", "direction": "from_client",
                 "protocol": "2026-07-28" if server == "web" else "2025-11-25",
                 "method": more.get("method", "tools/call")}
        if event["method"] == "tools/call":
            event.update(target=tool, target_kind="tool", tool={"class": described[0]})
            if described[1]:
                event["tool"]["open_world"] = True
        who = {"kind": kind, "issuer": ISSUER, "subject": name}
        if agent:
            who["actors"] = [{"kind": "agent", "issuer": ISSUER, "subject": agent}]
        who["claimed"] = (agent or name) + "/1.4.2"
        event["caller"] = who
        event["session"] = {"id": more.get("session", f"{name}-{when:%m%d}"), "source": "claim"}
        event["peer"] = more.get("peer", f"10.1.{len(name)}.{ord(name[0]) % 200}:51{rng.randrange(100, 999)}")
        event["trace"] = {"trace_id": f"{rng.getrandbits(128):032x}",
                          "span_id": f"{rng.getrandbits(64):016x}", "flags": 1}
        reason = more.get("reason", "none" if allowed else "policy_denied")
        event["decision"] = {"effect": "allow" if allowed else "deny", "allowed": allowed,
                             "enforced": True, "reason": reason,
                             "policies": [more.get("policy", f"{server}-{'use' if allowed else 'guard'}")],
                             "snapshot": self.snapshot, "policy_digest": "9b1f03aa7c5d2e11",
                             "latency_ns": int(rng.lognormvariate(9, .35))}
        if more.get("approver"):
            event["decision"]["approver"] = more["approver"]
        sent = int(rng.lognormvariate(5, .6))
        event["arguments"] = {"bytes": sent, "tokens": sent // 4,
                              "digest": more.get("digest", f"k1:{rng.getrandbits(128):032x}")}
        took = int(rng.lognormvariate(0, .5) * described[2] * 1e6)
        outcome = more.get("outcome", "completed" if allowed else "denied")
        if allowed:
            reply = more.get("reply", int(rng.lognormvariate(0, .7) * described[3]))
            event["result"] = {"bytes": reply, "tokens": reply // 4}
            if more.get("found"):
                event["result"]["found"] = more["found"]
        event["outcome"] = outcome
        event["latency_ns"] = took if allowed else 15000
        if allowed:
            event["reply_bytes"] = reply
        if "items" in more:
            event["items"] = more["items"]
        self.events.append((when, event))

    def usual(self, days):
        rng = self.random
        for day in range(days):
            weekend = day % 7 >= 5
            if day == 3:
                self.snapshot = "2-77c0d9f2"
            for name, kind, agent, hours, rate, calls in CALLERS:
                if weekend and kind == "user":
                    continue
                caller = (name, kind, agent)
                tools, weights = list(calls), list(calls.values())
                first = START + datetime.timedelta(days=day, hours=hours[0])
                for server in sorted({server for server, _ in tools}):
                    self.event(first, caller, server, "", method="tools/list",
                               items=len(SERVERS[server]))
                for hour in hours:
                    for _ in range(rng.randint(max(1, rate // 2), rate + rate // 2)):
                        when = START + datetime.timedelta(
                            days=day, hours=hour, microseconds=rng.randrange(3_600_000_000))
                        server, tool = rng.choices(tools, weights)[0]
                        self.one(when, caller, server, tool)

    def one(self, when, caller, server, tool):
        chance = self.random.random()
        if chance < .012:
            return self.event(when, caller, server, "delete_file" if server == "files" else tool,
                              allowed=False, reason="policy_forbidden")
        if chance < .02:
            return self.event(when, caller, server, tool, outcome="failed")
        if chance < .023 and server == "tickets":
            return self.event(when, caller, server, "close_ticket", approver="ops@example.com")
        return self.event(when, caller, server, tool)

    def attack(self, day):
        rng = self.random
        bot = ("report-bot", "agent", "")
        night = START + datetime.timedelta(days=day, hours=2, minutes=40)
        session, peer = f"report-bot-{night:%m%d}", "203.0.113.77:40112"
        at = lambda seconds: night + datetime.timedelta(seconds=seconds)
        self.event(at(0), bot, "web", "", method="tools/list", items=3, session=session, peer=peer)
        self.event(at(2), bot, "web", "summarize_for_me", session=session, peer=peer)
        for i in range(26):
            self.event(at(10 + i * 4 + rng.random()), bot, "database", "drop_table", allowed=False,
                       reason="policy_forbidden", session=session, peer=peer)
        self.event(at(150), bot, "payroll", "export_salaries", session=session, peer=peer,
                   found={"iban": 412, "email": 388}, reply=2_400_000)
        for i in range(6):
            self.event(at(200 + i * 9), bot, "web", "post_hook", session=session, peer=peer)
        for i in range(140):
            self.event(at(300 + i * 8), bot, "files", "read_file", session=session, peer=peer,
                       found={"aws-access-token": 1} if i == 77 else None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quiet", action="store_true", help="without the attack")
    options = parser.parse_args()
    story = Story(options.seed)
    story.usual(options.days)
    if not options.quiet:
        story.attack(options.days - 2)
    story.events.sort(key=lambda pair: (pair[0], pair[1]["id"]))
    for _, event in story.events:
        json.dump(event, sys.stdout, separators=(",", ":"), ensure_ascii=False)
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()
