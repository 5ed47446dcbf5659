// The uncompressed bytes of a segment file, whichever form it has.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "audit/frame.hpp"
#include "audit/seekable.hpp"
#include "base/os_log_file.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// Threads: one thread at a time.
class SegmentSource {
 public:
  // path: its ending `.zst` says what it is. Errors: file_unreadable; audit_damaged for a
  // compressed file without a table that fits.
  static Result<SegmentSource> open(const std::string& path);

  // got: fewer only at the end. False: the bytes cannot be had; error() says why. Throws:
  // bad_alloc.
  bool read_at(std::uint64_t offset, std::span<char> into, std::size_t& got);
  const Error& error() const noexcept { return error_; }
  // Null, or why there is none (static text): damage, or error() where the bytes cannot be had.
  // Throws: bad_alloc.
  const char* read_header(SegmentHeader& header);
  bool is_compressed() const noexcept { return reader_ != nullptr; }
  // Uncompressed. Of a segment in use: the space it has taken.
  std::uint64_t bytes() const noexcept;
  // Where reading may succeed again after it failed at offset: the next compressed part, or the
  // end.
  std::uint64_t behind(std::uint64_t offset) const noexcept;
  // The file has no name any more: it was removed, or another one has taken its place.
  bool is_replaced() const noexcept;
  const std::string& path() const noexcept { return path_; }

 private:
  SegmentSource() = default;
  bool load(const ChunkTable::Chunk& chunk);

  std::string path_;
  ReadFile file_;
  Error error_{ErrorCode::none, {}, {}, 0, 0};
  // Compressed files only: the chunk that was read last.
  std::unique_ptr<ChunkReader> reader_;
  ChunkTable table_;
  std::string chunk_;
  std::string compressed_;
  std::uint64_t chunk_offset_ = 0;
};

// The header of a segment file in either form. False: it cannot be had, or it is none.
// Throws: std::bad_alloc.
bool read_header(const std::string& path, SegmentHeader& header);

}  // namespace mcpgov::audit
