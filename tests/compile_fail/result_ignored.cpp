// A result that nobody looks at may be an error that nobody sees.
// Expect: (ignoring return|nodiscard|unused-result)
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/result.hpp"

mcpgov::Result<int> load();

int use() {
#ifdef MCPGOV_MISUSE
  load();
  return 0;
#else
  const mcpgov::Result<int> loaded = load();
  return loaded ? *loaded : -1;
#endif
}
