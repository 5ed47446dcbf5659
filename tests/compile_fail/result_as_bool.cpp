// A result does not become a truth value by itself: a Result<bool> would read as its opposite.
// Expect: (cannot convert|no viable conversion)
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/result.hpp"

mcpgov::Result<bool> is_known();

bool use() {
#ifdef MCPGOV_MISUSE
  const bool known = is_known();
#else
  const bool known = is_known().has_value();
#endif
  return known;
}
