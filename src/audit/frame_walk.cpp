// Reading a segment block by block.
// Tested by tests/audit/log_reader_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/frame_walk.hpp"

#include <string_view>

#include "base/little_endian.hpp"

namespace mcpgov::audit {

namespace {

// Several times the largest frame.
constexpr std::size_t kBlock = 256 * 1024;
// Bytes of which a sum was made in vain. Without a limit a file could be written in which every
// eighth byte begins a frame of 60 KiB, and to search it would take minutes.
constexpr std::uint64_t kMaxSearched = 1ULL << 30;

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
  while (!block_.empty()) {
    const std::string_view block = block_;
    for (std::size_t at = 0; at + 8 <= block.size(); at += 8) {
      Frame frame;
      const char* why = nullptr;
      const FrameState state = parse_frame(block.substr(at), salt_, frame, why);
      if (state == FrameState::whole) {
        cursor_ = begin_ + at;
        return true;
      }
      if (state == FrameState::bad && why == kWrongSum) {
        searched_ += get_little<std::uint32_t>(block.data() + at + 4);
        if (searched_ > kMaxSearched) return false;
      }
    }
    if (!everywhere) return false;
    // The largest frame may begin in this block and end in the next.
    const std::uint64_t step = block.size() < kBlock ? block.size() : kBlock / 2;
    if (!load(begin_ + step)) return false;
  }
  return false;
}

}  // namespace mcpgov::audit
