// The events of one log that answer a question, one after the other.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "audit/event_terms.hpp"
#include "audit/log_folder.hpp"
#include "audit/log_reader.hpp"
#include "audit/query.hpp"

namespace mcpgov::audit {

// A question, prepared: borrowed from it.
class Asked {
 public:
  explicit Asked(const Question& question);
  const Question& question() const noexcept { return question_; }
  // Fields that have to hold, with their keys.
  struct Term {
    Field field;
    std::string_view value;
    std::uint64_t key;
  };
  const std::vector<Term>& terms() const noexcept { return terms_; }
  // Whether an event may fit, by its bytes alone: every value stands somewhere in it. Without it
  // an event would have to be taken apart only to be passed over.
  bool may_fit(std::string_view payload) const noexcept;
  bool fits(const ParsedEvent& event) const;
  bool in_time(std::uint64_t time_ns) const noexcept {
    return time_ns >= question_.from_ns && time_ns < question_.until_ns;
  }

 private:
  const Question& question_;
  std::vector<Term> terms_;
};

struct KeptHit {
  std::uint64_t seq, time_ns;
  FrameType type;
  std::string payload;
};

class ChunkSieve;

// Reads what an index names with two threads, in parts whose hits are given in their order.
// Threads: one thread at a time. Throws: std::bad_alloc.
class LogHits {
 public:
  // log, asked: borrowed for its life.
  LogHits(const LogEntry& log, const Asked& asked);
  ~LogHits();

  // False: there are no more. hit borrows until the next call.
  bool next(Hit& hit);
  // Places that could not be read since the last call.
  std::vector<Error> take_damage() { return std::exchange(damage_, {}); }
  std::uint64_t segments() const noexcept { return segments_; }
  std::uint64_t indexed() const noexcept { return indexed_; }
  std::uint64_t frames() const noexcept { return frames_; }

 private:
  struct Segment;
  bool open_next();
  bool open_index(bool in_use);
  bool fill();
  bool read_part();
  bool read_chunks(ChunkSieve& sieve, std::size_t begin, std::size_t end);
  bool read_whole(bool in_pieces);
  void keep(const Frame& frame);

  const LogEntry& log_;
  const Asked& asked_;
  const LogFolders folders_;
  std::unique_ptr<ChunkSieve> sieve_, other_sieve_;
  std::size_t part_ = 1;  // chunks that are read at once
  std::vector<SegmentFile> files_;
  std::size_t opened_ = 0;  // of files_, from either end
  std::unique_ptr<Segment> segment_;
  std::vector<KeptHit> kept_;  // of one part, in the order they are given
  std::size_t given_ = 0;
  std::vector<Error> damage_;
  std::uint64_t segments_ = 0, indexed_ = 0, frames_ = 0;
};

}  // namespace mcpgov::audit
