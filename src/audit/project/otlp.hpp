// Attributes and numbers of the OpenTelemetry protocol's JSON form (opentelemetry-proto,
// docs/specification.md, "JSON Protobuf Encoding").
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "audit/project/settings.hpp"
#include "base/json_writer.hpp"

namespace mcpgov::audit {

// Integers of 64 bits are strings in protobuf's JSON.
void append_long(JsonWriter& out, std::string_view key, std::uint64_t value);
void append_signed(JsonWriter& out, std::string_view key, std::int64_t value);
// A number of seconds with nine decimals, exactly: 8200 is 0.000008200.
std::string seconds_text(std::uint64_t nanoseconds);

// The members `resource` and `schemaUrl`, and the member `scope`.
void append_otlp_resource(JsonWriter& out, const ProjectionSettings& settings);
void append_otlp_scope(JsonWriter& out);

// The array `attributes`, from its making to close(). Keys are ours.
// Threads: one thread.
class Attributes {
 public:
  explicit Attributes(JsonWriter& out) : out_(out) { out_.open_array("attributes"); }

  // Left out when empty.
  void text(std::string_view key, std::string_view value);
  void texts(std::string_view key, std::span<const std::string_view> values);
  void integer(std::string_view key, std::uint64_t value);
  void boolean(std::string_view key, bool value);
  void seconds(std::string_view key, std::uint64_t nanoseconds);
  void close() { out_.close_array(); }

 private:
  void open(std::string_view key);
  void close_value();
  JsonWriter& out_;
};

}  // namespace mcpgov::audit
