// The arena never runs destructors, so it holds nothing that has one.
// Expect: static assertion|static_assert
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "base/arena.hpp"

void use(mcpgov::Arena& arena) {
#ifdef MCPGOV_MISUSE
  arena.array<std::string>(1);
#else
  arena.array<char>(1);
#endif
}
