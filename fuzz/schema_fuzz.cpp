// Schemas of any bytes, in JSON when they begin with a brace: what is accepted is resolved to the
// last type, and printed so that it is read as the same again.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "policy/cedar/schema_declarations.hpp"
#include "policy/cedar/schema_types.hpp"

using namespace mcpgov;
using namespace mcpgov::policy;
using namespace mcpgov::policy::cedar;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// budget: shared types are walked once for each mention, of which a text can have exponentially
// many.
void check(const Schema& schema, const Symbols& symbols, const Type& type, int& budget) {
  if (--budget < 0) return;
  require(type.kind != Kind::unknown);
  if (type.kind == Kind::entity) require(symbols.text(type.entity).size() != 0);
  if (type.kind == Kind::set) check(schema, symbols, *type.element, budget);
  for (std::size_t i = 0; i < type.attributes.size(); ++i) {
    require(i == 0 || type.attributes[i - 1].name < type.attributes[i].name);
    check(schema, symbols, *type.attributes[i].type, budget);
  }
}

// Both printers, and both readers of what they print.
void check_printing(std::string_view text, bool json) {
  Arena arena;
  const Result<DeclaredSchema> declared =
      json ? parse_schema_json(text, arena) : parse_schema(text, arena);
  require(declared.has_value());
  const Result<std::string> written = schema_json(*declared);
  if (!written) return;  // too long: declarations for many names
  const std::string& document = *written;
  const Result<DeclaredSchema> again = parse_schema_json(document, arena);
  require(again.has_value() && *schema_json(*again) == document);
  const Result<std::string> printed = schema_text(*declared);
  require(json || printed.has_value() || printed.error().code == ErrorCode::schema_not_expressible);
  if (!printed) return;
  const Result<DeclaredSchema> read = parse_schema(*printed, arena);
  require(read.has_value());
  const Result<std::string> second = schema_text(*read);
  require(second.has_value());
  // JSON has annotations without a value, which Cedar syntax reads as empty.
  require(*second == *printed || document.find(":null") != std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  Symbols symbols;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const bool json = text.starts_with("{");
  const Result<Schema> schema =
      json ? read_schema_json(text, "", symbols) : read_schema(text, "", symbols);
  if (!schema) {
    require(code_name(schema.error().code).starts_with("schema_"));
    require(!schema.error().message.empty());
    require(schema.error().line != 0);
    return 0;
  }
  check_printing(text, json);
  int budget = 10000;
  for (const EntityType& type : schema->entity_types()) {
    require(schema->entity_type(type.name) == &type);
    check(*schema, symbols, type.shape, budget);
    if (type.tags != nullptr) check(*schema, symbols, *type.tags, budget);
    for (const NameId above : type.ancestors) require(schema->entity_type(above) != nullptr);
  }
  for (const ActionType& action : schema->actions()) {
    require(schema->action(action.id) == &action);
    require(action.context.kind == Kind::record);
    check(*schema, symbols, action.context, budget);
    const auto above = action.ancestors;
    require(!std::binary_search(above.begin(), above.end(), action.id));
    for (const EntityId id : above) require(schema->action(id) != nullptr);
  }
  return 0;
}
