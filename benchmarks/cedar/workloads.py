"""Writes the workloads of the Cedar benchmark: the same files for every engine.

A workload is a folder with workload.json, which names what stands beside it:

  policies.cedar, and per set of entities (a `set`, one for most workloads)
  entities.<set>.json, requests.<set>.json: [{principal, action, resource: {type, id}, context}]
  links.json: [{id, principal?, resource?}] of the one template in policies.cedar

The seed is fixed, so that two runs ask the same. Models and figures: README.md.

SPDX-License-Identifier: Apache-2.0
"""

import json
import random
import shutil

CONNECTED = 0.05  # the chance of each edge in the three applications of the OOPSLA 2024 paper


def uid(kind, name):
    return {"type": kind, "id": str(name)}


def entity(kind, name, parents=(), /, **attributes):
    return {"uid": uid(kind, name), "attrs": attributes, "parents": list(parents)}


def ref(kind, name):
    return {"__entity": uid(kind, name)}


def ask(principal, action, resource, context=None):
    return {"principal": principal, "action": uid("Action", action), "resource": resource,
            "context": context or {}}


class Folder:
    """One workload while it is written."""

    def __init__(self, root, name, kind, title, **more):
        self.path = root / name
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True)
        self.facts = {"name": name, "kind": kind, "title": title, "sets": 0, **more}

    def policies(self, text):
        (self.path / "policies.cedar").write_text(text)
        return self

    def links(self, links):
        (self.path / "links.json").write_text(json.dumps(links))
        self.facts["links"] = len(links)
        return self

    def set(self, entities, requests):
        number = self.facts["sets"]
        (self.path / f"entities.{number}.json").write_text(json.dumps(entities))
        (self.path / f"requests.{number}.json").write_text(json.dumps(requests))
        self.facts["sets"] += 1
        return self

    def done(self):
        (self.path / "workload.json").write_text(json.dumps(self.facts, indent=1))
        return self.facts


# --- three policies ------------------------------------------------------------------------------

THREE = """forbid(principal, action, resource) when { context has alarm };
permit(principal == Clerk::"zoe", action, resource == Cabinet::"zoe_papers");
permit(principal == User::"ben", action == Action::"open", resource == Paper::"lease.pdf");
"""


def three(root, name, title, **more):
    entities = [entity("User", "ben", [ref("Circle", "zoe_family")]),
                entity("Circle", "zoe_family"), entity("Action", "open"),
                entity("Paper", "lease.pdf", [ref("Cabinet", "zoe_papers")]),
                entity("Cabinet", "zoe_papers", [ref("Clerk", "zoe")]), entity("Clerk", "zoe")]
    context = {"system": "Debian 12", "alarm": 4}
    request = ask(uid("User", "ben"), "open", uid("Paper", "lease.pdf"), context)
    folder = Folder(root, name, "authorize", title, **more)
    return folder.policies(THREE).set(entities, [request]).done()


# --- the applications of the paper ---------------------------------------------------------------

GDRIVE = """permit(principal, action == Action::"read", resource) when {
  resource in principal.documentsAndFoldersWithViewAccess };
permit(principal, action == Action::"read", resource) when { resource.isPublic };
permit(principal, action in [Action::"read", Action::"write", Action::"share"], resource) when {
  resource in principal.ownedDocuments || resource in principal.ownedFolders };
permit(principal, action == Action::"changeOwner", resource) when {
  principal.ownedDocuments.contains(resource) };
permit(principal, action == Action::"createDocument", resource) when {
  principal.ownedFolders.contains(resource) };
"""

GITHUB = "".join(
    f'permit(principal, action in Action::"{action}", resource) when {{\n'
    f"  principal in resource.{role} }};\n"
    for action, role in (("read", "readers"), ("triage", "triagers"), ("write", "writers"),
                         ("maintain", "maintainers"), ("admin", "admins"),
                         ("read", "owner.readers"), ("write", "owner.writers"),
                         ("admin", "owner.admins")))

