// Formats of texts. Tested by tests/request/iso_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "request/iso.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <limits>

#include "base/decimal_text.hpp"
#include "policy/cedar/extension.hpp"

namespace mcpgov::request {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes text apart from the left; after a failure nothing succeeds.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool good() const { return good_; }
  bool at_end() const { return good_ && text_.empty(); }
  char peek() const { return good_ && !text_.empty() ? text_[0] : '\0'; }

  bool accept(char c) {
    if (peek() != c || text_.empty()) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) { good_ = accept(c) && good_; }
  void fail() { good_ = false; }

  // Exactly that many digits.
  int number(int digits) {
    int value = 0;
    for (int i = 0; i < digits; ++i) {
      if (!is_digit(peek())) {
        good_ = false;
        return 0;
      }
      value = value * 10 + (text_[0] - '0');
      text_.remove_prefix(1);
    }
    return value;
  }
  // All digits there are, at least one.
  std::string_view digits() {
    std::size_t count = 0;
    while (good_ && count < text_.size() && is_digit(text_[count])) ++count;
    const std::string_view taken = text_.substr(0, count);
    text_.remove_prefix(count);
    if (count == 0) good_ = false;
    return taken;
  }

 private:
  std::string_view text_;
  bool good_ = true;
};

// `.5` behind seconds: milliseconds, or nothing if it is finer than that.
std::optional<std::int64_t> milliseconds(std::string_view digits) {
  std::int64_t value = 0;
  for (std::size_t at = 0; at < std::max<std::size_t>(digits.size(), 3); ++at) {
    const int digit = at < digits.size() ? digits[at] - '0' : 0;
    if (at < 3) value = value * 10 + digit;
    if (at >= 3 && digit != 0) return std::nullopt;
  }
  return value;
}

// `Z`, `+hh:mm`, `+hhmm`, or nothing, which is UTC.
std::int64_t offset(Cursor& cursor) {
  if (cursor.at_end() || cursor.accept('Z') || cursor.accept('z')) return 0;
  const bool west = cursor.peek() == '-';
  if (!west && cursor.peek() != '+') return 0;  // the caller sees that the text goes on
  cursor.accept(cursor.peek());
  const int hours = cursor.number(2);
  cursor.accept(':');
  const int minutes = cursor.number(2);
  if (hours > 23 || minutes > 59) cursor.fail();
  const std::int64_t size = hours * kHour + minutes * kMinute;
  return west ? -size : size;
}

}  // namespace

ScalarText iso_datetime(std::string_view text) noexcept {
  Cursor cursor(text);
  const int year = cursor.number(4);
  cursor.expect('-');
  const int month = cursor.number(2);
  cursor.expect('-');
  const int day = cursor.number(2);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!cursor.good() || !date.ok()) return {};
  std::int64_t value = std::chrono::sys_days(date).time_since_epoch().count() * kDay;
  if (cursor.at_end()) return {ErrorCode::none, value};
  if (!cursor.accept('T')) cursor.expect('t');
  const int hour = cursor.number(2);
  cursor.expect(':');
  const int minute = cursor.number(2);
  cursor.expect(':');
  const int second = cursor.number(2);
  if (hour > 23 || minute > 59 || second > 59) return {};
  value += hour * kHour + minute * kMinute + second * kSecond;
  std::optional<std::int64_t> fraction = 0;
  if (cursor.accept('.')) fraction = milliseconds(cursor.digits());
  value -= offset(cursor);
  if (!cursor.at_end()) return {};
  if (!fraction) return {ErrorCode::argument_not_representable, 0};
  return {ErrorCode::none, value + *fraction};
}

ScalarText iso_duration(std::string_view text) noexcept {
  struct Unit {
    char letter;
    bool time;  // behind the T
    std::int64_t size;
  };
  constexpr std::array<Unit, 7> kUnits = {{{'Y', false, 365 * kDay},
                                           {'M', false, 30 * kDay},
                                           {'W', false, 7 * kDay},
                                           {'D', false, kDay},
                                           {'H', true, kHour},
                                           {'M', true, kMinute},
                                           {'S', true, kSecond}}};
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  Cursor cursor(text);
  cursor.expect('P');
  bool in_time = false;
  bool fits = true;
  std::int64_t total = 0;
  std::size_t next = 0;  // each unit once, in this order
  do {
    if (!in_time && cursor.accept('T')) in_time = true;
    const std::string_view digits = cursor.digits();
    std::optional<std::int64_t> fraction = 0;
    const bool has_fraction = cursor.accept('.');
    if (has_fraction) fraction = milliseconds(cursor.digits());
    while (next < kUnits.size() &&
           (kUnits[next].letter != cursor.peek() || kUnits[next].time != in_time)) {
      ++next;
    }
    // Only seconds have fractions: half a month is no length of time.
    if (!cursor.good() || next == kUnits.size() || (has_fraction && kUnits[next].letter != 'S')) {
      return {};
    }
    cursor.accept(kUnits[next].letter);
    const std::int64_t unit = kUnits[next++].size;
    std::int64_t count = 0;
    for (const char c : digits) {
      fits = fits && count <= (kMost / unit - (c - '0')) / 10;
      if (fits) count = count * 10 + (c - '0');
    }
    fits = fits && fraction.has_value() && count * unit <= kMost - total - *fraction;
    if (fits) total += count * unit + *fraction;
  } while (!cursor.at_end());
  if (!fits) return {ErrorCode::argument_not_representable, 0};
  return {ErrorCode::none, total};
}

ScalarText decimal_text(std::string_view text) noexcept {
  if (text.find_first_of("eE") != std::string_view::npos) return {};
  const ScaledNumber number = scaled_number(text, 4);
  if (number.exactness == Exactness::malformed) return {};
  if (number.exactness != Exactness::exact) return {ErrorCode::argument_not_representable, 0};
  return {ErrorCode::none, number.value};
}

std::optional<policy::Ip> ipv4_address(std::string_view text) noexcept {
  if (text.find('/') != std::string_view::npos) return std::nullopt;
  const std::optional<policy::Ip> ip = policy::cedar::parse_ip(text);
  return ip && !ip->v6 ? ip : std::nullopt;
}

std::optional<policy::Ip> ipv6_address(std::string_view text) noexcept {
  if (text.find('/') != std::string_view::npos) return std::nullopt;
  // RFC 4291 section 2.5.5.2. Cedar reads no dots in IPv6 addresses; this spelling is the usual
  // one.
  constexpr std::string_view kMapped = "::ffff:";
  const auto same = [](char a, char b) { return a == b || (a >= 'A' && a <= 'F' && a + 32 == b); };
  if (text.size() > kMapped.size() && text.find('.') != std::string_view::npos &&
      std::equal(kMapped.begin(), kMapped.end(), text.begin(),
                 [&](char want, char is) { return same(is, want); })) {
    return ipv4_address(text.substr(kMapped.size()));
  }
  const std::optional<policy::Ip> ip = policy::cedar::parse_ip(text);
  if (!ip || !ip->v6) return std::nullopt;
  constexpr std::array<std::uint8_t, 12> kMappedBytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::memcmp(ip->bytes, kMappedBytes.data(), kMappedBytes.size()) != 0) return ip;
  policy::Ip v4{};
  std::memcpy(v4.bytes, ip->bytes + kMappedBytes.size(), 4);
  v4.prefix = 32;
  return v4;
}

std::optional<policy::Ip> ip_address(std::string_view text) noexcept {
  return text.find(':') == std::string_view::npos ? ipv4_address(text) : ipv6_address(text);
}

}  // namespace mcpgov::request
