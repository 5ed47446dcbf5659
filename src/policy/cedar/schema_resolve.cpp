// Declarations to types: which name means which declaration, and what lies above what.
// Tested by tests/policy/schema_types_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "policy/cedar/json_tree.hpp"
#include "policy/cedar/schema_declarations.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/cedar/value_json.hpp"

namespace mcpgov::policy::cedar {
namespace {

std::string qualified(const std::string& space, const std::string& name) {
  return space.empty() ? name : space + "::" + name;
}

bool is_qualified(const std::string& name) {
  return name.find("::") != std::string::npos;
}

// Types are resolved by recursion, through records, sets and common types, this deep.
constexpr int kMaxChain = 4 * kMaxTypeDepth;

}  // namespace

class SchemaResolver {
 public:
  SchemaResolver(std::string_view text, std::vector<DeclaredNamespace> spaces, Symbols& symbols)
      : text_(text), spaces_(std::move(spaces)), symbols_(symbols) {
    schema_.arena_ = std::make_unique<Arena>();
  }

  Result<Schema> resolve() {
    if (!declare() || !check_shadowing()) return error();
    for (const DeclaredNamespace& space : spaces_) {
      for (const DeclaredCommon& common : space.commons) {
        const Type* type = nullptr;
        if (!common_type(commons_.at(qualified(space.path.text, common.name.text)), type, 0)) {
          return error();
        }
      }
      for (const DeclaredEntities& entities : space.entities) {
        if (!entity_types(space, entities)) return error();
      }
      for (const DeclaredActions& actions : space.actions) {
        if (!action_types(space, actions)) return error();
      }
    }
    if (!close(entities_) || !close_actions()) return error();
    return finish();
  }

 private:
  struct Common {
    const DeclaredNamespace* space;
    const DeclaredCommon* declared;
    const Type* type = nullptr;
    bool open = false;  // being resolved: meeting it again is a cycle
  };
  // Under construction: what is above is still direct.
  struct OpenEntity {
    EntityType type;
    std::vector<NameId> parents;
  };
  struct OpenAction {
    ActionType type;
    std::vector<EntityId> parents;
    std::uint32_t offset = 0;
  };

  Arena& arena() { return *schema_.arena_; }
  Error error() const { return error_at(code_, reason_, text_, offset_); }
  bool fail(ErrorCode code, std::string reason, std::uint32_t offset) {
    code_ = code;
    reason_ = std::move(reason);
    offset_ = offset;
    return false;
  }
  bool malformed(const char* reason, const SchemaName& name) {
    return fail(ErrorCode::schema_syntax, reason, name.offset);
  }
  bool unknown(const SchemaName& name) {
    return fail(ErrorCode::schema_unknown_type, "`" + name.text + "` is not declared", name.offset);
  }

  // Collects all names, so that order in the text does not matter.
  bool declare() {
    std::map<std::string, int> seen;
    for (const DeclaredNamespace& space : spaces_) {
      const std::string& path = space.path.text;
      if (!path.empty() && !is_type_name(path)) {
        return malformed("`__cedar` is reserved", space.path);
      }
      if (seen[path]++ != 0) return malformed("a namespace declared twice", space.path);
      for (const DeclaredCommon& common : space.commons) {
        if (common.name.text == "__cedar") return malformed("`__cedar` is reserved", common.name);
        if (!commons_.emplace(qualified(path, common.name.text), Common{&space, &common}).second) {
          return malformed("a type declared twice", common.name);
        }
      }
      for (const DeclaredEntities& entities : space.entities) {
        for (const SchemaName& name : entities.names) {
          if (!declare_entity(path, name)) return false;
        }
      }
      for (const DeclaredActions& actions : space.actions) {
        for (const SchemaName& name : actions.names) {
          const NameId type = symbols_.name(qualified(path, "Action"));
          const EntityId id = symbols_.entity(type, name.text);
          if (!actions_.emplace(id, OpenAction{}).second) {
            return malformed("an action declared twice", name);
          }
          action_names_.emplace(qualified(path, "Action"), type);
        }
      }
    }
    return true;
  }

  bool declare_entity(const std::string& path, const SchemaName& name) {
    if (name.text == "__cedar") return malformed("`__cedar` is reserved", name);
    if (name.text == "Action") return malformed("`Action` is the type of actions", name);
    const std::string full = qualified(path, name.text);
    if (entity_names_.emplace(full, symbols_.name(full)).second) return true;
    return malformed("an entity type declared twice", name);
  }

  // RFC 70: what the empty namespace declares, no other may declare again.
  bool check_shadowing() {
    for (const DeclaredNamespace& space : spaces_) {
      if (space.path.text.empty()) continue;
      const auto taken = [&](const SchemaName& name) {
        return entity_names_.count(name.text) != 0 || commons_.count(name.text) != 0;
      };
      for (const DeclaredCommon& common : space.commons) {
        if (taken(common.name)) return malformed("hides a type without namespace", common.name);
      }
      for (const DeclaredEntities& entities : space.entities) {
        for (const SchemaName& name : entities.names) {
          if (taken(name)) return malformed("hides a type without namespace", name);
        }
      }
      for (const DeclaredActions& actions : space.actions) {
        for (const SchemaName& name : actions.names) {
          if (find_action("", name.text) != kNoEntity) {
            return malformed("hides an action without namespace", name);
          }
        }
      }
    }
    return true;
  }