TINYTODO = """permit(principal, action in [Action::"CreateList", Action::"GetLists"],
  resource == Application::"TinyTodo");
permit(principal, action, resource) when { resource has owner && resource.owner == principal };
permit(principal, action == Action::"GetList", resource) when {
  principal in resource.readers || principal in resource.editors };
permit(principal, action in [Action::"UpdateList", Action::"CreateTask", Action::"UpdateTask",
  Action::"DeleteTask"], resource) when { principal in resource.editors };
"""


def some(dice, kind, names):
    return [ref(kind, name) for name in names if dice.random() < CONNECTED]


def gdrive(dice, n):
    """Views contain what may be seen: a document lies in the view of a user or of a group."""
    groups, docs = [f"group_{i}" for i in range(n)], [f"doc_{i}" for i in range(n)]
    folders, users = [f"folder_{i}" for i in range(n)], [f"user_{i}" for i in range(n)]
    views = lambda: some(dice, "View", users) + some(dice, "View", groups)
    entities, members = [], {group: [] for group in groups}
    for user in users:
        inside = some(dice, "Group", groups)
        for group in inside:
            members[group["__entity"]["id"]].append(ref("View", user))
        entities.append(entity("User", user, inside, ownedDocuments=some(dice, "Document", docs),
                               documentsAndFoldersWithViewAccess=ref("View", user),
                               ownedFolders=some(dice, "Folder", folders)))
        entities.append(entity("View", user))
    for group in groups:
        entities += [entity("Group", group), entity("View", group, members[group])]
    for doc in docs:
        entities.append(entity("Document", doc, some(dice, "Folder", folders) + views(),
                               isPublic=dice.random() < 0.5))
    for i, folder in enumerate(folders):  # only in earlier ones, so that there is no cycle
        entities.append(entity("Folder", folder, some(dice, "Folder", folders[:i]) + views()))

    def request():
        action = dice.choice(["read", "write", "share", "changeOwner", "createDocument"])
        on = uid("Folder", dice.choice(folders)) if action == "createDocument" else \
            uid("Document", dice.choice(docs))
        return ask(uid("User", dice.choice(users)), action, on)
    return GDRIVE, entities, request


def github(dice, n):
    """Actions are a chain: who may write may triage and read."""
    orgs, repos = [f"org_{i}" for i in range(n)], [f"repo_{i}" for i in range(n)]
    teams, users = [f"team_{i}" for i in range(n)], [f"user_{i}" for i in range(n)]
    of_org, of_repo = ["readers", "writers", "admins"], \
        ["readers", "triagers", "writers", "maintainers", "admins"]
    verbs = ["read", "triage", "write", "maintain", "admin"]

    def roles(kind, names, choices):
        return [ref(kind, f"{name}_{dice.choice(choices)}") for name in names
                if dice.random() < CONNECTED]
    entities = [entity("Action", verb, [ref("Action", up)]) for verb, up in zip(verbs, verbs[1:])]
    entities.append(entity("Action", "admin"))
    for org in orgs:
        entities.append(entity("Organization", org, roles("OrgPermission", orgs, of_org),
                               **{r: ref("OrgPermission", f"{org}_{r}") for r in of_org}))
        entities += [entity("OrgPermission", f"{org}_{role}") for role in of_org]
    for repo in repos:
        entities.append(entity("Repository", repo, owner=ref("Organization", dice.choice(orgs)),
                               **{r: ref("RepoPermission", f"{repo}_{r}") for r in of_repo}))
        entities += [entity("RepoPermission", f"{repo}_{role}") for role in of_repo]
    for i, team in enumerate(teams):
        entities.append(entity("Team", team, some(dice, "Team", teams[:i]) +
                               roles("RepoPermission", repos, of_repo)))
    for user in users:
        entities.append(entity("User", user, roles("RepoPermission", repos, of_repo) +
                               some(dice, "Team", teams) + some(dice, "Organization", orgs) +
                               roles("OrgPermission", orgs, of_org)))

    def request():
        return ask(uid("User", dice.choice(users)), dice.choice(verbs),
                   uid("Repository", dice.choice(repos)))
    return GITHUB, entities, request


