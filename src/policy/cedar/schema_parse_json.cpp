// Schema in JSON to declarations. Every object has a fixed set of members, null is no value, and
// names are in normal form.
// Tested by tests/policy/schema_json_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include "policy/cedar/json_tree.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/cedar/quote.hpp"
#include "policy/cedar/schema_declarations.hpp"

namespace mcpgov::policy::cedar {
namespace {

using Form = DeclaredType::Form;
using Json = JsonNode::Type;

// `A::B` without spaces. `__cedar` may be a part: what is built in can be named.
bool is_path(std::string_view text) noexcept {
  for (;;) {
    const std::size_t end = text.find("::");
    const std::string_view part = text.substr(0, end);
    if (!is_identifier(part) || (is_reserved(part) && part != "__cedar")) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 2);
  }
}

// Every function returns false when it fails; the first failure is kept.
class JsonSchemaReader {
 public:
  JsonSchemaReader(std::string_view text, Arena& arena) : text_(text), arena_(arena) {}

  Result<DeclaredSchema> read(const JsonNode& document) {
    DeclaredSchema out;
    if (!fields(document, "a schema", out.namespaces,
                [&](const JsonMember& member, DeclaredNamespace& space) {
                  return this->space(member, space);
                })) {
      return error_at(code_, std::move(reason_), text_, offset_);
    }
    return out;
  }

 private:
  bool fail(ErrorCode code, std::string reason, std::uint32_t offset) {
    code_ = code;
    reason_ = std::move(reason);
    offset_ = offset;
    return false;
  }
  bool malformed(std::string reason, const JsonNode& node) {
    return fail(ErrorCode::schema_shape, std::move(reason), node.offset);
  }

  // What is expected, in messages: `an entity type`.
  bool object(const JsonNode& node, std::string_view what,
              std::initializer_list<std::string_view> known) {
    if (node.type != Json::object) return malformed("expected " + std::string(what), node);
    for (const JsonMember& member : node.members()) {
      if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
      std::string reason = shown(member.key) + " is no member of ";
      reason.append(what).append(", which has");
      for (const std::string_view name : known) reason += " " + shown(name);
      return fail(ErrorCode::schema_shape, std::move(reason), member.offset);
    }
    return true;
  }

  bool required(const JsonNode& node, std::string_view name, const JsonNode*& out) {
    out = node.find(name);
    return out != nullptr || malformed("the member " + shown(name) + " is missing", node);
  }

  // An object whose members are named freely, as a list.
  template <class Item, class Read>
  bool fields(const JsonNode& node, std::string_view what, std::span<const Item>& out, Read read) {
    if (node.type != Json::object) {
      return malformed("expected " + std::string(what) + " as an object", node);
    }
    Item* items = arena_.array<Item>(node.size);
    for (std::uint32_t i = 0; i < node.size; ++i) {
      items[i] = Item();
      if (!read(node.members()[i], items[i])) return false;
    }
    out = {items, node.size};
    return true;
  }

  template <class Item, class Read>
  bool items(const JsonNode& node, std::string_view what, std::span<const Item>& out, Read read) {
    if (node.type != Json::array) return malformed("expected a list of " + std::string(what), node);
    Item* list = arena_.array<Item>(node.size);
    for (std::uint32_t i = 0; i < node.size; ++i) {
      list[i] = Item();
      if (!read(node.items()[i], list[i])) return false;
    }
    out = {list, node.size};
    return true;
  }

  bool string(const JsonNode& node, std::string_view what, std::string_view& out) {
    if (node.type != Json::string) {
      return malformed("expected " + std::string(what) + " as a string", node);
    }
    out = node.string();
    return true;
  }

  bool path(const JsonNode& node, SchemaName& out) {
    if (!string(node, "a name", out.text)) return false;
    out.offset = node.offset;
    return is_path(out.text) || no_name(node.offset);
  }
  bool no_name(std::uint32_t offset) {
    return fail(ErrorCode::schema_shape, "not a name in normal form, or a reserved word", offset);
  }

