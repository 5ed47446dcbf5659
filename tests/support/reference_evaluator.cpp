// Written to be read beside the language reference, not to be fast.
//
// SPDX-License-Identifier: Apache-2.0
#include "support/reference_evaluator.hpp"

#include <algorithm>

#include "base/arena.hpp"

namespace mcpgov::policy::cedar::reference {
namespace {

struct Failure {
  ErrorCode code;
};

[[noreturn]] void fail(ErrorCode code) {
  throw Failure{code};
}

Tree boolean(bool value) {
  Tree out;
  out.kind = Kind::boolean;
  out.integer = value ? 1 : 0;
  return out;
}

Tree entity(const Uid& uid) {
  Tree out;
  out.kind = Kind::entity;
  out.uid = uid;
  return out;
}

const Tree& expect(const Tree& value, Kind kind) {
  if (value.kind != kind) fail(ErrorCode::eval_type);
  return value;
}

bool contains(const Tree& set, const Tree& item) {
  return std::any_of(set.items.begin(), set.items.end(),
                     [&](const Tree& each) { return same(each, item); });
}

int depth_of(const Tree& value) {
  int deepest = 0;
  for (const Tree& item : value.items) deepest = std::max(deepest, depth_of(item));
  for (const auto& [name, field] : value.fields) deepest = std::max(deepest, depth_of(field));
  return value.kind == Kind::set || value.kind == Kind::record ? deepest + 1 : 0;
}

// Every way of cutting the text, piece by piece.
bool like(std::string_view text, Pattern pieces, std::size_t piece = 0) {
  if (!text.starts_with(pieces[piece])) return false;
  text.remove_prefix(pieces[piece].size());
  if (piece + 1 == pieces.size()) return text.empty();
  for (std::size_t skipped = 0; skipped <= text.size(); ++skipped) {
    if (like(text.substr(skipped), pieces, piece + 1)) return true;
  }
  return false;
}

class Walk {
 public:
  Walk(const Ast& ast, const Symbols& symbols, const World& world)
      : ast_(ast), symbols_(symbols), world_(world) {}

  bool policy(const ParsedPolicy& policy) const;

 private:
  Uid uid(EntityId id) const {
    return {std::string(symbols_.text(symbols_.type(id))), std::string(symbols_.id(id))};
  }
  std::string name(std::uint32_t id) const { return std::string(symbols_.text(NameId{id})); }
  const Thing* find(const Uid& uid) const {
    const auto at = world_.things.find(uid);
    return at == world_.things.end() ? nullptr : &at->second;
  }
  bool is_in(const Uid& one, const Uid& other) const {
    if (one == other) return true;
    const Thing* thing = find(one);
    return thing != nullptr && thing->ancestors.count(other) > 0;
  }
  bool scope(const Scope& scope, const Uid& uid) const;
  bool truth(NodeId id) const { return expect(value(id), Kind::boolean).integer != 0; }
  Tree literal(const Value& value) const;
  Tree variable(Var var) const;
  Tree member(const Tree& from, const std::string& name) const;
  bool has(const Tree& from, const std::string& name) const;
  bool in(const Tree& left, const Tree& right) const;
  bool less(const Tree& left, const Tree& right, bool or_equal) const;
  Tree arithmetic(NodeKind kind, const Tree& left, const Tree& right) const;
  Tree call(const Node& node) const;
  Tree value(NodeId id) const;
  Tree operation(const Node& node) const;
  Tree composite(const Node& node) const;

