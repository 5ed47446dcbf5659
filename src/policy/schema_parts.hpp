// What a public Schema holds.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/arena.hpp"
#include "mcpgov/cedar.hpp"
#include "policy/cedar/schema_declarations.hpp"

namespace mcpgov::policy::cedar {

// The declarations, over the text and the arena beside them: an engine resolves them once more, so
// that the names are those of its own table.
struct SchemaParts {
  std::string name;
  std::string text;
  bool cedar_syntax = true;
  Arena arena;
  DeclaredSchema declared;
};

}  // namespace mcpgov::policy::cedar
