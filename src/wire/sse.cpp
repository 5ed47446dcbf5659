// Reading and writing event streams.
// Tested by tests/wire/sse_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/sse.hpp"

#include <algorithm>

namespace mcpgov::wire {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// One line with its end: `text` without it, `size` with it.
struct Line {
  std::string_view text;
  std::size_t size;
  std::string_view end() const noexcept { return {text.data() + text.size(), size - text.size()}; }
};

Line first_line(std::string_view text) noexcept {
  const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
  std::size_t size = end;
  if (size < text.size()) size += text.substr(size, 2) == "\r\n" ? 2 : 1;
  return {text.substr(0, end), size};
}

struct Split {
  std::string_view field;
  std::string_view value;
};

// `field: value`; one space after the colon belongs to neither. A comment has an empty field.
Split split(std::string_view line) noexcept {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return {line, {}};
  std::string_view value = line.substr(colon + 1);
  if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  return {line.substr(0, colon), value};
}

// Calls write(line) for each line of data; the text after the last line end is a line too.
template <class Write>
void each_line(std::string_view data, Write write) {
  while (true) {
    const Line line = first_line(data);
    write(line.text);
    if (line.size == line.text.size()) return;
    data.remove_prefix(line.size);
  }
}

// Appends one line of an event that began at `start` of `out`. A line that ended in CR may now be
// followed by one that begins with LF, and the two would become one line end: the blank line behind
// the event would be lost.
void append_line(std::string& out, std::size_t start, std::string_view text, std::string_view end) {
  const bool blank = text.empty() && end.substr(0, 1) == "\n";
  if (blank && out.size() > start && out.back() == '\r') out.back() = '\n';
  out += text;
  out += end;
}

void read_retry(std::string_view value, SseEvent& event) noexcept {
  constexpr std::uint64_t kMost = 1'000'000'000'000;  // ms, 31 years; more is noise
  const bool digits = !value.empty() && std::all_of(value.begin(), value.end(),
                                                    [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) return;
  event.has_retry = true;
  event.retry_ms = 0;
  for (char c : value) {
    event.retry_ms = std::min(event.retry_ms * 10 + static_cast<std::uint64_t>(c - '0'), kMost);
  }
}

}  // namespace

void SseReader::feed(std::string_view bytes) {
  if (error_ != ErrorCode::none) return;
  if (start_ != 0) {
    buffer_.erase(0, start_);
    line_ -= start_;
    scanned_ -= start_;
    start_ = 0;
  }
  buffer_ += bytes;
}

SseReader::Step SseReader::next(SseEvent& event) {
  if (error_ != ErrorCode::none) return Step::failed;
  const bool complete = find_end();
  const std::size_t size = (complete ? end_ : buffer_.size()) - start_;
  if (size > limit_) {
    error_ = ErrorCode::stream_event_too_large;
    buffer_ = {};
    start_ = 0;
    return Step::failed;
  }
  if (!complete) return Step::more;
  event = {};
  event.raw = std::string_view(buffer_).substr(start_, size);
  read_fields(event.raw, event);
  first_ = false;
  start_ = line_ = scanned_ = end_;
  return Step::event;
}

// Looks for the blank line that ends the event, going on where the last call stopped.
bool SseReader::find_end() noexcept {
  const std::string_view text = buffer_;
  while (true) {
    const std::size_t end = text.find_first_of("\r\n", scanned_);
    if (end == std::string_view::npos) {
      scanned_ = text.size();
      return false;
    }
    const bool last = end + 1 == text.size();
    if (text[end] == '\r' && last && !finished_) {
      scanned_ = end;  // its LF may still come
      return false;
    }
    const std::size_t next = end + (text.substr(end, 2) == "\r\n" ? 2 : 1);
    std::string_view line = text.substr(line_, end - line_);
    if (first_ && line_ == 0 && line.substr(0, 3) == kByteOrderMark)
      line.remove_prefix(kByteOrderMark.size());
    line_ = scanned_ = next;
    if (!line.empty()) continue;
    end_ = next;
    return true;
  }
}

void SseReader::read_fields(std::string_view raw, SseEvent& event) {
  event.has_mark = first_ && raw.substr(0, 3) == kByteOrderMark;
  if (event.has_mark) raw.remove_prefix(kByteOrderMark.size());
  std::size_t data_lines = 0;
  while (!raw.empty()) {
    const Line line = first_line(raw);
    raw.remove_prefix(line.size);
    const auto [field, value] = split(line.text);
    if (field == "data") {
      if (data_lines == 0) {
        event.data = value;
      } else {
        if (data_lines == 1) joined_ = event.data;
        joined_ += '\n';
        joined_ += value;
      }
      ++data_lines;
    } else if (field == "event") {
      event.name = value;
    } else if (field == "id" && value.find('\0') == std::string_view::npos) {
      event.id = value;
      event.has_id = true;
    } else if (field == "retry") {
      read_retry(value, event);
    }
  }
  event.has_data = data_lines > 0;
  if (data_lines > 1) event.data = joined_;
}

void write_event(const SseEvent& event, std::string_view data, std::string& out) {
  std::string_view raw = event.raw;
  const std::size_t start = out.size();
  bool written = false;
  while (!raw.empty()) {
    const Line line = first_line(raw);
    raw.remove_prefix(line.size);
    std::string_view text = line.text;
    const bool marked = event.has_mark && text.data() == event.raw.data();
    if (marked) text.remove_prefix(kByteOrderMark.size());
    if (!event.has_data || split(text).field != "data") {
      append_line(out, start, line.text, line.end());
      continue;
    }
    if (marked) out += kByteOrderMark;
    if (written) continue;
    written = true;
    each_line(data, [&](std::string_view one) {
      out += "data: ";
      out += one;
      out += line.end();
    });
  }
}

void write_new_event(std::string_view id, std::string_view data, std::string& out) {
  if (!id.empty()) {
    out += "id: ";
    out += id;
    out += '\n';
  }
  out += "event: message\n";
  each_line(data, [&](std::string_view one) {
    out += "data: ";
    out += one;
    out += '\n';
  });
  out += '\n';
}

namespace {

bool other_line_end(std::string_view text) noexcept {
  return text.find_first_of("\v\f") != std::string_view::npos ||
         text.find("\xc2\x85") != std::string_view::npos ||
         text.find("\xe2\x80\xa8") != std::string_view::npos ||
         text.find("\xe2\x80\xa9") != std::string_view::npos;
}

bool known_field(std::string_view line) noexcept {
  const std::string_view name = line.substr(0, line.find(':'));
  return line.empty() || name == "data" || name == "event" || name == "id" || name == "retry";
}

}  // namespace

bool is_plain(const SseEvent& event) noexcept {
  if (other_line_end(event.raw)) return false;
  std::string_view rest = event.raw;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
    if (!known_field(rest.substr(0, end))) return false;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return true;
}

}  // namespace mcpgov::wire
