// One pass over the JSON of an event.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mcpgov::audit {

// Goes through JSON that a parser has accepted, once: every function reads one value and stops
// behind it. No grammar is checked, but nothing outside the text is read either.
class EventCursor {
 public:
  EventCursor(std::string_view json, std::string& decoded)
      : at_(json.data()), end_(at_ + json.size()), decoded_(decoded) {}

  // Calls member(name), which reads the value and returns false when it cannot be that.
  template <class Member>
  bool object(Member&& member) {
    if (!next_is('{')) return false;
    while (!next_is('}')) {
      std::string_view name;
      next_is(',');
      if (!text(name) || !next_is(':') || !member(name)) return false;
      space();
    }
    return true;
  }
  template <class Element>
  bool array(Element&& element) {
    if (!next_is('[')) return false;
    while (!next_is(']')) {
      next_is(',');
      if (at_ == end_ || !element()) return false;
      space();
    }
    return true;
  }

  bool text(std::string_view& out);
  bool texts(std::vector<std::string_view>& out);
  // As written.
  bool raw(std::string_view& out);
  bool structure(std::string_view& out);
  bool count(std::uint64_t& out);
  bool integer(std::int64_t& out);
  bool boolean(bool& out);
  bool skip();
  const char* at() noexcept {
    space();
    return at_;
  }

 private:
  void space() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }
  bool next_is(char c) noexcept {
    space();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  // With its quotes.
  bool string(std::string_view& out, bool& escapes) noexcept;

  const char* at_;
  const char* end_;
  std::string& decoded_;
};

}  // namespace mcpgov::audit
