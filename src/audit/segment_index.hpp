// Where in a closed segment to look: which of its leaves are of a session, a caller, a tool, …
//
// An index never decides what exists. It is made from its segment and made again when it is lost or
// damaged, and what it points at is read and compared.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/event_terms.hpp"
#include "audit/frame.hpp"
#include "base/os_log_file.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// What is looked up: 48 bits that stand for a field and its value.
std::uint64_t index_key(Field field, std::string_view value) noexcept;

// A chunk is a run of whole frames of about kChunkBytes, one zstd frame of the compressed segment.
struct ChunkPlace {
  std::uint64_t offset = 0;  // in the uncompressed segment
  std::uint64_t seq = 0;     // of its first leaf
};

// Leaves of a segment that follow each other, counted from its first, which is 0.
struct LeafRun {
  std::uint32_t first = 0, count = 0;
  std::uint64_t end() const noexcept { return std::uint64_t{first} + count; }
  bool operator==(const LeafRun&) const = default;
};

// The leaves of both; each in rising order, as is what comes of it.
std::vector<LeafRun> in_both(const std::vector<LeafRun>& a, const std::vector<LeafRun>& b);

// Threads: one thread.
class IndexBuilder {
 public:
  // A chunk begins: frames from here on belong to it.
  void begin_chunk(std::uint64_t offset);
  // Every leaf, in order. event: null where it is no event, or none that can be read.
  void add(const Frame& frame, const ParsedEvent* event);
  // The bytes of the file. closed: the segment has a trailer, and will never change.
  std::string finish(const SegmentHeader& segment, bool closed);

 private:
  struct Entry {
    std::uint64_t key;
    LeafRun leaves;
  };
  // A key of the leaf at hand or of the one before it, and which entry its run is.
  struct Running {
    std::uint64_t key;
    std::size_t entry;
  };
  void add_keys(std::uint32_t leaf);
  std::uint32_t append_list(std::string& lists, std::size_t begin, std::size_t end) const;
  std::string places();

  std::vector<ChunkPlace> chunks_;
  std::vector<Entry> entries_;
  std::vector<std::uint64_t> keys_;        // of the leaf
  std::vector<Running> running_, former_;  // by key
  std::uint64_t first_seq_ = 0, last_seq_ = 0;
  std::uint64_t min_time_ns_ = ~0ULL, max_time_ns_ = 0;
};

// Reads only what a question needs; every part has a checksum.
// Threads: one thread at a time.
class SegmentIndex {
 public:
  using Place = ChunkPlace;

  // segment: whose index it has to be. Errors: file_unreadable, audit_damaged.
  static Result<SegmentIndex> open(const std::string& path, const SegmentHeader& segment);

  const std::vector<Place>& chunks() const noexcept { return chunks_; }
  // The chunk in which the leaf is, or would be; empty: before or behind all.
  std::optional<Place> chunk_of(std::uint64_t seq) const;
  std::uint64_t last_seq() const noexcept { return last_seq_; }
  std::uint64_t min_time_ns() const noexcept { return min_time_ns_; }
  std::uint64_t max_time_ns() const noexcept { return max_time_ns_; }
  bool closed() const noexcept { return closed_; }

  // The leaves that may have the key, in rising order. False: the index is damaged there.
  bool find(std::uint64_t key, std::vector<LeafRun>& leaves) const;

 private:
  SegmentIndex() = default;
  bool load_page(std::uint64_t page, std::string& into) const;
  bool load_list(std::uint32_t at, std::vector<LeafRun>& leaves) const;

  ReadFile file_;
  std::vector<Place> chunks_;
  std::uint64_t last_seq_ = 0;
  std::uint64_t leaves_ = 0;
  std::uint64_t min_time_ns_ = 0, max_time_ns_ = 0;
  std::uint64_t pages_ = 0, pages_at_ = 0;
  std::uint64_t lists_at_ = 0, list_bytes_ = 0;
  bool closed_ = false;
};

}  // namespace mcpgov::audit
