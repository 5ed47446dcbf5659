"""mcpgov.fetch against servers of this machine that answer as they should not.

SPDX-License-Identifier: Apache-2.0
"""

import asyncio
import base64
import contextlib
import hashlib
import shutil
import socket
import ssl
import subprocess
import threading
import time
from types import SimpleNamespace

import mcpgov
import pytest
from mcpgov import fetch

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Control: public, max-age=60\r\n\r\nok"


class Server:
    """Answers every connection with the same bytes. pieces: one after the other; None: wait for
    the client to go; a number: for so many seconds. context: of TLS."""

    def __init__(self, *pieces, context=None):
        self.pieces, self.asked, self.context, self.connections = pieces, [], context, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}/keys?a=1"
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                try:
                    self.answer(self.context.wrap_socket(connection, server_side=True)
                                if self.context else connection)
                except OSError:
                    pass

    def answer(self, connection):
        connection.settimeout(5)
        asked = connection.recv(65536)
        if not asked:
            return
        self.asked.append(asked)
        for piece in self.pieces:
            if piece is None:
                connection.recv(1)
            elif isinstance(piece, float):
                connection.settimeout(piece)
                with contextlib.suppress(TimeoutError):
                    connection.recv(1)
            else:
                connection.sendall(piece)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)


def wanted(url, **changes):
    return SimpleNamespace(**{
        "kind": "keys", "issuer": "i", "method": "GET", "url": url, "headers": [], "body": b"",
        "max_bytes": 1000, "timeout": 5.0, "private_addresses": True, "secret": False,
        "ca_pem": "", "pin_sha256": "", **changes})


def test_an_answer_comes_with_status_body_and_age():
    with Server(OK) as server:
        got = fetch.run(wanted(server.url, headers=[("Accept", "application/json")]))
        assert got == (200, b"ok", 60, "")
        head = server.asked[0].decode().split("\r\n")
    assert head[0] == "GET /keys?a=1 HTTP/1.1"
    assert f"Host: 127.0.0.1:{server.port}" in head and "Accept: application/json" in head
    assert "Accept-Encoding: identity" in head


def test_a_form_is_posted():
    with Server(OK) as server:
        assert fetch.run(wanted(server.url, method="POST", body=b"token=x")).status == 200
        asked = server.asked[0]
    assert b"Content-Length: 7\r\n" in asked and asked.endswith(b"\r\n\r\ntoken=x")


def test_chunks_are_joined_and_other_statuses_are_answers():
    chunked = (b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n",
               b"2\r\nno\r\n", b"1\r\n!\r\n0\r\n\r\n")
    with Server(*chunked) as server:
        assert fetch.run(wanted(server.url))[:2] == (404, b"no!")


def test_a_redirect_is_an_answer_and_not_followed():
    with Server(OK) as other, Server(
            b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
            % other.url.encode()) as server:
        assert fetch.run(wanted(server.url)).status == 302
        assert other.asked == []


@pytest.mark.parametrize("pieces", [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1001,),
    (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001,),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"x" * 1001
     + b"\r\n0\r\n\r\n",),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf",),
    (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok",),
    (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",),
    (b"nonsense\r\n\r\n",), (b"",)],
    ids=["too large by its length", "too large without one", "too large in chunks", "cut off",
         "cut off in a chunk", "compressed", "too many header fields", "no HTTP", "nothing"])
def test_what_is_no_whole_answer_is_none(pieces):
    with Server(*pieces) as server:
        got = fetch.run(wanted(server.url))
    assert (got.status, got.body) == (0, b"") and got.failure


@pytest.mark.parametrize("pieces", [
    (None,), (b"HTTP/1.1 200 OK\r\n", None), (OK[:-1], None),
    (b"HTTP/1.1 200 OK\r\n\r\n", *((b"x", 0.05) * 100))],
    ids=["silence", "half a head", "half a body", "drop by drop"])
def test_time_ends(pieces):
    with Server(*pieces) as server:
        begun = time.monotonic()
        got = fetch.run(wanted(server.url, timeout=0.2))
        assert got.status == 0 and time.monotonic() - begun < 2


def test_time_of_the_caller_counts_too():
    with Server(None) as server:
        begun = time.monotonic()
        assert fetch.run(wanted(server.url), within=0.1).status == 0
        assert time.monotonic() - begun < 2


@pytest.mark.parametrize("change", [
    {"private_addresses": False}, {"port_of": "http://user@127.0.0.1:%d/"},
    {"port_of": "https://127.0.0.1:%d/", "private_addresses": False},
    {"url": "ftp://127.0.0.1/"}, {"url": "http:///keys"},
    {"url": "http://127.0.0.1:99999/"}, {"url": "file:///etc/passwd"},
    {"url": "http://192.0.2.1/"}, {"url": "http://10.0.0.1/"}, {"url": "http://[::ffff:10.0.0.1]/"},
    {"headers": [("A", "b\r\nC: d")]}, {"headers": [("A\r\n", "b")]},
    {"method": "GET / HTTP/1.1\r\nX:"}])
def test_what_must_not_be_asked_is_not(change):
    with Server(OK) as server:
        asked = {"url": server.url, **change}
        if "port_of" in asked:
            asked["url"] = asked.pop("port_of") % server.port
        got = fetch.run(wanted(**asked))
        assert got.status == 0 and got.failure
        assert server.connections == 0


