// Shapes, revisions, methods, batches: what a message is, and what it may not be.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <utility>

#include "wire/document.hpp"
#include "wire/support.hpp"

namespace mcpgov::wire::test {
namespace {

struct Case {
  const char* name;
  std::string body;
  ErrorCode code;
};

TEST_CASE("message: what is no request, notification or response is refused") {
  const Case cases[] = {
      {"nothing in it", "{}", ErrorCode::jsonrpc_version},
      {"no version", R"({"id":1,"method":"ping"})", ErrorCode::jsonrpc_version},
      {"version 1.0", R"({"jsonrpc":"1.0","id":1,"method":"ping"})", ErrorCode::jsonrpc_version},
      {"version as number", R"({"jsonrpc":2.0,"id":1,"method":"ping"})",
       ErrorCode::jsonrpc_version},
      {"version only", R"({"jsonrpc":"2.0"})", ErrorCode::message_shape},
      {"an id only", R"({"jsonrpc":"2.0","id":1})", ErrorCode::message_shape},
      {"a method that is no string", R"({"jsonrpc":"2.0","id":1,"method":7})",
       ErrorCode::message_shape},
      {"method and result", R"({"jsonrpc":"2.0","id":1,"method":"ping","result":{}})",
       ErrorCode::message_shape},
      {"method and error",
       R"({"jsonrpc":"2.0","id":1,"method":"ping","error":{"code":1,"message":""}})",
       ErrorCode::message_shape},
      {"result and error",
       R"({"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}})",
       ErrorCode::message_shape},
      {"result and params", R"({"jsonrpc":"2.0","id":1,"result":{},"params":{}})",
       ErrorCode::message_shape},
      {"a result that is no object", R"({"jsonrpc":"2.0","id":1,"result":[]})",
       ErrorCode::message_shape},
      {"a result that is null", R"({"jsonrpc":"2.0","id":1,"result":null})",
       ErrorCode::message_shape},
      {"an error that is a string", R"({"jsonrpc":"2.0","id":1,"error":"no"})",
       ErrorCode::message_shape},
      {"an error without a code", R"({"jsonrpc":"2.0","id":1,"error":{"message":"m"}})",
       ErrorCode::message_shape},
      {"an error with a fractional code",
       R"({"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":"m"}})", ErrorCode::message_shape},
      {"an error without a message", R"({"jsonrpc":"2.0","id":1,"error":{"code":1}})",
       ErrorCode::message_shape},
      {"a null id", R"({"jsonrpc":"2.0","id":null,"method":"ping"})", ErrorCode::id_invalid},
      {"a fractional id", R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})", ErrorCode::id_invalid},
      {"an id with an exponent", R"({"jsonrpc":"2.0","id":1e2,"method":"ping"})",
       ErrorCode::id_invalid},
      {"an id of true", R"({"jsonrpc":"2.0","id":true,"method":"ping"})", ErrorCode::id_invalid},
      {"an id of an object", R"({"jsonrpc":"2.0","id":{},"method":"ping"})", ErrorCode::id_invalid},
      {"an id of an array", R"({"jsonrpc":"2.0","id":[1],"method":"ping"})", ErrorCode::id_invalid},
      {"an id above 63 bits", R"({"jsonrpc":"2.0","id":9223372036854775808,"method":"ping"})",
       ErrorCode::id_invalid},
      {"an endless id",
       R"({"jsonrpc":"2.0","method":"ping","id":")" + std::string(1025, 'x') + "\"}",
       ErrorCode::id_invalid},
      {"a result without an id", R"({"jsonrpc":"2.0","result":{}})", ErrorCode::id_invalid},
      {"a result with a null id", R"({"jsonrpc":"2.0","id":null,"result":{}})",
       ErrorCode::id_invalid},
      {"a call without an id", R"({"jsonrpc":"2.0","method":"tools/call","params":{"name":"t"}})",
       ErrorCode::message_shape},
      {"a notification with an id",
       R"({"jsonrpc":"2.0","id":1,"method":"notifications/initialized"})",
       ErrorCode::message_shape},
      {"an unknown method", R"({"jsonrpc":"2.0","id":1,"method":"tools/delete"})",
       ErrorCode::method_unknown},
      {"an empty method", R"({"jsonrpc":"2.0","id":1,"method":""})", ErrorCode::method_unknown},
      {"a method in other case", R"({"jsonrpc":"2.0","id":1,"method":"Tools/Call"})",
       ErrorCode::method_unknown},
      {"a method with a space", R"({"jsonrpc":"2.0","id":1,"method":"ping "})",
       ErrorCode::method_unknown},
      {"an unknown notification", R"({"jsonrpc":"2.0","method":"notifications/x"})",
       ErrorCode::method_unknown},
      {"a server's method", R"({"jsonrpc":"2.0","id":1,"method":"roots/list"})",
       ErrorCode::method_wrong_direction},
      {"a server's notification", R"({"jsonrpc":"2.0","method":"notifications/message"})",
       ErrorCode::method_wrong_direction},
      {"params as array", R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[]})",
       ErrorCode::params_invalid},
      {"params as null", R"({"jsonrpc":"2.0","id":1,"method":"ping","params":null})",
       ErrorCode::params_invalid},
  };
  Parser parser;
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(code_of(parser, c.body, stdio()) == c.code);
  }
}

