// One level of a JSON Schema. Tested by tests/catalog/schema_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "catalog/shape.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mcpgov::catalog {
namespace {

using Kind = Shape::Kind;

const std::string& text_of(const Json& json) {
  return json.get_ref<const std::string&>();
}

bool all_strings(const Json& list) {
  return std::all_of(list.begin(), list.end(), [](const Json& each) { return each.is_string(); });
}

Kind kind_of_format(const Json* format) {
  if (format == nullptr || !format->is_string()) return Kind::string;
  const std::string& name = text_of(*format);
  if (name == "date" || name == "date-time") return Kind::date;
  if (name == "duration") return Kind::duration;
  if (name == "ipv4") return Kind::ipv4;
  if (name == "ipv6") return Kind::ipv6;
  if (name == "decimal") return Kind::decimal_text;
  return Kind::string;
}

// Reads one schema. Each function returns null, or what is wrong.
class ShapeReader {
 public:
  // raw: an array keeps its `prefixItems` as parts whatever comes behind them.
  ShapeReader(const Json& schema, Shape& out, bool raw) : schema_(schema), out_(out), raw_(raw) {}

  const char* read(std::string_view as) {
    if (schema_.is_boolean()) {
      out_.kind = schema_.get<bool>() ? Kind::unknown : Kind::never;
      return nullptr;
    }
    if (!schema_.is_object()) return "the schema is no object";
    if (!as.empty()) return typed(as, false);
    if (const Json* type = member_of(schema_, "type"); type != nullptr) {
      if (type->is_string()) return typed(text_of(*type), true);
      if (type->is_array()) return types(*type);
      if (type->is_null() || type->is_boolean()) return nullptr;
      return "`type` is no name and no list of names";
    }
    for (const char* key : {"anyOf", "oneOf"}) {
      const Json* choices = member_of(schema_, key);
      if (choices == nullptr) continue;
      if (!choices->is_array()) return "a choice has no alternatives";
      out_.kind = Kind::choice;
      for (const Json& each : *choices) add(each, {}, std::string("/") + key);
      return nullptr;
    }
    const Json* reference = member_of(schema_, "$ref");
    if (reference == nullptr) return nullptr;
    out_.kind = Kind::reference;
    if (reference->is_string()) out_.reference = text_of(*reference);
    return nullptr;  // an empty reference leads nowhere
  }

 private:
  void add(const Json& schema, std::string_view as, std::string step) {
    if (as.empty()) step += "/" + std::to_string(out_.parts.size());
    out_.parts.push_back({&schema, as, std::move(step)});
  }

  // `"type": ["string", "null"]`: a choice between the same schema read as each type.
  const char* types(const Json& names) {
    out_.kind = Kind::choice;
    for (const Json& name : names) {
      if (name.is_string() && !text_of(name).empty()) {
        add(schema_, text_of(name), {});
      } else if (name.is_object()) {
        add(name, {}, "/type");
      } else {
        return "`type` is no name and no list of names";
      }
    }
    return nullptr;
  }

  // alone: not one of several types, whose common `enum` and `format` are not for strings only.
  const char* typed(std::string_view type, bool alone) {
    constexpr std::array<std::pair<std::string_view, Kind>, 8> kKinds{{
        {"string", Kind::string},
        {"integer", Kind::integer},
        {"boolean", Kind::boolean},
        {"number", Kind::number},
        {"object", Kind::object},
        {"array", Kind::set},
        {"null", Kind::null},
        {"float", Kind::floating},
    }};
    const auto* found = std::find_if(kKinds.begin(), kKinds.end(),
                                     [&](const auto& each) { return each.first == type; });
    if (found == kKinds.end()) return "`type` names no type of JSON Schema";
    out_.kind = found->second;
    if (out_.kind == Kind::object) return object();
    if (out_.kind == Kind::set) return array();
    if (out_.kind == Kind::string && alone) return string();
    return nullptr;
  }

  const char* string() {
    const Json* values = member_of(schema_, "enum");
    if (values == nullptr) {
      out_.kind = kind_of_format(member_of(schema_, "format"));
      return nullptr;
    }
    if (!values->is_array() || values->empty()) return "`enum` has no values";
    if (!all_strings(*values)) return "`enum` of a string has another value";
    out_.kind = Kind::enumeration;
    out_.values = values;
    return nullptr;
  }

