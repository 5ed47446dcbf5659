// After the first messages a parser allocates nothing.
//
// SPDX-License-Identifier: Apache-2.0
#include "support/allocation.hpp"

#include <string>

#include "wire/support.hpp"

namespace mcpgov::wire::test {
namespace {

using mcpgov::test::allocation_count;

TEST_CASE("allocation: a warm parser reads messages, batches and refusals without the heap") {
  const std::string bodies[] = {
      request("tools/call",
              R"("name":"t","arguments":{"a":[1,2,{"b":"\u00e9"}]},"_meta":{"progressToken":1})"),
      "[" + request("tools/call", R"("name":"t")", "1") + "," + request("ping", "", "2") + "]",
      modern("subscriptions/listen",
             R"("notifications":{"resourceSubscriptions":["a:b","a:c"],"taskIds":["t"]})"),
      request("tools/call", R"("name":"t","Name":"u")"),
      request("tools/call", R"("name":"t","arguments":{"a":1,"a":2})"),
      R"({"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"},{"name":"b"}]}})",
  };
  Parser parser;
  const ParseContext context = stdio(Revision::v2025_03_26);
  for (int warm = 0; warm < 3; ++warm) {
    for (const std::string& body : bodies) (void)parser.parse(body, context);
  }
  const std::size_t before = allocation_count();
  std::size_t messages = 0;
  for (int round = 0; round < 100; ++round) {
    for (const std::string& body : bodies) messages += parser.parse(body, context).messages.size();
  }
  const std::size_t after = allocation_count();
  CHECK(messages == 100 * 7);
  CHECK(after == before);
}

TEST_CASE("allocation: the counter counts") {
  const std::size_t before = allocation_count();
  const Parser parser;
  CHECK(allocation_count() > before);
}

}  // namespace
}  // namespace mcpgov::wire::test
