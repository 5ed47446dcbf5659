// So is its value.
// Expect: (dangling|temporary)
// Compiler: clang
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "mcpgov/result.hpp"

mcpgov::Result<std::string> load();

bool use() {
#ifdef MCPGOV_MISUSE
  const std::string& text = load().value();
#else
  const std::string text = load().value();
#endif
  return text.empty();
}