  EntityId find_action(const std::string& space, const std::string& id) const {
    const NameId type = symbols_.find_name(qualified(space, "Action"));
    const EntityId found = type == kNoName ? kNoEntity : symbols_.find_entity(type, id);
    return actions_.count(found) != 0 ? found : kNoEntity;
  }

  // A name without path is looked for in its namespace, then without; in each place common types
  // come before entity types, and what is built in comes last.
  bool named_type(const DeclaredNamespace& space, const SchemaName& name, const Type*& out,
                  int chain) {
    const bool plain = !is_qualified(name.text);
    for (const bool own : {true, false}) {
      if (own && (!plain || space.path.text.empty())) continue;
      const std::string full = own ? qualified(space.path.text, name.text) : name.text;
      if (const auto at = commons_.find(full); at != commons_.end()) {
        return common_type(at->second, out, chain);
      }
      const auto entity = entity_names_.find(full);
      const auto action = action_names_.find(full);
      if (entity != entity_names_.end() || action != action_names_.end()) {
        const NameId id = entity != entity_names_.end() ? entity->second : action->second;
        out = arena().create<Type>(Type{Kind::entity, id, nullptr, {}});
        return true;
      }
    }
    constexpr std::string_view prefix = "__cedar::";
    std::string_view rest = name.text;
    if (rest.starts_with(prefix)) rest.remove_prefix(prefix.size());
    out = builtin_type(rest);
    return out != nullptr || unknown(name);
  }

  bool common_type(Common& common, const Type*& out, int chain) {
    if (common.type == nullptr) {
      const SchemaName& name = common.declared->name;
      if (common.open) return malformed("common types that contain themselves", name);
      if (chain >= kMaxChain) return malformed("common types nested too deeply", name);
      common.open = true;
      Type* type = arena().create<Type>();
      if (!resolve_type(*common.space, common.declared->type, *type, chain + 1)) return false;
      common.type = type;
      common.open = false;
    }
    out = common.type;
    return true;
  }

  // chain: the depth of this recursion. It is checked where a common type begins, and the text of
  // one nests no deeper than kMaxTypeDepth.
  bool resolve_type(const DeclaredNamespace& space, const DeclaredType& declared, Type& out,
                    int chain) {
    if (declared.form == DeclaredType::Form::name) {
      const Type* named = nullptr;
      if (!named_type(space, declared.name, named, chain)) return false;
      out = *named;
      return true;
    }
    if (declared.form == DeclaredType::Form::set) {
      Type* element = arena().create<Type>();
      out = {Kind::set, kNoName, element, {}};
      return resolve_type(space, declared.element[0], *element, chain + 1);
    }
    std::map<NameId, const DeclaredAttribute*> last;  // of equal names the last counts
    for (const DeclaredAttribute& attribute : declared.attributes) {
      last[symbols_.name(attribute.name)] = &attribute;
      Type* type = arena().create<Type>();
      if (!resolve_type(space, attribute.type, *type, chain + 1)) return false;
      resolved_[&attribute] = type;
    }
    Attribute* attributes = arena().array<Attribute>(last.size());
    std::size_t count = 0;
    for (const auto& [name, attribute] : last) {
      attributes[count++] = {name, attribute->required, resolved_.at(attribute)};
    }
    out = {Kind::record, kNoName, nullptr, {attributes, count}};
    return true;
  }

  bool entity_name(const DeclaredNamespace& space, const SchemaName& name, NameId& out) {
    auto at = entity_names_.end();
    if (!is_qualified(name.text)) at = entity_names_.find(qualified(space.path.text, name.text));
    if (at == entity_names_.end()) at = entity_names_.find(name.text);
    if (at == entity_names_.end()) return unknown(name);
    out = at->second;
    return true;
  }

  bool entity_types(const DeclaredNamespace& space, const DeclaredEntities& declared) {
    OpenEntity open;
    open.type.enumerated = declared.enumerated;
    if (!resolve_type(space, declared.shape, open.type.shape, 0)) return false;
    if (!declared.tags.empty()) {
      Type* tags = arena().create<Type>();
      if (!resolve_type(space, declared.tags[0], *tags, 0)) return false;
      open.type.tags = tags;
    }
    for (const SchemaName& name : declared.parents) {
      if (!entity_name(space, name, open.parents.emplace_back())) return false;
    }
    for (const SchemaName& name : declared.names) {
      if (!within_limit(declared.ids.size() + open.parents.size())) return false;
      open.type.name = entity_names_.at(qualified(space.path.text, name.text));
      std::vector<EntityId> ids;
      for (const std::string& id : declared.ids) {
        ids.push_back(symbols_.entity(open.type.name, id));
      }
      std::sort(ids.begin(), ids.end());
      open.type.ids = arena().copy(std::span<const EntityId>(ids));
      entities_[open.type.name] = open;
    }
    return true;
  }

