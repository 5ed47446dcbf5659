// The patterns of `like`, matched in linear time.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.hpp"

namespace mcpgov::policy::cedar {

// A pattern cut at its wildcards. Matching bytes is exact: a wildcard stands for whole characters,
// the pieces are whole characters, and no UTF-8 sequence starts inside another one.
// Threads: immutable, share freely while the arena lives.
class LikePattern {
 public:
  // pieces: the text between wildcards; one piece means that there is none. Copied to the arena.
  LikePattern(std::span<const std::string_view> pieces, Arena& arena);

  bool matches(std::string_view text) const noexcept;

 private:
  struct Piece {
    std::string_view text;
    // Knuth-Morris-Pratt: where to go on after a mismatch. Empty for short pieces, where a plain
    // search costs at most their length per byte.
    std::span<const std::uint32_t> failure;
  };
  static std::size_t find(const Piece& piece, std::string_view text) noexcept;

  std::string_view prefix_;
  std::string_view suffix_;
  std::span<const Piece> middle_;
  bool exact_ = false;  // no wildcard: prefix_ is the whole pattern
};

}  // namespace mcpgov::policy::cedar