TEST_CASE("message: requests, notifications and responses are told apart") {
  struct Shape {
    const char* body;
    Kind kind;
    Direction direction;
    Id::Type id;
  };
  const Shape shapes[] = {
      {R"({"jsonrpc":"2.0","id":1,"method":"ping"})", Kind::request, Direction::from_client,
       Id::Type::integer},
      {R"({"method":"ping","id":"a","jsonrpc":"2.0","extra":[1]})", Kind::request,
       Direction::from_server, Id::Type::string},
      {R"({"jsonrpc":"2.0","method":"notifications/initialized"})", Kind::notification,
       Direction::from_client, Id::Type::absent},
      {R"({"jsonrpc":"2.0","id":-5,"result":{}})", Kind::response, Direction::from_server,
       Id::Type::integer},
      {R"({"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"m","data":[]}})",
       Kind::error_response, Direction::from_server, Id::Type::integer},
      {R"({"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}})", Kind::error_response,
       Direction::from_client, Id::Type::null},
      {R"({"jsonrpc":"2.0","error":{"code":1,"message":"m"}})", Kind::error_response,
       Direction::from_server, Id::Type::absent},
  };
  Parser parser;
  for (const Shape& shape : shapes) {
    CAPTURE(shape.body);
    const Batch batch = parser.parse(shape.body, stdio(Revision::none, shape.direction));
    REQUIRE(batch.messages.size() == 1);
    CHECK(batch.messages[0].refusal.code == ErrorCode::none);
    CHECK(batch.messages[0].kind == shape.kind);
    CHECK(batch.messages[0].id.type == shape.id);
    CHECK(batch.messages[0].raw == shape.body);
  }
}

TEST_CASE("message: ids compare by value, and strings never equal numbers") {
  const auto id_of = [](Parser& parser, std::string_view id) {
    const std::string body = R"({"jsonrpc":"2.0","method":"ping","id": )" + std::string(id) + " }";
    const Batch batch = parser.parse(body, stdio());
    REQUIRE(batch.messages.size() == 1);
    CHECK(batch.messages[0].id.raw == id);
    return batch.messages[0].id;
  };
  Parser a;
  Parser b;
  CHECK(id_of(a, "1") == id_of(b, "1"));
  CHECK(id_of(a, "-0") == id_of(b, "0"));
  CHECK(id_of(a, R"("ab")") == id_of(b, R"("a\u0062")"));
  CHECK(!(id_of(a, "1") == id_of(b, R"("1")")));
  CHECK(!(id_of(a, "1") == id_of(b, "2")));
  CHECK(!(id_of(a, R"("a")") == id_of(b, R"("A")")));
}

