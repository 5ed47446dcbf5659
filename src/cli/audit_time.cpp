// Times on the command line.
// Tested by tests/cli/audit_source_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_time.hpp"

#include <charconv>
#include <string>

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

// Digits at text[at, at + count); false: they are not.
bool digits(std::string_view text, std::size_t at, std::size_t count, int& out) {
  if (at + count > text.size()) return false;
  const char* first = text.data() + at;
  return std::from_chars(first, first + count, out).ptr == first + count;
}

// Days from 1970-01-01 in the proleptic Gregorian calendar, by counting from 1 March, so that the
// leap day is the last of its year.
std::int64_t days_since_1970(int year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t m = (month + 9) % 12;
  return 365 * y + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1 - 719'468;
}

}  // namespace

std::uint64_t parse_time(std::string_view text) noexcept {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const bool read = text.size() >= 20 && text.size() <= 32 && digits(text, 0, 4, year) &&
                    digits(text, 5, 2, month) && digits(text, 8, 2, day) &&
                    digits(text, 11, 2, hour) && digits(text, 14, 2, minute) &&
                    digits(text, 17, 2, second);
  if (!read || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':' || text.back() != 'Z') {
    return 0;
  }
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
      second > 60 || hour < 0 || minute < 0 || second < 0) {
    return 0;
  }
  std::uint64_t micros = 0;
  if (text[19] == '.') {
    std::uint64_t unit = 100'000;
    for (std::size_t i = 20; i + 1 < text.size(); ++i, unit /= 10) {
      if (text[i] < '0' || text[i] > '9') return 0;
      micros += static_cast<std::uint64_t>(text[i] - '0') * unit;
    }
  } else if (text.size() != 20) {
    return 0;
  }
  const std::int64_t days = days_since_1970(year, month, day);
  const std::int64_t seconds = days * 86'400 + hour * 3'600 + minute * 60 + second;
  return static_cast<std::uint64_t>(seconds) * 1'000'000 + micros;
}

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
  const std::uint64_t us = parse_time(moment);
  if (us != 0) return us;
  return Error{ErrorCode::audit_query,
               "a time is written as 2026-11-20T10:00:00Z, 2026-11-20, or ago: 15m, 24h, 7d",
               {},
               0,
               0};
}

}  // namespace mcpgov::cli
