// Values from JSON: Cedar's escapes, and the short forms that a schema's types allow.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "mcpgov/result.hpp"
#include "policy/cedar/json_tree.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/symbols.hpp"
#include "policy/value.hpp"

namespace mcpgov::policy::cedar {

// `A::B` in normal form: identifiers without spaces, none of them a reserved word or `__cedar`.
bool is_type_name(std::string_view text) noexcept;

// The last part of a type name is `Action`.
bool is_action_type(std::string_view type) noexcept;

// Where new names go: the table of a snapshot being built, or the overlay of a request.
class SymbolSink {
 public:
  explicit SymbolSink(Symbols& frozen) noexcept : frozen_(&frozen) {}
  explicit SymbolSink(RequestSymbols& request) noexcept : request_(&request) {}

  NameId name(std::string_view text) {
    return frozen_ != nullptr ? frozen_->name(text) : request_->name(text);
  }
  EntityId entity(NameId type, std::string_view id) {
    return frozen_ != nullptr ? frozen_->entity(type, id) : request_->entity(type, id);
  }
  std::string_view text(NameId name) const noexcept {
    return frozen_ != nullptr ? frozen_->text(name) : request_->text(name);
  }
  NameId type(EntityId entity) const noexcept {
    return frozen_ != nullptr ? frozen_->type(entity) : request_->type(entity);
  }
  std::string_view id(EntityId entity) const noexcept {
    return frozen_ != nullptr ? frozen_->id(entity) : request_->id(entity);
  }

 private:
  Symbols* frozen_ = nullptr;
  RequestSymbols* request_ = nullptr;
};

// Reads values into an arena. Every function returns false when it fails, and then says why.
// Threads: one thread. Throws: std::bad_alloc only.
class ValueReader {
 public:
  // schema: null for none; then every type given is null, too.
  ValueReader(SymbolSink symbols, Arena& arena, const Schema* schema) noexcept
      : symbols_(symbols), arena_(&arena), schema_(schema) {}

  // type: what the schema says, or null.
  // Failures: entities_value, entities_shape (a type name that is none), entities_too_deep; with
  // a type entities_schema (a value of another type), entities_attribute_missing,
  // entities_attribute_unknown, entities_enum_id and entities_action.
  bool read(const JsonNode& node, const Type* type, Value& out) { return read(node, type, 0, out); }

  // An object as a record, never as an escape: the attributes of an entity.
  bool read_record(const JsonNode& node, const Type* type, Value& out) {
    return record(node, type, 0, out);
  }

  // `{"type": …, "id": …}` or `{"__entity": {…}}`, other members ignored.
  bool read_entity(const JsonNode& node, EntityId& out);

  // What failed, where, and a clause about it that holds no value of the text.
  ErrorCode code() const noexcept { return code_; }
  std::size_t offset() const noexcept { return offset_; }
  const std::string& reason() const noexcept { return reason_; }

  bool fail(ErrorCode code, std::string reason, const JsonNode& node);

 private:
  bool read(const JsonNode& node, const Type* type, int depth, Value& out);
  bool untyped(const JsonNode& node, int depth, Value& out);
  bool object(const JsonNode& node, int depth, Value& out);
  bool set(const JsonNode& node, const Type* element, int depth, Value& out);
  bool record(const JsonNode& node, const Type* type, int depth, Value& out);
  bool extension(const JsonNode& node, const Type& type, int depth, Value& out);
  bool call(const JsonNode& call, bool typed, int depth, Value& out);
  bool typed_entity(const JsonNode& node, const Type& type, Value& out);
  bool check_entity(EntityId id, const JsonNode& node);

  SymbolSink symbols_;
  Arena* arena_;
  const Schema* schema_;
  ErrorCode code_ = ErrorCode::none;
  std::size_t offset_ = 0;
  std::string reason_;
};

}  // namespace mcpgov::policy::cedar
