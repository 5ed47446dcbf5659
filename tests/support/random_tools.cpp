// Tested by tests/request/random_schema_test.cpp, which uses it.
//
// SPDX-License-Identifier: Apache-2.0
#include "support/random_tools.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace mcpgov::random {

using nlohmann::json;

namespace {

// Texts, and the formats of JSON Schema that they have for us.
struct Text {
  std::string_view text;
  std::vector<std::string_view> formats;
};

const std::vector<Text>& texts() {
  static const std::vector<Text> all = {
      {"x", {}},
      {"", {}},
      {"a", {}},
      {"high", {}},
      {"é \"\\\n", {}},
      {"2026-01-31", {"date", "date-time"}},
      {"2026-01-01T00:00:00Z", {"date", "date-time"}},
      {"2026-02-30", {}},
      {"P1D", {"duration"}},
      {"PT1H30M", {"duration"}},
      {"1h", {}},
      {"10.0.0.1", {"ipv4"}},
      {"10.0.0.256", {}},
      {"::1", {"ipv6"}},
      {"1.5", {"decimal"}},
      {"-3.0001", {"decimal"}},
  };
  return all;
}

bool has_format(std::string_view text, std::string_view format) {
  const auto& all = texts();
  const auto found = std::ranges::find(all, text, &Text::text);
  return found != all.end() && std::ranges::count(found->formats, format) > 0;
}

// Those that Cedar has a type for.
constexpr std::array<const char*, 6> kFormats = {"date", "date-time", "duration",
                                                 "ipv4", "ipv6",      "decimal"};

bool is_typed_format(const std::string& format) {
  return std::ranges::find(kFormats, format) != kFormats.end();
}

// All places of a document but the document itself.
void collect(const json& value, const json::json_pointer& at,
             std::vector<json::json_pointer>& out) {
  if (!at.empty()) out.push_back(at);
  if (value.is_object()) {
    for (const auto& [name, inner] : value.items()) collect(inner, at / name, out);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) collect(value[i], at / i, out);
  }
}

}  // namespace

ToolCase::ToolCase(std::uint64_t seed) : dice_(seed) {
  constexpr std::array kNames = {"read", "write_x", "get-sum", "x.y", "call_tool", "if", "Input"};
  name_ = kNames[below(kNames.size())];
  // Definitions refer to all of them, themselves included: what they hold of their own kind is
  // optional or in a list, so that there are values.
  json definitions = json::object();
  input_ = json::object();
  if (chance(60)) {
    for (const char* name : {"D", "E", "odd name"}) definitions[name] = json();
    input_["$defs"] = definitions;
    for (const char* name : {"D", "E"}) {
      json made = chance(30) ? scalar() : object(2);
      made.erase("required");
      input_["$defs"][name] = made;
    }
    input_["$defs"]["odd name"] = {{"type", "array"}, {"items", {{"$ref", "#/$defs/D"}}}};
  }
  json made = object(4);
  if (input_.contains("$defs")) made["$defs"] = input_["$defs"];
  input_ = std::move(made);
  if (chance(40)) output_ = object(2);
}

std::string ToolCase::list() const {
  json tool = {{"name", name_}, {"inputSchema", input_}};
  if (!output_.is_null()) {
    tool["outputSchema"] = output_;
    if (input_.contains("$defs")) tool["outputSchema"]["$defs"] = input_["$defs"];
  }
  return json::array({tool}).dump();
}

std::string ToolCase::property_name() {
  constexpr std::array kNames = {"a",  "b",      "c",        "mode", "item", "kind",  "p-1",
                                 "if", "Action", "duration", "a b",  "~/x",  "String"};
  return kNames[below(kNames.size())];
}

json ToolCase::scalar() {
  switch (below(12)) {
    case 0: return {{"type", "boolean"}};
    case 1: return {{"type", "integer"}};
    case 2: return {{"type", "number"}};
    case 3: return {{"type", "null"}};
    case 4: return json::object();
    case 5: return {{"const", 1}};
    case 6: return {{"type", "string"}, {"format", "uri"}};
    case 7: return {{"type", {"string", "null"}}};
    case 8: return {{"type", {"integer", "boolean"}}};
    case 9: return {{"type", "string"}, {"enum", {"high", "a", "x"}}};
    case 10: return {{"type", "string"}, {"format", kFormats[below(kFormats.size())]}};
    default: return {{"type", "string"}};
  }
}

