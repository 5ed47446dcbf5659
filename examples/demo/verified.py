"""Verified callers: real tokens of a real provider, fetched by the official client on its own.

SPDX-License-Identifier: Apache-2.0
"""

import base64
import contextlib
import json
import socket
import subprocess
import sys
import time
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx2
from mcp.client.auth import OAuthClientProvider
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata
from session import Conversation, Records

BACK = "http://127.0.0.1:9/back"  # nobody listens: the scripted browser stops there
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
PLAIN = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
         "MCP-Protocol-Version": "2025-06-18"}


class Person:
    """Somebody with a browser. ticks: the scopes they agree to, one sign-in after the other."""

    def __init__(self, name, *ticks):
        self.name, self.ticks, self.signed_in = name, list(ticks), 0
        self.back = None

    async def open(self, url):
        """Follows the redirects of the provider, through its sign-in page, back to the client."""
        ticked = self.ticks[min(self.signed_in, len(self.ticks) - 1)]
        self.signed_in += 1
        async with httpx2.AsyncClient() as browser:
            while not url.startswith(BACK):
                if urlsplit(url).path.startswith("/sign-in/"):
                    url += "?" + urlencode({"user": self.name, "scope": ticked})
                answer = await browser.get(url)
                if "location" not in answer.headers:
                    raise RuntimeError(f"{urlsplit(url).path}: {answer.status_code} {answer.text}")
                url = urljoin(url, answer.headers["location"])
        self.back = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}

    async def come_back(self):
        return AuthorizationCodeResult(code=self.back.get("code"), state=self.back.get("state"),
                                       iss=self.back.get("iss"))


class Storage:
    """What the client keeps of one person: the tokens, and how it is registered."""

    def __init__(self):
        self.tokens, self.client = None, None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info


@contextlib.asynccontextmanager
async def signed_in(url, person):
    """The official client on a server over HTTP; it finds out from the 401 where to sign in."""
    metadata = OAuthClientMetadata(client_name="demo", redirect_uris=[BACK])
    oauth = OAuthClientProvider(url, metadata, Storage(), redirect_handler=person.open,
                                callback_handler=person.come_back)
    async with httpx2.AsyncClient(auth=oauth, timeout=30) as http:
        async with Client(streamable_http_client(url, http_client=http),
                          read_timeout_seconds=30) as client:
            yield client


class Programs:
    """Programs that listen on a port of this machine, until the end of the block."""

    def __init__(self, log):
        self.log, self.running = log, []

    def start(self, port, *command):
        program = subprocess.Popen([str(word) for word in command], stdout=self.log,
                                   stderr=self.log)
        self.running.append(program)
        until = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            if program.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{command[1]} does not listen; see {self.log.name}")
            time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for program in self.running:
            program.terminate()
        for program in self.running:
            program.wait(10)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def written(work, name, source, places):
    text = source.read_text()
    for word, value in places.items():
        text = text.replace(word, str(value))
    (work / name).write_text(text)
    return work / name


class Hosts:
    """The provider and the two governed servers of this run."""

    def __init__(self, here, root, work):
        self.here, self.root, self.work = here, root, work
        self.provider_port, *self.ports = free_ports(3)
        self.issuer = f"http://127.0.0.1:{self.provider_port}"
        self.urls = [f"http://127.0.0.1:{port}/mcp" for port in self.ports]

    def configuration(self, index):
        """The configuration of one host, and its records."""
        records = self.work / f"verified-{index}.jsonl"
        records.unlink(missing_ok=True)
        records.touch(mode=0o600)
        places = {"@WORK@": self.work, "@ISSUER@": self.issuer, "@RESOURCE@": self.urls[index],
                  "@RECORDS@": records, "https://login.example.com": self.issuer}
        written(self.work, "notes.cedar", self.here / "policy/notes.cedar", places)
        written(self.work, "database.cedar", self.root / "policies/analyst-engineer/policy.cedar",
                places)
        path = written(self.work, f"verified-{index}.yaml", self.here / "policy/verified.yaml",
                       places)
        return path, Records(records)

    async def token(self, client, resource):
        """A token that a job gets for itself."""
        secret = base64.b64encode(f"{client}:of the demo alone".encode()).decode()
        async with httpx2.AsyncClient() as http:
            answer = await http.post(f"{self.issuer}/token", headers={
                "Authorization": f"Basic {secret}"}, data={
                    "grant_type": "client_credentials", "scope": "tools:use",
                    "resource": resource})
        return answer.raise_for_status().json()["access_token"]


