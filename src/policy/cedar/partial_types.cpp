// What the schema, or only the type of an unknown entity, rules out.
// Tested by tests/policy/partial_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/cedar/partial_fold.hpp"

namespace mcpgov::policy::cedar {
namespace {

const Attribute* find(const Type& record, NameId name) noexcept {
  const auto found =
      std::lower_bound(record.attributes.begin(), record.attributes.end(), name,
                       [](const Attribute& each, NameId wanted) { return each.name < wanted; });
  return found != record.attributes.end() && found->name == name ? &*found : nullptr;
}

bool has_attributes(Kind kind) noexcept {
  return kind == Kind::record || kind == Kind::entity;
}

}  // namespace

const Type* Folder::type_of_entity(NameId type) {
  if (type == kNoName) return nullptr;
  return arena_.create<Type>(Type{Kind::entity, type, nullptr, {}});
}

// Of an entity, known or not; else kNoName.
NameId Folder::entity_type(const Part& part) const noexcept {
  if (part.value.kind == Kind::entity) {
    return request_.request.symbols->type(part.value.entity());
  }
  return part.type != nullptr && part.type->kind == Kind::entity ? part.type->entity : kNoName;
}

const EntityType* Folder::declared(const Part& part) const noexcept {
  const NameId type = entity_type(part);
  if (request_.schema == nullptr || type == kNoName) return nullptr;
  return request_.schema->entity_type(type);
}

// presence: what `has` can say of it. 0 where types say nothing.
const Type* Folder::attribute_type(const Part& part, NameId name, Outcomes& presence) const {
  presence = 0;
  if (part.value.kind == Kind::entity) return nullptr;  // the store knows
  const Type* record = nullptr;
  const bool of_entity = part.type != nullptr && part.type->kind == Kind::entity;
  if (of_entity) {
    const EntityType* entity = declared(part);
    if (entity != nullptr) record = &entity->shape;
  } else if (part.type != nullptr && part.type->kind == Kind::record) {
    record = part.type;
  }
  if (record == nullptr) return nullptr;
  const Attribute* attribute = find(*record, in_request(name));
  if (part.value.kind == Kind::unknown) {
    // An entity may be of its type and yet not exist.
    presence = attribute == nullptr                ? kUnmatched
               : attribute->required && !of_entity ? kSatisfied
                                                   : Outcomes{kSatisfied | kUnmatched};
  }
  return attribute == nullptr ? nullptr : attribute->type;
}

bool Folder::may_be_in(NameId type, NameId container_type) const noexcept {
  if (type == container_type || request_.schema == nullptr) return true;
  if (type == kNoName || container_type == kNoName) return true;
  const EntityType* known = request_.schema->entity_type(type);
  return known == nullptr ||
         std::binary_search(known->ancestors.begin(), known->ancestors.end(), container_type);
}

bool Folder::may_be_in(const Part& entity, const Part& container) const {
  const NameId type = entity_type(entity);
  // Of a known entity the store says what it is in.
  if (entity.value.kind != Kind::unknown || type == kNoName) return true;
  if (container.value.kind != Kind::set) return may_be_in(type, entity_type(container));
  const std::span<const Value> items = container.value.set();
  return std::any_of(items.begin(), items.end(), [&](const Value& item) {
    return item.kind != Kind::entity ||
           may_be_in(type, request_.request.symbols->type(item.entity()));
  });
}

// The outcomes without those that types rule out. Values against their types rule out nothing: then
// the request does not fit the schema.
Outcomes Folder::possible_by_type(const Node& node, const Part& left, const Part& right,
                                  Outcomes outcomes) {
  Outcomes ruled_out = 0;
  switch (node.kind) {
    case NodeKind::is:
      if (const NameId type = entity_type(left); type != kNoName) {
        ruled_out = type == in_request(NameId{node.b}) ? kUnmatched : kSatisfied;
      }
      break;
    case NodeKind::equal: {
      const NameId types[] = {entity_type(left), entity_type(right)};
      const bool differ = types[0] != kNoName && types[1] != kNoName && types[0] != types[1];
      if (differ) ruled_out = kSatisfied;
      break;
    }
    case NodeKind::in:
      if (!may_be_in(left, right)) ruled_out = kSatisfied;
      break;
    case NodeKind::has_tag:
    case NodeKind::get_tag:
      if (left.value.kind != Kind::unknown) break;
      if (const EntityType* type = declared(left); type != nullptr && type->tags == nullptr) {
        ruled_out = kSatisfied;
      }
      break;
    case NodeKind::get:
    case NodeKind::has: {
      Outcomes presence = 0;
      attribute_type(left, NameId{node.b}, presence);
      if (presence == kUnmatched) ruled_out = kSatisfied;
      if (presence == kSatisfied) ruled_out = kUnmatched | kFailed;
      break;
    }
    default: break;
  }
  const auto rest = static_cast<Outcomes>(outcomes & ~ruled_out);
  return rest == 0 ? outcomes : rest;
}

// Of the result of attribute or tag access, as far as it is not known.
void Folder::give_type(const Node& node, const Part& left, Part& out) {
  const Type* type = nullptr;
  Outcomes presence = 0;
  if (node.kind == NodeKind::get) type = attribute_type(left, NameId{node.b}, presence);
  if (node.kind == NodeKind::get_tag && left.value.kind == Kind::unknown) {
    if (const EntityType* entity = declared(left); entity != nullptr) type = entity->tags;
  }
  if (type == nullptr) return;
  if (out.value.kind == Kind::unknown) out.value = unknown_of(type->kind);
  out.type = type;
}

// Whether the path behind `names.front()`, should that be there, may lead through something that
// has no attributes.
bool Folder::rest_may_fail(const Part& of, std::span<const std::uint32_t> names) {
  Part now = of;
  for (; names.size() > 1; names = names.subspan(1)) {
    Part next;
    Outcomes presence = 0;
    next.type = attribute_type(now, NameId{names.front()}, presence);
    if (next.type == nullptr) return true;
    next.value = unknown_of(next.type->kind);
    if (!has_attributes(next.type->kind)) return true;
    now = next;
  }
  return false;
}

}  // namespace mcpgov::policy::cedar