  bool action_types(const DeclaredNamespace& space, const DeclaredActions& declared) {
    OpenAction open;
    std::vector<NameId> principals;
    std::vector<NameId> resources;
    if (!entity_list(space, declared.principals, principals)) return false;
    if (!entity_list(space, declared.resources, resources)) return false;
    open.type.principals = arena().copy(std::span<const NameId>(principals));
    open.type.resources = arena().copy(std::span<const NameId>(resources));
    if (!resolve_type(space, declared.context, open.type.context, 0)) return false;
    if (open.type.context.kind != Kind::record) {
      return malformed("a context that is no record", declared.context.name);
    }
    for (const DeclaredParent& parent : declared.parents) {
      if (!action_parent(space, parent, open.parents.emplace_back())) return false;
    }
    for (const SchemaName& name : declared.names) {
      if (!within_limit(open.parents.size())) return false;
      open.offset = name.offset;
      open.type.id = find_action(space.path.text, name.text);
      actions_[open.type.id] = open;
    }
    return true;
  }

  bool entity_list(const DeclaredNamespace& space, const std::vector<SchemaName>& names,
                   std::vector<NameId>& out) {
    for (const SchemaName& name : names) {
      if (!entity_name(space, name, out.emplace_back())) return false;
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return true;
  }

  bool action_parent(const DeclaredNamespace& space, const DeclaredParent& parent, EntityId& out) {
    if (parent.type.empty() || parent.type == "Action") {
      out = find_action(space.path.text, parent.id.text);
      if (out == kNoEntity) out = find_action("", parent.id.text);
    } else if (is_action_type(parent.type)) {
      constexpr std::size_t suffix = std::string_view("::Action").size();
      out = find_action(parent.type.substr(0, parent.type.size() - suffix), parent.id.text);
    }
    return out != kNoEntity || malformed("an action that is not declared", parent.id);
  }

  // Everything that can be reached from the parents. A search and not an order, because entity
  // types may lie above themselves. Open: OpenEntity or OpenAction, by Id.
  template <class Id, class Open>
  bool close(std::map<Id, Open>& all) {
    for (auto& [id, open] : all) {
      std::set<Id> above;
      std::vector<Id> next = open.parents;
      while (!next.empty()) {
        const Id at = next.back();
        next.pop_back();
        if (!above.insert(at).second) continue;
        const std::vector<Id>& parents = all.at(at).parents;
        next.insert(next.end(), parents.begin(), parents.end());
        if (!within_limit(parents.size() + 1)) return false;
      }
      const std::vector<Id> sorted(above.begin(), above.end());
      open.type.ancestors = arena().copy(std::span<const Id>(sorted));
    }
    return true;
  }

  bool close_actions() {
    if (!close(actions_)) return false;
    for (const auto& [id, open] : actions_) {
      const auto above = open.type.ancestors;
      if (!std::binary_search(above.begin(), above.end(), id)) continue;
      return fail(ErrorCode::schema_syntax, "an action that lies above itself", open.offset);
    }
    return true;
  }

  // Names times ids, names times parents, ancestors of a chain: what grows with the square of the
  // text is counted, and ends here.
  bool within_limit(std::size_t more) {
    constexpr std::size_t most = std::size_t{1} << 22;
    work_ += more;
    return work_ <= most || fail(ErrorCode::schema_syntax, "too many ids or ancestors", 0);
  }

  Schema finish() {
    EntityType* types = arena().array<EntityType>(entities_.size());
    std::size_t count = 0;
    for (const auto& [name, open] : entities_) types[count++] = open.type;
    schema_.entity_types_ = {types, count};
    ActionType* actions = arena().array<ActionType>(actions_.size());
    count = 0;
    for (const auto& [id, open] : actions_) actions[count++] = open.type;
    schema_.actions_ = {actions, count};
    return std::move(schema_);
  }

  std::string_view text_;
  std::vector<DeclaredNamespace> spaces_;
  Symbols& symbols_;
  Schema schema_;
  std::unordered_map<std::string, Common> commons_;  // by full name, as the next three
  std::unordered_map<std::string, NameId> entity_names_;
  std::unordered_map<std::string, NameId> action_names_;  // types of the declared actions
  std::unordered_map<const DeclaredAttribute*, const Type*> resolved_;
  std::map<NameId, OpenEntity> entities_;
  std::map<EntityId, OpenAction> actions_;
  std::size_t work_ = 0;
  ErrorCode code_ = ErrorCode::none;
  std::string reason_;
  std::uint32_t offset_ = 0;
};

Result<Schema> read_schema(std::string_view text, std::string_view file, Symbols& symbols) {
  const auto in_file = [&](Error error) {
    error.file = file;
    return error;
  };
  Result<std::vector<DeclaredNamespace>> declared = parse_schema(text);
  if (!declared) return in_file(std::move(declared).error());
  Result<Schema> schema = SchemaResolver(text, *std::move(declared), symbols).resolve();
  if (!schema) return in_file(std::move(schema).error());
  return schema;
}

}  // namespace mcpgov::policy::cedar
