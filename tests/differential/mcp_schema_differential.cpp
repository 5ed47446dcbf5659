// Schemas for the tool lists of mcp_schema_wasm.mjs: reads one JSON object per line, `stub`,
// `tools` and `config`, and writes one, `schema` and `json` or `code` and `message`.
//
// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "mcpgov/request.hpp"

namespace {

using namespace mcpgov;
using nlohmann::json;

request::SchemaOptions options_of(const json& config) {
  request::SchemaOptions options;
  options.include_outputs = config.value("includeOutputs", false);
  options.objects_as_records = config.value("objectsAsRecords", false);
  options.erase_annotations = config.value("eraseAnnotations", true);
  options.flatten_namespaces = config.value("flattenNamespaces", false);
  options.encode_numbers_as_decimal = config.value("numbersAsDecimal", false);
  options.deduplicate_entity_types = config.value("deduplicateEntityTypes", false);
  if (config.value("agent", false)) options.names = request::SchemaOptions::Names::agent;
  return options;
}

json answer(const json& question) {
  const policy::Source stub{"stub", question.at("stub")};
  const policy::Source tools{"tools", question.at("tools")};
  const request::SchemaOptions options = options_of(question.at("config"));
  const auto text = request::tool_schema(stub, tools, options);
  const auto as_json = request::tool_schema(stub, tools, options, request::SchemaForm::json);
  if (!text || !as_json) {
    const Error& error = text ? as_json.error() : text.error();
    return {{"code", code_name(error.code)}, {"message", error.text()}};
  }
  return {{"schema", *text}, {"json", *as_json}};
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << answer(json::parse(line)).dump() << "\n" << std::flush;
  }
}
