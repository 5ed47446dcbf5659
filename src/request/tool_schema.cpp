// The public face of schema generation.
// Tested by tests/request/schema_generator_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "base/json.hpp"
#include "policy/cedar/lexer.hpp"
#include "request/default_stub.hpp"
#include "request/mapping.hpp"
#include "request/schema_generator.hpp"

namespace mcpgov::request {
namespace {

// Of the stub as the file has it.
constexpr std::string_view kStubSpace = "MyMcpServer";

}  // namespace

SchemaOptions SchemaOptions::agent() noexcept {
  SchemaOptions options;
  options.objects_as_records = true;
  options.encode_numbers_as_decimal = true;
  options.names = Names::agent;
  return options;
}

Result<std::string> tool_schema(const policy::Source& stub, const policy::Source& tools,
                                const SchemaOptions& options, SchemaForm form) {
  Arena arena;
  auto declared = cedar::parse_schema(stub.text, arena);
  if (!declared) {
    Error error = std::move(declared).error();
    error.file = stub.name;
    return error;
  }
  const catalog::Limits bounds;
  JsonLimits limits;
  limits.bytes = bounds.bytes;
  limits.depth = bounds.depth;
  const auto json = parse_json(tools.text, limits, tools.name, ErrorCode::tool_list_invalid);
  if (!json) return json.error();
  SchemaGenerator generator(options, tools.name, arena);
  const Result<void> started = generator.start(*declared, stub);
  if (!started) return started.error();
  const Result<void> added = generator.add(*json);
  if (!added) return added.error();
  const cedar::DeclaredSchema schema = generator.finish();
  return form == SchemaForm::json ? cedar::schema_json(schema) : cedar::schema_text(schema);
}

Result<policy::Source> default_stub(std::string_view space) {
  if (!is_namespace(space)) {
    return Error{
        ErrorCode::config_value, "`" + std::string(space) + "` is no namespace of Cedar", {}, 0, 0};
  }
  const std::string_view text = kDefaultStub;
  const std::size_t at = text.find(kStubSpace, text.find("\nnamespace "));
  return policy::Source{"mcp.cedarschema", std::string(text.substr(0, at)) + std::string(space) +
                                               std::string(text.substr(at + kStubSpace.size()))};
}

}  // namespace mcpgov::request