async def refused(table, records, url, what, token, reason):
    """A request with a token that must not be believed: 401, and the reason in the record alone."""
    headers = {**PLAIN, **({"Authorization": f"Bearer {token}"} if token else {})}
    call = {**CALL, "params": {"name": "search", "arguments": {"text": "x"}}}
    async with httpx2.AsyncClient() as http:
        answer = await http.post(url, headers=headers, content=json.dumps(call))
    challenge = answer.headers.get("www-authenticate", "")
    record = next((r for r in reversed(records.fresh()) if r["event"] == "decision"), {})
    good = (answer.status_code == 401 and "resource_metadata=" in challenge
            and ('error="invalid_token"' in challenge) == bool(token)
            and reason not in answer.text + challenge and record.get("reason") == reason)
    table.fact(f"{what} is refused", good, f"{answer.status_code}, recorded as "
               f"{record.get('reason')}")


async def bad_tokens(table, records, hosts, url):
    good = await hosts.token("job", url)
    await refused(table, records, url, "a call without a token", None, "caller_missing")
    await refused(table, records, url, "a token for another server",
                  await hosts.token("job", "https://other.example/mcp"), "token_audience")
    await refused(table, records, url, "a token that has expired",
                  await hosts.token("late", url), "token_expired")
    at = good.rindex(".") + 10
    changed = good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1:]
    await refused(table, records, url, "a token that was changed", changed, "token_signature")


def fits(record, name, issuer):
    caller = record.get("caller", {})
    return (caller.get("issuer"), caller.get("subject")) == (issuer, name)


async def notes(table, hosts, url, records):
    """The Python SDK's server with mcpgov.asgi in front."""
    table.open("a server of the Python SDK behind mcpgov.asgi, tokens of oidc-provider")
    ann = Person("ann", "tools:use")
    async with signed_in(url, ann) as client:
        talk = Conversation(client, "ann", table, records)
        listed = await talk.ask("allowed", "tools/list", "", client.list_tools())
        await talk.call("allowed", "search", text="bread")
        await talk.call("denied", "delete", text="bread")
        table.fact("an analyst sees what an analyst may use",
                   [tool.name for tool in listed.tools] == ["search"])
    eve = Person("eve", "tools:use", "tools:use notes:empty")
    async with signed_in(url, eve) as client:
        talk = Conversation(client, "eve", table, records)
        await talk.call("allowed", "delete", text="bread")
        table.fact("the client has signed in once, by itself", eve.signed_in == 1)
        await talk.call("allowed", "delete", text="*")
    lines = [json.loads(line) for line in records.path.read_text().splitlines()]
    steps = [r["reason"] for r in lines if r["event"] == "decision" and fits(r, "eve", hosts.issuer)
             and r.get("method") == "tools/call"]
    table.fact("a scope was missing, the client asked for it, and the user agreed",
               eve.signed_in == 2 and steps[-2:] == ["scope_insufficient", "none"],
               " then ".join(steps[-2:]))
    await bad_tokens(table, records, hosts, url)


async def database(table, hosts, url, records):
    """The example server in C++ on cpp-httplib."""
    table.open("examples/server over HTTP (C++, cpp-httplib), tokens of oidc-provider")
    for name in ("ann", "eve"):
        engineer = name == "eve"
        async with signed_in(url, Person(name, "tools:use")) as client:
            talk = Conversation(client, name, table, records)
            await talk.ask("allowed", "tools/list", "", client.list_tools())
            await talk.call("allowed", "read_schema", table="orders")
            await talk.call("allowed" if engineer else "denied", "execute_query",
                            sql="select * from orders")
            await talk.call("denied", "execute_query", sql="delete from orders", destructive=True)
    await bad_tokens(table, records, hosts, url)


def in_order(table, hosts, records):
    """Every decision about a call names who the token said."""
    lines = [json.loads(line) for line in records.path.read_text().splitlines()]
    allowed = [r for r in lines if r["event"] == "decision" and r["allowed"]
               and r.get("method") == "tools/call"]
    table.fact("every call that ran has a caller with a token in its record", allowed and all(
        r["caller"]["issuer"] == hosts.issuer and r["caller"]["evidence"]["kind"] == "token"
        for r in allowed), f"{len(allowed)} calls")


async def verified(table, here, root, work, http_example, log):
    """All of it: provider, two hosts, and what happened there."""
    hosts = Hosts(here, root, work)
    with Programs(log) as programs:
        programs.start(hosts.provider_port, "node", here / "provider.mjs", work,
                       hosts.provider_port)
        path, records = hosts.configuration(0)
        programs.start(hosts.ports[0], sys.executable, here / "notes_http.py", path,
                       hosts.ports[0])
        await notes(table, hosts, hosts.urls[0], records)
        in_order(table, hosts, records)
        path, records = hosts.configuration(1)
        programs.start(hosts.ports[1], http_example, path, hosts.ports[1])
        await database(table, hosts, hosts.urls[1], records)
        in_order(table, hosts, records)
