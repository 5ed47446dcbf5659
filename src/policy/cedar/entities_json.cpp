// Entities from JSON: one list, one entity after the other, then the hierarchy.
// Tested by tests/policy/entities_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/entities_json.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "policy/cedar/json_tree.hpp"
#include "policy/cedar/quote.hpp"
#include "policy/cedar/value_json.hpp"

namespace mcpgov::policy::cedar {
namespace {

// List, entity and attributes lie around the values, of which each may be inside an escape, which
// takes two more levels.
constexpr int kMaxJsonDepth = 3 + 3 * kMaxValueDepth;

class EntitiesReader {
 public:
  EntitiesReader(const EntitiesInput& input, Symbols& symbols)
      : input_(input),
        symbols_(symbols),
        values_(SymbolSink(symbols), builder_.arena(), input.schema) {}

  Result<Entities> read() {
    Arena scratch;
    Result<JsonNode> document = read_json(input_.text, {kMaxEntitiesBytes, kMaxJsonDepth}, scratch);
    if (!document) return in_file(std::move(document).error());
    const JsonNode list = *document;
    bool good = list.type == JsonNode::Type::array ||
                values_.fail(ErrorCode::entities_shape, "expected a list of entities", list);
    for (std::size_t i = 0; good && i < list.items().size(); ++i) good = entity(list.items()[i]);
    if (!good) return failure();
    if (input_.schema != nullptr) add_actions();
    EntityId culprit = kNoEntity;
    Result<Entities> store = builder_.build(culprit);
    if (store) return store;
    Error error = std::move(store).error();
    error.message += "; one of them is " + shown(culprit);
    return in_file(std::move(error));
  }

 private:
  bool entity(const JsonNode& node) {
    current_ = kNoEntity;
    if (node.type != JsonNode::Type::object) {
      return values_.fail(ErrorCode::entities_shape, "expected an entity as an object", node);
    }
    const JsonNode* uid = node.find("uid");
    const JsonNode* attributes = node.find("attrs");
    const JsonNode* parents = node.find("parents");
    const JsonNode* tags = node.find("tags");
    if (uid == nullptr || attributes == nullptr || parents == nullptr) {
      return values_.fail(ErrorCode::entities_shape,
                          "an entity needs the members `uid`, `attrs` and `parents`", node);
    }
    EntityId id = kNoEntity;
    if (!values_.read_entity(*uid, id)) return false;
    current_ = id;
    const EntityType* type = nullptr;
    if (!check_type(id, *uid, type)) return false;

    Value attribute_record;
    Value tag_record = Value::of_record({});
    std::span<EntityId> above;
    if (!values_.read_record(*attributes, shape_of(type), attribute_record)) return false;
    if (tags != nullptr && !read_tags(*tags, type, tag_record)) return false;
    if (!read_parents(*parents, id, type, above)) return false;
    if (!builder_.add(id, attribute_record, tag_record, above)) {
      return values_.fail(ErrorCode::entities_duplicate, "given twice with different facts", node);
    }
    return true;
  }

  // The declaration of its type, and whether the entity may exist.
  bool check_type(EntityId id, const JsonNode& node, const EntityType*& type) {
    if (input_.schema == nullptr) return true;
    type = input_.schema->entity_type(symbols_.type(id));
    if (type == nullptr && input_.schema->action(id) == nullptr) {
      const bool action = is_action_type(symbols_.text(symbols_.type(id)));
      return values_.fail(action ? ErrorCode::entities_action : ErrorCode::entities_type_undeclared,
                          action ? "the schema does not declare this action"
                                 : "the schema does not declare its type",
                          node);
    }
    if (type != nullptr && type->enumerated &&
        !std::binary_search(type->ids.begin(), type->ids.end(), id)) {
      return values_.fail(ErrorCode::entities_enum_id,
                          "an id that the enumerated type does not list", node);
    }
    return true;
  }

  // Actions have no attributes in this language version, and in a schema nothing is without shape.
  const Type* shape_of(const EntityType* type) const noexcept {
    static constexpr Type kEmpty{Kind::record, kNoName, nullptr, {}};
    if (input_.schema == nullptr) return nullptr;
    return type != nullptr ? &type->shape : &kEmpty;
  }

  bool read_tags(const JsonNode& node, const EntityType* type, Value& out) {
    if (input_.schema == nullptr) return values_.read_record(node, nullptr, out);
    if (node.type != JsonNode::Type::object) {
      return values_.fail(ErrorCode::entities_shape, "expected an object", node);
    }
    const Type* each = type != nullptr ? type->tags : nullptr;
    if (each == nullptr && node.size != 0) {
      return values_.fail(ErrorCode::entities_attribute_unknown, "the schema gives it no tags",
                          node);
    }
    Field* fields = builder_.arena().array<Field>(node.size);
    for (std::uint32_t i = 0; i < node.size; ++i) {
      fields[i].name = symbols_.name(node.members()[i].key);
      if (!values_.read(node.members()[i].value, each, fields[i].value)) return false;
    }
    out = Value::of_record({fields, node.size});
    return true;
  }

