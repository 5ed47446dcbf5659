// Pages of a server that is not trusted.
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/tool_listing.hpp"

#include <string>

#include <doctest/doctest.h>

namespace {

using mcpgov::cli::ToolListing;
using mcpgov::wire::Revision;
using Step = ToolListing::Step;

// A listing, and a server that answers it.
struct Dialogue {
  ToolListing listing{"own:"};
  mcpgov::wire::Parser parser;
  std::string request;

  Step answer(const std::string& line) {
    const auto batch =
        parser.parse(line, {.direction = mcpgov::Direction::from_server, .http = {}, .limits = {}});
    REQUIRE_FALSE(batch.refusal.refused());
    REQUIRE(batch.messages.size() == 1);
    return listing.take(batch.messages[0], request);
  }
  Step result(const std::string& id, const std::string& result) {
    return answer(R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + result + "}");
  }
};

}  // namespace

TEST_CASE("tool listing: a legacy request names nothing, a modern one its revision") {
  ToolListing listing("own:");
  CHECK(listing.begin(Revision::none) ==
        R"({"jsonrpc":"2.0","id":"own:1","method":"tools/list","params":{}})");
  const std::string modern = listing.begin(Revision::v2026_07_28);
  CHECK(modern.find(R"("io.modelcontextprotocol/protocolVersion":"2026-07-28")") !=
        std::string::npos);
  mcpgov::wire::Parser parser;
  const auto batch = parser.parse(modern, {.http = {}, .limits = {}});
  REQUIRE(batch.messages.size() == 1);
  CHECK_FALSE(batch.messages[0].refusal.refused());
}

TEST_CASE("tool listing: pages are joined, cursors handed back as they came") {
  Dialogue d;
  d.listing.begin(Revision::none);
  CHECK(d.result("\"own:1\"", R"({"tools":[{"name":"a"}],"nextCursor":"p\u0032 \"x\""})") ==
        Step::next);
  CHECK(d.request == R"({"jsonrpc":"2.0","id":"own:2","method":"tools/list",)"
                     R"("params":{"cursor":"p\u0032 \"x\""}})");
  CHECK(d.result("\"own:2\"", R"({"tools":[ ],"nextCursor":""})") == Step::next);
  CHECK(d.request.find(R"("cursor":"")") != std::string::npos);
  CHECK(d.result("\"own:3\"", R"({"nextCursor":null,"tools":[{"name":"b"},{"name":"c"}]})") ==
        Step::complete);
  CHECK(d.listing.tools() == R"([{"name":"a"},{"name":"b"},{"name":"c"}])");
  CHECK_FALSE(d.listing.active());
}

TEST_CASE("tool listing: what answers nothing of ours is left alone") {
  Dialogue d;
  CHECK(d.result("\"own:1\"", R"({"tools":[]})") == Step::not_ours);  // nothing was asked
  d.listing.begin(Revision::none);
  CHECK(d.result("1", R"({"tools":[]})") == Step::not_ours);
  CHECK(d.result("\"own:2\"", R"({"tools":[]})") == Step::not_ours);
  CHECK(d.result("\"client\"", R"({"tools":[]})") == Step::not_ours);
  CHECK(d.answer(R"({"jsonrpc":"2.0","id":"own:1","method":"ping"})") == Step::not_ours);
  CHECK(d.answer(R"({"jsonrpc":"2.0","method":"notifications/message",)"
                 R"("params":{"level":"info","data":1}})") == Step::not_ours);
  CHECK(d.listing.active());
  // An escape in the id does not hide it.
  CHECK(d.result(R"("own\u003a1")", R"({"tools":[]})") == Step::complete);
  d.listing.begin(Revision::none);
  d.listing.give_up();
  CHECK(d.result("\"own:2\"", R"({"tools":[]})") == Step::not_ours);
}

TEST_CASE("tool listing: a server without tools has none, every other error fails") {
  struct Case {
    const char* name;
    const char* rest;
    Step step;
  };
  const Case cases[] = {
      {"method not found", R"("error":{"code":-32601,"message":"no"})", Step::complete},
      {"an internal error", R"("error":{"code":-32603,"message":"no"})", Step::failed},
      {"a server not ready", R"("error":{"code":-32602,"message":"before initialization"})",
       Step::failed},
      {"no list", R"("result":{})", Step::failed},
      {"an object for a list", R"("result":{"tools":{}})", Step::failed},
      {"a number for a cursor", R"("result":{"tools":[],"nextCursor":3})", Step::failed},
      {"an object for a cursor", R"("result":{"tools":[],"nextCursor":{}})", Step::failed},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    Dialogue d;
    d.listing.begin(Revision::none);
    CHECK(d.answer(R"({"jsonrpc":"2.0","id":"own:1",)" + std::string(c.rest) + "}") == c.step);
    CHECK_FALSE(d.listing.active());
    CHECK((d.listing.tools() == "[]") == (c.step == Step::complete));
    CHECK(d.listing.failure().empty() == (c.step == Step::complete));
  }
}

TEST_CASE("tool listing: pages without end come to an end") {
  Dialogue d;
  d.listing.begin(Revision::none);
  Step step = Step::next;
  std::uint32_t pages = 0;
  while (step == Step::next && pages <= ToolListing::kPages) {
    ++pages;
    step =
        d.result("\"own:" + std::to_string(pages) + "\"", R"({"tools":[],"nextCursor":"again"})");
  }
  CHECK(step == Step::failed);
  CHECK(pages == ToolListing::kPages);
}

TEST_CASE("tool listing: tools without end come to an end") {
  Dialogue d;
  d.listing.begin(Revision::none);
  const std::string page =
      R"({"tools":[{"name":")" + std::string(3'000'000, 'x') + R"("}],"nextCursor":"again"})";
  Step step = Step::next;
  int pages = 0;
  while (step == Step::next && pages < 100) {
    ++pages;
    step = d.result("\"own:" + std::to_string(pages) + "\"", page);
  }
  CHECK(step == Step::failed);
  CHECK(pages == 23);  // 22 pages of 3 MB are within 64 MiB
}
