// Knowing that the process was forked, by pthread_atfork.
// Tested by tests/governor/fork_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "base/os_fork.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#if !defined(_WIN32)
#include <pthread.h>
#endif

namespace mcpgov {

namespace {

struct Registry {
  std::mutex lock;
  std::vector<ForkWatcher> watchers;
};

// Never destroyed: fork may come after static destruction has begun.
Registry& registry() {
  static auto* const made = new Registry;
  return *made;
}

std::atomic<std::uint64_t> generation{0};

#if !defined(_WIN32)
// The lock is held over the fork, so that the child finds the list whole and its lock usable.
void before() {
  registry().lock.lock();
  for (const ForkWatcher& watcher : registry().watchers) watcher.hold(watcher.context);
}
void in_parent() {
  for (const ForkWatcher& watcher : registry().watchers) watcher.parent(watcher.context);
  registry().lock.unlock();
}
void in_child() {
  generation.fetch_add(1, std::memory_order_relaxed);
  for (const ForkWatcher& watcher : registry().watchers) watcher.child(watcher.context);
  registry().lock.unlock();
}
#endif

bool watch() noexcept {
#if !defined(_WIN32)
  registry();
  return pthread_atfork(&before, &in_parent, &in_child) == 0;
#else
  return true;  // there is no fork
#endif
}

}  // namespace

std::uint64_t fork_generation() noexcept {
  [[maybe_unused]] static const bool watched = watch();
  return generation.load(std::memory_order_relaxed);
}

void on_fork(const ForkWatcher& watcher) {
  fork_generation();
  const std::lock_guard hold(registry().lock);
  registry().watchers.push_back(watcher);
}

void forget_fork(void* context) noexcept {
  const std::lock_guard hold(registry().lock);
  std::erase_if(registry().watchers, [&](const ForkWatcher& w) { return w.context == context; });
}

}  // namespace mcpgov
