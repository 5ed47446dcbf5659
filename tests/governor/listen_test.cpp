// `subscriptions/listen`: entries one by one.
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

namespace {

constexpr std::string_view kMeta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientCapabilities":{}})";

std::string listen(std::string_view notifications) {
  return rpc("subscriptions/listen",
             R"({"notifications":)" + std::string(notifications) + "," + std::string(kMeta) + "}");
}

}  // namespace

TEST_CASE("listen: denied entries are taken out, the rest passes byte for byte") {
  World world(configuration(R"(
    permit(principal, action == shop::Action::"subscribe_resource", resource)
    when { resource.scheme == "file" };)"));
  struct Case {
    const char* asked;
    const char* passed;
  };
  const Case cases[] = {
      {R"({"toolsListChanged":true})", R"({"toolsListChanged":true})"},
      {R"({"resourceSubscriptions":["file:///a","file:///b"]})",
       R"({"resourceSubscriptions":["file:///a","file:///b"]})"},
      {R"({"resourceSubscriptions":["file:///a","https://h/b"]})",
       R"({"resourceSubscriptions":["file:///a"]})"},
      {R"({"resourceSubscriptions":["https://h/b"],"toolsListChanged":true})",
       R"({"resourceSubscriptions":[],"toolsListChanged":true})"},
      {R"({"resourceSubscriptions":["file:///a/../b"]})", R"({"resourceSubscriptions":[]})"},
      {R"({"taskIds":["t1"],"resourceSubscriptions":["file:///a"]})",
       R"({"taskIds":[],"resourceSubscriptions":["file:///a"]})"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.asked));
    Session session = world.session(engineer());
    Verdicts verdicts = from_client(session, listen(c.asked));
    REQUIRE(verdicts[0].allowed());
    CHECK(verdicts[0].message().bytes == listen(c.passed));
    const bool cut = std::string_view(c.asked) != c.passed;
    CHECK((verdicts[0].reason() == ErrorCode::list_entry_removed) == cut);
  }
}
