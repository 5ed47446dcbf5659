// Hits of one chunk of a closed segment, found by what its index names.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "audit/log_hits.hpp"
#include "audit/segment_index.hpp"
#include "audit/segment_source.hpp"

namespace mcpgov::audit {

// Whether frames are hits. Threads: one thread. Throws: std::bad_alloc.
class Sieve {
 public:
  explicit Sieve(const Asked& asked) : asked_(asked) {}
  // named: by an index, so that its bytes are not searched first.
  bool holds(const Frame& frame, bool named);

 private:
  const Asked& asked_;
  EventParser parser_;
  ParsedEvent event_;
};

// What of a segment is read: all leaves, or those that are named, in rising order.
struct Wanted {
  bool all = true;
  std::vector<LeafRun> leaves;
  // The chunks in which they are, in rising order.
  std::vector<std::uint32_t> chunks(const SegmentIndex& index, std::uint64_t first_seq) const;
};

// Threads: one thread; several of them may read one segment. Throws: std::bad_alloc.
class ChunkSieve {
 public:
  explicit ChunkSieve(const Asked& asked) : sieve(asked) {}
  // source: for the chunks that follow; outlives them. stop: the first leaf that counts no more.
  void enter(SegmentSource& source, const SegmentHeader& header, std::uint64_t stop) {
    source_ = &source;
    header_ = &header;
    stop_ = stop;
  }
  // Appends to kept what of the chunk is a hit. False: it is not what the index says.
  bool read(const SegmentIndex& index, const Wanted& wanted, std::uint32_t chunk);

  Sieve sieve;
  std::vector<KeptHit> kept;
  std::uint64_t frames = 0;  // that were looked at

 private:
  bool load(std::uint64_t offset, std::uint64_t end, bool last);

  SegmentSource* source_ = nullptr;
  const SegmentHeader* header_ = nullptr;
  std::uint64_t stop_ = ~0ULL;
  std::string bytes_;
};

}  // namespace mcpgov::audit
