// The texts of decimal, ipaddr, datetime and duration, read strictly and without allocation.
// Tested by tests/policy/extension_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <limits>

#include "policy/cedar/extension.hpp"

namespace mcpgov::policy::cedar {
namespace {

constexpr std::uint64_t kMaxMagnitude = std::numeric_limits<std::int64_t>::max();

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// Reads forward through a text; every step says whether it succeeded.
struct Reader {
  const char* at;
  const char* end;

  explicit Reader(std::string_view text) noexcept
      : at(text.data()), end(text.data() + text.size()) {}
  bool done() const noexcept { return at == end; }
  bool next_is_digit() const noexcept { return at != end && is_digit(*at); }
  bool take(char c) noexcept {
    if (at == end || *at != c) return false;
    ++at;
    return true;
  }
  // Exactly `count` digits; small enough for an int.
  bool digits(int count, int& out) noexcept {
    out = 0;
    for (int i = 0; i < count; ++i, ++at) {
      if (!next_is_digit()) return false;
      out = out * 10 + (*at - '0');
    }
    return true;
  }
  // One digit or more, leading zeros allowed, at most `limit`.
  bool number(std::uint64_t limit, std::uint64_t& out) noexcept {
    if (!next_is_digit()) return false;
    for (out = 0; next_is_digit(); ++at) {
      const auto digit = static_cast<std::uint64_t>(*at - '0');
      if (out > (limit - digit) / 10) return false;
      out = out * 10 + digit;
    }
    return true;
  }
};

// magnitude may exceed the largest positive number by one if the sign is minus.
std::optional<std::int64_t> with_sign(std::uint64_t magnitude, bool negative) noexcept {
  if (magnitude > kMaxMagnitude + (negative ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

// sum += count * unit, refused above 2^63.
bool add_scaled(std::uint64_t& sum, std::uint64_t count, std::uint64_t unit) noexcept {
  constexpr std::uint64_t limit = kMaxMagnitude + 1;
  if (count > limit / unit || sum > limit - count * unit) return false;
  sum += count * unit;
  return true;
}

// Days from 1970-01-01 to a date of the proleptic Gregorian calendar, year 0 to 9999. Years are
// counted from March, so that the leap day ends a year and 153 days make five months.
std::int64_t days_from_epoch(int year, int month, int day) noexcept {
  const int from_march = (month + 9) % 12;
  const int years = month < 3 ? year + 399 : year + 400;  // keeps the dividends positive
  const int leap_days = years / 4 - years / 100 + years / 400;
  const int day_of_year = (153 * from_march + 2) / 5 + day - 1;
  constexpr int epoch = 719468 + 146097;  // 0000-03-01 to 1970-01-01, and the 400 years added
  return static_cast<std::int64_t>(years) * 365 + leap_days + day_of_year - epoch;
}

int days_in_month(int year, int month) noexcept {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// `Z`, or an offset from UTC as +hhmm or -hhmm, in minutes.
bool read_zone(Reader& in, int& minutes) noexcept {
  minutes = 0;
  if (in.take('Z')) return true;
  const bool west = in.take('-');
  if (!west && !in.take('+')) return false;
  int hour = 0;
  int minute = 0;
  if (!in.digits(2, hour) || !in.digits(2, minute) || hour > 23 || minute > 59) return false;
  minutes = (hour * 60 + minute) * (west ? -1 : 1);
  return true;
}

bool read_v4(Reader& in, Ip& out) noexcept {
  for (int i = 0; i < 4; ++i) {
    if (i != 0 && !in.take('.')) return false;
    const char* start = in.at;
    std::uint64_t octet = 0;
    if (!in.number(255, octet)) return false;
    if (*start == '0' && in.at - start > 1) return false;  // might be meant as octal
    out.bytes[i] = static_cast<std::uint8_t>(octet);
  }
  return true;
}

int hex_digit(char c) noexcept {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// One to four hexadecimal digits.
bool read_group(Reader& in, unsigned& out) noexcept {
  out = 0;
  int count = 0;
  for (; !in.done() && hex_digit(*in.at) >= 0; ++in.at, ++count) {
    if (count == 4) return false;
    out = out * 16 + static_cast<unsigned>(hex_digit(*in.at));
  }
  return count != 0;
}

// Eight groups, of which one run of at least one may be written as `::` (RFC 4291 section 2.2,
// without its third form, the embedded IPv4 address, which Cedar refuses).
bool read_v6(Reader& in, Ip& out) noexcept {
  unsigned groups[8] = {};
  int count = 0;
  int gap = -1;
  if (in.take(':')) {
    if (!in.take(':')) return false;
    gap = 0;
  }
  while (!in.done() && *in.at != '/') {
    if (count == 8 || !read_group(in, groups[count])) return false;
    ++count;
    if (in.done() || *in.at == '/') break;
    if (!in.take(':')) return false;
    if (in.take(':')) {
      if (gap >= 0) return false;
      gap = count;
    } else if (in.done() || *in.at == '/') {
      return false;  // a single colon at the end
    }
  }
  if (gap < 0 ? count != 8 : count > 7) return false;
  const int after = gap < 0 ? 0 : count - gap;
  unsigned all[8] = {};
  for (int i = 0; i < count - after; ++i) all[i] = groups[i];
  for (int i = 0; i < after; ++i) all[8 - after + i] = groups[count - after + i];
  for (int i = 0; i < 8; ++i) {
    const auto at = static_cast<std::size_t>(i) * 2;
    out.bytes[at] = static_cast<std::uint8_t>(all[i] >> 8);
    out.bytes[at + 1] = static_cast<std::uint8_t>(all[i] & 0xff);
  }
  return true;
}

}  // namespace

std::optional<std::int64_t> parse_decimal(std::string_view text) noexcept {
  Reader in(text);
  const bool negative = in.take('-');
  std::uint64_t whole = 0;
  if (!in.number(kMaxMagnitude, whole) || !in.take('.')) return std::nullopt;
  const char* start = in.at;
  std::uint64_t fraction = 0;
  if (!in.number(9999, fraction) || !in.done() || in.at - start > 4) return std::nullopt;
  for (auto places = in.at - start; places < 4; ++places) fraction *= 10;
  std::uint64_t sum = fraction;
  if (!add_scaled(sum, whole, 10000)) return std::nullopt;
  return with_sign(sum, negative);
}

std::optional<std::int64_t> parse_duration(std::string_view text) noexcept {
  struct Unit {
    std::string_view name;
    std::uint64_t milliseconds;
  };
  static constexpr Unit kUnits[] = {
      {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
  Reader in(text);
  const bool negative = in.take('-');
  std::uint64_t sum = 0;
  if (in.done()) return std::nullopt;
  for (const Unit* allowed = kUnits; !in.done();) {
    std::uint64_t count = 0;
    if (!in.number(std::numeric_limits<std::uint64_t>::max(), count)) return std::nullopt;
    const char* start = in.at;
    while (!in.done() && !is_digit(*in.at)) ++in.at;
    const std::string_view name(start, static_cast<std::size_t>(in.at - start));
    while (allowed != std::end(kUnits) && allowed->name != name) ++allowed;
    if (allowed == std::end(kUnits)) return std::nullopt;
    if (!add_scaled(sum, count, allowed->milliseconds)) return std::nullopt;
    ++allowed;
  }
  return with_sign(sum, negative);
}

std::optional<std::int64_t> parse_datetime(std::string_view text) noexcept {
  Reader in(text);
  int year = 0;
  int month = 0;
  int day = 0;
  if (!in.digits(4, year) || !in.take('-') || !in.digits(2, month) || !in.take('-') ||
      !in.digits(2, day)) {
    return std::nullopt;
  }
  if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return std::nullopt;
  const std::int64_t days = days_from_epoch(year, month, day);
  if (in.done()) return days * 86400000;

  int hour = 0;
  int minute = 0;
  int second = 0;
  int millisecond = 0;
  int zone = 0;
  if (!in.take('T') || !in.digits(2, hour) || !in.take(':') || !in.digits(2, minute) ||
      !in.take(':') || !in.digits(2, second)) {
    return std::nullopt;
  }
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  if (in.take('.') && !in.digits(3, millisecond)) return std::nullopt;
  if (!read_zone(in, zone) || !in.done()) return std::nullopt;
  const std::int64_t minutes = days * 1440 + hour * 60 + minute - zone;
  return (minutes * 60 + second) * 1000 + millisecond;
}

std::optional<Ip> parse_ip(std::string_view text) noexcept {
  // The longest text with a value: eight groups of four digits and `/128`.
  constexpr std::size_t longest = 43;
  if (text.size() > longest) return std::nullopt;
  Reader in(text);
  Ip out{};
  out.v6 = text.find(':') != std::string_view::npos;
  if (out.v6 ? !read_v6(in, out) : !read_v4(in, out)) return std::nullopt;
  const unsigned widest = out.v6 ? 128 : 32;
  std::uint64_t prefix = widest;
  if (in.take('/')) {
    const char* start = in.at;
    if (!in.number(widest, prefix)) return std::nullopt;
    if (*start == '0' && in.at - start > 1) return std::nullopt;
  }
  if (!in.done()) return std::nullopt;
  out.prefix = static_cast<std::uint8_t>(prefix);
  return out;
}

}  // namespace mcpgov::policy::cedar
