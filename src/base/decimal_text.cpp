// JSON numbers as scaled integers. Tested by tests/base/decimal_text_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "base/decimal_text.hpp"

#include <cstddef>
#include <limits>

namespace mcpgov {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The parts of a JSON number; the value is 0.(whole)(fraction) moved by the exponent.
struct Parts {
  bool negative = false;
  std::string_view whole = {};
  std::string_view fraction = {};
  std::int64_t exponent = 0;
};

// Beyond this every number that is not zero is out of range or fractional: a text of 4 GiB cannot
// hold enough digits to make up for it.
constexpr std::int64_t kExponentCap = std::int64_t{1} << 40;

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

bool take_exponent(std::string_view& text, std::int64_t& exponent) {
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const std::string_view digits = take_digits(text);
  if (digits.empty()) return false;
  for (const char c : digits) {
    if (exponent < kExponentCap) exponent = exponent * 10 + (c - '0');
  }
  if (negative) exponent = -exponent;
  return true;
}

bool split(std::string_view text, Parts& parts) {
  if (!text.empty() && text[0] == '-') {
    parts.negative = true;
    text.remove_prefix(1);
  }
  parts.whole = take_digits(text);
  if (parts.whole.empty() || (parts.whole.size() > 1 && parts.whole[0] == '0')) return false;
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    parts.fraction = take_digits(text);
    if (parts.fraction.empty()) return false;
  }
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    text.remove_prefix(1);
    if (!take_exponent(text, parts.exponent)) return false;
  }
  return text.empty();
}

}  // namespace

ScaledNumber scaled_number(std::string_view text, int digits) noexcept {
  Parts parts;
  if (!split(text, parts)) return {Exactness::malformed, 0};
  const auto whole = static_cast<std::int64_t>(parts.whole.size());
  const std::int64_t all = whole + static_cast<std::int64_t>(parts.fraction.size());
  const auto digit_at = [&](std::int64_t at) {
    const char c = at < whole ? parts.whole[static_cast<std::size_t>(at)]
                              : parts.fraction[static_cast<std::size_t>(at - whole)];
    return c - '0';
  };
  // Digits [0, kept) of the text stay in front of the point of the result.
  const std::int64_t kept = whole + parts.exponent + digits;
  for (std::int64_t at = kept > 0 ? kept : 0; at < all; ++at) {
    if (digit_at(at) != 0) return {Exactness::fractional, 0};
  }
  // Counts downwards, because the negative range is the larger one.
  constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
  std::int64_t value = 0;
  for (std::int64_t at = 0; at < kept; ++at) {
    if (at >= all && value == 0) break;  // zeros on a zero, however many
    const int digit = at < all ? digit_at(at) : 0;
    if (value < (kLowest + digit) / 10) return {Exactness::out_of_range, 0};
    value = value * 10 - digit;
  }
  if (parts.negative) return {Exactness::exact, value};
  if (value == kLowest) return {Exactness::out_of_range, 0};
  return {Exactness::exact, -value};
}

}  // namespace mcpgov
