// Random tools: requests made of arguments that fit a tool are those that the schema generated from
// the same tool admits, and nothing else becomes a request.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include "mcpgov/request.hpp"
#include "policy/cedar/schema_request.hpp"
#include "request/world.hpp"
#include "support/random_tools.hpp"

namespace {

using namespace mcpgov;
using mcpgov::random::ToolCase;

// A tool, the schema generated from it, and a server that has both.
class Bench {
 public:
  Bench(const ToolCase& tool, const std::string& schema)
      : tool_(tool), catalog_(world::tools(tool.list())), server_(setting_of(schema)) {}

  // Empty: the request was made and fits.
  std::string refusal(const nlohmann::json& arguments) const {
    world::Asked asked(server_);
    asked.detail = request::Detail::everything;
    asked.call.pinned = catalog_.find(tool_.name());
    const nlohmann::json message = {{"jsonrpc", "2.0"},
                                    {"id", 1},
                                    {"method", "tools/call"},
                                    {"params", {{"name", tool_.name()}, {"arguments", arguments}}}};
    const ErrorCode code = asked.message(message.dump());
    if (code != ErrorCode::none) return std::string(code_name(code));
    const auto valid = policy::cedar::validate_request(server_.schema(), asked.request);
    return valid ? "" : "request: " + valid.error().text() + "\n" + asked.text().context;
  }

 private:
  static world::Setting setting_of(const std::string& schema) {
    world::Setting setting;
    setting.schema = schema;
    return setting;
  }

  const ToolCase& tool_;
  catalog::Catalog catalog_;
  world::Server server_;
};

Result<std::string> schema_of(const ToolCase& tool, std::uint64_t number) {
  request::SchemaOptions options = request::SchemaOptions::agent();
  options.include_outputs = (number & 1) != 0;
  options.erase_annotations = (number & 2) == 0;
  return request::tool_schema(*request::default_stub("Shop"), {"tools.json", tool.list()}, options);
}

TEST_CASE("random tools: what fits the tool fits its schema, and what does not is refused") {
  int fitting = 0;
  int broken = 0;
  int clashes = 0;
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    CAPTURE(seed);
    ToolCase tool(seed);
    CAPTURE(tool.list());
    const Result<std::string> schema = schema_of(tool, seed);
    // Two types of one name are told when the schema is made.
    if (!schema) {
      REQUIRE_MESSAGE(schema.error().code == ErrorCode::tool_schema_conflict,
                      schema.error().text());
      ++clashes;
      continue;
    }
    const Bench bench(tool, *schema);
    const auto ask = [&](const nlohmann::json& arguments) {
      CAPTURE(arguments.dump());
      const std::string refusal = bench.refusal(arguments);
      // Members that a tool leaves open are in the request, and are no part of the schema.
      const bool asked = tool.fits(arguments, ToolCase::Rest::allowed);
      const bool declared = tool.fits(arguments, ToolCase::Rest::refused);
      REQUIRE_MESSAGE(refusal.starts_with("argument_") == !asked, refusal);
      if (declared || !asked) REQUIRE_MESSAGE((refusal == "") == declared, refusal);
      fitting += declared ? 1 : 0;
      broken += asked ? 0 : 1;
    };
    for (int i = 0; i < 6; ++i) {
      const nlohmann::json arguments = tool.arguments();
      REQUIRE(tool.fits(arguments, ToolCase::Rest::allowed));
      ask(arguments);
      ask(tool.changed(arguments));
    }
  }
  // The generator must not have drifted into saying nothing.
  CHECK(fitting > 12000);
  CHECK(broken > 5000);
  CHECK(clashes < 200);
}

}  // namespace