TEST_CASE("message: spans are the exact bytes, white space around them left out") {
  const std::string body =
      "{ \"jsonrpc\" : \"2.0\" , \"id\" : 7 ,\t\"method\" : \"tools/call\" , \"params\" : "
      "{ \"name\" : \"t\" , \"arguments\" :  { \"a\" : 1.50 }  } } ";
  Parser parser;
  const Batch batch = parser.parse(body, stdio());
  REQUIRE(batch.messages.size() == 1);
  const Message& message = batch.messages[0];
  CHECK(message.refusal.code == ErrorCode::none);
  CHECK(message.raw == std::string_view(body).substr(0, body.size() - 1));
  CHECK(message.params == R"({ "name" : "t" , "arguments" :  { "a" : 1.50 }  })");
  CHECK(message.arguments == R"({ "a" : 1.50 })");
  CHECK(message.id.raw == "7");
  double number = 0;
  REQUIRE(arguments_tree(parser, message).at_key("a").get(number) == simdjson::SUCCESS);
  CHECK(number == 1.5);
  CHECK(params_tree(parser, message).error() == simdjson::SUCCESS);
  CHECK(result_tree(parser, message).error() == simdjson::NO_SUCH_FIELD);
}

TEST_CASE("message: the revision is the one the message is read under") {
  struct Row {
    const char* name;
    std::string body;
    ParseContext context;
    Revision revision;
    ErrorCode code;
  };
  const Post bare;
  const Post header_2506({{"mcp-protocol-version", "2025-06-18"}});
  const Post other_header({{"MCP-Protocol-Version", "2025-06-18"}}, Revision::v2025_11_25);
  const Post modern_header({{"MCP-Protocol-Version", "2026-07-28"}});
  const Post unknown_header({{"MCP-Protocol-Version", "2027-01-01"}});
  const Post sse({}, Revision::none, Transport::http_sse);
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  const std::string list = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";
  const auto initialize = [](std::string_view version) {
    return request("initialize", R"("capabilities":{},"clientInfo":{"name":"c","version":"1"},)"
                                 R"("protocolVersion":")" +
                                     std::string(version) + "\"");
  };
  const std::string future =
      request("tools/list", R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2027-01-01",)"
                            R"("io.modelcontextprotocol/clientCapabilities":{}})");
  const std::string old =
      request("tools/list", R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2025-06-18",)"
                            R"("io.modelcontextprotocol/clientCapabilities":{}})");
  const Row rows[] = {
      {"nothing known on stdio", ping, stdio(), Revision::none, ErrorCode::none},
      {"negotiated", ping, stdio(Revision::v2025_06_18), Revision::v2025_06_18, ErrorCode::none},
      {"HTTP assumes 2025-03-26", ping, bare.context(), Revision::v2025_03_26, ErrorCode::none},
      {"HTTP with SSE is 2024-11-05", ping, sse.context(), Revision::v2024_11_05, ErrorCode::none},
      {"named by the header", ping, header_2506.context(), Revision::v2025_06_18, ErrorCode::none},
      {"header against negotiation", ping, other_header.context(), Revision::v2025_11_25,
       ErrorCode::header_mismatch},
      {"unknown header", ping, unknown_header.context(), Revision::v2025_03_26,
       ErrorCode::revision_unsupported},
      {"initialize asks", initialize("2024-11-05"), stdio(), Revision::v2024_11_05,
       ErrorCode::none},
      {"initialize asks for the unknown", initialize("2099-01-01"), stdio(), Revision::v2025_11_25,
       ErrorCode::none},
      {"initialize asks for a modern one", initialize("2026-07-28"), stdio(), Revision::v2025_11_25,
       ErrorCode::none},
      {"initialize on a modern connection", initialize("2025-06-18"), stdio(Revision::v2026_07_28),
       Revision::v2025_06_18, ErrorCode::none},
      {"initialize under a modern header", initialize("2025-06-18"), modern_header.context(),
       Revision::v2025_06_18, ErrorCode::header_mismatch},
      {"modern by its claim", modern("tools/list"), stdio(), Revision::v2026_07_28,
       ErrorCode::none},
      {"modern on a legacy connection", modern("tools/list"), stdio(Revision::v2025_06_18),
       Revision::v2026_07_28, ErrorCode::none},
      {"a claim of the future", future, stdio(), Revision::v2026_07_28,
       ErrorCode::revision_unsupported},
      {"a claim of the past", old, stdio(), Revision::v2026_07_28, ErrorCode::revision_unsupported},
      {"a claim that is a number",
       request("tools/list", R"("_meta":{"io.modelcontextprotocol/protocolVersion":1})"), stdio(),
       Revision::v2026_07_28, ErrorCode::params_invalid},
      {"modern connection, no claim", list, stdio(Revision::v2026_07_28), Revision::v2026_07_28,
       ErrorCode::meta_missing},
      {"modern header, no claim", list, modern_header.context(), Revision::v2026_07_28,
       ErrorCode::meta_missing},
      {"modern, no capabilities",
       request("tools/list", R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"})"),
       stdio(), Revision::v2026_07_28, ErrorCode::meta_missing},
      {"modern, no handshake", modern("initialize"), stdio(), Revision::v2026_07_28,
       ErrorCode::method_not_in_revision},
      {"modern, no ping", modern("ping"), stdio(), Revision::v2026_07_28,
       ErrorCode::method_not_in_revision},
      {"modern, a client answers", R"({"jsonrpc":"2.0","id":1,"result":{}})",
       stdio(Revision::v2026_07_28), Revision::v2026_07_28, ErrorCode::message_shape},
      {"modern, a server asks", R"({"jsonrpc":"2.0","id":1,"method":"roots/list"})",
       stdio(Revision::v2026_07_28, Direction::from_server), Revision::v2026_07_28,
       ErrorCode::method_not_in_revision},
      {"discovery is modern only", R"({"jsonrpc":"2.0","id":1,"method":"server/discover"})",
       stdio(Revision::v2025_11_25), Revision::v2025_11_25, ErrorCode::method_not_in_revision},
      {"elicitation came later", R"({"jsonrpc":"2.0","id":1,"method":"elicitation/create"})",
       stdio(Revision::v2025_03_26, Direction::from_server), Revision::v2025_03_26,
       ErrorCode::method_not_in_revision},
      {"tasks came later", request("tasks/get", R"("taskId":"1")"), stdio(Revision::v2025_06_18),
       Revision::v2025_06_18, ErrorCode::method_not_in_revision},
  };
  Parser parser;
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Batch batch = parser.parse(row.body, row.context);
    REQUIRE(batch.messages.size() == 1);
    CHECK(batch.messages[0].refusal.code == row.code);
    CHECK(batch.messages[0].revision == row.revision);
    CHECK(batch.messages[0].id.raw == "1");
  }
}

