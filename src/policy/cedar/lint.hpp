// Texts in policies that look like something else than they are.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/cedar.hpp"
#include "policy/cedar/ast.hpp"
#include "policy/symbols.hpp"

namespace mcpgov::policy::cedar {

// About a text that begins at `offset` in the source, or in whose expression it stands.
struct Lint {
  std::uint32_t offset;
  FindingKind kind;
  std::string message;
};

// The warnings about one policy by position, each once. ast: of this policy alone.
// Throws: std::bad_alloc.
std::vector<Lint> lints_of(const Ast& ast, const ParsedPolicy& policy, const Symbols& symbols);

}  // namespace mcpgov::policy::cedar
