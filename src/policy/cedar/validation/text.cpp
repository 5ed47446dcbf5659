// Names in messages.
// Tested by tests/policy/validation_types_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/validation/text.hpp"

#include <algorithm>
#include <array>

#include "policy/cedar/lexer.hpp"
#include "policy/cedar/quote.hpp"

namespace mcpgov::policy::cedar::validation {

namespace {

constexpr std::size_t kShownBytes = 80;
// One suggestion costs at most 1,000 comparisons of 64 by 64 letters.
constexpr std::size_t kMostCandidates = 1000;
constexpr std::size_t kMostLetters = 64;

bool is_plain(std::string_view name) noexcept {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && letter(name[0]) && name.size() <= kShownBytes && !is_reserved(name) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || digit(c); });
}

std::string_view shown(std::string_view name) noexcept {
  if (name.size() <= kShownBytes) return name;
  std::size_t end = kShownBytes;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0U) == 0x80U) --end;
  return name.substr(0, end);
}

// Letters to insert, remove or change, or more than `most`. Bytes stand for letters: what differs
// in one letter of several bytes is hardly a misspelling.
std::size_t distance(std::string_view a, std::string_view b, std::size_t most) noexcept {
  std::array<std::size_t, kMostLetters + 1> row;
  for (std::size_t i = 0; i <= a.size(); ++i) row[i] = i;
  for (std::size_t j = 1; j <= b.size(); ++j) {
    std::size_t before = row[0];
    std::size_t least = row[0] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
      const std::size_t above = row[i];
      row[i] = a[i - 1] == b[j - 1] ? before : 1 + std::min({before, above, row[i - 1]});
      before = above;
      least = std::min(least, row[i]);
    }
    if (least > most) return most + 1;
  }
  return row[a.size()];
}

}  // namespace

void append_name(std::string& out, std::string_view name) {
  if (is_plain(name)) {
    out += name;
    return;
  }
  append_text(out, name);
}

void append_text(std::string& out, std::string_view text) {
  append_quoted(out, shown(text));
  if (shown(text).size() < text.size()) out += "…";
}

void append_step(std::string& out, std::string_view name) {
  const bool plain = is_plain(name);
  out += plain ? "." : "[";
  append_name(out, name);
  if (!plain) out += "]";
}

std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates) {
  std::string_view best;
  if (candidates.size() > kMostCandidates || name.empty() || name.size() > kMostLetters)
    return best;
  std::size_t most = std::max<std::size_t>(1, name.size() / 3);
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kMostLetters) continue;
    const std::size_t longer = std::max(candidate.size(), name.size());
    if (longer - std::min(candidate.size(), name.size()) > most) continue;
    const std::size_t found = distance(name, candidate, most);
    // Of equally near ones the first by text: the answer must not depend on the order of ids.
    const bool better = found < most || (found == most && (best.empty() || candidate < best));
    if (found > most || found == longer || !better) continue;
    best = candidate;
    most = found;
  }
  return best;
}

}  // namespace mcpgov::policy::cedar::validation
