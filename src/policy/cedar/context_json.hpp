// Cedar's JSON form of a context, read for one request.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "mcpgov/result.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/symbols.hpp"
#include "policy/value.hpp"

namespace mcpgov::policy::cedar {

// Bytes of a context document: as many as of the message it comes from.
inline constexpr std::size_t kMaxContextBytes = std::size_t{4} << 20;

// text: a JSON object; empty stands for `{}`. Borrowed for the call.
// schema: with the action it types the context, so that short forms are read; or null.
struct ContextInput {
  std::string_view text;
  const Schema* schema = nullptr;
  EntityId action = kNoEntity;
};

// The record lives in the arena of `symbols`; names that the frozen table lacks go into the
// overlay.
// Errors: entities_json, entities_shape, entities_value, entities_too_large, entities_too_deep,
//         context_not_a_record; with a schema also request_action_undeclared and those of
//         ValueReader::read(); with line and column.
// Throws: std::bad_alloc only.
Result<Value> read_context(const ContextInput& input, RequestSymbols& symbols);

}  // namespace mcpgov::policy::cedar
