// The stub, and what each tool adds to it: definitions, the types of its parameters, its action.
// Tested by tests/request/schema_generator_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "request/schema_generator.hpp"

#include <algorithm>
#include <utility>

#include "policy/cedar/lexer.hpp"
#include "request/mapping.hpp"

namespace mcpgov::request {
namespace {

using cedar::DeclaredAction;
using cedar::DeclaredAttribute;
using cedar::DeclaredCommon;
using cedar::DeclaredEntity;
using cedar::DeclaredNamespace;
using cedar::SchemaAnnotation;
using cedar::SchemaName;
using Form = cedar::DeclaredType::Form;

const SchemaAnnotation* annotation(std::span<const SchemaAnnotation> all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const SchemaAnnotation& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

Error stub_error(ErrorCode code, std::string sentence, const policy::Source& source,
                 std::uint32_t offset) {
  const cedar::Position at = cedar::position_of(source.text, offset);
  return {code, std::move(sentence), source.name, at.line, at.column};
}

constexpr std::string_view kExtensions[] = {"decimal", "datetime", "duration", "ipaddr"};
// What no common type can be called (Cedar 4.5, "Schema grammar").
constexpr std::string_view kReserved[] = {"Bool", "Boolean", "Entity", "Extension",
                                          "Long", "Record",  "Set",    "String"};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_empty(const DeclaredNamespace& space) {
  return space.commons.empty() && space.entities.empty() && space.actions.empty();
}

}  // namespace

bool SchemaGenerator::fail(ErrorCode code, const std::string& pointer, std::string sentence) {
  if (error_.code == ErrorCode::internal) {
    error_ = {code, pointer.empty() ? std::move(sentence) : pointer + ": " + sentence,
              std::string(file_), 0, 0};
  }
  return false;
}

Result<void> SchemaGenerator::start(const cedar::DeclaredSchema& stub,
                                    const policy::Source& source) {
  const DeclaredNamespace* only = nullptr;
  for (const DeclaredNamespace& each : stub.namespaces) {
    if (each.path.text.empty() && is_empty(each)) continue;
    if (only != nullptr || each.path.text.empty()) {
      return stub_error(ErrorCode::stub_namespace,
                        each.path.text.empty() ? "the stub declares something outside of namespaces"
                                               : "the stub has more than one namespace",
                        source, each.path.offset);
    }
    only = &each;
  }
  if (only == nullptr) {
    return stub_error(ErrorCode::stub_namespace, "the stub has no namespace", source, 0);
  }
  root_ = only->path.text;
  return read_stub(*only, source);
}

Result<void> SchemaGenerator::read_stub(const DeclaredNamespace& stub,
                                        const policy::Source& source) {
  Space& root = spaces_[root_];
  root.annotations = stub.annotations;
  const auto twice = [&](const SchemaName& name) {
    return stub_error(ErrorCode::schema_duplicate,
                      "`" + std::string(name.text) + "` is declared twice", source, name.offset);
  };
  for (const DeclaredEntity& each : stub.entities) {
    if (annotation(each.annotations, "mcp_principal") != nullptr) principals_.push_back(each.name);
    if (annotation(each.annotations, "mcp_resource") != nullptr) resources_.push_back(each.name);
    add_context(each.name, each.annotations);
    stub_entities_.insert(each.name.text);
    DeclaredEntity& added = root.entities[each.name.text];
    if (!added.name.text.empty()) return twice(each.name);
    added = each;
    added.annotations = kept(each.annotations, {"mcp_context", "mcp_principal", "mcp_resource"});
  }
  for (const DeclaredCommon& each : stub.commons) {
    add_context(each.name, each.annotations);
    DeclaredCommon& added = root.commons[each.name.text];
    if (!added.name.text.empty()) return twice(each.name);
    added = each;
    added.annotations = kept(each.annotations, {"mcp_context"});
  }
  for (const DeclaredAction& each : stub.actions) {
    if (annotation(each.annotations, "mcp_action") != nullptr) parents_.push_back({{}, each.name});
    if (!root.actions.emplace(each.name.text, each).second) return twice(each.name);
    root.actions[each.name.text].annotations = kept(each.annotations, {"mcp_action"});
  }
  if (principals_.empty()) {
    return stub_error(ErrorCode::stub_principal_missing,
                      "no entity type of the stub is annotated `@mcp_principal`", source, 0);
  }
  if (resources_.empty()) {
    return stub_error(ErrorCode::stub_resource_missing,
                      "no entity type of the stub is annotated `@mcp_resource`", source, 0);
  }
  const auto by_name = [](const SchemaName& a, const SchemaName& b) { return a.text < b.text; };
  std::sort(principals_.begin(), principals_.end(), by_name);
  std::sort(resources_.begin(), resources_.end(), by_name);
  std::sort(parents_.begin(), parents_.end(),
            [&](const auto& a, const auto& b) { return by_name(a.id, b.id); });
  return {};
}

// `@mcp_optional("key")` is ours: a part of the context that a request can lack. The reference
// generator passes over it.
void SchemaGenerator::add_context(const SchemaName& type, std::span<const SchemaAnnotation> all) {
  const SchemaAnnotation* required = annotation(all, "mcp_context");
  const SchemaAnnotation* optional = annotation(all, "mcp_optional");
  if (options_.names == SchemaOptions::Names::as_reference) optional = nullptr;
  if (required != nullptr) contexts_[required->value] = {type.text, true};
  if (optional != nullptr) contexts_[optional->value] = {type.text, false};
}

std::span<const SchemaAnnotation> SchemaGenerator::kept(std::span<const SchemaAnnotation> all,
                                                        Names dropped) {
  if (!options_.erase_annotations) return all;
  std::vector<SchemaAnnotation> left;
  for (const SchemaAnnotation& each : all) {
    const bool ours = options_.names == SchemaOptions::Names::agent && each.name == "mcp_optional";
    if (ours || std::find(dropped.begin(), dropped.end(), each.name) != dropped.end()) continue;
    left.push_back(each);
  }
  return arena_.copy(std::span<const SchemaAnnotation>(left));
}

Result<void> SchemaGenerator::add(const Json& tools) {
  const Result<catalog::ToolList> list = catalog::open_tool_list(tools, file_);
  if (!list) return list.error();
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < list->tools.size(); ++i) {
    const auto name = catalog::tool_name(*list->tools[i], i, catalog::Limits{}, file_);
    if (!name) return name.error();
    if (!names.insert(*name).second) {
      return Error{ErrorCode::tool_duplicate, "two tools are called `" + std::string(*name) + "`",
                   std::string(file_), 0, 0};
    }
  }
  Scope shared;
  shared.definitions = list->shared;
  shared.space = root_;
  if (list->shared != nullptr) shared.pointer = "/result/$defs";
  bool done = add_definitions(shared);
  if (done && options_.deduplicate_entity_types) done = collect_tools(*list) && place_shared();
  for (std::size_t i = 0; done && i < list->tools.size(); ++i) {
    types_ = 0;
    done = add_tool(*list->tools[i], shared, list->pointers[i]);
  }
  if (!done) return error_;
  return {};
}

bool SchemaGenerator::add_tool(const Json& tool, const Scope& shared, const std::string& pointer) {
  const std::string& name = tool.find("name")->get_ref<const std::string&>();
  const std::string_view* part = part_of(name, pointer + "/name");
  if (part == nullptr) return false;
  Scope own;
  own.outer = &shared;
  own.definitions = catalog::member_of(tool, "$defs");
  own.space = join(root_, *part);
  own.pointer = pointer + "/$defs";
  if (!add_definitions(own)) return false;
  const Part input = catalog::input_schema(tool);
  if (input.schema == nullptr) {
    return fail(ErrorCode::tool_schema_invalid, pointer, "the tool has no `inputSchema`");
  }
  if (!add_parameters(input, arena_.concat({*part, "Input"}), join(own.space, "Input"), own,
                      pointer + input.step)) {
    return false;
  }
  if (options_.include_outputs) {
    const Part output = catalog::output_schema(tool);
    if (!add_parameters(output, arena_.concat({*part, "Output"}), join(own.space, "Output"), own,
                        pointer + output.step)) {
      return false;
    }
  }
  return add_action(name, *part, pointer);
}

// The parameters of a tool are a record whatever else their schema says.
bool SchemaGenerator::add_parameters(const Part& schema, std::string_view name,
                                     std::string_view space, const Scope& outer,
                                     const std::string& pointer) {
  Type record;
  if (schema.schema != nullptr) {
    if (!schema.schema->is_object()) {
      return fail(ErrorCode::tool_schema_invalid, pointer, "the schema is no object");
    }
    Scope scope;
    scope.outer = &outer;
    scope.definitions = catalog::member_of(*schema.schema, "$defs");
    scope.old_definitions = catalog::member_of(*schema.schema, "definitions");
    scope.space = space;
    scope.pointer = pointer + "/$defs";
    if (!add_definitions(scope)) return false;
    catalog::Shape shape;
    const char* problem = nullptr;
    if (!catalog::read_shape(*schema.schema, "object", shape, problem)) {
      return fail(ErrorCode::tool_schema_invalid, pointer, problem);
    }
    Place place;
    place.pointer = pointer;
    place.scope = &scope;
    if (!members(shape, place, space, record.attributes)) return false;
  }
  return add_common(root_, name, record, pointer);
}

bool SchemaGenerator::add_action(std::string_view tool, std::string_view part,
                                 const std::string& pointer) {
  const auto reference = [&](std::string_view text, Form form) {
    Type type;
    type.form = form;
    type.name.text = text;
    return type;
  };
  std::map<std::string_view, DeclaredAttribute> context;
  for (const auto& [key, given] : contexts_) {
    context[key] = {{key}, given.required, {}, reference(given.type, Form::entity_or_common)};
  }
  context["input"] = {{"input"}, true, {}, reference(arena_.concat({part, "Input"}), Form::common)};
  if (options_.include_outputs) {
    context["output"] = {
        {"output"}, false, {}, reference(arena_.concat({part, "Output"}), Form::common)};
  }
  std::vector<DeclaredAttribute> attributes;
  for (const auto& each : context) attributes.push_back(each.second);
  const bool agent = options_.names == SchemaOptions::Names::agent;
  DeclaredAction action;
  action.name.text = agent ? action_id(arena_.copy(tool), arena_) : arena_.copy(tool);
  action.has_parents = !parents_.empty();
  action.principals = principals_;
  action.resources = resources_;
  action.context.attributes = arena_.copy(std::span<const DeclaredAttribute>(attributes));
  action.parents = parents_;
  auto& actions = spaces_[root_].actions;
  // The reference generator replaces an action of the stub.
  if (agent && actions.count(action.name.text) != 0) {
    return fail(ErrorCode::tool_schema_conflict, pointer + "/name",
                "the stub has an action of this name");
  }
  actions[action.name.text] = action;
  return true;
}

bool SchemaGenerator::add_common(std::string_view space, std::string_view name, const Type& type,
                                 const std::string& pointer) {
  const auto [path, flat_name] = flat(space, name);
  const bool named =
      type.form == Form::entity_or_common || type.form == Form::entity || type.form == Form::common;
  // A definition that was declared under its own name already. The reference generator takes a
  // built-in type for that too, when a definition is called like it.
  const bool agent = options_.names == SchemaOptions::Names::agent;
  if (named && (agent ? type.name.text == qualified(space, name)
                      : unqualified(path, type).name.text == flat_name)) {
    return true;
  }
  if (!is_allowed(flat_name, pointer)) return false;
  if (is_taken(path, flat_name)) {
    return fail(ErrorCode::tool_schema_conflict, pointer,
                "the name `" + std::string(qualified(space, name)) + "` is taken");
  }
  DeclaredCommon& added = spaces_[path].commons[flat_name];
  added.name.text = flat_name;
  added.type = type;
  return true;
}

bool SchemaGenerator::add_entity(std::string_view space, std::string_view name,
                                 DeclaredEntity entity, const std::string& pointer) {
  const auto [path, flat_name] = flat(space, name);
  if (is_taken(path, flat_name)) {
    return fail(ErrorCode::tool_schema_conflict, pointer,
                "the name `" + std::string(qualified(space, name)) + "` is taken");
  }
  entity.name.text = flat_name;
  spaces_[path].entities.emplace(flat_name, entity);
  return true;
}

// An argument called `duration` gives a namespace a type of that name, which hides the one that is
// built in. The reference generator lets it. Nothing like that comes into the stub's own namespace.
void SchemaGenerator::unshadow(std::string_view path, Space& space) {
  if (options_.names != SchemaOptions::Names::agent || path == root_) return;
  const bool shadows =
      std::any_of(std::begin(kExtensions), std::end(kExtensions), [&](std::string_view name) {
        return space.commons.count(name) != 0 || space.entities.count(name) != 0;
      });
  if (!shadows) return;
  for (auto& each : space.commons) each.second.type = unshadowed(each.second.type);
  for (auto& each : space.entities) {
    DeclaredEntity& entity = each.second;
    entity.shape = unshadowed(entity.shape);
    if (entity.tags != nullptr) entity.tags = arena_.create<Type>(unshadowed(*entity.tags));
  }
}

// All names but those of built-in types are whole.
SchemaGenerator::Type SchemaGenerator::unshadowed(Type type) {
  if (type.form == Form::entity_or_common && is_one_of(kExtensions, type.name.text)) {
    type.form = Form::extension;
  } else if (type.form == Form::set) {
    type.element = arena_.create<Type>(unshadowed(*type.element));
  } else if (type.form == Form::record) {
    const std::span<DeclaredAttribute> copied = arena_.copy(type.attributes);
    for (DeclaredAttribute& each : copied) each.type = unshadowed(each.type);
    type.attributes = copied;
  }
  return type;
}

bool SchemaGenerator::is_allowed(std::string_view common, const std::string& pointer) {
  return !is_one_of(kReserved, common) ||
         fail(ErrorCode::tool_schema_name, pointer,
              "no common type can be called `" + std::string(common) + "`");
}

// A name that another type has, or that would hide a built-in type from the stub.
bool SchemaGenerator::is_taken(std::string_view path, std::string_view name) {
  Space& there = spaces_[path];
  const bool agent = options_.names == SchemaOptions::Names::agent;
  return there.commons.count(name) != 0 || there.entities.count(name) != 0 ||
         (agent && path == root_ && is_one_of(kExtensions, name));
}

cedar::DeclaredSchema SchemaGenerator::finish() {
  const auto listed = [&](const auto& named, auto example) {
    std::vector<decltype(example)> all;
    for (const auto& each : named) all.push_back(each.second);
    return arena_.copy(std::span<const decltype(example)>(all));
  };
  std::vector<DeclaredNamespace> all;
  for (auto& [path, space] : spaces_) {
    unshadow(path, space);
    DeclaredNamespace declared;
    declared.path.text = path;
    declared.annotations = space.annotations;
    declared.commons = listed(space.commons, DeclaredCommon{});
    declared.entities = listed(space.entities, DeclaredEntity{});
    declared.actions = listed(space.actions, DeclaredAction{});
    all.push_back(declared);
  }
  return {arena_.copy(std::span<const DeclaredNamespace>(all))};
}

}  // namespace mcpgov::request