  const char* array() {
    const Json* items = member_of(schema_, "items");
    const Json* prefix = member_of(schema_, "prefixItems");
    if (items != nullptr && items->is_object()) out_.item = items;
    if (prefix == nullptr || !prefix->is_array()) return nullptr;
    const bool closed = items != nullptr && items->is_boolean() && !items->get<bool>();
    if (!closed && out_.item == nullptr) return nullptr;
    if (closed || raw_) {
      if (closed) out_.kind = Kind::tuple;
      for (const Json& part : *prefix) add(part, {}, "/prefixItems");
      return nullptr;
    }
    const bool same = out_.item != nullptr &&
                      std::all_of(prefix->begin(), prefix->end(),
                                  [&](const Json& part) { return same_shape(part, *out_.item); });
    if (!same) out_.item = nullptr;
    return nullptr;
  }

  const char* object() {
    const Json* required = member_of(schema_, "required");
    // Draft 3 had a boolean here; the generator accepts `false`.
    if (required != nullptr && !(required->is_boolean() && !required->get<bool>())) {
      if (!required->is_array() || !all_strings(*required)) return "`required` is no list of names";
      out_.required = required;
    }
    const Json* properties = member_of(schema_, "properties");
    if (properties != nullptr && !(properties->is_boolean() && !properties->get<bool>())) {
      if (!properties->is_object()) return "`properties` is no object";
      out_.properties = properties;
    }
    const Json* rest = member_of(schema_, "additionalProperties");
    if (rest == nullptr) {
      out_.open = schema_.contains("patternProperties");
      out_.silent = !schema_.contains("properties");
    } else if (rest->is_boolean()) {
      out_.open = rest->get<bool>();
    } else if (!rest->is_null()) {
      out_.rest = rest;
    }
    return nullptr;
  }

  const Json& schema_;
  Shape& out_;
  bool raw_;
};

// Compares two schemas, as deep as the document is, whose reader limits that.
class Comparison {
 public:
  bool same(const Json* a, std::string_view a_as, const Json* b, std::string_view b_as) {
    if (a == nullptr || b == nullptr) return a == b;
    if (steps_ == kSteps) return false;
    ++steps_;
    Shape left;
    Shape right;
    if (ShapeReader(*a, left, true).read(a_as) != nullptr) return false;
    if (ShapeReader(*b, right, true).read(b_as) != nullptr) return false;
    if (left.kind == Kind::ipv6) left.kind = Kind::ipv4;
    if (right.kind == Kind::ipv6) right.kind = Kind::ipv4;
    if (left.kind != right.kind || left.reference != right.reference) return false;
    if (left.values != nullptr && *left.values != *right.values) return false;
    if (left.kind == Kind::set) return same_items(item_of(left), item_of(right));
    if (left.parts.size() != right.parts.size()) return false;
    for (std::size_t i = 0; i < left.parts.size(); ++i) {
      const Part& x = left.parts[i];
      const Part& y = right.parts[i];
      if (!same(x.schema, x.as, y.schema, y.as)) return false;
    }
    return same(left.rest, {}, right.rest, {}) && same_members(left, right);
  }

 private:
  // Types inside types, each of several kinds, take exponential time; ordinary ones a dozen steps.
  static constexpr int kSteps = 10'000;

  // What array() says of a set, within the steps that are left.
  const Json* item_of(const Shape& set) {
    const bool all = std::all_of(set.parts.begin(), set.parts.end(), [&](const Part& part) {
      return same(part.schema, part.as, set.item, {});
    });
    return all ? set.item : nullptr;
  }

  // Null: of unknown type, which a schema can be as well.
  bool same_items(const Json* a, const Json* b) {
    const Json unknown = Json::object();
    return same(a != nullptr ? a : &unknown, {}, b != nullptr ? b : &unknown, {});
  }

  bool same_members(const Shape& a, const Shape& b) {
    const std::size_t count = a.properties == nullptr ? 0 : a.properties->size();
    if (count != (b.properties == nullptr ? 0 : b.properties->size())) return false;
    if (count == 0) return true;
    const std::set<std::string_view> required = a.required_names();
    const std::set<std::string_view> theirs_required = b.required_names();
    for (const auto& [name, property] : a.properties->items()) {
      const Json* other = member_of(*b.properties, name);
      if (other == nullptr) return false;
      if (required.count(name) != theirs_required.count(name)) return false;
      const Json* description = member_of(property, "description");
      const Json* theirs = member_of(*other, "description");
      if ((description == nullptr) != (theirs == nullptr)) return false;
      if (description != nullptr && *description != *theirs) return false;
      if (!same(&property, {}, other, {})) return false;
    }
    return true;
  }

