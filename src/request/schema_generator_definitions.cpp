// Definitions that schemas refer to, those that contain themselves, and how types are called.
// Tested by tests/request/schema_generator_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "catalog/loops.hpp"
#include "catalog/schema_reader.hpp"
#include "policy/cedar/lexer.hpp"
#include "request/schema_generator.hpp"

namespace mcpgov::request {

using catalog::Shape;
using Form = cedar::DeclaredType::Form;
using Kind = Shape::Kind;

const std::string_view* SchemaGenerator::part_of(std::string_view name,
                                                 const std::string& pointer) {
  if (options_.names == SchemaOptions::Names::agent) {
    return arena_.create<std::string_view>(arena_.copy(catalog::identifier(name)));
  }
  if (cedar::is_identifier(name) && !cedar::is_reserved(name)) {
    return arena_.create<std::string_view>(arena_.copy(name));
  }
  fail(ErrorCode::tool_schema_name, pointer, "the name is no identifier of Cedar");
  return nullptr;
}

std::pair<std::string_view, std::string_view> SchemaGenerator::flat(std::string_view space,
                                                                    std::string_view name) {
  if (!options_.flatten_namespaces || space.size() == root_.size()) return {space, name};
  std::string path(space.substr(root_.size() + 2));
  for (std::size_t at = path.find("::"); at != std::string::npos; at = path.find("::", at)) {
    path.replace(at, 2, "_");
  }
  return {root_, arena_.concat({path, "_", name})};
}

std::string_view SchemaGenerator::qualified(std::string_view space, std::string_view name) {
  const auto [path, flat_name] = flat(space, name);
  return join(path, flat_name);
}

// All of `$defs` become types, whether anything refers to them or not.
bool SchemaGenerator::add_definitions(Scope& scope) {
  if (!find_loops(scope)) return false;
  if (scope.definitions == nullptr) return true;
  if (!scope.definitions->is_object()) {
    return fail(ErrorCode::tool_schema_invalid, scope.pointer, "the definitions are no object");
  }
  if (!ends(scope)) return false;
  for (const auto& [name, schema] : scope.definitions->items()) {
    if (!add_definition(scope, name, false)) return false;
  }
  return true;
}

bool SchemaGenerator::add_definition(const Scope& scope, const std::string& name, bool old_draft) {
  const Json& schema = (old_draft ? *scope.old_definitions : *scope.definitions).at(name);
  Place place;
  place.pointer = scope.pointer + catalog::pointer_part(name);
  const std::string_view* part = part_of(name, place.pointer);
  if (part == nullptr || !is_allowed(*part, place.pointer)) return false;
  place.space = scope.space;
  place.name = *part;
  place.scope = &scope;
  const auto loop = scope.loops.find(name);
  if (loop != scope.loops.end()) place.loop = loop->second;
  Type found;
  return type({&schema, {}, {}}, place, found) &&
         add_common(scope.space, *part, found, place.pointer);
}

// A definition that refers to one that refers … to itself describes nothing.
bool SchemaGenerator::ends(const Scope& scope) {
  std::set<std::string> done;
  for (const auto& [start, schema] : scope.definitions->items()) {
    std::set<std::string> chain;
    std::string name = start;
    while (done.count(name) == 0) {
      if (!chain.insert(name).second) {
        return fail(ErrorCode::tool_schema_cycle, scope.pointer + catalog::pointer_part(start),
                    "the definition refers to nothing but itself");
      }
      const Json* definition = catalog::member_of(*scope.definitions, name);
      Shape shape;
      const char* problem = nullptr;
      if (definition == nullptr || !catalog::read_shape(*definition, {}, shape, problem)) break;
      if (shape.kind != Kind::reference) break;
      name = catalog::read_reference(shape.reference).name;
    }
    done.merge(chain);
  }
  return true;
}

SchemaGenerator::Found SchemaGenerator::find(std::string_view reference, const Scope* scope) const {
  const catalog::Reference named = catalog::read_reference(reference);
  const bool agent = options_.names == SchemaOptions::Names::agent;
  if (named.old_draft && !agent) return {};
  for (; scope != nullptr; scope = scope->outer) {
    const auto has = [&](const Json* definitions) {
      return definitions != nullptr && catalog::member_of(*definitions, named.name) != nullptr;
    };
    if (has(scope->definitions)) return {scope, named.name, false};
    if (agent && has(scope->old_definitions)) return {scope, named.name, true};
  }
  return {};
}

bool SchemaGenerator::refer(std::string_view reference, const Place& place, Type& out) {
  const Found found = find(reference, place.scope);
  if (found.scope == nullptr) {
    return fail(ErrorCode::tool_schema_reference, place.pointer,
                "the reference names no definition of the schema");
  }
  const std::string_view* part = part_of(found.name, place.pointer);
  if (part == nullptr) return false;
  out = {};
  out.form = Form::entity_or_common;
  out.name.text = qualified(found.scope->space, *part);
  if (!found.old_draft) return true;
  const Json& definition = found.scope->old_definitions->at(found.name);
  return !old_.insert(&definition).second || add_definition(*found.scope, found.name, true);
}

// The definitions of the scope itself that a schema refers to; whole: from inside of objects too.
// False: there is too much to read.
bool SchemaGenerator::references(const Part& part, const Scope& scope, bool whole,
                                 std::set<std::string>& out) {
  // Some 50 ms; an ordinary tool takes a hundred.
  constexpr std::uint32_t kWalks = 1'000'000;
  if (++walked_ > kWalks) return false;
  Shape shape;
  const char* problem = nullptr;
  if (!catalog::read_shape(*part.schema, part.as, shape, problem)) return true;  // found later
  if (shape.kind == Kind::reference) {
    const Found found = find(shape.reference, &scope);
    if (found.scope == &scope) out.insert(found.name);
  }
  for (const Part& each : shape.parts) {
    if (!references(each, scope, whole, out)) return false;
  }
  if (shape.kind == Kind::object && !whole) return true;
  for (const Json* each : {shape.item, shape.rest}) {
    if (each != nullptr && !references({each, {}, {}}, scope, whole, out)) return false;
  }
  if (shape.properties == nullptr) return true;
  return std::all_of(shape.properties->begin(), shape.properties->end(), [&](const Json& each) {
    return references({&each, {}, {}}, scope, whole, out);
  });
}

// Which definitions of a scope contain themselves. They can only contain each other within one.
bool SchemaGenerator::loops_of(const Scope& scope, bool whole,
                               std::map<std::string, std::size_t, std::less<>>& out) {
  std::map<std::string, std::uint32_t> numbers;
  std::vector<const Json*> schemas;
  for (const Json* definitions : {scope.definitions, scope.old_definitions}) {
    if (definitions == nullptr || !definitions->is_object()) continue;
    for (const auto& [name, schema] : definitions->items()) {
      if (numbers.emplace(name, numbers.size()).second) schemas.push_back(&schema);
    }
  }
  std::vector<std::vector<std::uint32_t>> edges;
  for (const Json* schema : schemas) {
    std::set<std::string> names;
    if (!references({schema, {}, {}}, scope, whole, names)) {
      return fail(ErrorCode::tool_schema_invalid, scope.pointer, "the schema has too many types");
    }
    edges.emplace_back();
    for (const std::string& name : names) edges.back().push_back(numbers.at(name));
  }
  const std::vector<std::uint32_t> loops = catalog::loops_of(edges);
  for (const auto& [name, number] : numbers) {
    if (loops[number] != 0) out[name] = loops[number];
  }
  return true;
}

// A record cannot contain itself, an entity can. So objects that do are entities, here and in the
// requests of the `agent` mapping; without an object there is no such type.
bool SchemaGenerator::find_loops(Scope& scope) {
  if (options_.names != SchemaOptions::Names::agent) return true;
  std::map<std::string, std::size_t, std::less<>> endless;
  if (!loops_of(scope, false, endless)) return false;
  if (!endless.empty()) {
    return fail(ErrorCode::tool_schema_cycle,
                scope.pointer + catalog::pointer_part(endless.begin()->first),
                "the definition contains itself without an object between");
  }
  return !options_.objects_as_records || loops_of(scope, true, scope.loops);
}

// True for a schema that a definition of its own loop contains.
bool SchemaGenerator::loops(const Part& part, const Place& place) {
  if (place.loop == 0) return false;
  std::set<std::string> names;
  references(part, *place.scope, true, names);
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    const auto found = place.scope->loops.find(name);
    return found != place.scope->loops.end() && found->second == place.loop;
  });
}

}  // namespace mcpgov::request