  const Ast& ast_;
  const Symbols& symbols_;
  const World& world_;
};

bool Walk::scope(const Scope& scope, const Uid& who) const {
  switch (scope.kind) {
    case ScopeKind::any: return true;
    case ScopeKind::equal: return who == uid(scope.entity);
    case ScopeKind::in: return is_in(who, uid(scope.entity));
    case ScopeKind::is: return who.first == symbols_.text(scope.type);
    case ScopeKind::is_in:
      return who.first == symbols_.text(scope.type) && is_in(who, uid(scope.entity));
  }
  return false;
}

bool Walk::policy(const ParsedPolicy& policy) const {
  if (!scope(policy.principal, world_.principal)) return false;
  if (policy.action == ActionScope::equal && world_.action != uid(policy.actions[0])) return false;
  if (policy.action == ActionScope::in || policy.action == ActionScope::in_list) {
    const bool any = std::any_of(policy.actions.begin(), policy.actions.end(),
                                 [&](EntityId id) { return is_in(world_.action, uid(id)); });
    if (!any) return false;
  }
  if (!scope(policy.resource, world_.resource)) return false;
  for (const Condition& condition : policy.conditions) {
    if (truth(condition.body) == condition.unless) return false;
  }
  return true;
}

Tree Walk::literal(const Value& value) const {
  Tree out;
  out.kind = value.kind;
  if (value.kind == Kind::string) {
    out.text = value.string();
  } else if (value.kind == Kind::entity) {
    out.uid = uid(value.entity());
  } else {
    out.integer = value.integer;
  }
  return out;
}

Tree Walk::variable(Var var) const {
  switch (var) {
    case Var::principal: return entity(world_.principal);
    case Var::action: return entity(world_.action);
    case Var::resource: return entity(world_.resource);
    case Var::context: return world_.context;
  }
  return {};
}

Tree Walk::member(const Tree& from, const std::string& name) const {
  const std::map<std::string, Tree>* fields = &from.fields;
  if (from.kind == Kind::entity) {
    const Thing* thing = find(from.uid);
    if (thing == nullptr) fail(ErrorCode::eval_entity_missing);
    fields = &thing->attributes;
  } else {
    expect(from, Kind::record);
  }
  const auto at = fields->find(name);
  if (at == fields->end()) fail(ErrorCode::eval_attribute_missing);
  return at->second;
}

bool Walk::has(const Tree& from, const std::string& name) const {
  if (from.kind == Kind::entity) {
    const Thing* thing = find(from.uid);
    return thing != nullptr && thing->attributes.count(name) > 0;
  }
  return expect(from, Kind::record).fields.count(name) > 0;
}

bool Walk::in(const Tree& left, const Tree& right) const {
  expect(left, Kind::entity);
  if (right.kind == Kind::entity) return is_in(left.uid, right.uid);
  expect(right, Kind::set);
  for (const Tree& item : right.items) expect(item, Kind::entity);
  return std::any_of(right.items.begin(), right.items.end(),
                     [&](const Tree& item) { return is_in(left.uid, item.uid); });
}

bool Walk::less(const Tree& left, const Tree& right, bool or_equal) const {
  const bool comparable =
      left.kind == Kind::integer || left.kind == Kind::datetime || left.kind == Kind::duration;
  if (!comparable || right.kind != left.kind) fail(ErrorCode::eval_type);
  return or_equal ? left.integer <= right.integer : left.integer < right.integer;
}

Tree Walk::arithmetic(NodeKind kind, const Tree& left, const Tree& right) const {
  expect(left, Kind::integer);
  expect(right, Kind::integer);
  Tree out;
  out.kind = Kind::integer;
  const bool overflow = kind == NodeKind::add
                            ? __builtin_add_overflow(left.integer, right.integer, &out.integer)
                        : kind == NodeKind::subtract
                            ? __builtin_sub_overflow(left.integer, right.integer, &out.integer)
                            : __builtin_mul_overflow(left.integer, right.integer, &out.integer);
  if (overflow) fail(ErrorCode::eval_overflow);
  return out;
}

// The extension functions have their own tests; here they are taken as they are.
Tree Walk::call(const Node& node) const {
  Arena arena;
  std::vector<Tree> trees;
  for (const NodeId id : ast_.list(node.b, node.c)) trees.push_back(value(id));
  std::vector<Value> arguments;
  for (const Tree& tree : trees) {
    Value argument = Value::of_scalar(tree.kind, tree.integer);
    if (tree.kind == Kind::string) argument = Value::of_string(tree.text);
    if (tree.kind == Kind::ip) argument = Value::of_ip(&tree.ip);
    arguments.push_back(argument);
  }
  Value result;
  const ErrorCode code = extension_functions()[node.a].call(arguments, arena, result);
  if (code != ErrorCode::none) fail(code);
  Tree out;
  out.kind = result.kind;
  if (result.kind == Kind::ip) {
    out.ip = *result.ip;
  } else {
    out.integer = result.integer;
  }
  return out;
}

Tree Walk::composite(const Node& node) const {
  Tree out;
  out.kind = node.kind == NodeKind::set ? Kind::set : Kind::record;
  if (node.kind == NodeKind::set) {
    for (const NodeId id : ast_.list(node.a, node.b)) {
      Tree item = value(id);
      if (!contains(out, item)) out.items.push_back(std::move(item));
    }
  } else {
    for (std::uint32_t i = 0; i < node.b; ++i) {
      out.fields[name(ast_.lists[node.a + 2 * i])] = value(ast_.lists[node.a + 2 * i + 1]);
    }
  }
  if (depth_of(out) > kMaxValueDepth) fail(ErrorCode::eval_depth);
  return out;
}

Tree Walk::value(NodeId id) const {
  const Node& node = ast_.nodes[id];
  switch (node.kind) {
    case NodeKind::literal: return literal(ast_.literals[node.a]);
    case NodeKind::variable: return variable(static_cast<Var>(node.a));
    case NodeKind::all_of:
      for (const NodeId operand : ast_.list(node.a, node.b)) {
        if (!truth(operand)) return boolean(false);
      }
      return boolean(true);
    case NodeKind::any_of:
      for (const NodeId operand : ast_.list(node.a, node.b)) {
        if (truth(operand)) return boolean(true);
      }
      return boolean(false);
    case NodeKind::negation: return boolean(!truth(node.a));
    case NodeKind::choice: return truth(node.a) ? value(node.b) : value(node.c);
    case NodeKind::call: return call(node);
    case NodeKind::set:
    case NodeKind::record: return composite(node);
    default: return operation(node);
  }
}

Tree Walk::operation(const Node& node) const {
  const Tree left = value(node.a);
  switch (node.kind) {
    case NodeKind::minus: {
      Tree zero;
      zero.kind = Kind::integer;
      return arithmetic(NodeKind::subtract, zero, left);
    }
    case NodeKind::get: return member(left, name(node.b));
    case NodeKind::has: {
      Tree from = left;
      for (std::uint32_t i = 0; i < node.c; ++i) {
        const std::string next = name(ast_.lists[node.b + i]);
        if (!has(from, next)) return boolean(false);
        from = member(from, next);
      }
      return boolean(true);
    }
    case NodeKind::is: return boolean(expect(left, Kind::entity).uid.first == name(node.b));
    case NodeKind::is_in:
      return boolean(expect(left, Kind::entity).uid.first == name(node.b) &&
                     in(left, value(node.c)));
    case NodeKind::like:
      return boolean(like(expect(left, Kind::string).text, ast_.patterns[node.b]));
    case NodeKind::is_empty: return boolean(expect(left, Kind::set).items.empty());
    default: break;
  }
  const Tree right = value(node.b);
  switch (node.kind) {
    case NodeKind::equal: return boolean(same(left, right));
    case NodeKind::less: return boolean(less(left, right, false));
    case NodeKind::less_equal: return boolean(less(left, right, true));
    case NodeKind::in: return boolean(in(left, right));
    case NodeKind::contains: return boolean(contains(expect(left, Kind::set), right));
    case NodeKind::contains_all:
    case NodeKind::contains_any: {
      expect(left, Kind::set);
      expect(right, Kind::set);
      const auto found = [&](const Tree& item) { return contains(left, item); };
      return boolean(node.kind == NodeKind::contains_all
                         ? std::all_of(right.items.begin(), right.items.end(), found)
                         : std::any_of(right.items.begin(), right.items.end(), found));
    }
    case NodeKind::has_tag:
    case NodeKind::get_tag: {
      const Thing* thing = find(expect(left, Kind::entity).uid);
      const std::string& tag = expect(right, Kind::string).text;
      const bool present = thing != nullptr && thing->tags.count(tag) > 0;
      if (node.kind == NodeKind::has_tag) return boolean(present);
      if (thing == nullptr) fail(ErrorCode::eval_entity_missing);
      if (!present) fail(ErrorCode::eval_tag_missing);
      return thing->tags.at(tag);
    }
    default: return arithmetic(node.kind, left, right);
  }
}

Uid uid_of(const RequestSymbols& symbols, EntityId id) {
  return {std::string(symbols.text(symbols.type(id))), std::string(symbols.id(id))};
}

}  // namespace

bool same(const Tree& a, const Tree& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::unknown: return false;
    case Kind::string: return a.text == b.text;
    case Kind::entity: return a.uid == b.uid;
    case Kind::ip: return a.ip == b.ip;
    case Kind::set:
      return std::all_of(a.items.begin(), a.items.end(),
                         [&](const Tree& item) { return contains(b, item); }) &&
             std::all_of(b.items.begin(), b.items.end(),
                         [&](const Tree& item) { return contains(a, item); });
    case Kind::record:
      return a.fields.size() == b.fields.size() &&
             std::all_of(a.fields.begin(), a.fields.end(), [&](const auto& field) {
               const auto at = b.fields.find(field.first);
               return at != b.fields.end() && same(field.second, at->second);
             });
    default: return a.integer == b.integer;
  }
}

