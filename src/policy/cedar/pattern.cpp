// Greedy matching from left to right: the first place a piece fits leaves most for the others.
// Tested by tests/policy/pattern_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/pattern.hpp"

#include <new>

namespace mcpgov::policy::cedar {
namespace {

constexpr std::size_t kShort = 8;

std::span<const std::uint32_t> failure_table(std::string_view piece, Arena& arena) {
  if (piece.size() <= kShort) return {};
  auto* table = arena.array<std::uint32_t>(piece.size());
  table[0] = 0;
  std::uint32_t length = 0;
  for (std::size_t i = 1; i < piece.size(); ++i) {
    while (length > 0 && piece[i] != piece[length]) length = table[length - 1];
    if (piece[i] == piece[length]) ++length;
    table[i] = length;
  }
  return {table, piece.size()};
}

}  // namespace

LikePattern::LikePattern(std::span<const std::string_view> pieces, Arena& arena)
    : prefix_(arena.copy(pieces.front())), exact_(pieces.size() == 1) {
  if (exact_) return;
  suffix_ = arena.copy(pieces.back());
  auto* middle = arena.array<Piece>(pieces.size());
  std::size_t count = 0;
  for (const std::string_view piece : pieces.subspan(1, pieces.size() - 2)) {
    if (piece.empty()) continue;  // `**` is `*`
    const std::string_view text = arena.copy(piece);
    new (&middle[count++]) Piece{text, failure_table(text, arena)};
  }
  middle_ = {middle, count};
}

std::size_t LikePattern::find(const Piece& piece, std::string_view text) noexcept {
  if (piece.failure.empty()) return text.find(piece.text);
  std::uint32_t matched = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    while (matched > 0 && text[at] != piece.text[matched]) matched = piece.failure[matched - 1];
    if (text[at] == piece.text[matched]) ++matched;
    if (matched == piece.text.size()) return at + 1 - matched;
  }
  return std::string_view::npos;
}

bool LikePattern::matches(std::string_view text) const noexcept {
  if (exact_) return text == prefix_;
  if (text.size() < prefix_.size() + suffix_.size()) return false;
  if (!text.starts_with(prefix_) || !text.ends_with(suffix_)) return false;
  text.remove_prefix(prefix_.size());
  text.remove_suffix(suffix_.size());
  for (const Piece& piece : middle_) {
    const std::size_t at = find(piece, text);
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + piece.text.size());
  }
  return true;
}

}  // namespace mcpgov::policy::cedar
