// Tests of identity/challenge.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/challenge.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

using mcpgov::ErrorCode;
using mcpgov::identity::Algorithm;
using mcpgov::identity::AlgorithmSet;
using mcpgov::identity::Challenge;
using mcpgov::identity::challenge_text;
using mcpgov::identity::outward;

TEST_CASE("challenge: its parts, in the order in which clients read them") {
  const std::vector<std::string> scopes = {"tools:read", "tools:write"};
  CHECK(challenge_text({}) == "Bearer");
  CHECK(challenge_text({.error = "invalid_token"}) == "Bearer error=\"invalid_token\"");
  CHECK(challenge_text({.error = "insufficient_scope",
                        .scopes = scopes,
                        .metadata_url = "https://mcp.example.com/.well-known/x"}) ==
        "Bearer resource_metadata=\"https://mcp.example.com/.well-known/x\", "
        "scope=\"tools:read tools:write\", error=\"insufficient_scope\"");
  CHECK(challenge_text({.error = "use_dpop_nonce",
                        .proofs = AlgorithmSet().with(Algorithm::es256).with(Algorithm::eddsa)}) ==
        "DPoP error=\"use_dpop_nonce\", algs=\"ES256 EdDSA\"");
}

TEST_CASE("challenge: nothing can break out of its quotes") {
  const std::vector<std::string> scopes = {"good",    "a\"b", "c\\d", "e f", "g\r\nSet-Cookie: x",
                                           "\xc3\xa9"};
  CHECK(challenge_text({.scopes = scopes, .metadata_url = "https://a\"/"}) ==
        "Bearer scope=\"good\"");
}

TEST_CASE("challenge: a reason tells only whether a new token would help") {
  struct Row {
    ErrorCode reason;
    int status;
    std::string error;
  };
  const Row rows[] = {
      {ErrorCode::caller_missing, 401, ""},
      {ErrorCode::credentials_malformed, 400, "invalid_request"},
      {ErrorCode::token_signature, 401, "invalid_token"},
      {ErrorCode::token_expired, 401, "invalid_token"},
      {ErrorCode::token_issuer, 401, "invalid_token"},
      {ErrorCode::token_scope, 403, "insufficient_scope"},
      {ErrorCode::token_binding, 401, "invalid_token"},
      {ErrorCode::proof_missing, 401, "invalid_dpop_proof"},
      {ErrorCode::proof_nonce, 401, "use_dpop_nonce"},
      {ErrorCode::groups_incomplete, 403, ""},
      {ErrorCode::too_many_failures, 429, ""},
      {ErrorCode::identity_waits, 503, ""},
      {ErrorCode::out_of_memory, 503, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(code_name(row.reason)));
    CHECK(outward(row.reason).http_status == row.status);
    CHECK(std::string(outward(row.reason).error) == row.error);
  }
}

}  // namespace