  bool read_parents(const JsonNode& node, EntityId id, const EntityType* type,
                    std::span<EntityId>& out) {
    if (node.type != JsonNode::Type::array) {
      return values_.fail(ErrorCode::entities_shape, "expected a list of parents", node);
    }
    const bool action = is_action_type(symbols_.text(symbols_.type(id)));
    EntityId* parents = builder_.arena().array<EntityId>(node.size);
    for (std::uint32_t i = 0; i < node.size; ++i) {
      const JsonNode& item = node.items()[i];
      if (!values_.read_entity(item, parents[i])) return false;
      const NameId parent_type = symbols_.type(parents[i]);
      if (action && !is_action_type(symbols_.text(parent_type))) {
        return values_.fail(ErrorCode::entities_action_parent,
                            "an action with a parent that is no action", item);
      }
      if (type != nullptr && !check_parent(*type, parents[i], item)) return false;
    }
    out = {parents, node.size};
    return input_.schema == nullptr || !action || check_action(node, id, out);
  }

  bool check_parent(const EntityType& type, EntityId parent, const JsonNode& node) {
    const NameId name = symbols_.type(parent);
    if (!std::binary_search(type.ancestors.begin(), type.ancestors.end(), name)) {
      return values_.fail(
          ErrorCode::entities_parent_type,
          "the schema allows no parent of the type " + cedar::shown(symbols_.text(name)), node);
    }
    const EntityType* above = input_.schema->entity_type(name);
    if (above == nullptr || !above->enumerated ||
        std::binary_search(above->ids.begin(), above->ids.end(), parent)) {
      return true;
    }
    return values_.fail(ErrorCode::entities_enum_id,
                        "a parent whose id its enumerated type does not list", node);
  }

  // An action may be given only as the schema declares it.
  bool check_action(const JsonNode& node, EntityId id, std::span<EntityId>& parents) {
    const ActionType* action = input_.schema->action(id);
    std::vector<EntityId> given(parents.begin(), parents.end());
    const auto each_once = [&] {
      std::sort(given.begin(), given.end());
      given.erase(std::unique(given.begin(), given.end()), given.end());
    };
    each_once();  // a parent may be given any number of times, and each has many ancestors
    const std::size_t count = given.size();
    for (std::size_t i = 0; i < count; ++i) {
      const ActionType* above = input_.schema->action(given[i]);
      if (above == nullptr) continue;
      given.insert(given.end(), above->ancestors.begin(), above->ancestors.end());
    }
    each_once();
    if (action != nullptr && std::equal(given.begin(), given.end(), action->ancestors.begin(),
                                        action->ancestors.end())) {
      return true;
    }
    return values_.fail(ErrorCode::entities_action, "not the action that the schema declares",
                        node);
  }

  void add_actions() {
    for (const ActionType& action : input_.schema->actions()) {
      if (builder_.has(action.id)) continue;
      const Value none = Value::of_record({});
      builder_.add(action.id, none, none, builder_.arena().copy(action.ancestors));
    }
  }

  // `Type::"id"` for a message: on one line and short, whatever the id holds.
  std::string shown(EntityId entity) const {
    constexpr std::size_t longest = 60;
    std::string out = "`" + std::string(symbols_.text(symbols_.type(entity))) + "::\"";
    for (const char c : symbols_.id(entity).substr(0, longest)) {
      out += static_cast<unsigned char>(c) < 0x20 || c == '`' ? '?' : c;
    }
    out += symbols_.id(entity).size() > longest ? "…\"`" : "\"`";
    return out;
  }

  Error failure() const {
    std::string message = values_.reason();
    if (current_ != kNoEntity) message = "in the entity " + shown(current_) + ": " + message;
    return in_file(error_at(values_.code(), std::move(message), input_.text, values_.offset()));
  }

  Error in_file(Error error) const {
    error.file = input_.file;
    return error;
  }

  const EntitiesInput& input_;
  Symbols& symbols_;
  EntitiesBuilder builder_;
  ValueReader values_;
  EntityId current_ = kNoEntity;  // the one being read, for messages
};

}  // namespace

Result<Entities> read_entities(const EntitiesInput& input, Symbols& symbols) {
  return EntitiesReader(input, symbols).read();
}

}  // namespace mcpgov::policy::cedar
