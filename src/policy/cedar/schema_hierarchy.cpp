// The second half of resolving a schema: actions, and what lies above what.
// Tested by tests/policy/schema_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "policy/cedar/json_tree.hpp"
#include "policy/cedar/quote.hpp"
#include "policy/cedar/schema_resolve.hpp"
#include "policy/cedar/schema_sorted.hpp"

namespace mcpgov::policy::cedar {

namespace {

// What takes long to resolve is there once; names are cheap to compare.
bool same_application(const DeclaredAction& a, const DeclaredAction& b) noexcept {
  const DeclaredType& one = a.context;
  const DeclaredType& other = b.context;
  const bool same_attributes = one_list(one.attributes, other.attributes) ||
                               (one.attributes.empty() && other.attributes.empty());
  return one_list(a.principals, b.principals) && one_list(a.resources, b.resources) &&
         one.form == other.form && one.name.text == other.name.text &&
         one.element == other.element && same_attributes;
}

}  // namespace

std::vector<std::uint32_t> Graph::order() const {
  std::vector<std::uint32_t> waiting(size());
  std::vector<std::uint32_t> start(size() + 1);  // who mentions i: by[start[i]..start[i+1])
  for (std::size_t i = 0; i < size(); ++i) {
    waiting[i] = first[i + 1] - first[i];
    for (const std::uint32_t target : targets(i)) ++start[target + std::size_t{1}];
  }
  for (std::size_t i = 0; i < size(); ++i) start[i + 1] += start[i];
  std::vector<std::uint32_t> by(to.size());
  std::vector<std::uint32_t> next(start.begin(), start.end() - 1);
  for (std::uint32_t i = 0; i < size(); ++i) {
    for (const std::uint32_t target : targets(i)) by[next[target]++] = i;
  }
  std::vector<std::uint32_t> out;
  out.reserve(size());
  for (std::uint32_t i = 0; i < size(); ++i) {
    if (waiting[i] == 0) out.push_back(i);
  }
  for (std::size_t done = 0; done < out.size(); ++done) {
    const std::uint32_t node = out[done];
    for (std::uint32_t k = start[node]; k < start[node + std::size_t{1}]; ++k) {
      if (--waiting[by[k]] == 0) out.push_back(by[k]);
    }
  }
  return out;
}

// Whoever is not in the order mentions somebody who is not; following such mentions as many times
// as there are nodes ends on a cycle.
std::uint32_t Graph::on_cycle(const std::vector<std::uint32_t>& order) const {
  std::vector<bool> placed(size());
  for (const std::uint32_t node : order) placed[node] = true;
  const auto open = [&](std::uint32_t node) { return !placed[node]; };
  std::uint32_t at = 0;
  while (placed[at]) ++at;
  for (std::size_t step = 0; step < size(); ++step) {
    const std::span<const std::uint32_t> all = targets(at);
    at = *std::find_if(all.begin(), all.end(), open);
  }
  return at;
}

bool SchemaResolver::action_types() {
  const OpenAction* before = nullptr;
  for (OpenAction& open : actions_) {
    if (!applies_to(open, before)) return false;
    action_graph_.open();
    for (const DeclaredParent& parent : open.declared->parents) {
      const std::uint32_t number = find_action(open.space, parent);
      if (number == kAbsent) {
        return fail(ErrorCode::schema_unknown_action,
                    "the action " + shown(parent.id.text) + " is not declared", parent.id.offset);
      }
      action_graph_.to.push_back(number);
    }
    if (!within_limit(open.declared->parents.size())) return false;
    before = &open;
  }
  action_graph_.open();
  return true;
}

bool SchemaResolver::applies_to(OpenAction& open, const OpenAction* before) {
  const DeclaredAction& declared = *open.declared;
  // What is declared together has the same parts, which are resolved once.
  if (before != nullptr && before->space == open.space &&
      same_application(*before->declared, declared)) {
    const EntityId id = open.type.id;
    open.type = before->type;
    open.type.id = id;
    return true;
  }
  if (!applicable(open.space, declared.principals, open.type.principals) ||
      !applicable(open.space, declared.resources, open.type.resources)) {
    return false;
  }
  const Type* context = type(open.space, declared.context);
  if (context == nullptr) return false;
  if (context->kind != Kind::record) {
    return fail(ErrorCode::schema_not_a_record,
                "the context of " + shown(declared.name.text) + " is no record",
                declared.context.name.offset);
  }
  open.type.context = *context;
  return true;
}

bool SchemaResolver::applicable(std::uint32_t space, std::span<const SchemaName> names,
                                std::span<const NameId>& out) {
  NameId* types = arena_->array<NameId>(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::uint32_t number = kAbsent;
    if (!entity_number(space, names[i], number)) return false;
    types[i] = entities_[number].type.name;
  }
  std::sort(types, types + names.size());
  out = {types, static_cast<std::size_t>(std::unique(types, types + names.size()) - types)};
  return true;
}

// Without a path the type is looked for in the action's namespace, then without.
std::uint32_t SchemaResolver::find_action(std::uint32_t space, const DeclaredParent& parent) {
  const auto in = [&](std::uint32_t where) {
    const SchemaMeaning* found = where == kAbsent ? nullptr : ids_.find(where, parent.id.text);
    return found == nullptr ? kAbsent : found->action;
  };
  if (!parent.type.empty() && basename(parent.type) != "Action") return kAbsent;
  const std::string_view path = prefix(parent.type);
  if (!path.empty()) {
    const SchemaMeaning* place = spaces_.find(0, path);
    return place == nullptr ? kAbsent : in(place->entity);
  }
  const std::uint32_t own = in(space);
  return own != kAbsent ? own : in(outside_);
}

bool SchemaResolver::close_hierarchies() {
  const auto entity = [&](std::uint32_t i) { return entities_[i].type.name; };
  const auto action = [&](std::uint32_t i) { return actions_[i].type.id; };
  if (!close<NameId>(entity_graph_, entities_, entity) ||
      !close<EntityId>(action_graph_, actions_, action)) {
    return false;
  }
  for (const OpenAction& open : actions_) {
    const std::span<const EntityId> above = open.type.ancestors;
    if (!std::binary_search(above.begin(), above.end(), open.type.id)) continue;
    return fail(ErrorCode::schema_action_cycle,
                "the action " + shown(open.declared->name.text) + " lies above itself",
                open.declared->name.offset);
  }
  return true;
}

// Everything that can be reached from the parents. A search and not an order, because entity types
// may lie above themselves.
template <class Id, class Open, class IdOf>
bool SchemaResolver::close(const Graph& graph, std::vector<Open>& all, IdOf id_of) {
  if (graph.to.empty()) return true;
  std::vector<std::uint32_t> seen_by(all.size(), kAbsent);
  std::vector<std::uint32_t> reached;
  std::vector<Id> above;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    reached.clear();
    const auto reach = [&](std::uint32_t node) {
      for (const std::uint32_t parent : graph.targets(node)) {
        if (seen_by[parent] == i) continue;
        seen_by[parent] = i;
        reached.push_back(parent);
      }
      return within_limit(graph.targets(node).size());
    };
    if (!reach(i)) return false;
    for (std::size_t done = 0; done < reached.size(); ++done) {
      if (!reach(reached[done])) return false;
    }
    above.clear();
    for (const std::uint32_t node : reached) above.push_back(id_of(node));
    std::sort(above.begin(), above.end());
    all[i].type.ancestors = arena_->copy(std::span<const Id>(above));
  }
  return true;
}

