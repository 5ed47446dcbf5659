"""Runs what a verifier has to fetch, with the standard library alone.

    verdict = await mcpgov.complete(session, verdict)   # the fetches that one request waits for
    await fetch.settle(governor)                        # what is due, at start-up
    task = asyncio.create_task(fetch.upkeep(governor))  # and from then on

The rules are those of mcpgov::net: https with a verified certificate, or http to this machine where
`network.private_addresses` allows it; no redirects, proxies, cookies or compression; the address
that is connected to is the one that was judged; size and time are limited.

SPDX-License-Identifier: Apache-2.0
"""

import asyncio
import base64
import functools
import hashlib
import http.client
import io
import ipaddress
import re
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urlsplit

from ._core import Answer, Error

# Metadata in three places, keys, groups: one may lead to the next.
ROUNDS = 8
# A pool of its own: a name service that does not answer must not hold up the host's threads.
_POOL = ThreadPoolExecutor(max_workers=8, thread_name_prefix="mcpgov-fetch")


class Fetched(NamedTuple):
    """What came of a fetch. status 0: nothing did, and `failure` says why, without secrets."""

    status: int = 0
    body: bytes = b""
    max_age: int = 0
    failure: str = ""


class Refused(Exception):
    """Not fetched, because the URL, the address or the key must not be used."""


def run(fetch, within=None):
    """Does one exchange and waits for it, at most `within` seconds and the fetch's own time."""
    until = time.monotonic() + min(fetch.timeout, fetch.timeout if within is None else within)
    try:
        return _exchange(fetch, until)
    except (OSError, Refused, http.client.HTTPException, ValueError) as failure:
        return Fetched(failure=f"{type(failure).__name__}: {failure}")


def _exchange(fetch, until):
    url = urlsplit(fetch.url)
    if url.scheme not in ("https", "http") or not url.hostname or url.username is not None:
        raise Refused("the URL is none of https")
    if url.scheme == "http" and not fetch.private_addresses:
        raise Refused("http goes to this machine alone, where private_addresses allows it")
    port = url.port or (443 if url.scheme == "https" else 80)
    request = _request(fetch, url)
    with _connect(url, port, fetch.private_addresses, until) as plain:
        if url.scheme == "http":
            return _ask(plain, fetch, request, until)
        plain.settimeout(_left(until))
        with _tls(fetch).wrap_socket(plain, server_hostname=url.hostname,
                                     suppress_ragged_eofs=False) as secured:
            _check_pin(fetch, secured)
            return _ask(secured, fetch, request, until)


def _left(until):
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("time is over")
    return left


