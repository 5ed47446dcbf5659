// Times on the command line.
// Tested by tests/cli/audit_source_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_time.hpp"

#include <charconv>
#include <string>

#include "cli/report_event.hpp"

namespace mcpgov::cli {

namespace {

std::uint64_t seconds_of(char unit) {
  switch (unit) {
    case 's': return 1;
    case 'm': return 60;
    case 'h': return 3'600;
    case 'd': return 86'400;
    case 'w': return 604'800;
    default: return 0;
  }
}

}  // namespace

Result<std::uint64_t> read_moment(std::string_view text, std::uint64_t now_us) {
  if (text.empty()) return std::uint64_t{0};
  const std::uint64_t unit = seconds_of(text.back());
  if (unit != 0) {
    std::uint64_t count = 0;
    const char* end = text.data() + text.size() - 1;
    const auto read = std::from_chars(text.data(), end, count);
    // A hundred years, so that nothing overflows.
    if (read.ec == std::errc() && read.ptr == end && count <= 3'153'600'000 / unit) {
      const std::uint64_t ago_us = count * unit * 1'000'000;
      return ago_us >= now_us ? std::uint64_t{1} : now_us - ago_us;
    }
  }
  std::string moment(text);
  if (text.size() == 10) moment += "T00:00:00Z";
  const std::uint64_t us = parse_event_time(moment);
  if (us != 0) return us;
  return Error{ErrorCode::audit_query,
               "a time is written as 2026-11-20T10:00:00Z, 2026-11-20, or ago: 15m, 24h, 7d",
               {},
               0,
               0};
}

}  // namespace mcpgov::cli