  // The key of a declaration: one identifier.
  bool declared(const JsonMember& member, SchemaName& out) {
    out = {member.key, member.offset};
    return (is_identifier(member.key) && is_path(member.key)) || no_name(member.offset);
  }

  bool annotations(const JsonNode& node, std::span<const SchemaAnnotation>& out) {
    const JsonNode* given = node.find("annotations");
    if (given == nullptr) return true;
    const auto read = [&](const JsonMember& member, SchemaAnnotation& annotation) {
      annotation.name = member.key;
      if (!is_identifier(member.key)) return no_name(member.offset);
      annotation.has_value = member.value.type != Json::null;
      return !annotation.has_value || string(member.value, "an annotation", annotation.value);
    };
    std::span<const SchemaAnnotation> all;
    if (!fields(*given, "annotations", all, read)) return false;
    const std::span<SchemaAnnotation> sorted = arena_.copy(all);
    std::sort(sorted.begin(), sorted.end(),
              [](const SchemaAnnotation& a, const SchemaAnnotation& b) { return a.name < b.name; });
    out = sorted;
    return true;
  }

  bool space(const JsonMember& member, DeclaredNamespace& out) {
    out.path = {member.key, member.offset};
    if (!member.key.empty() && !is_path(member.key)) return no_name(member.offset);
    const JsonNode& node = member.value;
    const JsonNode* entities = nullptr;
    const JsonNode* actions = nullptr;
    if (!object(node, "a namespace", {"commonTypes", "entityTypes", "actions", "annotations"}) ||
        !required(node, "entityTypes", entities) || !required(node, "actions", actions) ||
        !annotations(node, out.annotations)) {
      return false;
    }
    if (member.key.empty() && !out.annotations.empty()) {
      return malformed("what stands outside of every namespace has no annotations", node);
    }
    const JsonNode* commons = node.find("commonTypes");
    return (commons == nullptr ||
            fields(*commons, "common types", out.commons,
                   [&](const JsonMember& each, DeclaredCommon& to) { return common(each, to); })) &&
           fields(*entities, "entity types", out.entities,
                  [&](const JsonMember& each, DeclaredEntity& to) { return entity(each, to); }) &&
           fields(*actions, "actions", out.actions,
                  [&](const JsonMember& each, DeclaredAction& to) { return action(each, to); });
  }

  bool common(const JsonMember& member, DeclaredCommon& out) {
    return declared(member, out.name) && type(member.value, Beside::annotations, 0, out.type) &&
           annotations(member.value, out.annotations);
  }

  bool entity(const JsonMember& member, DeclaredEntity& out) {
    const JsonNode& node = member.value;
    if (!declared(member, out.name) ||
        !object(node, "an entity type",
                {"memberOfTypes", "shape", "tags", "enum", "annotations"}) ||
        !annotations(node, out.annotations)) {
      return false;
    }
    if (const JsonNode* ids = node.find("enum"); ids != nullptr) {
      for (const std::string_view other : {"memberOfTypes", "shape", "tags"}) {
        const JsonNode* found = node.find(other);
        if (found != nullptr) return malformed("an enumerated type has only ids", *found);
      }
      return enumerated(*ids, out);
    }
    const JsonNode* parents = node.find("memberOfTypes");
    const JsonNode* shape = node.find("shape");
    const JsonNode* tags = node.find("tags");
    if (parents != nullptr && !names(*parents, out.parents)) return false;
    if (shape != nullptr && !type(*shape, Beside::nothing, 0, out.shape)) return false;
    if (tags == nullptr) return true;
    DeclaredType* read = arena_.create<DeclaredType>();
    out.tags = read;
    return type(*tags, Beside::nothing, 0, *read);
  }