  int steps_ = 0;
};

}  // namespace

std::set<std::string_view> Shape::required_names() const {
  std::set<std::string_view> names;
  if (required == nullptr) return names;
  for (const Json& name : *required) names.insert(text_of(name));
  return names;
}

bool read_shape(const Json& schema, std::string_view as, Shape& out, const char*& problem) {
  problem = ShapeReader(schema, out, false).read(as);
  return problem == nullptr;
}

bool same_shape(const Json& a, const Json& b) {
  return Comparison().same(&a, {}, &b, {});
}

Reference read_reference(std::string_view text) {
  for (const std::string_view prefix : {"#/$defs/", "#/definitions/"}) {
    if (text.substr(0, prefix.size()) != prefix) continue;
    Reference out;
    out.old_draft = prefix == "#/definitions/";
    for (std::size_t at = prefix.size(); at < text.size(); ++at) {
      const char c = text[at];
      if (c == '/') return {};
      if (c != '~') {
        out.name += c;
        continue;
      }
      // RFC 6901 section 3: ~0 is a tilde, ~1 a slash.
      if (++at == text.size() || (text[at] != '0' && text[at] != '1')) return {};
      out.name += text[at] == '0' ? '~' : '/';
    }
    return out;
  }
  return {};
}

const Json* member_of(const Json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string pointer_part(std::string_view name) {
  std::string part = "/";
  for (const char c : name) {
    if (c == '~') {
      part += "~0";
    } else if (c == '/') {
      part += "~1";
    } else {
      part += c;
    }
  }
  return part;
}

Result<ToolList> open_tool_list(const Json& json, std::string_view file) {
  ToolList out;
  const Json* result = member_of(json, "result");
  const Json& outer = result != nullptr ? *result : json;
  std::string pointer = result != nullptr ? "/result" : "";
  const Json* tools = member_of(outer, "tools");
  if (tools == nullptr && outer.is_array()) {
    tools = &outer;
  } else if (tools == nullptr && outer.contains("name")) {
    out.tools.push_back(&outer);  // one tool, whose own `$defs` are its own
    out.pointers.push_back(std::move(pointer));
    return out;
  } else {
    out.shared = member_of(outer, "$defs");
    pointer += "/tools";
  }
  if (tools == nullptr || !tools->is_array()) {
    return Error{ErrorCode::tool_list_invalid, "the text is no list of tools", std::string(file), 0,
                 0};
  }
  for (const Json& tool : *tools) {
    out.pointers.push_back(pointer + "/" + std::to_string(out.tools.size()));
    out.tools.push_back(&tool);
  }
  return out;
}

Result<std::string_view> tool_name(const Json& tool, std::size_t position, const Limits& limits,
                                   std::string_view file) {
  const Json* name = member_of(tool, "name");
  const std::string number = "tool number " + std::to_string(position + 1);
  const auto error = [&](std::string sentence) {
    return Error{ErrorCode::tool_list_invalid, std::move(sentence), std::string(file), 0, 0};
  };
  if (name == nullptr || !name->is_string() || text_of(*name).empty()) {
    return error(number + " has no name");
  }
  if (text_of(*name).size() > limits.name_bytes) {
    return error("the name of " + number + " exceeds the size limit");
  }
  return std::string_view(text_of(*name));
}

namespace {

// `{"json": {…}}`, as some model providers wrap schemas.
Part unwrapped(const Json* schema, const char* key) {
  if (schema == nullptr) return {};
  const Json* inner = schema->contains("type") ? nullptr : member_of(*schema, "json");
  if (inner == nullptr || schema->size() != 1) return {schema, {}, std::string("/") + key};
  return {inner, {}, std::string("/") + key + "/json"};
}

}  // namespace

// The protocol's own name comes first: it is what clients and servers read.
Part input_schema(const Json& tool) {
  const Json* schema = member_of(tool, "inputSchema");
  if (schema != nullptr) return unwrapped(schema, "inputSchema");
  return unwrapped(member_of(tool, "parameters"), "parameters");
}

Part output_schema(const Json& tool) {
  return unwrapped(member_of(tool, "outputSchema"), "outputSchema");
}

}  // namespace mcpgov::catalog
