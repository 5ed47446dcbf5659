// Event streams without I/O: bytes in, events out, and events written with other data.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mcpgov/result.hpp"

namespace mcpgov::wire {

// One event, borrowed from the reader until its next call.
struct SseEvent {
  std::string_view raw = {};   // every byte of it, its blank line included
  std::string_view name = {};  // of the last `event` field; empty stands for `message`
  std::string_view data = {};  // the `data` lines joined by line feeds
  std::string_view id = {};
  bool has_data = false;  // without data it is a comment or a heartbeat and dispatches nothing
  bool has_id = false;
  bool has_retry = false;
  bool has_mark = false;  // the stream's byte order mark is in front of its first line
  std::uint64_t retry_ms = 0;
};

// Splits a stream into events. Line ends are LF, CR LF or CR; one leading byte order mark is
// skipped. How the bytes are cut into feeds never changes the events: when a blank line ends in a
// CR that is the last byte so far, the event waits for the next byte, which may be its LF. Threads:
// one thread. Throws: std::bad_alloc only. Spec: WHATWG HTML §9.2.5 and §9.2.6.
class SseReader {
 public:
  enum class Step : std::uint8_t { event, more, failed };

  // event_bytes: the largest event, with its comments, that is held.
  explicit SseReader(std::size_t event_bytes = 4 * 1024 * 1024) : limit_(event_bytes) {}

  // bytes: copied. After a failure they are dropped.
  void feed(std::string_view bytes);
  // The stream has ended: an event that waits for its LF is complete.
  void finish() noexcept { finished_ = true; }
  // Step::event fills `event`; Step::more wants bytes. Failed is final.
  Step next(SseEvent& event);

  // Why it failed: stream_event_too_large.
  ErrorCode error() const noexcept { return error_; }
  // Bytes of an event that is not complete. At the end of a stream a client discards it, so whoever
  // passes events on drops it as well.
  std::size_t pending() const noexcept { return buffer_.size() - start_; }

 private:
  bool find_end() noexcept;
  void read_fields(std::string_view raw, SseEvent& event);

  std::string buffer_;
  std::string joined_;       // data of more than one line
  std::size_t start_ = 0;    // of the event being read
  std::size_t line_ = 0;     // of the line being read
  std::size_t scanned_ = 0;  // no byte is looked at twice, however small the feeds
  std::size_t end_ = 0;      // of the event, when find_end() is true
  std::size_t limit_;
  bool first_ = true;  // a byte order mark may come
  bool finished_ = false;
  ErrorCode error_ = ErrorCode::none;
};

// Appends the event with other data: the `data` lines are replaced where the first of them was, one
// for each line of `data`; all other lines and the line ends stay byte for byte, but a CR that
// would join the LF of a later line becomes an LF. An event without data is appended as it is.
void write_event(const SseEvent& event, std::string_view data, std::string& out);

// Whether every line of the event is an `event`, `id`, `retry` or `data` field, spelled as the
// specification spells them, and no reader can see other line ends in it (some take U+0085, U+2028,
// U+2029, vertical tab and form feed for them). Only such an event means the same to all clients.
bool is_plain(const SseEvent& event) noexcept;

// Appends a new event of type `message`. id: left out when empty; must hold no line end.
void write_new_event(std::string_view id, std::string_view data, std::string& out);

}  // namespace mcpgov::wire