TEST_CASE("message: batches exist in 2025-03-26 only") {
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  const std::string batch = "[" + ping + "]";
  Parser parser;
  const Post http;
  const Post header({{"MCP-Protocol-Version", "2025-06-18"}});
  CHECK(!parser.parse(batch, stdio(Revision::v2025_03_26)).refusal.refused());
  CHECK(
      !parser.parse(batch, stdio(Revision::v2025_03_26, Direction::from_server)).refusal.refused());
  CHECK(!parser.parse(batch, http.context()).refusal.refused());
  for (const Revision revision : {Revision::none, Revision::v2024_11_05, Revision::v2025_06_18,
                                  Revision::v2025_11_25, Revision::v2026_07_28}) {
    CAPTURE(revision_text(revision));
    CHECK(parser.parse(batch, stdio(revision)).refusal.code == ErrorCode::batch_not_allowed);
  }
  CHECK(parser.parse(batch, header.context()).refusal.code == ErrorCode::batch_not_allowed);
  CHECK(parser.parse("[[]]", stdio()).refusal.code == ErrorCode::batch_not_allowed);
}

TEST_CASE("message: a batch is refused whole only for what concerns all of it") {
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  std::string hundred = "[";
  for (int i = 0; i < 100; ++i) {
    hundred += (i == 0 ? "" : ",") + std::string(R"({"jsonrpc":"2.0","method":"ping","id":)") +
               std::to_string(i) + "}";
  }
  const std::string initialize = request(
      "initialize", R"("protocolVersion":"2025-03-26","clientInfo":{"name":"c","version":"1"})");
  const Case cases[] = {
      {"empty", "[]", ErrorCode::batch_empty},
      {"empty with a space", "[ ]", ErrorCode::batch_empty},
      {"a hundred", hundred + "]", ErrorCode::none},
      {"a hundred and one", hundred + "," + ping + "]", ErrorCode::batch_too_large},
      {"initialize", "[" + initialize + "]", ErrorCode::batch_initialize},
      {"initialize behind a ping", "[" + ping + "," + initialize + "]",
       ErrorCode::batch_initialize},
      {"bad JSON in one", "[" + ping + R"(,{"a":}])", ErrorCode::json_syntax},
      {"too deep in one", "[" + ping + "," + std::string(70, '[') + std::string(70, ']') + "]",
       ErrorCode::message_too_deep},
  };
  Parser parser;
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(parser.parse(c.body, stdio(Revision::v2025_03_26)).refusal.code == c.code);
  }
}

