// Writing JSON text into memory of a fixed size, for texts that have a limit and are many.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/os_time.hpp"

namespace mcpgov {

// Whether every byte is printable ASCII, so that no reader of lines and no terminal acts on any.
bool printable_ascii(std::string_view text) noexcept;

// The calls and the text of JsonWriter, without a call of the C++ library for each member. When the
// text does not fit, what follows is left out, overflowed() says so, and text() is no JSON.
// Keys are our own: at most 40 bytes, written as they are.
// memory: borrowed, more than kSlack bytes, of which the last kSlack are never part of text().
// Throws: std::bad_alloc, where a text needs escapes. Threads: one thread.
class JsonBuffer {
 public:
  // The longest key with its punctuation, and a number of 64 bits or a timestamp.
  static constexpr std::size_t kSlack = 96;

  explicit JsonBuffer(std::span<char> memory) noexcept
      : begin_(memory.data()), at_(begin_), end_(begin_ + memory.size() - kSlack) {
    *at_++ = '{';
  }

  std::string_view text() const noexcept {
    return {begin_, static_cast<std::size_t>(at_ - begin_)};
  }
  bool overflowed() const noexcept { return overflowed_; }

  void string(std::string_view key, std::string_view value) {
    name(key);
    quoted(value);
  }
  // A string that is known to need no escapes: a name of ours, hexadecimal digits.
  void plain(std::string_view key, std::string_view value) noexcept {
    name(key);
    if (!fits(value.size())) return;
    *at_++ = '"';
    copy(value);
    *at_++ = '"';
  }
  void number(std::string_view key, std::uint64_t value) noexcept {
    name(key);
    at_ = std::to_chars(at_, at_ + 20, value).ptr;
  }
  void integer(std::string_view key, std::int64_t value) noexcept {
    name(key);
    at_ = std::to_chars(at_, at_ + 20, value).ptr;
  }
  void boolean(std::string_view key, bool value) noexcept {
    name(key);
    copy(value ? "true" : "false");
  }
  void time(std::string_view key, std::uint64_t time_us) noexcept {
    name(key);
    char text[kTimestampSize];
    write_timestamp(time_us, text);
    *at_++ = '"';
    copy({text, sizeof text});
    *at_++ = '"';
  }
  // json: complete JSON text; written on one line and with unsafe characters escaped.
  void raw(std::string_view key, std::string_view json);

  void open_object(std::string_view key) noexcept { open(key, '{'); }
  void close_object() noexcept { close('}'); }
  void open_array(std::string_view key) noexcept { open(key, '['); }
  void element(std::string_view value) {
    name({});
    quoted(value);
  }
  void close_array() noexcept { close(']'); }
  void finish() noexcept { close('}'); }

 private:
  // Whether `size` bytes fit before the slack; afterwards there is always room for kSlack more.
  bool fits(std::size_t size) noexcept {
    if (size <= static_cast<std::size_t>(end_ - at_)) return true;
    overflowed_ = true;
    return false;
  }
  void copy(std::string_view text) noexcept {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  // Keeps at_ at or before end_, so that what has a bounded size needs no further check.
  void name(std::string_view key) noexcept {
    if (at_ >= end_) {
      overflowed_ = true;
      at_ = end_;
    }
    *at_ = ',';
    at_ += comma_;
    comma_ = 1;
    if (key.empty()) return;
    *at_++ = '"';
    copy(key);
    *at_++ = '"';
    *at_++ = ':';
    if (at_ > end_) {
      overflowed_ = true;
      at_ = end_;
    }
  }
  void open(std::string_view key, char bracket) noexcept {
    name(key);
    *at_++ = bracket;
    comma_ = 0;
  }
  void close(char bracket) noexcept {
    if (at_ >= end_) {
      overflowed_ = true;
      at_ = end_;
    }
    *at_++ = bracket;
    comma_ = 1;
  }
  void quoted(std::string_view value);
  void unsafe_rest(std::string_view value);

  char* begin_;
  char* at_;
  char* end_;  // of what text() may become
  std::uint32_t comma_ = 0;
  bool overflowed_ = false;
};

}  // namespace mcpgov
