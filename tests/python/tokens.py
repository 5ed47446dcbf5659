"""Signed tokens of a test issuer, with a key that signs nothing else.

SPDX-License-Identifier: Apache-2.0
"""

import base64
import hashlib
import json
import time

ISSUER = "https://login.example.com"
RESOURCE = "https://mcp.example.com/mcp"
# An RSA key of 2048 bits: modulus and private exponent. The public exponent is 65537.
_N = int(
    "b513d0e3fbe6459cb5a52119e5faf89c5ea17d821947b7887676bf130ed9fd25147c478ac6f7bb7747e2f0f408"
    "fda763244c2442b639a451c7084e7d77fce7b23c18f353a8d84d3ae2bf041a3c2df276fb6ce3f8e3fce5ff005f"
    "a0c87f71872c1849a744f8f8444a24447c5ec94248c56f25a25f07311b9078ca1f75f6db40a20dfad59d75ef2a"
    "716baef5dd4840305ab129063bb0525e8d51b78dd93d157907421c566cb2f449a48dbc47a7517598e0ac5eae08"
    "ff87b2a5f51d78a719404d626bc0558f9d3b82e5b68b1e5a195f439a92c39aed9f5dc0dde33cadd8ced914b165"
    "27dec202ee361835ed9da6ee4c7c8b5cc6c6ccfc86bf9f792fc1b895ff0a47", 16)
_D = int(
    "1ca1de592666dccc0646eef5d43be68827487c259064c5871cf59d8a0b17a4b91d1a4d0a607822059ef17f6de9"
    "bc08cb459d35409d3ad3c4f5e6ab83edc4a8f30720b4dd1e28dc5c10283f22fcdabbbe5cf6f4bca6ceec4e9c45"
    "ad66a1619760fd682c11b26d38b321354e6b2dd76980054405fee6640ea53e0c4bd9907d4e79ecb01e18e8fdd7"
    "af47a52db26544416adf6850800e52c45e1fa4eeb703512b7618accaf604ab9a389f1aeaae5e57c5813f023782"
    "b67b0dd591ee73579b831a6055f05baf20f9bf3f084009682d35454ebb7523d0ff6a4ae5a09ba5079c3816af8a"
    "e92dfd2662c330a5c1e27503540475c9a5869caaaa1e64ea5ad1b9b08d9795", 16)
# DigestInfo of SHA-256 (RFC 8017 section 9.2, note 1).
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def _base64url(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def jwk_set():
    """The public key as a JWK set, JSON."""
    return json.dumps({"keys": [{"kty": "RSA", "kid": "k1", "alg": "RS256", "use": "sig",
                                 "e": "AQAB", "n": _base64url(_N.to_bytes(256, "big"))}]})


def token(**changes):
    """An access token of ann, an analyst, for an hour; with these claims changed."""
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": "ann", "aud": RESOURCE, "iat": now, "exp": now + 3600,
              "roles": ["analyst"], "scope": "read", **changes}
    signed = ".".join(_base64url(json.dumps(part).encode()) for part in (
        {"alg": "RS256", "kid": "k1", "typ": "at+jwt"}, claims))
    digest = _DIGEST_INFO + hashlib.sha256(signed.encode()).digest()
    padded = b"\0\1" + b"\xff" * (253 - len(digest)) + b"\0" + digest
    signature = pow(int.from_bytes(padded, "big"), _D, _N).to_bytes(256, "big")
    return f"{signed}.{_base64url(signature)}"