json ToolCase::object(int depth) {
  json out = {{"type", "object"}};
  if (chance(90)) {
    out["properties"] = json::object();
    for (std::size_t i = below(5); i > 0; --i)
      out["properties"][property_name()] = schema(depth - 1);
  }
  if (chance(60)) {
    out["required"] = json::array();
    for (std::size_t i = below(3); i > 0; --i) out["required"].push_back(property_name());
  }
  switch (below(8)) {
    case 0: out["additionalProperties"] = true; break;
    case 1: out["additionalProperties"] = false; break;
    case 2: out["additionalProperties"] = schema(depth - 1); break;
    default: break;
  }
  return out;
}

json ToolCase::array(int depth) {
  json out = {{"type", "array"}};
  if (chance(60)) {
    out["items"] = schema(depth - 1);
  } else if (chance(60)) {
    out["items"] = false;
    out["prefixItems"] = json::array({schema(depth - 1)});
    if (chance(50)) out["prefixItems"].push_back(schema(depth - 1));
  }
  return out;
}

json ToolCase::schema(int depth) {
  const std::size_t kind = below(depth > 0 ? 10 : 4);
  if (kind < 4) return scalar();
  if (kind < 6) return object(depth);
  if (kind == 6) return array(depth);
  if (kind == 7) {
    json parts = json::array({schema(depth - 1)});
    for (std::size_t i = below(3); i > 0; --i) parts.push_back(schema(depth - 1));
    return {{chance(50) ? "anyOf" : "oneOf", parts}};
  }
  if (!input_.contains("$defs")) return scalar();
  constexpr std::array kNames = {"D", "E", "odd name"};
  return {{"$ref", std::string("#/$defs/") + kNames[below(kNames.size())]}};
}

const json& ToolCase::resolved(const json& schema) const {
  const json* at = &schema;
  while (at->contains("$ref")) {
    constexpr std::size_t kPrefix = std::string_view("#/$defs/").size();
    at = &input_.at("$defs").at(at->at("$ref").get<std::string>().substr(kPrefix));
  }
  return *at;
}

json ToolCase::arguments() {
  return value_of_object(input_, 6, true);
}

json ToolCase::anything(int depth) {
  switch (below(depth > 0 ? 9 : 7)) {
    case 0: return nullptr;
    case 1: return chance(50);
    case 2: return 7;
    case 3: return -2.0;
    case 4: return 0.25;
    case 7: return json::array({anything(depth - 1)});
    case 8: return {{property_name(), anything(depth - 1)}};
    default: return texts()[below(texts().size())].text;
  }
}

json ToolCase::value(const json& written, int depth) {
  const json& schema = resolved(written);
  for (const char* key : {"anyOf", "oneOf"}) {
    if (schema.contains(key)) return value(schema[key][below(schema[key].size())], depth);
  }
  if (!schema.contains("type")) return anything(2);
  const json& types = schema["type"];
  const std::string type = types.is_array() ? types[below(types.size())] : types;
  if (type == "object") return value_of_object(schema, depth, false);
  if (type == "array") return value_of_array(schema, depth);
  if (type == "boolean") return chance(50);
  if (type == "integer") return chance(50) ? json(5) : json(-6.0);
  if (type == "number") return chance(50) ? json(3) : json(0.125);
  if (type == "null") return nullptr;
  if (schema.contains("enum")) return schema["enum"][below(schema["enum"].size())];
  const std::string format = schema.value("format", "");
  for (;;) {
    const std::string_view text = texts()[below(texts().size())].text;
    if (!is_typed_format(format) || has_format(text, format)) return text;
  }
}

// At the end of the depth only what has to be there.
json ToolCase::value_of_object(const json& schema, int depth, bool root) {
  json out = json::object();
  const json required = schema.value("required", json::array());
  const json properties = schema.value("properties", json::object());
  for (const auto& [name, inner] : properties.items()) {
    const bool must = std::ranges::find(required, json(name)) != required.end();
    if (must || (depth > 0 && chance(60))) out[name] = value(inner, depth - 1);
  }
  const json more = schema.value("additionalProperties", json());
  for (std::size_t i = more.is_object() && !root && depth > 0 ? below(3) : 0; i > 0; --i) {
    const std::string name = property_name();
    if (!properties.contains(name)) out[name] = value(more, depth - 1);
  }
  return out;
}

