// Which machine and process this is, and what a thread of ours may be here.
// Tested by tests/base/os_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "base/os_machine.hpp"

#include "base/os_file.hpp"

#if defined(_WIN32)
#include <process.h>
#else
#include <csignal>
#include <pthread.h>
#include <unistd.h>
#endif
#if defined(__linux__)
#include <sched.h>
#endif

namespace mcpgov {

std::string boot_name() {
  constexpr std::size_t kDigits = 8;
  const auto id = read_file("/proc/sys/kernel/random/boot_id", 4096);
  if (!id || id->size() < kDigits) return std::string(kDigits, '0');
  std::string name = id->substr(0, kDigits);
  for (char& digit : name) {
    const bool is_digit = (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
    if (!is_digit) digit = '0';
  }
  return name;
}

#if defined(_WIN32)

std::uint64_t process_id() noexcept {
  return static_cast<std::uint64_t>(::_getpid());
}
void settle_thread(const char*, bool) noexcept {}

#else

std::uint64_t process_id() noexcept {
  return static_cast<std::uint64_t>(::getpid());
}

void settle_thread([[maybe_unused]] const char* name, [[maybe_unused]] bool patient) noexcept {
  sigset_t all;
  sigfillset(&all);
  (void)::pthread_sigmask(SIG_SETMASK, &all, nullptr);
#if defined(__linux__)
  (void)::pthread_setname_np(::pthread_self(), name);
  // sched(7): a core that runs nothing but SCHED_IDLE counts as an idle one, so that a thread that
  // wakes gets it. A low priority alone keeps its core, while two threads in a hurry share another.
  const sched_param none = {};
  if (patient) (void)::sched_setscheduler(0, SCHED_IDLE, &none);
#endif
}

#endif

}  // namespace mcpgov