def tinytodo(dice, n):
    """Lists with tasks, which no policy reads, owners, and teams of readers and editors."""
    teams, users = [f"team_{i}" for i in range(n)], [f"user_{i}" for i in range(n)]
    lists, app = [f"list_{i}" for i in range(n)], ref("Application", "TinyTodo")
    entities = [entity("Application", "TinyTodo")]
    for user in users:
        entities.append(entity("User", user, some(dice, "Team", teams) + [app]))
    for i, team in enumerate(teams):
        entities.append(entity("Team", team, some(dice, "Team", teams[:i]) + [app]))
    for name in lists:
        tasks = [{"id": i, "name": f"task_{dice.randrange(10**6)}",
                  "state": dice.choice(["Checked", "Unchecked"])}
                 for i in range(dice.randrange(51))]
        entities.append(entity("List", name, [app], name=name, tasks=tasks,
                               owner=ref("User", dice.choice(users)),
                               readers=ref("Team", dice.choice(teams)),
                               editors=ref("Team", dice.choice(teams))))

    def request():
        action = dice.choice(["CreateList", "GetLists", "GetList", "UpdateList", "DeleteList",
                              "CreateTask", "UpdateTask", "DeleteTask", "EditShares"])
        on = app["__entity"] if action in ("CreateList", "GetLists") else \
            uid("List", dice.choice(lists))
        return ask(uid("User", dice.choice(users)), action, on)
    return TINYTODO, entities, request


def application(root, model, n, hierarchies, requests):
    dice = random.Random(f"{model.__name__} {n}")
    folder = Folder(root, f"{model.__name__}-{n}", "authorize", f"{model.__name__}, N = {n}")
    for _ in range(hierarchies):
        policies, entities, request = model(dice, n)
        folder.policies(policies).set(entities, [request() for _ in range(requests)])
    return folder.done()


# --- many policies -------------------------------------------------------------------------------

