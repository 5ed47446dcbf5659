"""`mcpgov whoami` and `mcpgov api-key`: what is believed, what is refused, and that no secret shows.

usage: whoami_test.py PATH-OF-MCPGOV

SPDX-License-Identifier: Apache-2.0
"""

import base64
import hashlib
import hmac
import json
import pathlib
import subprocess
import sys
import tempfile

from checks import contains, equal, lacks, run_all

MCPGOV = sys.argv[1]
NOW = 1_790_000_000
SECRET = "a secret of more than thirty-two bytes"
# The public key of RFC 8037, appendix A.2.
KEYS = '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}'
CONFIG = """version: 1
servers: {shop: {}}
audit: {required: false}
identity:
  resource: {url: https://mcp.example.com/mcp}
  issuers:
    - {issuer: https://idp, algorithms: [HS256], secret: {file: secret}}
    - {issuer: https://asymmetric, keys: {text: '%s'}}
""" % KEYS


def encoded(text):
    return base64.urlsafe_b64encode(text if isinstance(text, bytes) else text.encode()).rstrip(
        b"=").decode()


def token(secret=SECRET, **changes):
    claims = {"iss": "https://idp", "sub": "ann", "aud": "https://mcp.example.com/mcp",
              "exp": NOW + 600, "jti": "t-1", "groups": ["ops"], "email": "ann@example.com"}
    claims.update(changes)
    text = encoded('{"alg":"HS256","typ":"JWT"}') + "." + encoded(json.dumps(claims))
    return text + "." + encoded(hmac.digest(secret.encode(), text.encode(), hashlib.sha256))


def whoami(text, *arguments, config=CONFIG):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "mcpgov.yaml").write_text(config)
        (path / "secret").write_text(SECRET + "\n")
        done = subprocess.run([MCPGOV, "whoami", "--at", str(NOW), *arguments], cwd=folder,
                              input=text, text=True, capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def test_accepted():
    """A good token shows its caller, each step, and exit code 0."""
    code, out, errors = whoami(token() + "\n")
    equal((code, errors), (0, ""))
    contains(out, "ok     signature")
    contains(out, '"subject": "ann"')
    contains(out, '"token_id": "t-1"')
    lacks(out, "FAILED")


def test_refused():
    """An expired token names the failed step, what the client sees, and exit code 2."""
    code, out, _ = whoami(token(exp=NOW - 100))
    equal(code, 2)
    contains(out, "FAILED")
    contains(out, "[token_expired]")
    contains(out, "the client sees: 401")
    contains(out, 'error="invalid_token"')


def test_forged():
    """A token under another secret is refused for its signature."""
    code, out, _ = whoami(token(secret="b" * 40), "--json")
    equal(code, 2)
    answer = json.loads(out)
    equal(answer["reason"], "token_signature")
    equal([step["what"] for step in answer["steps"] if not step["passed"]], ["signature"])


def test_algorithm():
    """HMAC over an issuer with public keys is refused before any key is looked at."""
    code, out, _ = whoami(token(iss="https://asymmetric"), "--json")
    equal(code, 2)
    equal(json.loads(out)["reason"], "token_algorithm")


def test_no_secrets():
    """Neither the token, nor its signature, nor the secret is printed, accepted or refused."""
    for text in (token(), token(exp=NOW - 100), token(secret="b" * 40), "abc.def"):
        for arguments in ((), ("--json",)):
            _, out, errors = whoami(text, *arguments)
            for piece in text.split("."):
                if len(piece) > 8:
                    lacks(out + errors, piece)
            lacks(out + errors, SECRET)


def test_escapes():
    """Claims cannot move the terminal's cursor."""
    _, out, _ = whoami(token(iss="https://\u001b[2Jevil"))
    lacks(out, "\u001b")


def test_nothing():
    """Without credentials the answer is the challenge, and the configuration must know identity."""
    code, out, _ = whoami("", "--scheme", "none")
    equal(code, 2)
    contains(out, "[caller_missing]")
    code, _, errors = whoami("x", config="version: 1\nservers: {shop: {}}\n"
                                         "audit: {required: false}\n")
    equal(code, 1)
    contains(errors, "config_missing_key")
    code, _, errors = whoami("x", "--header", "no colon")
    equal(code, 1)
    contains(errors, "Name: value")


def test_api_key():
    """A new API key is accepted with what is printed for the configuration, and with nothing else."""
    made = subprocess.run([MCPGOV, "api-key"], text=True, capture_output=True, timeout=60,
                          check=True)
    key = made.stdout.strip()
    line = made.stderr.strip().splitlines()[-1].strip()
    digest = hashlib.sha256(key.encode()).hexdigest()
    contains(line, digest)
    line = line.replace("NAME", "ci").replace("ISSUER", "us")
    config = CONFIG + "  api_keys:\n    " + line + "\n"
    code, out, _ = whoami(key, "--scheme", "api-key", "--json", config=config)
    equal(code, 0)
    equal(json.loads(out)["caller"]["evidence"], {"kind": "api_key", "key_id": "ci"})
    equal(whoami(key, config=config)[0], 0)
    equal(whoami(key[:-1], "--scheme", "api-key", config=config)[0], 2)
    lacks(out, key)


sys.exit(run_all([test_accepted, test_refused, test_forged, test_algorithm, test_no_secrets,
                  test_escapes, test_nothing, test_api_key]))
