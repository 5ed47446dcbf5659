// Header fields: reading, comparing, agreeing.
// Tested by tests/wire/http_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/http.hpp"

#include <algorithm>

#include "base/base64.hpp"
#include "wire/refusals.hpp"

namespace mcpgov::wire {
namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// ASCII without case: field names and media types are case-insensitive (RFC 9110 §5.1, §8.3.1).
bool same(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

// Without optional white space (RFC 9110 §5.6.3).
std::string_view trim(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Visible ASCII, space and tab: what the fields of 2026-07-28 may hold.
bool clean(std::string_view value) noexcept {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return c == '\t' || (c >= 0x20 && c < 0x7f); });
}

// `application/json`, with parameters; a charset other than UTF-8 would be another reading.
bool is_json(std::string_view value) noexcept {
  std::size_t end = std::min(value.find(';'), value.size());
  if (!same(trim(value.substr(0, end)), "application/json")) return false;
  while (end < value.size()) {
    const std::size_t start = end + 1;
    end = std::min(value.find(';', start), value.size());
    const std::string_view parameter = trim(value.substr(start, end - start));
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos || !same(parameter.substr(0, equals), "charset")) continue;
    const std::string_view charset = parameter.substr(equals + 1);
    if (!same(charset, "utf-8") && !same(charset, "\"utf-8\"")) return false;
  }
  return true;
}

void note(ErrorCode& first, ErrorCode code) noexcept {
  if (first == ErrorCode::none) first = code;
}

// The methods whose target Mcp-Name mirrors (streamable HTTP, "Standard Request Headers"; the
// tasks extension adds its three).
bool has_named_target(Method method) noexcept {
  switch (method) {
    case Method::tools_call:
    case Method::prompts_get:
    case Method::resources_read:
    case Method::tasks_get:
    case Method::tasks_update:
    case Method::tasks_cancel: return true;
    default: return false;
  }
}

}  // namespace

ErrorCode find_field(std::span<const Header> headers, std::string_view prefix,
                     std::string_view name, Field& found) noexcept {
  found = {};
  for (const Header& header : headers) {
    if (header.name.size() != prefix.size() + name.size()) continue;
    if (!same(header.name.substr(0, prefix.size()), prefix)) continue;
    if (!same(header.name.substr(prefix.size()), name)) continue;
    if (found.present) return ErrorCode::header_duplicated;
    found = {trim(header.value), true};
  }
  return clean(found.value) ? ErrorCode::none : ErrorCode::header_encoding;
}

HttpFacts read_http(const ParseContext& context) noexcept {
  HttpFacts facts;
  if (context.transport == Transport::stdio || context.direction != Direction::from_client ||
      context.headers_agreed) {
    return facts;
  }
  if (context.http.method != "POST") {
    facts.refused = ErrorCode::http_method_not_allowed;
    return facts;
  }
  const std::span<const Header> headers = context.http.headers;
  Field type;
  note(facts.refused, find_field(headers, "", "content-type", type));
  if (!is_json(type.value)) note(facts.refused, ErrorCode::content_type_unsupported);
  note(facts.fault, find_field(headers, "", "mcp-protocol-version", facts.version));
  note(facts.fault, find_field(headers, "", "mcp-method", facts.method));
  note(facts.fault, find_field(headers, "", "mcp-name", facts.name));
  Field session;
  note(facts.fault, find_field(headers, "", "mcp-session-id", session));
  facts.revision = revision_from(facts.version.value);
  if (facts.version.present && facts.revision == Revision::none) {
    note(facts.fault, ErrorCode::revision_unsupported);
  }
  return facts;
}

ErrorCode match_field(std::string_view value, std::string_view text) noexcept {
  constexpr std::string_view kPrefix = "=?base64?";
  constexpr std::string_view kSuffix = "?=";
  const bool encoded = value.size() >= kPrefix.size() + kSuffix.size() &&
                       value.substr(0, kPrefix.size()) == kPrefix &&
                       value.substr(value.size() - kSuffix.size()) == kSuffix;
  if (!encoded) return value == text ? ErrorCode::none : ErrorCode::header_mismatch;
  value.remove_prefix(kPrefix.size());
  value.remove_suffix(kSuffix.size());
  switch (match_base64(value, text)) {
    case Base64Match::equal: return ErrorCode::none;
    case Base64Match::different: return ErrorCode::header_mismatch;
    case Base64Match::malformed: break;
  }
  return ErrorCode::header_encoding;
}

ErrorCode check_agreement(const HttpFacts& facts, const Message& message) noexcept {
  // Nothing states which fields a modern notification needs, so it needs none.
  const bool required = is_modern(message.revision) && message.kind == Kind::request;
  if (required && !facts.version.present) return ErrorCode::header_missing;
  if (required && !facts.method.present) return ErrorCode::header_missing;
  if (is_modern(message.revision) && facts.version.present && !is_modern(facts.revision)) {
    return ErrorCode::header_mismatch;
  }
  if (facts.method.present) {
    const ErrorCode code = match_field(facts.method.value, message.method_text);
    if (code != ErrorCode::none) return code;
  }
  const bool named = has_named_target(message.method);
  if (required && named && !facts.name.present) return ErrorCode::header_missing;
  if (!facts.name.present) return ErrorCode::none;
  // A name that mirrors nothing is read by somebody as the name of something.
  return named ? match_field(facts.name.value, message.target.name) : ErrorCode::header_mismatch;
}

BodylessRequest classify_bodyless(const ParseContext& context) noexcept {
  Field version;
  const ErrorCode fault = find_field(context.http.headers, "", "mcp-protocol-version", version);
  if (fault != ErrorCode::none) return {Bodyless::refused, refuse(fault)};
  Revision revision = context.negotiated;
  if (version.present) {
    const Revision named = revision_from(version.value);
    if (named == Revision::none) {
      return {Bodyless::refused, refuse(ErrorCode::revision_unsupported)};
    }
    if (revision != Revision::none && revision != named) {
      return {Bodyless::refused, refuse(ErrorCode::header_mismatch, 0, revision)};
    }
    revision = named;
  }
  const bool legacy_http = context.transport != Transport::stdio && !is_modern(revision);
  const std::string_view method = context.http.method;
  if (legacy_http && method == "GET") return {Bodyless::open_stream, {}};
  // 2024-11-05 has no session to end: its stream is the session.
  if (legacy_http && method == "DELETE" && context.transport == Transport::streamable_http) {
    return {Bodyless::end_session, {}};
  }
  return {Bodyless::refused, refuse(ErrorCode::http_method_not_allowed, 0, revision)};
}

}  // namespace mcpgov::wire
