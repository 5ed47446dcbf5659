// The two clocks, and the text form of a time (RFC 3339 section 5.6, in UTC).
// Tested by tests/base/os_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "base/os_time.hpp"

#include <chrono>

namespace mcpgov {

std::uint64_t wall_clock_us() noexcept {
  using namespace std::chrono;
  return static_cast<std::uint64_t>(
      duration_cast<microseconds>(system_clock::now().time_since_epoch()).count());
}

std::uint64_t steady_clock_ns() noexcept {
  using namespace std::chrono;
  return static_cast<std::uint64_t>(
      duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count());
}

Clocks read_clocks() noexcept {
  thread_local Clocks last{0, 0};
  const std::uint64_t steady = steady_clock_ns();
  const std::uint64_t since = steady - last.steady_ns;
  if (last.wall_us != 0 && since < kClockTrust) return {last.wall_us + since / 1000, steady};
  return last = {wall_clock_us(), steady};
}

namespace {

void write_digits(char* out, std::uint64_t value, int digits) noexcept {
  for (int at = digits - 1; at >= 0; --at) {
    out[at] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

void write_timestamp(std::uint64_t time_us, char (&out)[kTimestampSize]) noexcept {
  using namespace std::chrono;
  constexpr std::uint64_t kLast = 253402300799999999U;  // 9999-12-31T23:59:59.999999Z
  if (time_us > kLast) time_us = kLast;
  const std::uint64_t seconds_of_day = time_us / 1'000'000 % 86'400;
  const year_month_day date{sys_days{days{static_cast<int>(time_us / 86'400'000'000U)}}};
  write_digits(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  out[4] = '-';
  write_digits(out + 5, static_cast<unsigned>(date.month()), 2);
  out[7] = '-';
  write_digits(out + 8, static_cast<unsigned>(date.day()), 2);
  out[10] = 'T';
  write_digits(out + 11, seconds_of_day / 3600, 2);
  out[13] = ':';
  write_digits(out + 14, seconds_of_day / 60 % 60, 2);
  out[16] = ':';
  write_digits(out + 17, seconds_of_day % 60, 2);
  out[19] = '.';
  write_digits(out + 20, time_us % 1'000'000, 6);
  out[26] = 'Z';
}

}  // namespace mcpgov