Tree tree_of(const RequestSymbols& symbols, const Value& value) {
  Tree out;
  out.kind = value.kind;
  switch (value.kind) {
    case Kind::unknown: break;
    case Kind::string: out.text = value.string(); break;
    case Kind::entity: out.uid = uid_of(symbols, value.entity()); break;
    case Kind::ip: out.ip = *value.ip; break;
    case Kind::set:
      for (const Value& item : value.set()) out.items.push_back(tree_of(symbols, item));
      break;
    case Kind::record:
      for (const Field& field : value.record()) {
        out.fields[std::string(symbols.text(field.name))] = tree_of(symbols, field.value);
      }
      break;
    default: out.integer = value.integer; break;
  }
  return out;
}

World world_of(const Entities& entities, const Request& request) {
  const RequestSymbols& symbols = *request.symbols;
  World out;
  for (const EntityId id : entities.ids()) {
    const Entity& known = *entities.find(id);
    Thing& thing = out.things[uid_of(symbols, id)];
    thing.attributes = tree_of(symbols, known.attributes).fields;
    thing.tags = tree_of(symbols, known.tags).fields;
    for (const EntityId ancestor : known.ancestors) {
      thing.ancestors.insert(uid_of(symbols, ancestor));
    }
  }
  out.principal = uid_of(symbols, request.principal);
  out.action = uid_of(symbols, request.action);
  out.resource = uid_of(symbols, request.resource);
  out.context = tree_of(symbols, request.context);
  return out;
}

Outcome evaluate(const Ast& ast, const ParsedPolicy& policy, const Symbols& symbols,
                 const World& world) {
  Outcome out;
  try {
    out.satisfied = Walk(ast, symbols, world).policy(policy);
  } catch (const Failure& failure) {
    out.error = failure.code;
  }
  return out;
}

}  // namespace mcpgov::policy::cedar::reference
