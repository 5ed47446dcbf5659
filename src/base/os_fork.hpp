// Knowing that the process was forked.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace mcpgov {

// Counts the forks between the first process and this one: it differs between parent and child.
// Costs one relaxed load. The first call registers with pthread_atfork.
std::uint64_t fork_generation() noexcept;

// Called in every child right after fork, on its only thread. reopen must not touch locks that
// another thread of the parent may have held. Registrations last as long as the process; forget()
// takes one back.
using AfterFork = void (*)(void* context) noexcept;
void on_fork(AfterFork reopen, void* context);
void forget_fork(void* context) noexcept;

}  // namespace mcpgov
