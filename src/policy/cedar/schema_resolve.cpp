// Declarations to types: which name means which declaration, and what lies above what.
// Tested by tests/policy/schema_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/schema_resolve.hpp"

#include <algorithm>
#include <utility>

#include "policy/cedar/json_tree.hpp"
#include "policy/cedar/quote.hpp"
#include "policy/cedar/schema_sorted.hpp"
#include "policy/cedar/value_json.hpp"

namespace mcpgov::policy::cedar {
namespace {

using Form = DeclaredType::Form;

constexpr std::string_view kCedar = "__cedar";
constexpr std::string_view kAction = "Action";

// Words that say in JSON of which form a type is.
bool names_a_form(std::string_view name) noexcept {
  static constexpr std::string_view kForms[] = {"Bool", "Boolean", "Entity", "Extension",
                                                "Long", "Record",  "Set",    "String"};
  return std::find(std::begin(kForms), std::end(kForms), name) != std::end(kForms);
}

}  // namespace

SchemaResolver::SchemaResolver(const DeclaredSchema& declared, std::string_view text,
                               Symbols& symbols)
    : declared_(declared),
      text_(text),
      symbols_(symbols),
      arena_(std::make_unique<Arena>()),
      types_(*arena_) {}

Result<Schema> SchemaResolver::resolve() {
  if (!declare() || !check_shadowing() || !common_types() || !entity_types() || !action_types() ||
      !close_hierarchies()) {
    return error_at(code_, std::move(reason_), text_, offset_);
  }
  return finish();
}

bool SchemaResolver::fail(ErrorCode code, std::string reason, std::uint32_t offset) {
  code_ = code;
  reason_ = std::move(reason);
  offset_ = offset;
  return false;
}

// Collects all names, so that order in the text does not matter.
bool SchemaResolver::declare() {
  action_types_.assign(declared_.namespaces.size(), nullptr);
  for (std::uint32_t i = 0; i < declared_.namespaces.size(); ++i) {
    const DeclaredNamespace& space = declared_.namespaces[i];
    const std::string_view path = space.path.text;
    if (!path.empty() && !is_type_name(path)) {
      return fail(ErrorCode::schema_reserved_name, "`__cedar` is reserved", space.path.offset);
    }
    SchemaMeaning& place = spaces_.at(0, path);
    if (place.entity != kAbsent) {
      return fail(ErrorCode::schema_duplicate, "the namespace " + shown(path) + " is given twice",
                  space.path.offset);
    }
    place.entity = i;
    if (path.empty()) outside_ = i;
    if (!declare_commons(i) || !declare_entities(i) || !declare_actions(i)) return false;
  }
  return true;
}

bool SchemaResolver::twice(const SchemaName& name) {
  return fail(ErrorCode::schema_duplicate, shown(name.text) + " is declared twice", name.offset);
}

bool SchemaResolver::declare_commons(std::uint32_t space) {
  for (const DeclaredCommon& common : declared_.namespaces[space].commons) {
    const SchemaName& name = common.name;
    if (name.text == kCedar || names_a_form(name.text)) {
      return fail(ErrorCode::schema_reserved_name,
                  shown(name.text) + " is reserved and cannot name a common type", name.offset);
    }
    SchemaMeaning& meaning = names_.at(space, name.text);
    if (meaning.common != kAbsent) return twice(name);
    meaning.common = static_cast<std::uint32_t>(commons_.size());
    commons_.push_back({space, &common, nullptr});
  }
  return true;
}

bool SchemaResolver::declare_entities(std::uint32_t space) {
  for (const DeclaredEntity& entity : declared_.namespaces[space].entities) {
    const SchemaName& name = entity.name;
    if (name.text == kCedar || name.text == kAction) {
      return fail(ErrorCode::schema_reserved_name,
                  shown(name.text) + " is reserved and cannot name an entity type", name.offset);
    }
    SchemaMeaning& meaning = names_.at(space, name.text);
    if (meaning.entity != kAbsent) return twice(name);
    meaning.entity = static_cast<std::uint32_t>(entities_.size());
    OpenEntity open;
    open.space = space;
    open.declared = &entity;
    open.type.name = full_name(space, name.text);
    entities_.push_back(open);
  }
  return true;
}

bool SchemaResolver::declare_actions(std::uint32_t space) {
  const std::span<const DeclaredAction> actions = declared_.namespaces[space].actions;
  if (actions.empty()) return true;
  const NameId type = full_name(space, kAction);
  action_types_[space] = types_.entity(type);
  for (const DeclaredAction& action : actions) {
    SchemaMeaning& meaning = ids_.at(space, action.name.text);
    if (meaning.action != kAbsent) return twice(action.name);
    meaning.action = static_cast<std::uint32_t>(actions_.size());
    OpenAction open;
    open.space = space;
    open.declared = &action;
    open.type.id = symbols_.entity(type, action.name.text);
    actions_.push_back(open);
  }
  return true;
}

NameId SchemaResolver::full_name(std::uint32_t space, std::string_view name) {
  const std::string_view path = declared_.namespaces[space].path.text;
  if (path.empty()) return symbols_.name(name);
  scratch_.assign(path).append("::").append(name);
  return symbols_.name(scratch_);
}

// RFC 70: what the empty namespace declares, no other may declare again.
bool SchemaResolver::check_shadowing() {
  if (outside_ == kAbsent || declared_.namespaces.size() == 1) return true;
  for (std::uint32_t i = 0; i < declared_.namespaces.size(); ++i) {
    if (i == outside_) continue;
    const DeclaredNamespace& space = declared_.namespaces[i];
    const auto hides = [&](const SchemaName& name, SchemaNames& names) {
      return names.find(outside_, name.text) != nullptr &&
             !fail(ErrorCode::schema_shadowing,
                   shown(name.text) + " is also declared outside of every namespace", name.offset);
    };
    for (const DeclaredCommon& common : space.commons) {
      if (hides(common.name, names_)) return false;
    }
    for (const DeclaredEntity& entity : space.entities) {
      if (hides(entity.name, names_)) return false;
    }
    for (const DeclaredAction& action : space.actions) {
      if (hides(action.name, ids_)) return false;
    }
  }
  return true;
}

SchemaResolver::Found SchemaResolver::in_space(std::uint32_t space, std::string_view name,
                                               Wanted wanted) {
  Found found;
  if (space == kAbsent) return found;
  if (const SchemaMeaning* meaning = names_.find(space, name); meaning != nullptr) {
    if (meaning->common != kAbsent && wanted != Wanted::entity) {
      found.common = meaning->common;
      return found;
    }
    if (meaning->entity != kAbsent && wanted != Wanted::common) {
      found.entity = meaning->entity;
      found.type = types_.entity(entities_[meaning->entity].type.name);
      return found;
    }
  }
  if (name == kAction && wanted != Wanted::common) found.type = action_types_[space];
  return found;
}

// A name without path is looked for in its namespace, then without; in each place common types
// come before entity types. What is built in is a common type outside of every namespace, unless
// that name is declared there.
SchemaResolver::Found SchemaResolver::find(std::uint32_t space, std::string_view name,
                                           Wanted wanted) {
  const std::string_view path = prefix(name);
  if (path.empty()) {
    Found found = in_space(space, name, wanted);
    if (!found.any() && space != outside_) found = in_space(outside_, name, wanted);
    if (found.any() || wanted == Wanted::entity) return found;
    if (outside_ == kAbsent || names_.find(outside_, name) == nullptr) {
      found.type = builtin_type(name);
    }
    return found;
  }
  if (path == kCedar) {
    Found found;
    if (wanted != Wanted::entity) found.type = builtin_type(basename(name));
    return found;
  }
  const SchemaMeaning* place = spaces_.find(0, path);
  return in_space(place == nullptr ? kAbsent : place->entity, basename(name), wanted);
}

bool SchemaResolver::undeclared(const SchemaName& name) {
  return fail(ErrorCode::schema_unknown_type, shown(name.text) + " is not declared", name.offset);
}

const Type* SchemaResolver::named_type(std::uint32_t space, const SchemaName& name, Wanted wanted) {
  const Found found = find(space, name.text, wanted);
  if (found.common != kAbsent) return commons_[found.common].type;
  if (found.type == nullptr) undeclared(name);
  return found.type;
}

// Null when it fails. Recursion follows the text, which nests at most kMaxTypeDepth deep: common
// types are there before they are needed.
const Type* SchemaResolver::type(std::uint32_t space, const DeclaredType& declared) {
  switch (declared.form) {
    case Form::boolean: return builtin_type("Bool");
    case Form::integer: return builtin_type("Long");
    case Form::string: return builtin_type("String");
    case Form::entity_or_common: return named_type(space, declared.name, Wanted::either);
    case Form::entity: return named_type(space, declared.name, Wanted::entity);
    case Form::common: return named_type(space, declared.name, Wanted::common);
    case Form::extension: return extension_type(declared.name);
    case Form::record: return record(space, declared);
    case Form::set: break;
  }
  const Type* element = type(space, *declared.element);
  return element == nullptr ? nullptr : checked(types_.set(element), declared);
}

const Type* SchemaResolver::extension_type(const SchemaName& name) {
  const Type* type = builtin_type(name.text);
  if (type != nullptr && type->kind >= Kind::decimal) return type;
  fail(ErrorCode::schema_unknown_extension, shown(name.text) + " is no extension type",
       name.offset);
  return nullptr;
}

const Type* SchemaResolver::record(std::uint32_t space, const DeclaredType& declared) {
  const std::size_t mark = attributes_.size();
  for (const DeclaredAttribute& each : declared.attributes) {
    const Type* type = this->type(space, each.type);
    if (type == nullptr) return nullptr;
    attributes_.push_back({symbols_.name(each.name.text), each.required, type});
  }
  const auto first = attributes_.begin() + static_cast<std::ptrdiff_t>(mark);
  const auto before = [](const Attribute& a, const Attribute& b) { return a.name < b.name; };
  if (!std::is_sorted(first, attributes_.end(), before))
    std::sort(first, attributes_.end(), before);
  const Type* made = types_.record(std::span(attributes_).subspan(mark));
  attributes_.resize(mark);
  return checked(made, declared);
}

// Common types inside common types can nest deeper than any text does.
const Type* SchemaResolver::checked(const Type* made, const DeclaredType& declared) {
  if (TypeTable::depth(made) <= kMaxTypeDepth) return made;
  fail(ErrorCode::schema_too_deep, "types are nested too deeply", declared.name.offset);
  return nullptr;
}

// The common types that a type mentions, each as often as it does.
void SchemaResolver::mentions(std::uint32_t space, const DeclaredType& declared,
                              std::vector<std::uint32_t>& out) {
  if (declared.form == Form::set) return mentions(space, *declared.element, out);
  for (const DeclaredAttribute& each : declared.attributes) mentions(space, each.type, out);
  if (declared.form != Form::entity_or_common && declared.form != Form::common) return;
  const Wanted wanted = declared.form == Form::common ? Wanted::common : Wanted::either;
  const Found found = find(space, declared.name.text, wanted);
  if (found.common != kAbsent) out.push_back(found.common);
}

// In an order in which each comes after those it mentions; without recursion, because a chain of
// names can be as long as the text.
bool SchemaResolver::common_types() {
  if (commons_.empty()) return true;
  const std::size_t count = commons_.size();
  Graph graph;
  for (const Common& common : commons_) {
    graph.open();
    mentions(common.space, common.declared->type, graph.to);
  }
  graph.open();
  const std::vector<std::uint32_t> order = graph.order();
  if (order.size() != count) {
    const DeclaredCommon& culprit = *commons_[graph.on_cycle(order)].declared;
    return fail(ErrorCode::schema_common_cycle,
                "the common type " + shown(culprit.name.text) + " contains itself",
                culprit.name.offset);
  }
  for (const std::uint32_t i : order) {
    commons_[i].type = type(commons_[i].space, commons_[i].declared->type);
    if (commons_[i].type == nullptr) return false;
  }
  return true;
}

bool SchemaResolver::entity_types() {
  const OpenEntity* before = nullptr;
  for (OpenEntity& open : entities_) {
    const DeclaredEntity& declared = *open.declared;
    // What is declared together has the same parts, which are resolved once.
    const bool near = before != nullptr && before->space == open.space;
    const Type* shape =
        near && one_list(before->declared->shape.attributes, declared.shape.attributes)
            ? before->shape
            : type(open.space, declared.shape);
    if (shape == nullptr) return false;
    if (shape->kind != Kind::record) {
      return fail(ErrorCode::schema_not_a_record,
                  "the shape of " + shown(declared.name.text) + " is no record",
                  declared.shape.name.offset);
    }
    open.shape = shape;
    open.type.shape = *shape;
    if (declared.tags != nullptr) {
      open.type.tags = near && before->declared->tags == declared.tags
                           ? before->type.tags
                           : type(open.space, *declared.tags);
      if (open.type.tags == nullptr) return false;
    }
    if (!enumerated(open)) return false;
    entity_graph_.open();
    for (const SchemaName& parent : declared.parents) {
      std::uint32_t number = kAbsent;
      if (!entity_number(open.space, parent, number)) return false;
      entity_graph_.to.push_back(number);
    }
    if (!within_limit(declared.parents.size())) return false;
    before = &open;
  }
  entity_graph_.open();
  return true;
}

bool SchemaResolver::enumerated(OpenEntity& open) {
  open.type.enumerated = open.declared->enumerated;
  const std::span<const std::string_view> ids = open.declared->ids;
  if (!within_limit(ids.size())) return false;
  EntityId* out = arena_->array<EntityId>(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) out[i] = symbols_.entity(open.type.name, ids[i]);
  std::sort(out, out + ids.size());
  open.type.ids = {out, ids.size()};
  return true;
}

bool SchemaResolver::entity_number(std::uint32_t space, const SchemaName& name,
                                   std::uint32_t& out) {
  out = find(space, name.text, Wanted::entity).entity;
  return out != kAbsent || undeclared(name);
}

}  // namespace mcpgov::policy::cedar
