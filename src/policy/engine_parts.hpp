// What a public Engine holds.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "mcpgov/policy.hpp"
#include "policy/cedar/engine.hpp"
#include "policy/cedar/schema_types.hpp"

namespace mcpgov::policy {

// schema: in the symbols of the engine.
struct Engine::Parts {
  cedar::Engine engine;
  std::optional<cedar::Schema> schema;
};

}  // namespace mcpgov::policy
