// Attributes and tags: what is there, what may be missing, and what has been tested.
// Tested by tests/policy/validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/cedar/validation/text.hpp"
#include "policy/cedar/validation/typecheck.hpp"

namespace mcpgov::policy::cedar::validation {

namespace {

constexpr std::uint32_t number(auto id) noexcept {
  return static_cast<std::uint32_t>(id);
}

// Names are compared for so many findings of a policy; the others make do without a suggestion.
constexpr std::uint32_t kMostSuggestions = 20;

}  // namespace

std::uint32_t Checker::attribute_proof(ShapeId expression, NameId name) {
  return proof_ids_.id({0, number(expression), number(name)});
}

std::uint32_t Checker::tag_proof(NodeId entity, NodeId tag) {
  return proof_ids_.id({1, number(shapes_.of(entity)), number(shapes_.of(tag))});
}

// What is looked for in a union is looked for in each of its types.
void Checker::spend_look(TypeId owner) noexcept {
  if (types_.kind(owner) == TypeKind::entity) spend(types_.entity_types(owner).size() - 1);
}

// `a.b.c…` is walked in a loop: chains may be very long.
Answer Checker::get(NodeId id) {
  const std::size_t bottom = chain_.size();
  NodeId at = id;
  for (; ast_->nodes[at].kind == NodeKind::get; at = ast_->nodes[at].a) chain_.push_back(at);
  Answer answer = operand(at);
  while (chain_.size() > bottom) {
    const NodeId each = chain_.back();
    chain_.pop_back();
    if (exhausted()) continue;
    const Node& node = ast_->nodes[each];
    require(answer, node.a, Wanted::entity_or_record, Use::other);
    const ShapeId shape = has_proofs_ ? shapes_.of(node.a) : ShapeId{0};
    answer = member(each, answer, {node.a, {}, {}}, NameId{node.b}, shape);
    at_[each] = answer.type;
    ++steps_;
  }
  return answer;
}

Answer Checker::member(NodeId place, Answer owner, const Path& path, NameId name,
                       ShapeId expression) {
  if (owner.type == kNone) return {};
  spend_look(owner.type);
  const Member found = types_.member(owner.type, name);
  if (found.type == kNone) {
    missing(place, owner.type, name, access(path, name));
    return {};
  }
  if (found.required || (has_proofs_ && proofs_.held(attribute_proof(expression, name)))) {
    return {found.type, owner.ok};
  }
  optional(place, access(path, name));
  return {found.type, false};
}

// The first of: an entity, the context, and what is neither.
Checker::Access Checker::access(const Path& path, NameId name) const {
  Access out;
  out.path.push_back(name);
  const auto entity = [&](TypeId type) {
    if (types_.kind(type) != TypeKind::entity) return false;
    out.in = Access::In::entity;
    out.entity = type;
    return true;
  };
  for (std::size_t i = path.names.size(); i-- > 0;) {
    if (entity(path.types[i])) return out;
    out.path.push_back(NameId{path.names[i]});
  }
  for (NodeId at = path.base;; at = ast_->nodes[at].a) {
    const Node& node = ast_->nodes[at];
    if (entity(at_[at])) return out;
    if (node.kind == NodeKind::variable && static_cast<Var>(node.a) == Var::context) {
      out.in = Access::In::context;
      return out;
    }
    if (node.kind != NodeKind::get) return out;
    out.path.push_back(NameId{node.b});
  }
}

std::string Checker::access_text(const Access& access) const {
  std::string out = "`";
  for (std::size_t i = access.path.size(); i-- > 0;) {
    const std::string_view name = symbols_.text(access.path[i]);
    std::string step;
    append_step(step, name);
    const bool first = i + 1 == access.path.size();
    out += first && step[0] == '.' ? step.substr(1) : step;
  }
  out += "`";
  if (access.in == Access::In::entity) return out + " of " + types_.text(access.entity);
  if (access.in == Access::In::other) return out;
  out += " of the context of ";
  const EntityId action = environment_.action->id;
  out += symbols_.text(symbols_.type(action));
  out += "::";
  append_text(out, symbols_.id(action));
  return out;
}

std::uint32_t Checker::access_word(const Access& access) const {
  if (access.in == Access::In::entity) return number(access.entity);
  return access.in == Access::In::context ? number(environment_.action->id) : 0;
}

void Checker::missing(NodeId place, TypeId type, NameId name, const Access& access) {
  spend(access.path.size());
  const bool open = types_.may_have(type, name);
  const std::uint32_t word = number(access.in) | (open ? 0x100U : 0U);
  if (!report_.fresh(FindingKind::unsafe_attribute_access, place,
                     {word, access_word(access), number(type)}, access.path)) {
    return;
  }
  std::string message = "attribute " + access_text(access) + " is not declared";
  if (suggestions_++ < kMostSuggestions) {
    std::vector<std::string_view> candidates;
    for (const NameId each : types_.member_names(type)) candidates.push_back(symbols_.text(each));
    const std::string_view suggestion = nearest(symbols_.text(name), candidates);
    if (!suggestion.empty()) {
      message += "; did you mean `";
      append_name(message, suggestion);
      message += "`?";
    }
  }
  if (open) message += "; some of its values may have it, but not all";
  report_.say(FindingKind::unsafe_attribute_access, place, offset(place), std::move(message));
}

void Checker::optional(NodeId place, const Access& access) {
  spend(access.path.size());
  if (!report_.fresh(FindingKind::unsafe_optional_attribute_access, place,
                     {number(access.in), access_word(access)}, access.path)) {
    return;
  }
  std::string name;
  append_name(name, symbols_.text(access.path[0]));
  report_.say(FindingKind::unsafe_optional_attribute_access, place, offset(place),
              "attribute " + access_text(access) +
                  " is optional and may be missing; test it with `has " + name + " &&` first");
}

// An attribute that an entity must have may be missing all the same: the entity may not exist.
Answer Checker::has_step(NodeId place, Answer owner, NameId name, ShapeId expression) {
  require(owner, place, Wanted::entity_or_record, Use::has);
  if (owner.type == kNone) return {kBool, false};
  spend_look(owner.type);
  const Member found = types_.member(owner.type, name);
  if (found.type == kNone) {
    return {types_.may_have(owner.type, name) ? kBool : kFalse, owner.ok};
  }
  const std::uint32_t proof = attribute_proof(expression, name);
  const bool record = types_.kind(owner.type) == TypeKind::record;
  const bool certain = (found.required && record) || proofs_.held(proof);
  if (owner.ok) proofs_.learn(proof);
  return {certain ? kTrue : kBool, owner.ok};
}

// The accesses of a chain once more, when nothing that its tests proved counts any longer.
void Checker::unproven(NodeId id, const Node& node, Answer owner,
                       std::span<const std::uint32_t> names) {
  ShapeId shape = shapes_.of(node.a);
  std::vector<TypeId> types;
  for (std::size_t i = 0; i < names.size() && !exhausted(); ++i) {
    spend(1);
    require(owner, i == 0 ? node.a : id, Wanted::entity_or_record, Use::other);
    owner = member(id, owner, {node.a, names.first(i), types}, NameId{names[i]}, shape);
    types.push_back(owner.type);
    shape = shapes_.member(shape, NameId{names[i]});
  }
}

// `e has a.b.c` is `e has a && e.a has b && e.a.b has c`, and where one of these fails, the next
// one has no proof of those before it.
Answer Checker::has(NodeId id, const Node& node) {
  const auto names = ast_->list(node.b, node.c);
  const std::size_t first = proofs_.mark();
  std::size_t held = first;
  const Answer base = operand(node.a);
  Answer owner = base;
  ShapeId shape = shapes_.of(node.a);
  std::vector<TypeId> types;
  Answer left = has_step(node.a, owner, NameId{names[0]}, shape);
  bool failed = false;
  for (std::size_t i = 1; i < names.size() && left.type != kFalse && !exhausted(); ++i) {
    spend(2);  // an access and a test
    const std::size_t middle = proofs_.mark();
    proofs_.hold(held, middle);
    held = middle;
    if (!left.ok && !failed) unproven(id, node, base, names.first(i - 1));
    failed = !left.ok;
    require(owner, i == 1 ? node.a : id, Wanted::entity_or_record, Use::other);
    owner = member(id, owner, {node.a, names.first(i - 1), types}, NameId{names[i - 1]}, shape);
    types.push_back(owner.type);
    shape = shapes_.member(shape, NameId{names[i - 1]});
    const Answer right = has_step(id, owner, NameId{names[i]}, shape);
    left = both(left, right, first, middle, held);
  }
  proofs_.release(first, held);
  if (left.type == kFalse || !left.ok) proofs_.forget(first);
  return left;
}

Answer Checker::has_tag(const Node& node) {
  const Answer entity = expect(node.a, Wanted::entity);
  const Answer tag = expect(node.b, Wanted::string);
  if (types_.kind(entity.type) != TypeKind::entity) return {};
  const bool ok = entity.ok && tag.ok;
  spend_look(entity.type);
  const std::uint32_t proof = tag_proof(node.a, node.b);
  const bool known = proofs_.held(proof);
  if (ok) proofs_.learn(proof);
  if (types_.tags(entity.type).empty()) return {kFalse, ok};
  return {known ? kTrue : kBool, ok};
}

Answer Checker::get_tag(NodeId id, const Node& node) {
  const Answer entity = expect(node.a, Wanted::entity);
  const Answer tag = expect(node.b, Wanted::string);
  if (types_.kind(entity.type) != TypeKind::entity) return {};
  if (!has_proofs_ || !proofs_.held(tag_proof(node.a, node.b))) {
    untested_tag(id, entity.type);
    return {};
  }
  spend_look(entity.type);
  const std::vector<TypeId> types = types_.tags(entity.type);
  if (types.empty()) {
    const bool single = types_.entity_types(entity.type).size() == 1;
    if (report_.fresh(FindingKind::no_tags_allowed, id, {single ? number(entity.type) : 0})) {
      report_.say(FindingKind::no_tags_allowed, id, offset(id),
                  "the schema declares no tags for " + types_.text(entity.type));
    }
    return {};
  }
  const TypeId type = join_or_report(id, offset(id), types, "the tags of several entity types");
  return {type, type != kNone && entity.ok && tag.ok};
}

void Checker::untested_tag(NodeId id, TypeId entity) {
  const NodeId tag = ast_->nodes[id].b;
  if (!report_.fresh(FindingKind::unsafe_tag_access, id, {number(entity), tag})) return;
  const Node& node = ast_->nodes[tag];
  std::string message = "the tag";
  if (node.kind == NodeKind::literal && ast_->literals[node.a].kind == Kind::string) {
    message += " ";
    append_text(message, ast_->literals[node.a].string());
  }
  message += " of " + types_.text(entity) + " may be missing; test it with `hasTag` first";
  report_.say(FindingKind::unsafe_tag_access, id, offset(id), std::move(message));
}

}  // namespace mcpgov::policy::cedar::validation
