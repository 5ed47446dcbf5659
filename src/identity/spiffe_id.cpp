// Reading SPIFFE IDs.
// Tested by tests/identity/spiffe_id_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/spiffe_id.hpp"

#include <algorithm>
#include <cstddef>

namespace mcpgov::identity {
namespace {

constexpr std::string_view kScheme = "spiffe://";
// SPIFFE-ID section 2.3.
constexpr std::size_t kIdBytes = 2048;
constexpr std::size_t kTrustDomainBytes = 255;

bool is_lower_or_mark(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool is_segment(std::string_view segment) noexcept {
  return !segment.empty() && segment != "." && segment != ".." &&
         std::all_of(segment.begin(), segment.end(),
                     [](char c) { return is_lower_or_mark(c) || (c >= 'A' && c <= 'Z'); });
}

// path: empty, or starting with a slash.
bool is_path(std::string_view path) noexcept {
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    if (!is_segment(path.substr(0, end))) return false;
    path.remove_prefix(end);
  }
  return true;
}

}  // namespace

bool is_trust_domain(std::string_view name) noexcept {
  return !name.empty() && name.size() <= kTrustDomainBytes &&
         std::all_of(name.begin(), name.end(), is_lower_or_mark);
}

std::optional<SpiffeId> parse_spiffe_id(std::string_view text) noexcept {
  if (text.size() > kIdBytes || !text.starts_with(kScheme)) return std::nullopt;
  const std::size_t end = std::min(text.find('/', kScheme.size()), text.size());
  const SpiffeId id{text.substr(kScheme.size(), end - kScheme.size()), text.substr(0, end),
                    text.substr(end)};
  if (!is_trust_domain(id.trust_domain) || !is_path(id.path)) return std::nullopt;
  return id;
}

}  // namespace mcpgov::identity