  bool enumerated(const JsonNode& ids, DeclaredEntity& out) {
    out.enumerated = true;
    if (!items(ids, "ids", out.ids, [&](const JsonNode& each, std::string_view& to) {
          return string(each, "an id", to);
        })) {
      return false;
    }
    return !out.ids.empty() ||
           fail(ErrorCode::schema_empty_list, "an enumerated type needs an id", ids.offset);
  }

  bool names(const JsonNode& node, std::span<const SchemaName>& out) {
    return items(node, "names", out,
                 [&](const JsonNode& each, SchemaName& to) { return path(each, to); });
  }

  bool action(const JsonMember& member, DeclaredAction& out) {
    const JsonNode& node = member.value;
    out.name = {member.key, member.offset};
    out.has_applies_to = false;
    if (!object(node, "an action", {"attributes", "appliesTo", "memberOf", "annotations"}) ||
        !annotations(node, out.annotations)) {
      return false;
    }
    const auto given = [&](std::string_view name) {
      const JsonNode* found = node.find(name);
      return found != nullptr && found->type != Json::null ? found : nullptr;
    };
    if (const JsonNode* attributes = given("attributes"); attributes != nullptr) {
      return fail(ErrorCode::schema_unsupported, "actions have no attributes", attributes->offset);
    }
    if (const JsonNode* to = given("appliesTo"); to != nullptr && !applies_to(*to, out)) {
      return false;
    }
    const JsonNode* parents = given("memberOf");
    if (parents == nullptr) return true;
    out.has_parents = true;
    return items(*parents, "actions", out.parents,
                 [&](const JsonNode& each, DeclaredParent& to) { return parent(each, to); });
  }

  bool applies_to(const JsonNode& node, DeclaredAction& out) {
    const JsonNode* principals = nullptr;
    const JsonNode* resources = nullptr;
    out.has_applies_to = true;
    if (!object(node, "`appliesTo`", {"principalTypes", "resourceTypes", "context"}) ||
        !required(node, "principalTypes", principals) ||
        !required(node, "resourceTypes", resources) || !names(*principals, out.principals) ||
        !names(*resources, out.resources)) {
      return false;
    }
    const JsonNode* context = node.find("context");
    return context == nullptr || type(*context, Beside::nothing, 0, out.context);
  }

  bool parent(const JsonNode& node, DeclaredParent& out) {
    const JsonNode* id = nullptr;
    if (!object(node, "a reference to an action", {"id", "type"}) || !required(node, "id", id) ||
        !string(*id, "an id", out.id.text)) {
      return false;
    }
    out.id.offset = node.offset;
    const JsonNode* type = node.find("type");
    if (type == nullptr || type->type == Json::null) return true;
    SchemaName name;
    if (!path(*type, name)) return false;
    out.type = name.text;
    return true;
  }

  // What else the object of a type may hold.
  enum class Beside : std::uint8_t { nothing, annotations, requirement };

  // The members of a type, of which `form` allows some.
  bool members(const JsonNode& node, Beside beside, std::string_view form) {
    for (const JsonMember& member : node.members()) {
      const std::string_view key = member.key;
      if (key == "type") continue;
      if (key == "annotations" && beside != Beside::nothing) continue;
      if (key == "required" && beside == Beside::requirement) continue;
      const bool fits = form == "Set"      ? key == "element"
                        : form == "Record" ? key == "attributes" || key == "additionalAttributes"
                        : form == "Entity" || form == "EntityOrCommon" || form == "Extension"
                            ? key == "name"
                            : false;
      if (fits) continue;
      return fail(ErrorCode::schema_shape,
                  shown(key) + " is no member of a type of the form " + shown(form), member.offset);
    }
    return true;
  }

