// Knowing that the process was forked.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace mcpgov {

// Counts the forks between the first process and this one: it differs between parent and child.
// Costs one relaxed load. The first call registers with pthread_atfork.
std::uint64_t fork_generation() noexcept;

// Who has locks and files that a fork would tear. hold: called before fork, takes the locks.
// parent, child: called after it in either process, on the forking thread, and let them go; child
// also opens what the two must not share.
struct ForkWatcher {
  void (*hold)(void* context) noexcept;
  void (*parent)(void* context) noexcept;
  void (*child)(void* context) noexcept;
  void* context;
};
// Throws: std::bad_alloc.
void on_fork(const ForkWatcher& watcher);
void forget_fork(void* context) noexcept;

}  // namespace mcpgov
