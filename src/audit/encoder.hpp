// From records to frames: capture, canonical JSON, sequence numbers, leaves of the tree.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/capture.hpp"
#include "audit/event.hpp"
#include "audit/frame.hpp"
#include "audit/run_codec.hpp"
#include "audit/tree.hpp"

namespace mcpgov::audit {

// Frames that are written together. Kept until they are durable, so that they can be written again.
struct Batch {
  std::string frames;           // each one a leaf
  std::vector<Digest> leaves;   // of the frames, or none until hash_leaves()
  std::uint32_t salt = 0;       // that the frames were made with
  std::uint64_t first_seq = 0;  // of its leaves; it has at least one
  std::uint64_t last_seq = 0;
  std::uint64_t min_time_ns = ~std::uint64_t{0}, max_time_ns = 0;  // of leaves
  std::uint64_t records = 0;                                       // final ones
  Tree after;                       // the tree up to last_seq; whoever writes the batch sets it
  std::vector<std::uint32_t> runs;  // of the ring, free once this is durable
  bool urgent = false;              // somebody waits for it

  void clear() noexcept;
};

// A third of the processor time of a record: done by whichever thread has it, once for each batch.
// Throws: std::bad_alloc, and the batch is as it was.
void hash_leaves(Batch& batch);

// What is stored of one record. result: content handed over with the end.
struct Encoded {
  const StoredRecord* stored = nullptr;
  std::string_view result;
  bool intent = false;
  bool waited = false;
  bool reconstructed = false;
};

// Threads: one thread at a time.
class Encoder {
 public:
  explicit Encoder(Capture capture) : capture_(std::move(capture)) {}

  // Goes on behind this number; with the salt of the segment that is in use.
  void resume(std::uint64_t last_seq) noexcept { last_seq_ = last_seq; }
  void set_salt(std::uint32_t salt) noexcept { salt_ = salt; }
  std::uint64_t last_seq() const noexcept { return last_seq_; }

  // Adds a frame at the end of the batch and gives its number. When it throws, nothing was added
  // and no number is used. Throws: std::bad_alloc.
  std::uint64_t add_event(Batch& batch, const Encoded& record);
  std::uint64_t add_frame(Batch& batch, FrameType type, std::string_view payload,
                          std::uint64_t time_ns, std::uint16_t flags = 0);

  // The event of the last add_event(), for those who count.
  const Event& event() const noexcept { return event_; }
  Capture& capture() noexcept { return capture_; }

 private:
  Captured captured(const Encoded& record, bool is_result, std::string& copy);

  Capture capture_;
  std::uint64_t last_seq_ = 0;
  std::uint32_t salt_ = 0;
  std::string payload_;
  std::string arguments_;  // the capture's result lives until its next call
  Event event_;
};

}  // namespace mcpgov::audit