TEST_CASE("message: one bad message of a batch refuses itself only") {
  const std::string body =
      R"([ {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{}}} ,)"
      R"( {"jsonrpc":"2.0","id":2,"id":3,"method":"ping"},)"
      R"({"jsonrpc":"2.0","id":4,"method":"ping","Params":{"x":[{"y":"]}"}]}}, 7, [],)"
      R"({"jsonrpc":"2.0","method":"notifications/initialized"},)"
      R"({"jsonrpc":"2.0","id":5,"method":"nothing"},{"jsonrpc":"2.0","id":6,"method":"ping"} ])";
  const ErrorCode codes[] = {ErrorCode::none,
                             ErrorCode::duplicate_member,
                             ErrorCode::member_case_variant,
                             ErrorCode::not_an_object,
                             ErrorCode::not_an_object,
                             ErrorCode::none,
                             ErrorCode::method_unknown,
                             ErrorCode::none};
  Parser parser;
  const Batch batch = parser.parse(body, stdio(Revision::v2025_03_26));
  CHECK(!batch.refusal.refused());
  CHECK(batch.array);
  REQUIRE(batch.messages.size() == std::size(codes));
  for (std::size_t i = 0; i < std::size(codes); ++i) {
    CAPTURE(i);
    CHECK(batch.messages[i].refusal.code == codes[i]);
    CHECK(batch.messages[i].index == i);
  }
  // A message whose members are ambiguous has no id to answer to.
  CHECK(!batch.messages[1].id.present());
  CHECK(batch.messages[0].target.name == "a");
  CHECK(batch.messages[0].arguments == "{}");
  CHECK(batch.messages[3].raw == "7");
  CHECK(batch.messages[7].id.integer == 6);
  CHECK(batch.messages[7].raw == R"({"jsonrpc":"2.0","id":6,"method":"ping"})");
  CHECK(arguments_tree(parser, batch.messages[0]).error() == simdjson::SUCCESS);
  CHECK(arguments_tree(parser, batch.messages[7]).error() == simdjson::NO_SUCH_FIELD);
}

TEST_CASE("message: equal ids within a batch refuse all their messages") {
  const std::string body = R"([{"jsonrpc":"2.0","id":1,"method":"ping"},)"
                           R"({"jsonrpc":"2.0","id":"1","method":"ping"},)"
                           R"({"jsonrpc":"2.0","id":1,"method":"tools/list"}])";
  Parser parser;
  const Batch batch = parser.parse(body, stdio(Revision::v2025_03_26));
  REQUIRE(batch.messages.size() == 3);
  CHECK(batch.messages[0].refusal.code == ErrorCode::id_in_use);
  CHECK(batch.messages[1].refusal.code == ErrorCode::none);
  CHECK(batch.messages[2].refusal.code == ErrorCode::id_in_use);
}

TEST_CASE("message: a parser that was moved from refuses everything") {
  Parser parser;
  Parser other = std::move(parser);
  CHECK(parser.parse("{}", stdio()).refusal.code == ErrorCode::internal);  // NOLINT: on purpose
  CHECK(code_of(other, R"({"jsonrpc":"2.0","id":1,"method":"ping"})", stdio()) == ErrorCode::none);
}

TEST_CASE("message: a huge message between small ones changes nothing") {
  Parser parser;
  const std::string small = request("tools/call", R"("name":"t","arguments":{"a":1})");
  const std::string huge = request(
      "tools/call", R"("name":"t","arguments":{"a":")" + std::string(3'000'000, 'x') + "\"}");
  for (int i = 0; i < 3; ++i) {
    CHECK(code_of(parser, small, stdio()) == ErrorCode::none);
    CHECK(code_of(parser, huge, stdio()) == ErrorCode::none);
    const Batch batch = parser.parse(small, stdio());
    REQUIRE(batch.messages.size() == 1);
    CHECK(batch.messages[0].arguments == R"({"a":1})");
  }
}

}  // namespace
}  // namespace mcpgov::wire::test