def test_what_the_connection_leads_to_is_looked_at_again(monkeypatch):
    looks = iter([True, False])
    monkeypatch.setattr(fetch, "_permitted", lambda *_: next(looks))
    with Server(OK) as server:
        got = fetch.run(wanted(server.url))
        assert got.status == 0 and "judged" in got.failure
        assert server.asked == []


@pytest.mark.parametrize(("address", "where"), [
    ("8.8.8.8", "everywhere"), ("2606:4700::1111", "everywhere"), ("127.0.0.1", "this_machine"),
    ("127.9.9.9", "this_machine"), ("::1", "this_machine"), ("::ffff:127.0.0.1", "this_machine"),
    ("10.1.2.3", "from_here"), ("172.31.0.1", "from_here"), ("192.168.0.1", "from_here"),
    ("169.254.169.254", "from_here"), ("100.64.0.1", "from_here"), ("fe80::1%lo", "from_here"),
    ("fd00::1", "from_here"), ("64:ff9b:1::1", "from_here"), ("64:ff9b::a00:1", "from_here"),
    ("64:ff9b::808:808", "everywhere"), ("64:ff9b::7f00:1", "never"), ("0.0.0.0", "never"),
    ("224.0.0.1", "never"), ("255.255.255.255", "never"), ("192.0.2.1", "never"), ("::", "never"),
    ("ff02::1", "never"), ("2001:db8::1", "never"), ("2002:7f00:1::", "never"),
    ("4000::1", "never")])
def test_addresses(address, where):
    assert fetch.reachable(address) == where


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of its own for 127.0.0.1, and its key: (PEM, path of both)."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command is not installed")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run([openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
                   check=True, capture_output=True, timeout=60)
    key = subprocess.run([openssl, "pkey", "-in", folder / "key.pem", "-pubout", "-outform", "DER"],
                         check=True, capture_output=True, timeout=60).stdout
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    pin = base64.b64encode(hashlib.sha256(key).digest()).decode()
    return SimpleNamespace(pem=(folder / "cert.pem").read_text(), context=context, key=key, pin=pin)


def test_https_to_authorities_of_the_settings(certificate):
    with Server(OK, context=certificate.context) as server:
        asked = wanted(server.url, ca_pem=certificate.pem)
        assert fetch.run(asked)[:2] == (200, b"ok")
        asked.pin_sha256 = certificate.pin
        assert fetch.run(asked).status == 200
        asked.pin_sha256 = base64.b64encode(bytes(32)).decode()
        refused = fetch.run(asked)
        assert refused.status == 0 and "pinned" in refused.failure
        assert len(server.asked) == 2, "nothing was said to the wrong key"
        assert fetch.run(wanted(server.url)).status == 0, "the system does not know it"
        other_name = server.url.replace("127.0.0.1", "localhost")
        assert fetch.run(wanted(other_name, ca_pem=certificate.pem)).status == 0


def test_a_connection_that_is_cut_gives_no_half_answer(certificate):
    """Without a length, the end of the answer is the end of TLS (RFC 9112 section 9.8)."""
    with Server(b"HTTP/1.1 200 OK\r\n\r\nha", context=certificate.context) as server:
        assert fetch.run(wanted(server.url, ca_pem=certificate.pem)).status == 0


def test_the_public_key_of_a_certificate(certificate):
    der = ssl.PEM_cert_to_DER_cert(certificate.pem)
    assert fetch.public_key_of(der) == certificate.key
    for size in range(0, len(certificate.key), 7):
        with pytest.raises(ValueError):
            fetch.public_key_of(der[:size])


class Verifier:
    """Has one fetch after the other to do."""

    def __init__(self, url, count):
        self.url, self.left, self.accepted = url, count, []

    def due(self):
        self.left -= 1
        return [wanted(self.url)] if self.left >= 0 else []

    def accept(self, _fetch, **answer):
        self.accepted.append(answer["status"])


def test_errands_go_on_until_nothing_is_due():
    with Server(OK) as server:
        verifier = Verifier(server.url, 3)
        assert asyncio.run(fetch.settle(verifier)) is True
        assert verifier.accepted == [200, 200, 200]
        assert asyncio.run(fetch.settle(Verifier(server.url, 100))) is False, "it ends"


def test_a_useless_answer_does_not_end_the_errands():
    class Picky(Verifier):
        def accept(self, _fetch, **answer):
            super().accept(_fetch, **answer)
            raise mcpgov.Error("of no use")

    with Server(OK) as server:
        verifier = Picky(server.url, 2)
        assert asyncio.run(fetch.settle(verifier)) is True
        assert verifier.accepted == [200, 200]


def test_what_waits_for_a_person_is_left_alone():
    waiting = SimpleNamespace(pending=[SimpleNamespace(kind="approval", number=1, fetch=None)])
    assert asyncio.run(mcpgov.complete(None, waiting)) is waiting


def test_upkeep_survives_what_it_is_told_of():
    seen = []

    class Broken:
        def due(self):
            raise RuntimeError("broken")

    async def twice():
        task = asyncio.create_task(fetch.upkeep(Broken(), period=0, on_error=seen.append))
        while len(seen) < 2:
            await asyncio.sleep(0)
        task.cancel()

    asyncio.run(asyncio.wait_for(twice(), 10))
    assert len(seen) >= 2
