// Targets without the secrets that URIs carry.
// Tested by tests/governor/shown_target_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/shown_target.hpp"

#include <algorithm>
#include <string>

namespace mcpgov::detail {

namespace {

constexpr std::size_t kTargetBytes = 1024;
constexpr std::string_view kMask = "***";

// Parts of names: signed URLs of the large stores (X-Amz-Signature, X-Goog-Credential, sig), OAuth
// (access_token, code, client_secret), API keys in all spellings.
constexpr std::string_view kTelling[] = {"token", "secret",     "key",     "passw", "pwd", "sig",
                                         "auth",  "credential", "session", "code",  "jwt"};

bool tells_of_secret(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::any_of(std::begin(kTelling), std::end(kTelling),
                     [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

// `a=b&c=d` with masks. A name with escapes may spell anything, so its value goes, too.
void append_parameters(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("&;"), text.size());
    const std::string_view one = text.substr(0, end);
    const std::size_t equals = one.find('=');
    const std::string_view name = one.substr(0, equals);
    const bool masked = equals != std::string_view::npos &&
                        (tells_of_secret(name) || name.find('%') != std::string_view::npos);
    out.append(masked ? one.substr(0, equals + 1) : one).append(masked ? kMask : "");
    if (end < text.size()) out.push_back(text[end]);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// Query and fragment, either of which may carry parameters (RFC 6749 section 4.2.2).
void append_rest(std::string& out, std::string_view rest) {
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of("?#", 1), rest.size());
    out.push_back(rest[0]);
    append_parameters(out, rest.substr(1, end - 1));
    rest.remove_prefix(end);
  }
}

}  // namespace

std::string_view shown_target(wire::TargetKind kind, std::string_view target, Arena& arena) {
  target = target.substr(0, kTargetBytes);
  if (kind == wire::TargetKind::tool) return target;
  const std::size_t authority = target.find("://");
  const std::size_t start = authority == std::string_view::npos ? 0 : authority + 3;
  const std::size_t path = std::min(target.find_first_of("/?#", start), target.size());
  const std::size_t at = target.substr(0, path).rfind('@');
  const bool user = start != 0 && at != std::string_view::npos && at >= start;
  const std::size_t rest = std::min(target.find_first_of("?#", start), target.size());
  if (!user && rest == target.size()) return target;
  std::string out(target.substr(0, start));
  if (user) out.append(kMask);
  out.append(target.substr(user ? at : start, rest - (user ? at : start)));
  append_rest(out, target.substr(rest));
  return arena.copy(std::string_view(out).substr(0, kTargetBytes));
}

}  // namespace mcpgov::detail
