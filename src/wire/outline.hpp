// One pass over a parsed document: strictness at every level, and where the protocol members lie.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "mcpgov/wire.hpp"
#include "wire/members.hpp"

namespace mcpgov::wire {

// Where a value lies: its index on simdjson's tape and its bytes in the body.
struct Found {
  std::uint32_t tape = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// What one message holds, before anything is understood.
struct Outline {
  std::uint64_t present = 0;  // bit s: slots[s] is set
  Found whole = {};
  bool object = false;
  ErrorCode fault = ErrorCode::none;  // the first one: duplicate_member or member_case_variant
  std::uint32_t fault_offset = 0;
  std::array<Found, kSlots> slots;  // not cleared between messages: `present` says what counts

  bool has(Slot slot) const noexcept { return present >> static_cast<unsigned>(slot) & 1U; }
  const Found& at(Slot slot) const noexcept { return slots[static_cast<std::size_t>(slot)]; }
};

// Walks the values of one body in order. simdjson's tape holds decoded strings but no positions;
// its structural indexes hold the positions of the same tokens, so both are walked in step. The
// document is already known to be valid JSON.
// Threads: one thread.
class Walk {
 public:
  // Forgets the last body. bytes: of the parsed text, readable one byte beyond its end.
  void start(const simdjson::dom::parser& parser, const char* bytes, std::uint32_t depth,
             std::uint32_t members);

  // Enters or leaves the array of a batch, or steps over a comma in it.
  void skip_bracket() noexcept;
  // Whether the next token closes the batch.
  bool at_close() const noexcept { return bytes_[position()] == ']'; }

  // Walks one value. False when the body exceeds the limit that `exceeded` then names.
  bool value(Outline& out);
  ErrorCode exceeded = ErrorCode::none;
  std::uint32_t position() const noexcept { return structurals_[next_]; }

  // Gives back what a huge body made it reserve.
  void shrink();

 private:
  struct Frame {
    std::uint64_t
        seen;  // one bit for each key so far, by signature; a bit that is not set is proof
    std::uint32_t first_key;
    Place place;
    Slot open;  // the recorded member whose value is being walked, or noted
  };
  struct Key {
    const char* text;
    std::uint32_t size;
    std::uint32_t offset;
    std::uint32_t signature;  // equal keys have equal ones
    std::string_view view() const noexcept { return {text, size}; }
  };

  bool open();
  void close(Outline& out);
  bool key(Outline& out);
  void end_member(Outline& out) noexcept;
  std::uint32_t end_before(std::uint32_t next) const noexcept;
  void check_duplicate(Outline& out, Frame& frame) noexcept;
  void check_many(Outline& out, const Frame& frame);

  const simdjson::dom::document* document_ = nullptr;
  const std::uint32_t* structurals_ = nullptr;
  const char* bytes_ = nullptr;
  // Not side by side: compilers add to neighbours as to one word, which then waits until the last
  // write to either has left the store buffer.
  std::uint32_t next_ = 0;  // into structurals_
  std::uint32_t depth_limit_ = 0;
  std::uint32_t tape_ = 1;  // word 0 is the root
  std::uint32_t members_left_ = 0;
  std::uint32_t outer_ = 0;     // 1 inside a batch
  Place place_ = Place::other;  // of the next value
  std::vector<Frame> frames_;
  std::vector<Key> keys_;  // of all open objects
};

}  // namespace mcpgov::wire