  bool type(const JsonNode& node, Beside beside, int depth, DeclaredType& out) {
    if (node.type != Json::object) return malformed("expected a type as an object", node);
    const JsonNode* name = nullptr;
    std::string_view form;
    if (!required(node, "type", name) || !string(*name, "the form of a type", form) ||
        !members(node, beside, form)) {
      return false;
    }
    out.name.offset = node.offset;
    if (form == "Boolean") return plain(out, Form::boolean);
    if (form == "Long") return plain(out, Form::integer);
    if (form == "String") return plain(out, Form::string);
    if (form == "Entity") return named(node, Form::entity, out);
    if (form == "EntityOrCommon") return named(node, Form::entity_or_common, out);
    if (form == "Extension") return named(node, Form::extension, out);
    if (form == "Record") return record(node, depth, out);
    if (form == "Set") return set(node, depth, out);
    out.form = Form::common;
    return path(*name, out.name);
  }

  static bool plain(DeclaredType& out, Form form) {
    out.form = form;
    return true;
  }

  bool named(const JsonNode& node, Form form, DeclaredType& out) {
    out.form = form;
    const JsonNode* name = nullptr;
    if (!required(node, "name", name) || !path(*name, out.name)) return false;
    return form != Form::extension || is_identifier(out.name.text) || no_name(name->offset);
  }

  bool set(const JsonNode& node, int depth, DeclaredType& out) {
    out.form = Form::set;
    const JsonNode* element = nullptr;
    if (!required(node, "element", element)) return false;
    if (depth >= kMaxTypeDepth) return too_deep(node);
    DeclaredType* read = arena_.create<DeclaredType>();
    out.element = read;
    return type(*element, Beside::nothing, depth + 1, *read);
  }

  bool record(const JsonNode& node, int depth, DeclaredType& out) {
    out.form = Form::record;
    const JsonNode* attributes = nullptr;
    if (!required(node, "attributes", attributes)) return false;
    if (depth >= kMaxTypeDepth) return too_deep(node);
    if (const JsonNode* more = node.find("additionalAttributes"); more != nullptr) {
      if (more->type != Json::boolean) return malformed("expected true or false", *more);
      if (more->integer != 0) {
        return fail(ErrorCode::schema_unsupported, "records with further attributes", more->offset);
      }
    }
    const auto read = [&](const JsonMember& member, DeclaredAttribute& to) {
      return attribute(member, depth + 1, to);
    };
    std::span<const DeclaredAttribute> all;
    if (!fields(*attributes, "attributes", all, read)) return false;
    out.attributes = sorted_attributes(arena_.copy(all));
    return true;
  }

  bool attribute(const JsonMember& member, int depth, DeclaredAttribute& out) {
    out.name = {member.key, member.offset};
    if (!type(member.value, Beside::requirement, depth, out.type)) return false;
    if (const JsonNode* needed = member.value.find("required"); needed != nullptr) {
      if (needed->type != Json::boolean) return malformed("expected true or false", *needed);
      out.required = needed->integer != 0;
    }
    return annotations(member.value, out.annotations);
  }

  bool too_deep(const JsonNode& node) {
    return fail(ErrorCode::schema_too_deep, "types are nested too deeply", node.offset);
  }

  std::string_view text_;
  Arena& arena_;
  ErrorCode code_ = ErrorCode::none;
  std::string reason_;
  std::uint32_t offset_ = 0;
};

// The reader of JSON documents speaks of entities.
ErrorCode schema_code(ErrorCode code) noexcept {
  if (code == ErrorCode::entities_too_large) return ErrorCode::schema_too_large;
  if (code == ErrorCode::entities_too_deep) return ErrorCode::schema_too_deep;
  return ErrorCode::schema_json;
}

}  // namespace

Result<DeclaredSchema> parse_schema_json(std::string_view text, Arena& arena) {
  // A record takes two objects for each level; around a type there are five, and annotations are
  // one more.
  constexpr int depth = 2 * (kMaxTypeDepth + 1) + 6;
  Result<JsonNode> document = read_json(text, {kMaxSchemaBytes, depth}, arena);
  if (document) return JsonSchemaReader(text, arena).read(*document);
  Error error = std::move(document).error();
  error.code = schema_code(error.code);
  return error;
}

}  // namespace mcpgov::policy::cedar
