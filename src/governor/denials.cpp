// The exact bytes of refusals.
// Tested by tests/governor/denials_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/denials.hpp"

#include <charconv>

#include "base/json_writer.hpp"

namespace mcpgov::detail {

namespace {

constexpr Header kJson[] = {{"content-type", "application/json"}};
// RFC 9110 section 15.5.2: a 401 carries a challenge. This one is of hosts that bring the callers.
constexpr Header kUnauthenticated[] = {{"content-type", "application/json"},
                                       {"www-authenticate", "Bearer"}};
constexpr Header kPostOnly[] = {{"allow", "POST"}};

std::string_view digits_of(std::uint64_t number, Arena& arena) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return arena.copy(std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

// Of a refusal of the verifier, or of a denial that further scopes would lift.
std::span<const Header> headers_of(const Outward& outward, Arena& arena) {
  auto* const out = arena.array<Header>(4);
  std::size_t count = 0;
  out[count++] = kJson[0];
  std::string_view challenge = outward.challenge;
  if (const identity::Identification* const seen = outward.identification; seen != nullptr) {
    if (challenge.empty()) challenge = arena.copy(std::string_view(seen->challenge));
    if (seen->retry_after_s != 0) {
      out[count++] = {"retry-after", digits_of(seen->retry_after_s, arena)};
    }
    if (!seen->dpop_nonce.empty()) {
      out[count++] = {"dpop-nonce", arena.copy(std::string_view(seen->dpop_nonce))};
    }
  }
  if (!challenge.empty()) out[count++] = {"www-authenticate", challenge};
  return {out, count};
}

struct Answering {
  int http_status;
  int rpc_code;
  std::string_view message;
};

// What a reason outside the wire looks like from the outside.
Answering outward(ErrorCode reason) noexcept {
  switch (reason) {
    case ErrorCode::caller_missing:
    case ErrorCode::caller_invalid:
    case ErrorCode::anonymous_not_enabled: return {401, 401, "Unauthenticated"};
    case ErrorCode::identity_waits:
    case ErrorCode::audit_unavailable:
    case ErrorCode::audit_waits:
    case ErrorCode::approval_required:
    case ErrorCode::too_many_open:
    case ErrorCode::forked:
    case ErrorCode::out_of_memory:
    case ErrorCode::internal: return {503, 503, "Unavailable"};
    // MCP "Session Management": a session that is not known is answered so that the client begins
    // a new one; whose it is, is nobody else's business.
    case ErrorCode::handle_invalid: return {404, -32001, "Session not found"};
    case ErrorCode::id_in_use: return {400, -32600, "Invalid request: the id is in use"};
    default: return {403, 403, "Unauthorized"};
  }
}

Answering refused_credentials(const identity::Identification& seen) noexcept {
  switch (seen.http_status) {
    case 400: return {400, 400, "Malformed credentials"};
    case 403: return {403, 403, "Unauthorized"};
    case 429: return {429, 429, "Too many requests"};
    case 503: return {503, 503, "Unavailable"};
    default: return {401, 401, "Unauthenticated"};
  }
}

// A tool name as JSON string without its quotes. Allocates for names that need escapes only.
std::string_view escaped(std::string_view text, Arena& arena) {
  std::string quoted;
  append_json_string(quoted, text);
  return arena.copy(std::string_view(quoted).substr(1, quoted.size() - 2));
}

// "Unknown tool: NAME" is what MCP servers say of a tool they do not have (tools, "Error
// Handling").
Denial as_unknown(const VerdictFacts& facts, Arena& arena) {
  std::string_view message = "Not found";
  if (facts.target_kind == wire::TargetKind::tool) {
    message = arena.concat({"Unknown tool: ", escaped(facts.target, arena)});
  }
  return {200, kJson, error_response(facts.id.raw, -32602, message, arena)};
}

// A tool result that models read. `resultType` is required since 2026-07-28.
Denial as_result(const VerdictFacts& facts, Arena& arena) {
  constexpr std::string_view kRefusal =
      R"("content":[{"type":"text","text":"This call is not permitted."}],"isError":true}})";
  const std::string_view type =
      wire::is_modern(facts.revision) ? R"("resultType":"complete",)" : "";
  return {
      200, kJson,
      arena.concat({R"({"jsonrpc":"2.0","id":)", facts.id.raw, R"(,"result":{)", type, kRefusal})};
}

}  // namespace

std::string_view error_response(std::string_view id, int code, std::string_view message,
                                Arena& arena) {
  char digits[12];
  const auto end = std::to_chars(digits, digits + sizeof digits, code).ptr;
  return arena.concat({R"({"jsonrpc":"2.0","id":)", id.empty() ? "null" : id,
                       R"(,"error":{"code":)",
                       std::string_view(digits, static_cast<std::size_t>(end - digits)),
                       R"(,"message":")", message, R"("}})"});
}

Denial make_denial(const VerdictFacts& facts, const wire::Refusal& refusal, const Outward& shown,
                   Arena& arena) {
  if (refusal.refused()) {
    const std::span<const Header> headers =
        refusal.http_status == 405 ? std::span<const Header>(kPostOnly) : kJson;
    const bool silent = facts.kind != wire::Kind::request && refusal.http_status != 400;
    if (silent || refusal.http_status == 405) return {refusal.http_status, headers, {}};
    return {refusal.http_status, headers,
            error_response(facts.id.raw, refusal.rpc_code, code_sentence(refusal.code), arena)};
  }
  const bool challenged = shown.identification != nullptr || !shown.challenge.empty();
  const Answering answer = shown.identification != nullptr
                               ? refused_credentials(*shown.identification)
                               : outward(facts.reason);
  const bool request = facts.kind == wire::Kind::request && facts.id.present();
  if (answer.http_status == 403 && request && !challenged &&
      facts.direction == Direction::from_client) {
    if (shown.form == DenialForm::as_unknown) return as_unknown(facts, arena);
    if (shown.form == DenialForm::as_result && facts.method == wire::Method::tools_call) {
      return as_result(facts, arena);
    }
  }
  const std::span<const Header> headers = challenged ? headers_of(shown, arena)
                                          : answer.http_status == 401
                                              ? std::span<const Header>(kUnauthenticated)
                                              : kJson;
  // Notifications and responses are never answered (JSON-RPC 2.0 section 4.1).
  if (!request && facts.method_text != "GET") return {answer.http_status, headers, {}};
  return {answer.http_status, headers,
          error_response(facts.id.raw, answer.rpc_code, answer.message, arena)};
}

}  // namespace mcpgov::detail
