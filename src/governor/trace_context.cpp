// Reading traceparent, and making the id of our own span.
// Tested by tests/governor/trace_context_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/trace_context.hpp"

#include <algorithm>
#include <cstring>

#include "base/hash.hpp"
#include "governor/call.hpp"

namespace mcpgov::detail {

namespace {

// `00-` 32 digits `-` 16 digits `-` 2 digits.
constexpr std::size_t kTraceparentBytes = 55;
// What everybody must be able to pass on (W3C Trace Context section 3.3.1.5).
constexpr std::size_t kStateBytes = 512;

int digit_of(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool is_hex(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return digit_of(c) >= 0; });
}

bool is_id(std::string_view text) noexcept {
  return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

// Sixteen digits that depend on all of the record's id, and are not all zeros.
void write_span_id(std::string_view record_id, char (&out)[16]) noexcept {
  std::uint64_t halves[4] = {};
  std::memcpy(halves, record_id.data(), std::min(record_id.size(), sizeof halves));
  std::uint64_t value = mix(mix(halves[0], halves[1]) ^ halves[2], halves[3]) | 1;
  for (int at = 15; at >= 0; --at, value >>= 4) out[at] = "0123456789abcdef"[value & 0xf];
}

}  // namespace

bool read_traceparent(std::string_view text, audit::Trace& out) noexcept {
  if (text.size() < kTraceparentBytes) return false;
  const std::string_view version = text.substr(0, 2);
  if (!is_hex(version) || version == "ff") return false;
  const bool longer = text.size() > kTraceparentBytes;
  if (longer && (version == "00" || text[kTraceparentBytes] != '-')) return false;
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const std::string_view trace_id = text.substr(3, 32);
  const std::string_view parent_id = text.substr(36, 16);
  const std::string_view flags = text.substr(53, 2);
  if (!is_id(trace_id) || !is_id(parent_id) || !is_hex(flags)) return false;
  out.trace_id = trace_id;
  out.parent_id = parent_id;
  out.flags = static_cast<std::uint8_t>(digit_of(flags[0]) << 4 | digit_of(flags[1]));
  return true;
}

audit::Trace trace_of(const wire::Message* message, const HttpHead& http,
                      std::string_view record_id, char (&span_id)[16]) noexcept {
  audit::Trace out;
  if (message != nullptr && read_traceparent(message->traceparent, out)) {
    out.state = message->tracestate.substr(0, kStateBytes);
    out.from_message = true;
  } else if (!http.headers.empty() && read_traceparent(first_field(http, "traceparent"), out)) {
    out.state = first_field(http, "tracestate").substr(0, kStateBytes);
  } else {
    out.trace_id = record_id;
  }
  write_span_id(record_id, span_id);
  out.span_id = {span_id, sizeof span_id};
  return out;
}

}  // namespace mcpgov::detail
