// The error of a temporary result is gone at the end of the statement.
// Expect: (dangling|temporary)
// Compiler: clang
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/result.hpp"

mcpgov::Result<int> load();

bool use() {
#ifdef MCPGOV_MISUSE
  const mcpgov::Error& error = load().error();
#else
  const mcpgov::Error error = load().error();
#endif
  return error.line == 0;
}
