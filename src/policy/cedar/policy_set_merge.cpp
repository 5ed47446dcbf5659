// One set into another: ids of two tables of symbols, and ids of policies that meet.
// Tested by tests/policy/policy_set_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <unordered_map>

#include "policy/cedar/policy_set.hpp"
#include "policy/cedar/quote.hpp"

namespace mcpgov::policy::cedar {
namespace {

// Gives every string of the tree and the policy a home in the arena.
void keep_strings(Ast& ast, ParsedPolicy& policy, Arena& arena) {
  for (Value& literal : ast.literals) literal = copy(literal, arena);
  for (Pattern& pattern : ast.patterns) {
    auto* pieces = arena.array<std::string_view>(pattern.size());
    for (std::size_t i = 0; i < pattern.size(); ++i) pieces[i] = arena.copy(pattern[i]);
    pattern = {pieces, pattern.size()};
  }
  for (AnnotationText& annotation : policy.annotations) {
    annotation.name = arena.copy(annotation.name);
    annotation.value = arena.copy(annotation.value);
  }
}

}  // namespace

Translation::Translation(const Symbols& from, Symbols& to)
    : from_(from),
      to_(to),
      names_(from.name_count(), kNoName),
      entities_(from.entity_count(), kNoEntity) {}

NameId Translation::name(NameId id) {
  NameId& known = names_[static_cast<std::uint32_t>(id)];
  if (known == kNoName) known = to_.name(from_.text(id));
  return known;
}

EntityId Translation::entity(EntityId id) {
  if (id == kNoEntity) return kNoEntity;
  EntityId& known = entities_[static_cast<std::uint32_t>(id)];
  if (known == kNoEntity) known = to_.entity(name(from_.type(id)), from_.id(id));
  return known;
}

void Translation::scope(Scope& scope) {
  if (scope.type != kNoName) scope.type = name(scope.type);
  scope.entity = entity(scope.entity);
}

void Translation::translate(const PolicyBody& body, Ast& ast, ParsedPolicy& policy) {
  ast = body.ast;
  policy = body.parsed;
  scope(policy.principal);
  scope(policy.resource);
  for (EntityId& action : policy.actions) action = entity(action);
  for (Value& literal : ast.literals) {
    if (literal.kind == Kind::entity) literal = Value::of_entity(entity(literal.entity()));
  }
  for (Node& node : ast.nodes) {
    switch (node.kind) {
      case NodeKind::get:
      case NodeKind::is:
      case NodeKind::is_in: name(node.b); break;
      case NodeKind::has:
        for (std::uint32_t i = 0; i < node.c; ++i) name(ast.lists[node.b + i]);
        break;
      case NodeKind::record:
        for (std::uint32_t i = 0; i < node.b; ++i) name(ast.lists[node.a + 2 * i]);
        break;
      default: break;
    }
  }
}

// What JSON says is all there is to a policy. The templates of links of one name have been compared
// before their links, so what fills the slots is all that may differ.
bool PolicySet::same(const Entry& mine, const PolicySet& other, const Entry& theirs) const {
  if (mine.role != theirs.role) return false;
  if (mine.role == PolicyRole::link) {
    const auto same_entity = [&](EntityId a, EntityId b) {
      if (a == kNoEntity || b == kNoEntity) return a == b;
      return symbols_.text(symbols_.type(a)) == other.symbols_.text(other.symbols_.type(b)) &&
             symbols_.id(a) == other.symbols_.id(b);
    };
    return mine.body->id == theirs.body->id &&
           same_entity(mine.slots.principal, theirs.slots.principal) &&
           same_entity(mine.slots.resource, theirs.slots.resource);
  }
  const Result<std::string> ours = json_of(mine);
  const Result<std::string> its = other.json_of(theirs);
  return ours && its && *ours == *its;
}

std::string PolicySet::fresh_id(const PolicySet& other, std::uint32_t& next) const {
  for (;;) {
    std::string id = "policy" + std::to_string(next++);
    if (find(id) == nullptr && other.find(id) == nullptr) return id;
  }
}

Result<std::vector<RenamedPolicy>> PolicySet::merge(const PolicySet& other, bool rename) {
  std::vector<RenamedPolicy> renamed;
  if (&other == this) return renamed;
  std::unordered_map<const Entry*, std::string> new_id;
  std::unordered_map<const PolicyBody*, std::string_view> template_id;
  std::uint32_t next = 0;
  for (const Entry& theirs : other.entries_) {
    if (theirs.body == nullptr) continue;
    const Entry* mine = find(theirs.id);
    // A link whose template is another one here is another link.
    const bool moved = theirs.role == PolicyRole::link && template_id.count(theirs.body) != 0;
    if (mine == nullptr || (!moved && same(*mine, other, theirs))) continue;
    if (!rename) {
      const ErrorCode code = theirs.role == PolicyRole::policy ? ErrorCode::policy_duplicate_id
                             : theirs.role == PolicyRole::link
                                 ? ErrorCode::policy_link_duplicate_id
                                 : ErrorCode::policy_template_duplicate_id;
      return Error{code, "both sets have " + shown(theirs.id) + ", and they differ", {}, 0, 0};
    }
    const auto at = new_id.emplace(&theirs, fresh_id(other, next)).first;
    if (theirs.role == PolicyRole::policy_template) template_id[theirs.body] = at->second;
    renamed.push_back({std::string(theirs.id), at->second});
  }
  Translation translation(other.symbols_, symbols_);
  for (const Entry& theirs : other.entries_) {
    if (theirs.body == nullptr) continue;
    const auto changed = new_id.find(&theirs);
    const std::string_view id = changed == new_id.end() ? theirs.id : changed->second;
    if (find(id) != nullptr) continue;  // the same policy
    const PolicyBody& from = *theirs.body;
    if (theirs.role == PolicyRole::link) {
      const auto moved = template_id.find(&from);
      PolicyBody* const body =
          entries_[position(moved == template_id.end() ? from.id : moved->second)].body;
      append(id, {{},
                  PolicyRole::link,
                  body,
                  {translation.entity(theirs.slots.principal),
                   translation.entity(theirs.slots.resource)},
                  nullptr});
      ++body->links;
      continue;
    }
    auto body = std::make_unique<PolicyBody>();
    translation.translate(from, body->ast, body->parsed);
    keep_strings(body->ast, body->parsed, *arena_);
    body->text = arena_->copy(from.text);
    const Result<void> done =
        insert(id, std::move(body), {other.source_names_[from.source], from.line, from.column});
    if (!done) return done.error();  // not reached: the id is free
  }
  return renamed;
}

}  // namespace mcpgov::policy::cedar
