// Tool lists of any bytes: what the catalogue accepts is bounded, and the schema made of them, if
// there is one, is a schema.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "mcpgov/catalog.hpp"
#include "mcpgov/cedar.hpp"
#include "mcpgov/request.hpp"

using namespace mcpgov;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// The first byte chooses the options.
request::SchemaOptions options_of(std::uint8_t choice) {
  if ((choice & 1) != 0) return request::SchemaOptions::agent();
  request::SchemaOptions options;
  options.include_outputs = (choice & 2) != 0;
  options.objects_as_records = (choice & 4) != 0;
  options.flatten_namespaces = (choice & 8) != 0;
  options.encode_numbers_as_decimal = (choice & 16) != 0;
  options.deduplicate_entity_types = (choice & 32) != 0;
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  static const auto stub = request::default_stub("Shop");
  require(stub.has_value());
  (void)catalog::Catalog::from_tools_json(text, catalog::Origin::claimed);
  const request::SchemaOptions options = options_of(bytes[0]);
  const auto made = request::tool_schema(*stub, {"tools.json", text}, options);
  if (!made) {
    require(!made.error().message.empty());
    return 0;
  }
  const auto schema = policy::Schema::from_cedar({"made", *made});
  require(schema.has_value() || options.flatten_namespaces);
  return 0;
}