// Names times ids, names times parents, ancestors of a chain: what grows with the square of the
// text is counted, and ends here. 2^24 pairs are 64 MiB.
bool SchemaResolver::within_limit(std::size_t more) {
  constexpr std::size_t most = std::size_t{1} << 24;
  work_ += more;
  return work_ <= most || fail(ErrorCode::schema_too_large, "too many ids or ancestors", 0);
}

Schema SchemaResolver::finish() {
  EntityType* types = arena_->array<EntityType>(entities_.size());
  for (std::size_t i = 0; i < entities_.size(); ++i) types[i] = entities_[i].type;
  std::sort(types, types + entities_.size(),
            [](const EntityType& a, const EntityType& b) { return a.name < b.name; });
  ActionType* actions = arena_->array<ActionType>(actions_.size());
  for (std::size_t i = 0; i < actions_.size(); ++i) actions[i] = actions_[i].type;
  std::sort(actions, actions + actions_.size(),
            [](const ActionType& a, const ActionType& b) { return a.id < b.id; });
  Schema schema;
  schema.entity_types_ = {types, entities_.size()};
  schema.actions_ = {actions, actions_.size()};
  schema.arena_ = std::move(arena_);
  return schema;
}

Result<Schema> resolve_schema(const DeclaredSchema& declared, std::string_view text,
                              Symbols& symbols) {
  return SchemaResolver(declared, text, symbols).resolve();
}

namespace {

Result<Schema> read(std::string_view text, std::string_view file, Symbols& symbols,
                    Result<DeclaredSchema> (*parse)(std::string_view, Arena&)) {
  Arena arena;
  const auto in_file = [&](Error error) {
    error.file = file;
    return error;
  };
  Result<DeclaredSchema> declared = parse(text, arena);
  if (!declared) return in_file(std::move(declared).error());
  Result<Schema> schema = resolve_schema(*declared, text, symbols);
  if (!schema) return in_file(std::move(schema).error());
  return schema;
}

}  // namespace

Result<Schema> read_schema(std::string_view text, std::string_view file, Symbols& symbols) {
  return read(text, file, symbols, parse_schema);
}

Result<Schema> read_schema_json(std::string_view text, std::string_view file, Symbols& symbols) {
  return read(text, file, symbols, parse_schema_json);
}

}  // namespace mcpgov::policy::cedar
