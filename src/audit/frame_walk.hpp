// The frames of one segment, one behind the other.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "audit/frame.hpp"
#include "audit/segment_source.hpp"

namespace mcpgov::audit {

// Looks at frames by themselves: whether they follow each other is not asked.
// Threads: one thread at a time. Throws: std::bad_alloc.
class FrameWalk {
 public:
  // source: outlives the walk, at the same address. offset: of a frame, or of the first.
  FrameWalk(SegmentSource& source, std::uint32_t salt, std::uint64_t offset = kSegmentHeader)
      : source_(&source), salt_(salt), cursor_(offset), begin_(offset) {}

  // The frame at cursor(), which stays there. It borrows from this walk until the next call.
  // blank: also at the end of the file. bad with failed(): the bytes could not be read.
  FrameState peek(Frame& frame, const char*& why);
  void pass(const Frame& frame) noexcept { cursor_ += frame_size(frame.payload.size()); }
  std::uint64_t cursor() const noexcept { return cursor_; }
  void move_to(std::uint64_t offset) noexcept { cursor_ = offset; }

  // Forgets what it has read, so that peek() sees what was written since.
  void refresh() noexcept { block_.clear(); }
  // Whether a whole frame lies behind the cursor, which moves there: among the next 256 KiB, or,
  // if everywhere, up to the end of the file. False also after a gibibyte of what looked like
  // frames.
  bool find_next(bool everywhere);
  bool failed() const noexcept { return failed_; }
  std::uint64_t failed_at() const noexcept { return begin_; }

 private:
  bool load(std::uint64_t offset);

  SegmentSource* source_;
  std::uint32_t salt_;
  std::uint64_t cursor_;
  std::uint64_t begin_;  // of the block
  std::string block_;
  bool failed_ = false;
  std::uint64_t searched_ = 0;
};

}  // namespace mcpgov::audit
