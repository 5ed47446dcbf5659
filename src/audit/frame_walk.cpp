// Reading a segment block by block.
// Tested by tests/audit/log_reader_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/frame_walk.hpp"

#include <string_view>

namespace mcpgov::audit {

namespace {

// Several times the largest frame.
constexpr std::size_t kBlock = 256 * 1024;

}  // namespace

bool FrameWalk::load(std::uint64_t offset) {
  block_.resize(kBlock);
  std::size_t got = 0;
  failed_ = !source_->read_at(offset, block_, got);
  block_.resize(failed_ ? 0 : got);
  begin_ = offset;
  return !failed_;
}

FrameState FrameWalk::peek(Frame& frame, const char*& why) {
  for (int attempt = 0;; ++attempt) {
    FrameState state = FrameState::cut_short;
    if (cursor_ >= begin_ && cursor_ - begin_ < block_.size()) {
      const auto at = static_cast<std::size_t>(cursor_ - begin_);
      state = parse_frame(std::string_view(block_).substr(at), salt_, frame, why);
    }
    if (state != FrameState::cut_short) return state;
    if (attempt == 1) return block_.empty() ? FrameState::blank : state;
    if (!load(cursor_)) {
      why = "it cannot be read";
      return FrameState::bad;
    }
  }
}

bool FrameWalk::find_next(bool everywhere) {
  if (cursor_ != begin_ || block_.empty()) {
    if (!load(cursor_)) return false;
  }
  for (;;) {
    const std::string_view block = block_;
    for (std::size_t at = 0; at + 8 <= block.size(); at += 8) {
      Frame frame;
      const char* why = nullptr;
      if (parse_frame(block.substr(at), salt_, frame, why) != FrameState::whole) continue;
      cursor_ = begin_ + at;
      return true;
    }
    // The largest frame may begin in this block and end in the next.
    if (!everywhere || block.size() < kBlock) return false;
    if (!load(begin_ + kBlock / 2)) return false;
  }
}

}  // namespace mcpgov::audit
