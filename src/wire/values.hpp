// Reading the values an outline found, from tape and bytes.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <simdjson.h>

#include "wire/document.hpp"

namespace mcpgov::wire {

// The recorded members of one message. A value asked for under a slot that is absent is empty.
// Borrows state; views live until the next parse.
class Values {
 public:
  using Type = simdjson::internal::tape_type;

  explicit Values(const Parser::State& state) noexcept : state_(state) {}

  bool has(Slot slot) const noexcept { return state_.outline.has(slot); }
  std::uint32_t offset(Slot slot) const noexcept {
    return has(slot) ? state_.outline.at(slot).begin : state_.outline.whole.begin;
  }
  bool is(Slot slot, Type type) const noexcept {
    return has(slot) && ref(slot).tape_ref_type() == type;
  }
  bool is_object(Slot slot) const noexcept { return is(slot, Type::START_OBJECT); }
  bool is_string(Slot slot) const noexcept { return is(slot, Type::STRING); }
  bool is_bool(Slot slot) const noexcept {
    return is(slot, Type::TRUE_VALUE) || is(slot, Type::FALSE_VALUE);
  }

  // Decoded; empty unless the value is a string.
  std::string_view text(Slot slot) const noexcept {
    return is_string(slot) ? ref(slot).get_string_view() : std::string_view();
  }
  // The bytes as sent.
  std::string_view raw(Slot slot) const noexcept {
    if (!has(slot)) return {};
    const Found& found = state_.outline.at(slot);
    return {state_.bytes.get() + found.begin, found.end - found.begin};
  }
  // False when the value is there and is no id (nor null).
  bool id(Slot slot, Id& id) const noexcept {
    if (!has(slot)) return true;
    id.raw = raw(slot);
    switch (ref(slot).tape_ref_type()) {
      case Type::STRING:
        id.type = Id::Type::string;
        id.text = text(slot);
        return id.text.size() <= kIdBytes;
      case Type::INT64:
        id.type = Id::Type::integer;
        id.integer = ref(slot).next_tape_value<std::int64_t>();
        return true;
      case Type::NULL_VALUE: id.type = Id::Type::null; return true;
      default: return false;
    }
  }
  // Ids are kept while a request is open, so they are short.
  static constexpr std::size_t kIdBytes = 1024;

 private:
  simdjson::internal::tape_ref ref(Slot slot) const noexcept {
    return {&state_.json.doc, state_.outline.at(slot).tape};
  }
  const Parser::State& state_;
};

}  // namespace mcpgov::wire
