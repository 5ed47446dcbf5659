"""Callers that the configuration verifies: steps that fetch, verifiers, certificates.

SPDX-License-Identifier: Apache-2.0
"""

import json
import time

import mcpgov
import pytest
from conftest import call
from tokens import ISSUER, RESOURCE, jwk_set, token

DISCOVERY = f"{ISSUER}/.well-known/oauth-authorization-server"


def configuration(keys):
    settings = {
        "version": 1,
        "servers": {"shop": {
            "policies": [{"text": f'permit(principal in shop::Role::"{ISSUER}#analyst", '
                                  'action, resource);'}],
            "unknown_tools": "natural"}},
        "identity": {"resource": {"url": RESOURCE, "scopes": ["write", "read"]},
                     "issuers": [{"issuer": ISSUER, "keys": keys}]}}
    return json.dumps(settings)


@pytest.fixture
def known(records):
    """A governor that has the issuer's keys."""
    return mcpgov.Governor.parse(configuration({"text": jwk_set()}), sink=records.append)


@pytest.fixture
def waiting(records):
    """One that has to fetch them."""
    return mcpgov.Governor.parse(configuration({"discovery": True}), sink=records.append)


def bearer(credentials):
    return {"authorization": f"Bearer {credentials}"}


def post(governor, credentials, **more):
    session = governor.session(server="shop", transport="streamable_http")
    headers = {"content-type": "application/json", "mcp-protocol-version": "2025-06-18",
               **(bearer(credentials) if credentials else {})}
    verdict = session.receive(call(), method="POST", url=RESOURCE, headers=headers,
                              peer="192.0.2.7", **more)[0]
    return session, verdict


def test_a_token_makes_the_caller(known, records):
    assert post(known, token())[1].allowed
    caller = json.loads(records[0])["caller"]
    assert (caller["issuer"], caller["subject"]) == (ISSUER, "ann")
    assert caller["evidence"]["kind"] == "token"


