// Syntax trees as JSON policies, and as Cedar text in the reference engine's normal form.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "policy/cedar/ast.hpp"
#include "policy/symbols.hpp"

namespace mcpgov::policy::cedar {

// A path behind `has` is written out as a chain, its receiver once per name, so that nested ones
// can grow without bound: what exceeds this is refused.
inline constexpr std::size_t kMaxWrittenBytes = std::size_t{64} * 1024 * 1024;

// Around operators that are operands: as the reference engine writes them, or as few as can be.
enum class Parentheses : std::uint8_t { all, needed };

// What stands in the slots of a link. kNoEntity: the slot stays a slot.
struct SlotEntities {
  EntityId principal = kNoEntity;
  EntityId resource = kNoEntity;
};

// Appends the JSON policy: one line without spaces, keys of records and annotations sorted. `has`
// paths become `&&` chains and patterns one `Literal` per character, as the reference engine 4.12
// converts text. False when the result would exceed kMaxWrittenBytes; `out` is then not complete.
// Throws: std::bad_alloc.
bool append_policy_json(std::string& out, const Symbols& symbols, const Ast& ast,
                        const ParsedPolicy& policy, const SlotEntities& slots);

// `{"type":…,"id":…}`
void append_entity_json(std::string& out, const Symbols& symbols, EntityId entity);

// Appends the policy as text: one line per annotation, then one line; every operator that is an
// operand in parentheses. Equal to what the reference engine 4.12 prints for a JSON policy, but for
// `has` lists with names that are no identifiers, which it prints as text nobody can read.
// False as above. Throws: std::bad_alloc.
bool append_policy_text(std::string& out, const Symbols& symbols, const Ast& ast,
                        const ParsedPolicy& policy, const SlotEntities& slots,
                        Parentheses parentheses = Parentheses::all);

}  // namespace mcpgov::policy::cedar
