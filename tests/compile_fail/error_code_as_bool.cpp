// A code is compared with a code; zero is no truth value.
// Expect: (could not convert|not contextually convertible|cannot convert)
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/result.hpp"

bool use(mcpgov::ErrorCode code) {
#ifdef MCPGOV_MISUSE
  if (code) return false;
#else
  if (code != mcpgov::ErrorCode::none) return false;
#endif
  return true;
}