def scopes(root, n, **more):
    text = "".join(f'permit(principal == User::"u{i}", action == Action::"view", '
                   f'resource == Photo::"p{i}");\n' for i in range(n))
    picks = sorted({0, n // 3, n // 2, n - 1})
    requests = [ask(uid("User", f"u{i}"), "view", uid("Photo", f"p{i}")) for i in picks]
    requests.append(ask(uid("User", "u0"), "view", uid("Photo", "nowhere")))
    folder = Folder(root, f"scope-{n}", "authorize", f"scope policies: {n:,}", **more)
    return folder.policies(text).set([], requests).done()


def tool_policies(n):
    yield "forbid(principal, action, resource) when { context.size > 100000 };\n"
    for i in range(n):
        yield (f'permit(principal in Role::"r{i % 10}", action == Action::"call_tool", '
               f'resource == Tool::"t{i}") when {{ context.path like "/data/*" && '
               "context.size < 1000 };\n")


def tool_world():
    return [entity("User", "ann", [ref("Role", "r1"), ref("Role", "r2")], level=3),
            entity("Role", "r1"), entity("Role", "r2")]


def tool_call(tool, path="/data/reports/2026.txt", size=512):
    return ask(uid("User", "ann"), "call_tool", uid("Tool", tool), {"path": path, "size": size})


def tools(root, n, name=None, title=None, **more):
    requests = [tool_call("t1"), tool_call(f"t{n - 9}"), tool_call("t3"),
                tool_call("t1", path="/etc/passwd"), tool_call("t1", size=200000)]
    folder = Folder(root, name or f"tools-{n + 1}", "authorize",
                    title or f"tool call, {n + 1:,} policies", **more)
    return folder.policies("".join(tool_policies(n))).set(tool_world(), requests).done()


def tool_list(root, n):
    folder = Folder(root, f"list-{n}", "list", f"list filter, {n:,} tools")
    folder.policies("".join(tool_policies(n)))
    return folder.set(tool_world(), [tool_call(f"t{i}") for i in range(n)]).done()


def links(root, n):
    text = ('permit(principal == ?principal, action == Action::"view", resource in ?resource) '
            "when { context.size < 1000 };\n")
    made = [{"id": f"link{i}", "principal": uid("User", f"u{i}"),
             "resource": uid("Folder", f"f{i % 1000}")} for i in range(n)]
    entities = [entity("Photo", f"p{i}", [ref("Folder", f"f{i}")]) for i in range(1000)]
    requests = [ask(uid("User", f"u{i}"), "view", uid("Photo", f"p{i % 1000}"), {"size": 10})
                for i in (0, n // 2, n - 1)]
    requests.append(ask(uid("User", "u0"), "view", uid("Photo", "p1"), {"size": 10}))
    folder = Folder(root, f"links-{n}", "authorize", f"template links: {n:,}", memory=True)
    return folder.policies(text).links(made).set(entities, requests).done()


# --- hierarchies ---------------------------------------------------------------------------------

def hierarchy(root, shape, n):
    """A user below n groups, above one another or side by side; the policies name some of them."""
    picks = sorted({n * k // 8 for k in range(8)} | {n - 1})
    text = "".join(f'permit(principal in Group::"g{i}", action == Action::"read", resource) when '
                   f"{{ resource.group == Group::\"g{i}\" }};\n" for i in picks)
    text += 'permit(principal, action == Action::"join", resource) when ' \
            "{ principal in resource.group };\n"
    above = (lambda i: [ref("Group", f"g{i + 1}")] if i + 1 < n else []) if shape == "chain" \
        else (lambda i: [])
    mine = [ref("Group", "g0")] if shape == "chain" else [ref("Group", f"g{i}") for i in range(n)]
    entities = [entity("User", "ann", mine), entity("User", "bob")]
    entities += [entity("Group", f"g{i}", above(i)) for i in range(n)]
    entities += [entity("Room", i, group=ref("Group", f"g{i}")) for i in picks]
    requests = [ask(uid("User", who), action, uid("Room", i)) for who in ("ann", "bob")
                for action in ("read", "join") for i in (picks[0], picks[-1])]
    folder = Folder(root, f"{shape}-{n}", "authorize", f"hierarchy: {shape} of {n:,}")
    return folder.policies(text).set(entities, requests).done()


# --- reading -------------------------------------------------------------------------------------

def parsing(root, n):
    folder = Folder(root, f"parse-{n}", "parse", f"parse {n:,} policies, per policy", memory=True)
    return folder.policies("".join(tool_policies(n - 1))).set(tool_world(), []).done()


def loading(root, n):
    dice = random.Random(n)
    _, entities, _ = gdrive(dice, n)
    folder = Folder(root, f"load-{n}", "load", f"read {len(entities):,} entities, per entity",
                    entities=len(entities), memory=True)
    return folder.policies("").set(entities, []).done()


def write(root, quick=False):
    """Every workload; gives what their workload.json say, in the order of the table."""
    root.mkdir(parents=True, exist_ok=True)
    sets, requests = (2, 100) if quick else (20, 200)
    out = [three(root, "three", "three policies"),
           three(root, "three-strings", "three policies, request from strings", strings=True)]
    for model in (gdrive, github, tinytodo):
        out += [application(root, model, n, sets, requests) for n in (5, 20, 50)]
    out += [scopes(root, 10**k, memory=k == 5) for k in range(6)]
    out += [tools(root, 10**k) for k in (1, 2, 3, 4)]
    out.append(tools(root, 1000, "tools-1001-strings",
                     "tool call, 1,001 policies, request from strings", strings=True))
    out += [tool_list(root, 10**k) for k in (1, 2, 3, 4)]
    out.append(links(root, 100_000))
    out += [hierarchy(root, "chain", n) for n in (10, 100, 1000)]
    out += [hierarchy(root, "wide", n) for n in (10, 100, 1000)]
    out += [parsing(root, 10_000), loading(root, 200)]
    out.append(tools(root, 1000, "threads-1001", "threads: tool call, 1,001 policies",
                     threads=True))
    return out