@pytest.mark.parametrize(("changes", "reason"), [
    ({"aud": "https://other.example/mcp"}, "token_audience"),
    ({"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200}, "token_expired"),
    ({"iss": "https://evil.example"}, "token_issuer"),
    ({"sub": ""}, "token_claim")])
def test_a_refused_token_is_told_nothing_but_that(known, changes, reason):
    _, verdict = post(known, token(**changes))
    assert (verdict.allowed, verdict.reason) == (False, reason)
    denial = verdict.denial
    assert denial.http_status == 401
    challenge = dict(denial.headers)["www-authenticate"]
    assert 'error="invalid_token"' in challenge and "resource_metadata=" in challenge
    assert reason not in challenge + denial.body.decode()


def test_nobody_is_not_somebody(known):
    _, verdict = post(known, "")
    assert (verdict.reason, verdict.denial.http_status) == ("caller_missing", 401)
    assert "error=" not in dict(verdict.denial.headers)["www-authenticate"]


def answers(verdict, documents):
    """The outcome of every step, from documents by URL."""
    return [mcpgov.Answer(number=step.number, status=200 if step.fetch.url in documents else 404,
                          body=documents.get(step.fetch.url, b""), max_age=600)
            for step in verdict.pending]


METADATA = json.dumps({
    "issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys", "response_types_supported": ["code"],
    "authorization_endpoint": f"{ISSUER}/authorize", "token_endpoint": f"{ISSUER}/token"}).encode()


def test_a_request_waits_for_keys_and_is_decided_again(waiting):
    session, verdict = post(waiting, token())
    assert (verdict.allowed, verdict.reason) == (False, "identity_waits")
    assert verdict.denial.http_status == 503
    step = verdict.pending[0]
    assert (step.kind, step.prompt, step.fetch.kind) == ("fetch", "", "metadata")
    assert (step.fetch.method, step.fetch.url) == ("GET", DISCOVERY)
    assert step.fetch.body == b"" and step.fetch.max_bytes > 0 and step.fetch.timeout > 0
    assert not step.fetch.private_addresses and not step.fetch.secret
    documents = {DISCOVERY: METADATA, f"{ISSUER}/keys": jwk_set().encode()}
    rounds = 0
    while verdict.pending:
        verdict = session.resume(verdict, answers(verdict, documents))
        rounds += 1
    assert verdict.allowed and rounds == 2
    assert post(waiting, token())[1].allowed, "the next request does not wait"


@pytest.mark.parametrize("documents", [
    {}, {DISCOVERY: b"{}"}, {DISCOVERY: METADATA.replace(b"login", b"evil")},
    {DISCOVERY: METADATA, f"{ISSUER}/keys": b'{"keys":[]}'}])
def test_useless_answers_never_allow(waiting, documents):
    session, verdict = post(waiting, token())
    for _ in range(8):
        if not verdict.pending:
            break
        verdict = session.resume(verdict, answers(verdict, documents))
    assert not verdict.allowed


def test_an_approval_is_no_answer_to_a_fetch(waiting):
    session, verdict = post(waiting, token())
    verdict = session.resume(verdict, [
        mcpgov.Answer(number=step.number, granted=True, by="boss") for step in verdict.pending])
    assert not verdict.allowed


def test_a_verifier_alone(known):
    verifier = known.verifier()
    found = verifier.identify(bearer(token(scope="read write", groups=["staff"])), url=RESOURCE)
    caller = found.caller
    assert (caller.kind, caller.issuer, caller.subject) == ("user", ISSUER, "ann")
    assert (caller.roles, caller.groups, caller.scopes) == (
        ["analyst"], ["staff"], ["read", "write"])
    assert (caller.tenant, caller.client) == ("", "")
    assert (found.reason, found.pending) == ("none", []) and found.expires > time.time()
    refused = verifier.identify(bearer("nonsense"), url=RESOURCE)
    assert refused.caller is None and refused.http_status == 401 and refused.challenge
    assert (refused.retry_after, refused.dpop_nonce) == (0, "")
    with pytest.raises(TypeError, match="caller"):
        bool(refused)


def test_time_is_that_of_the_host(known):
    verifier, shown = known.verifier(), bearer(token())
    assert verifier.identify(shown, now=time.time()).caller
    assert verifier.identify(shown, now=time.time() + 86400).reason == "token_expired"
    for no_time in (float("nan"), -1.0, 1e300):
        with pytest.raises(ValueError, match="1970"):
            verifier.identify(shown, now=no_time)


def test_explaining_tells_every_step_and_no_secret(known):
    credentials = token()
    found, steps = known.verifier().explain(bearer(credentials), url=RESOURCE)
    assert found.caller and len(steps) > 3 and all(step.passed for step in steps)
    told = "".join(step.what + step.detail for step in steps)
    assert credentials.rsplit(".", 1)[1] not in told
    _, steps = known.verifier().explain(bearer(token(aud="x")), url=RESOURCE)
    assert not steps[-1].passed


def test_keys_are_fetched_before_they_are_needed(waiting):
    verifier = waiting.verifier()
    documents = {DISCOVERY: METADATA, f"{ISSUER}/keys": jwk_set().encode()}
    asked = []
    while due := verifier.due():
        for fetch in due:
            asked.append(fetch.url)
            verifier.accept(fetch, status=200, body=documents[fetch.url], max_age=600)
    assert asked == [DISCOVERY, f"{ISSUER}/keys"]
    assert post(waiting, token())[1].allowed, "what a copy has fetched is for all"


def test_what_cannot_be_used_is_an_error(waiting):
    verifier = waiting.verifier()
    fetch = verifier.due()[0]
    with pytest.raises(mcpgov.Error) as raised:
        verifier.accept(fetch, status=500)
    assert raised.value.name == "identity_answer"
    with pytest.raises(mcpgov.Error) as raised:
        mcpgov.Verifier.from_json('{"issuers": [{"issuer": ""}]}')
    assert raised.value.name == "identity_setting"
    assert "issuers[0]" in raised.value.message


def test_what_clients_are_told(known):
    verifier = known.verifier()
    assert verifier.scopes == ["write", "read"]
    assert verifier.resource_metadata_path == "/.well-known/oauth-protected-resource/mcp"
    document = json.loads(verifier.resource_metadata)
    assert (document["resource"], document["authorization_servers"]) == (RESOURCE, [ISSUER])
    challenge = verifier.challenge("insufficient_scope", scopes=["read"])
    assert 'error="insufficient_scope"' in challenge and 'scope="read"' in challenge
    assert verifier.resource_metadata_path in challenge


@pytest.mark.parametrize("wrong", [{"certificate": "text"}, {"chain": [1]}, {"chain": ["text"]}])
def test_certificates_are_bytes(known, wrong):
    with pytest.raises((TypeError, RuntimeError)):
        post(known, token(), **wrong)


def test_a_certificate_that_is_none_is_no_caller(records):
    settings = json.loads(configuration({"text": jwk_set()}))
    settings["identity"] |= {"client_certificates": True, "trust_domains": [
        {"name": "example.org", "bundle": {"url": "https://example.org/bundle"}}]}
    governor = mcpgov.Governor.parse(json.dumps(settings), sink=records.append)
    _, verdict = post(governor, "", certificate=b"\x30\x03\x02\x01\x01", chain=[b"\x30\x00"])
    assert not verdict.allowed and verdict.reason != "caller_missing"
