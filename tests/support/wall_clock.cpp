// The C library's clock, with an offset that a test sets.
//
// SPDX-License-Identifier: Apache-2.0
#include "support/wall_clock.hpp"

#include <atomic>
#include <ctime>

#if defined(__linux__) && defined(__GLIBC__)
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::atomic<std::int64_t> ahead{0};

}  // namespace

// A program's own function goes before that of a shared library, also for calls from the standard
// library.
extern "C" __attribute__((visibility("default"))) int clock_gettime(clockid_t clock,
                                                                    timespec* time) noexcept {
  const long failed = ::syscall(SYS_clock_gettime, clock, time);
  if (failed != 0 || clock != CLOCK_REALTIME) return static_cast<int>(failed);
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t now = time->tv_sec * kSecond + time->tv_nsec + ahead.load();
  time->tv_sec = now / kSecond;
  time->tv_nsec = now % kSecond;
  return 0;
}

bool mcpgov::test::set_wall_clock(std::int64_t ahead_ns) noexcept {
  ahead = ahead_ns;
  return true;
}
#else
bool mcpgov::test::set_wall_clock(std::int64_t) noexcept {
  return false;
}
#endif
