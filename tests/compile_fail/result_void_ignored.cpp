// Success without a value is looked at as well.
// Expect: (ignoring return|nodiscard|unused-result)
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/result.hpp"

mcpgov::Result<void> save();

bool use() {
#ifdef MCPGOV_MISUSE
  save();
  return true;
#else
  return save().has_value();
#endif
}