json ToolCase::value_of_array(const json& schema, int depth) {
  json out = json::array();
  if (schema.contains("prefixItems")) {
    for (const json& each : schema["prefixItems"]) out.push_back(value(each, depth - 1));
    return out;
  }
  for (std::size_t i = depth > 0 ? below(4) : 0; i > 0; --i) {
    out.push_back(schema.contains("items") ? value(schema["items"], depth - 1) : anything(1));
  }
  return out;
}

json ToolCase::changed(const json& arguments) {
  json out = arguments;
  std::vector<json::json_pointer> places;
  collect(out, json::json_pointer(), places);
  if (places.empty() || chance(15)) {
    out[property_name()] = anything(2);
    return out;
  }
  const json::json_pointer& place = places[below(places.size())];
  json& inner = out[place];
  json& outer = out[place.parent_pointer()];
  switch (below(4)) {
    case 0:
      if (outer.is_object()) {
        outer.erase(place.back());
        break;
      }
      [[fallthrough]];
    case 1:
      if (inner.is_object()) {
        inner[property_name()] = anything(1);
        break;
      }
      if (inner.is_array()) {
        inner.push_back(anything(1));
        break;
      }
      [[fallthrough]];
    default: inner = anything(2);
  }
  return out;
}

bool ToolCase::fits(const json& arguments, Rest rest) const {
  return fits_object(input_, arguments, rest, true);
}

bool ToolCase::fits(const json& written, const json& value, Rest rest) const {
  const json& schema = resolved(written);
  for (const char* key : {"anyOf", "oneOf"}) {
    if (!schema.contains(key)) continue;
    // The first alternative that the tool allows is the one.
    for (const json& part : schema[key]) {
      if (fits(part, value, Rest::allowed)) return fits(part, value, rest);
    }
    return false;
  }
  if (!schema.contains("type")) return true;
  const auto is = [&](const std::string& type) {
    if (type == "object") return fits_object(schema, value, rest, false);
    if (type == "array") return fits_array(schema, value, rest);
    if (type == "boolean") return value.is_boolean();
    if (type == "number") return value.is_number();
    if (type == "null") return value.is_null();
    if (type == "integer") {
      return value.is_number() && value.get<double>() == static_cast<double>(value.get<long>());
    }
    if (!value.is_string()) return false;
    if (schema.contains("enum")) {
      return std::ranges::find(schema["enum"], value) != schema["enum"].end();
    }
    const std::string format = schema.value("format", "");
    return !is_typed_format(format) || has_format(value.get<std::string>(), format);
  };
  const json& types = schema["type"];
  return types.is_array() ? std::ranges::any_of(types, is) : is(types);
}

bool ToolCase::fits_object(const json& schema, const json& value, Rest rest, bool root) const {
  if (!value.is_object()) return false;
  const json properties = schema.value("properties", json::object());
  const json more = schema.value("additionalProperties", json());
  const bool silent = !root && more.is_null() && !schema.contains("properties");
  for (const auto& [name, inner] : value.items()) {
    if (properties.contains(name)) {
      if (!fits(properties[name], inner, rest)) return false;
    } else if (more.is_object()) {
      if ((root && rest == Rest::refused) || !fits(more, inner, rest)) return false;
    } else if ((!silent && more != true) || rest == Rest::refused) {
      return false;
    }
  }
  const json required = schema.value("required", json::array());
  return std::ranges::all_of(required, [&](const json& each) {
    const std::string name = each;
    return !properties.contains(name) || value.contains(name);
  });
}

bool ToolCase::fits_array(const json& schema, const json& value, Rest rest) const {
  if (!value.is_array()) return false;
  if (!schema.contains("prefixItems")) {
    return !schema.contains("items") || std::ranges::all_of(value, [&](const json& item) {
      return fits(schema["items"], item, rest);
    });
  }
  const json& parts = schema["prefixItems"];
  if (value.size() != parts.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!fits(parts[i], value[i], rest)) return false;
  }
  return true;
}

}  // namespace mcpgov::random