# --- addresses -----------------------------------------------------------------------------------

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
_UNICAST = ipaddress.ip_network("2000::/3")  # RFC 4291: what is assigned
# Not global by RFC 6890 and its registries, and none of an own network either. The rest of what is
# not global is private: what Python knows of the registries depends on its version.
_NEVER = [ipaddress.ip_network(block) for block in (
    "0.0.0.0/8", "192.0.2.0/24", "192.88.99.0/24", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]
_PRIVATE = [ipaddress.ip_network(block) for block in (
    "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.168.0.0/16", "198.18.0.0/15", "fe80::/10", "fec0::/10", "fc00::/7", "64:ff9b:1::/48")]


def _inside(address, blocks):
    return any(address.version == block.version and address in block for block in blocks)


def reachable(address):
    """`everywhere`, `from_here` (private), `this_machine` or `never`, of an address as text."""
    at = ipaddress.ip_address(address.split("%")[0])
    if at.version == 6 and at.ipv4_mapped:
        at = at.ipv4_mapped
    if at.version == 6 and at in _NAT64:
        inner = reachable(str(ipaddress.IPv4Address(at.packed[12:])))
        return "never" if inner == "this_machine" else inner
    if at.is_loopback:
        return "this_machine"
    if _inside(at, _PRIVATE):
        return "from_here"
    if _inside(at, _NEVER) or (at.version == 6 and at not in _UNICAST):
        return "never"
    return "everywhere"


def _permitted(address, scheme, private):
    where = reachable(address)
    if scheme == "http":
        return private and where == "this_machine"
    return where == "everywhere" or (private and where != "never")


def _connect(url, port, private, until):
    """Connects to the first address that may be connected to and answers."""
    failure = Refused("the host has no address that may be connected to")
    for family, kind, protocol, _, address in socket.getaddrinfo(
            url.hostname, port, type=socket.SOCK_STREAM):
        if not _permitted(address[0], url.scheme, private):
            continue
        made = socket.socket(family, kind, protocol)
        try:
            made.settimeout(_left(until))
            made.connect(address)
            if not _permitted(made.getpeername()[0], url.scheme, private):
                raise Refused("connected to another address than the one that was judged")
            return made
        except (OSError, Refused) as error:
            made.close()
            failure = error
    raise failure


# --- TLS -----------------------------------------------------------------------------------------


def _tls(fetch):
    context = ssl.create_default_context(cadata=fetch.ca_pem or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _check_pin(fetch, secured):
    if not fetch.pin_sha256:
        return
    key = public_key_of(secured.getpeercert(binary_form=True))
    if base64.b64encode(hashlib.sha256(key).digest()).decode() != fetch.pin_sha256:
        raise Refused("the server's public key is not the pinned one")


def _element(der, at):
    """Tag, begin of the content and end of the DER element at `at`."""
    length, begin = der[at + 1], at + 2
    if length >= 0x80:
        begin += length - 0x80
        length = int.from_bytes(der[at + 2:begin], "big")
    if begin + length > len(der):
        raise ValueError("the certificate is cut off")
    return der[at], begin, begin + length


def public_key_of(certificate):
    """SubjectPublicKeyInfo of a certificate in DER (RFC 5280 section 4.1)."""
    try:
        _, at, _ = _element(certificate, 0)
        _, at, _ = _element(certificate, at)
        tag, _, end = _element(certificate, at)
        if tag == 0xA0:  # [0], the version
            at = end
        for _ in range(5):  # serialNumber, signature, issuer, validity, subject
            _, _, at = _element(certificate, at)
        _, _, end = _element(certificate, at)
    except IndexError as failure:
        raise ValueError("the certificate is cut off") from failure
    return certificate[at:end]


# --- HTTP ----------------------------------------------------------------------------------------


class _Bytes(io.RawIOBase):
    """A socket that stops giving bytes when time is over, however slowly they drip."""

    def __init__(self, connection, until):
        super().__init__()
        self._connection, self._until = connection, until

    def readable(self):
        return True

    def readinto(self, buffer):
        self._connection.settimeout(_left(self._until))
        return self._connection.recv_into(buffer)

    def makefile(self, _mode):
        """What http.client asks a socket for."""
        return io.BufferedReader(self)


# No line end may come in from a URL or a header field (RFC 9112 section 11.1).
_UNSAFE = re.compile(r"[\x00-\x20\x7f]")
_UNSAFE_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_MAX_AGE = re.compile(r'(?:^|,)\s*max-age\s*=\s*"?(\d{1,9})"?\s*(?:,|$)', re.IGNORECASE)


def _request(fetch, url):
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    fields = [("Host", url.netloc), ("Accept-Encoding", "identity"), ("Connection", "close"),
              *fetch.headers]
    if fetch.body or fetch.method != "GET":
        fields.append(("Content-Length", str(len(fetch.body))))
    if any(map(_UNSAFE.search, (fetch.method, target, url.netloc, *(n for n, _ in fields)))) or any(
            _UNSAFE_VALUE.search(value) for _, value in fields):
        raise Refused("the request would have a line end or a control character in it")
    lines = [f"{fetch.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join([*lines, "", ""]).encode() + fetch.body


def _ask(connection, fetch, request, until):
    connection.settimeout(_left(until))
    connection.sendall(request)
    answer = http.client.HTTPResponse(_Bytes(connection, until), method=fetch.method)
    answer.begin()
    body = b""
    while chunk := answer.read(fetch.max_bytes + 1 - len(body)):
        body += chunk
        if len(body) > fetch.max_bytes:
            raise Refused("the answer is too large")
    if answer.length:  # bytes that were promised and did not come
        raise http.client.IncompleteRead(b"", answer.length)
    if answer.getheader("Content-Encoding", "identity").lower() != "identity":
        raise Refused("the answer is compressed")
    age = _MAX_AGE.search(answer.getheader("Cache-Control", ""))
    return Fetched(answer.status, body, int(age[1]) if age else 0)


# --- for those who wait --------------------------------------------------------------------------


async def _run_all(fetches, within):
    loop = asyncio.get_running_loop()
    tasks = [loop.run_in_executor(_POOL, run, each, within) for each in fetches]
    done = []
    for task in tasks:
        try:
            # A name service may take longer than the fetch: then the thread is left to itself.
            done.append(await asyncio.wait_for(task, within + 1))
        except asyncio.TimeoutError:
            done.append(Fetched(failure="time is over"))
    return done


async def _recorded(session, verdict, within):
    """Whether the record is safe, within that many seconds."""
    wait = functools.partial(session.wait_recorded, verdict, within=within)
    return await asyncio.get_running_loop().run_in_executor(_POOL, wait)


async def complete(session, verdict, *, within=5.0):
    """Runs the fetches that a verdict waits for and has it decided again, and waits for its record
    to be as safe as configured, until it waits for neither, or `within` seconds are over. One that
    waits for an approval, or for nothing, is given back."""
    until = time.monotonic() + within
    for _ in range(ROUNDS):
        steps = verdict.pending
        left = until - time.monotonic()
        if not steps or left <= 0:
            break
        if steps[0].kind == "record":
            if not await _recorded(session, verdict, left):
                break
            verdict = session.resume(verdict, [Answer(number=steps[0].number)])
            continue
        if any(step.kind != "fetch" for step in steps):
            break
        came = await _run_all([step.fetch for step in steps], left)
        verdict = session.resume(verdict, [
            Answer(number=step.number, status=each.status, body=each.body, max_age=each.max_age)
            for step, each in zip(steps, came)])
    return verdict


async def settle(governor, *, within=5.0):
    """Fetches what is due, and what is due then. governor: or a Verifier. True: nothing is due any
    more; False: time is over, or it did not end."""
    until = time.monotonic() + within
    for _ in range(ROUNDS):
        verifier = governor.verifier() if hasattr(governor, "verifier") else governor
        fetches = verifier.due()
        left = until - time.monotonic()
        if not fetches or left <= 0:
            return not fetches
        for fetch, came in zip(fetches, await _run_all(fetches, left)):
            try:
                verifier.accept(fetch, status=came.status, body=came.body, max_age=came.max_age)
            except Error:
                pass  # a useless answer changes nothing, and is asked for again
    return False


async def upkeep(governor, *, period=1.0, on_error=None):
    """Keeps keys fresh until it is cancelled, so that no request waits for them. on_error: called
    with an exception that should not have happened; without it, it ends the upkeep."""
    while True:
        try:
            await settle(governor)
        except Exception as failure:  # pylint: disable=broad-except
            if on_error is None:
                raise
            on_error(failure)
        await asyncio.sleep(period)
