// Attributes and numbers of the OpenTelemetry protocol's JSON form, and what is around records.
// Tested by tests/audit/project/shapes_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/otlp.hpp"

#include "audit/project/forms.hpp"

namespace mcpgov::audit {

void append_long(JsonWriter& out, std::string_view key, std::uint64_t value) {
  out.string(key, std::to_string(value));
}

void append_signed(JsonWriter& out, std::string_view key, std::int64_t value) {
  out.raw(key, std::to_string(value));
}

std::string seconds_text(std::uint64_t nanoseconds) {
  std::string digits = std::to_string(nanoseconds % 1'000'000'000);
  digits.insert(0, 9 - digits.size(), '0');
  return std::to_string(nanoseconds / 1'000'000'000) + "." + digits;
}

void Attributes::open(std::string_view key) {
  out_.open_object({});
  out_.string("key", key);
  out_.open_object("value");
}

void Attributes::close_value() {
  out_.close_object();
  out_.close_object();
}

void Attributes::text(std::string_view key, std::string_view value) {
  if (value.empty()) return;
  open(key);
  out_.string("stringValue", value);
  close_value();
}

void Attributes::texts(std::string_view key, std::span<const std::string_view> values) {
  if (values.empty()) return;
  open(key);
  out_.open_object("arrayValue");
  out_.open_array("values");
  for (const std::string_view value : values) {
    out_.open_object({});
    out_.string("stringValue", value);
    out_.close_object();
  }
  out_.close_array();
  out_.close_object();
  close_value();
}

void Attributes::integer(std::string_view key, std::uint64_t value) {
  open(key);
  append_long(out_, "intValue", value);
  close_value();
}

void Attributes::boolean(std::string_view key, bool value) {
  open(key);
  out_.boolean("boolValue", value);
  close_value();
}

void Attributes::seconds(std::string_view key, std::uint64_t nanoseconds) {
  open(key);
  out_.raw("doubleValue", seconds_text(nanoseconds));
  close_value();
}

void append_otlp_resource(JsonWriter& json, const ProjectionSettings& settings) {
  json.open_object("resource");
  Attributes attributes(json);
  attributes.text("service.name", settings.service_name);
  attributes.text("service.version", settings.service_version);
  attributes.text("service.instance.id", settings.service_instance);
  attributes.text("host.name", settings.host_name);
  for (const auto& [key, value] : settings.resource) attributes.text(key, value);
  attributes.close();
  json.close_object();
  if (!settings.schema_url.empty()) json.string("schemaUrl", settings.schema_url);
}

void append_otlp_scope(JsonWriter& json) {
  json.open_object("scope");
  json.string("name", "mcpgov");
  json.string("version", product_version());
  json.close_object();
}

void open_otlp(std::string& out, bool spans, const ProjectionSettings& settings) {
  JsonWriter json(out);
  json.open_array(spans ? "resourceSpans" : "resourceLogs");
  json.open_object({});
  append_otlp_resource(json, settings);
  json.open_array(spans ? "scopeSpans" : "scopeLogs");
  json.open_object({});
  append_otlp_scope(json);
  json.open_array(spans ? "spans" : "logRecords");
}

void close_otlp(std::string& out) {
  out += "]}]}]}\n";
}

}  // namespace mcpgov::audit
