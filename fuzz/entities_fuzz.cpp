// Entities and context JSON of any bytes: read without and with a schema; what is accepted holds
// what the rest of the engine relies on.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/cedar/context_json.hpp"
#include "policy/cedar/entities_json.hpp"

using namespace mcpgov;
using namespace mcpgov::policy;
using namespace mcpgov::policy::cedar;

namespace {

constexpr std::string_view kSchema = R"(
    type Deep = {s: Set<Set<Long>>, r?: {d: decimal, i?: ipaddr}};
    entity G in [G];
    entity U in [G] {a?: Long, b?: String, c?: Bool, d?: decimal, i?: ipaddr, t?: datetime,
                     l?: duration, e?: U, s?: Set<U>, k?: Color, m?: Action,
                     x?: Deep} tags Set<String>;
    entity Color enum ["red", "blue"];
    action x;
    action y in [x] appliesTo {principal: U, resource: G, context: Deep};
    namespace N { entity V {a: Long}; action z in [Action::"y"]; }
)";

void require(bool holds) {
  if (!holds) std::abort();
}

// Sets and records in canonical order, no unknowns, nesting within the limit.
void check(const Value& value, int depth) {
  require(value.kind != Kind::unknown);
  require(depth <= kMaxValueDepth);
  if (value.kind == Kind::set) {
    for (std::size_t i = 0; i < value.set().size(); ++i) {
      check(value.set()[i], depth + 1);
      require(i == 0 || order(value.set()[i - 1], value.set()[i]) < 0);
    }
  }
  if (value.kind != Kind::record) return;
  require(!duplicate_name(value.record()));
  for (const Field& field : value.record()) check(field.value, depth + 1);
}

void check(const Error& error) {
  require(error.code != ErrorCode::none && error.code != ErrorCode::internal);
  require(error.message.find('\n') == std::string::npos);
}

void entities(std::string_view text, bool typed) {
  Symbols symbols;
  const Result<Schema> schema = read_schema(kSchema, "", symbols);
  require(schema.has_value());
  const Result<Entities> read = read_entities({text, "", typed ? &*schema : nullptr}, symbols);
  if (!read) return check(read.error());
  for (const EntityId id : read->ids()) {
    const Entity* entity = read->find(id);
    require(entity != nullptr && entity->attributes.kind == Kind::record);
    check(entity->attributes, 0);
    check(entity->tags, 0);
    const auto above = entity->ancestors;
    require(std::is_sorted(above.begin(), above.end()));
    require(!std::binary_search(above.begin(), above.end(), id));
    for (const EntityId ancestor : above) {
      const Entity* known = read->find(ancestor);
      if (known == nullptr) continue;
      require(std::includes(above.begin(), above.end(), known->ancestors.begin(),
                            known->ancestors.end()));
    }
  }
}

void context(std::string_view text, bool typed) {
  Symbols symbols;
  const Result<Schema> schema = read_schema(kSchema, "", symbols);
  Arena arena;
  RequestSymbols request(symbols, arena);
  const EntityId action = request.entity("Action", "y");
  const Result<Value> read = read_context({text, typed ? &*schema : nullptr, action}, request);
  if (!read) return check(read.error());
  require(read->kind == Kind::record);
  check(*read, 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const bool typed : {false, true}) {
    entities(text, typed);
    context(text, typed);
  }
  return 0;
}
