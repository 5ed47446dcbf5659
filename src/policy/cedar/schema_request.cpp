// A request's types, one after the other as the reference engine checks them.
// Tested by tests/policy/schema_request_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/schema_request.hpp"

#include <algorithm>
#include <string>

#include "policy/cedar/quote.hpp"
#include "policy/cedar/value_json.hpp"

namespace mcpgov::policy::cedar {
namespace {

Error refused(ErrorCode code, std::string message) {
  return {code, std::move(message), {}, 0, 0};
}

class RequestCheck {
 public:
  RequestCheck(const Schema& schema, const RequestSymbols& symbols)
      : schema_(schema), symbols_(symbols) {}

  // role: `principal` or `resource`.
  Result<void> entity(EntityId id, const char* role) const {
    if (id == kNoEntity) return {};
    const EntityType* type = schema_.entity_type(symbols_.type(id));
    if (type == nullptr) {
      return refused(ErrorCode::request_type_undeclared,
                     std::string("the type of the ") + role + " is not declared");
    }
    if (!type->enumerated || listed(*type, id)) return {};
    return refused(ErrorCode::request_enum_id, std::string("the id of the ") + role +
                                                   " is not listed by its type " +
                                                   shown(symbols_.text(type->name)));
  }

  Result<void> applies(std::span<const NameId> types, EntityId id, const char* role) const {
    if (id == kNoEntity || std::binary_search(types.begin(), types.end(), symbols_.type(id))) {
      return {};
    }
    return refused(ErrorCode::request_not_applicable,
                   std::string("the action does not apply to a ") + role + " of the type " +
                       shown(symbols_.text(symbols_.type(id))));
  }

  // Ids first: a listed id that is wrong says more than a type that is.
  Result<void> context(const Value& value, const Type& type) const {
    switch (mentioned(value)) {
      case Mention::listed: break;
      case Mention::unlisted:
        return refused(ErrorCode::request_enum_id,
                       "the context holds an id that its enumerated type does not list");
      case Mention::no_action:
        return refused(ErrorCode::request_action_undeclared,
                       "the context holds an action that is not declared");
    }
    if (fits(value, type)) return {};
    return refused(ErrorCode::request_context,
                   "the context does not have the type that the action declares");
  }

 private:
  enum class Mention : std::uint8_t { listed, unlisted, no_action };

  static bool listed(const EntityType& type, EntityId id) noexcept {
    return std::binary_search(type.ids.begin(), type.ids.end(), id);
  }

  Mention mentioned(EntityId id) const noexcept {
    const NameId name = symbols_.type(id);
    if (const EntityType* type = schema_.entity_type(name); type != nullptr) {
      return !type->enumerated || listed(*type, id) ? Mention::listed : Mention::unlisted;
    }
    const bool undeclared = is_action_type(symbols_.text(name)) && schema_.action(id) == nullptr;
    return undeclared ? Mention::no_action : Mention::listed;
  }

  // Values nest at most kMaxValueDepth deep.
  Mention mentioned(const Value& value) const noexcept {
    if (value.kind == Kind::entity) return mentioned(value.entity());
    Mention out = Mention::listed;
    if (value.kind == Kind::set) {
      for (const Value& item : value.set()) {
        if (out == Mention::listed) out = mentioned(item);
      }
    }
    if (value.kind == Kind::record) {
      for (const Field& field : value.record()) {
        if (out == Mention::listed) out = mentioned(field.value);
      }
    }
    return out;
  }

  bool fits(const Value& value, const Type& type) const noexcept {
    if (value.kind == Kind::unknown) return true;
    if (value.kind != type.kind) return false;
    if (value.kind == Kind::entity) return symbols_.type(value.entity()) == type.entity;
    if (value.kind == Kind::set) {
      const std::span<const Value> items = value.set();
      return std::all_of(items.begin(), items.end(),
                         [&](const Value& item) { return fits(item, *type.element); });
    }
    return value.kind != Kind::record || fields_fit(value.record(), type.attributes);
  }

  // Both are sorted by name.
  bool fields_fit(std::span<const Field> fields,
                  std::span<const Attribute> attributes) const noexcept {
    std::size_t next = 0;
    for (const Attribute& attribute : attributes) {
      if (next < fields.size() && fields[next].name == attribute.name) {
        if (!fits(fields[next++].value, *attribute.type)) return false;
      } else if (attribute.required) {
        return false;
      }
    }
    return next == fields.size();
  }

  const Schema& schema_;
  const RequestSymbols& symbols_;
};

}  // namespace

Result<void> validate_request(const Schema& schema, const Request& request) {
  const RequestCheck check(schema, *request.symbols);
  Result<void> result = check.entity(request.principal, "principal");
  if (result) result = check.entity(request.resource, "resource");
  if (!result || request.action == kNoEntity) return result;
  const ActionType* action = schema.action(request.action);
  if (action == nullptr) {
    return refused(ErrorCode::request_action_undeclared, "the action is not declared");
  }
  result = check.applies(action->principals, request.principal, "principal");
  if (result) result = check.applies(action->resources, request.resource, "resource");
  if (result) result = check.context(request.context, action->context);
  return result;
}

}  // namespace mcpgov::policy::cedar
