// Bytes that two readers could understand differently are refused, each with its own code.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "wire/diagnosis.hpp"
#include "wire/members.hpp"
#include "wire/support.hpp"

namespace mcpgov::wire::test {
namespace {

struct Case {
  std::string name;
  std::string body;
  ErrorCode code;
  std::uint32_t offset;
};

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

// A tool call whose arguments nest `depth` objects in all.
std::string nested(std::size_t depth) {
  const std::size_t inner = depth - 2;  // the message and its params
  return R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":)" +
         repeated(R"({"a":)", inner - 1) + "{}" + repeated("}", inner - 1) + "}}";
}

std::string with_members(std::size_t count) {
  // jsonrpc, id, method, params, name and arguments are six.
  std::string inside;
  for (std::size_t i = 6; i < count; ++i) {
    inside += (inside.empty() ? "\"m" : ",\"m") + std::to_string(i) + "\":0";
  }
  return R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{)" +
         inside + "}}}";
}

const std::string kPing = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";

TEST_CASE("strictness: JSON that is not exactly one text is refused where it breaks") {
  const Case cases[] = {
      {"nothing", "", ErrorCode::json_syntax, 0},
      {"white space only", "  ", ErrorCode::json_syntax, 2},
      {"an object that is not closed", R"({"a":1)", ErrorCode::json_syntax, 6},
      {"a wrong bracket", R"({"a":1])", ErrorCode::json_syntax, 6},
      {"a comma before the end", R"({"a":1,})", ErrorCode::json_syntax, 7},
      {"no colon", R"({"a" 1})", ErrorCode::json_syntax, 5},
      {"no quotes around a key", R"({a:1})", ErrorCode::json_syntax, 1},
      {"a comment", "{/**/}", ErrorCode::json_syntax, 1},
      {"single quotes", "{'a':1}", ErrorCode::json_syntax, 1},
      {"not a number", R"({"a":NaN})", ErrorCode::json_syntax, 5},
      {"a leading zero", R"({"a":01})", ErrorCode::json_syntax, 5},
      {"a plus sign", R"({"a":+1})", ErrorCode::json_syntax, 5},
      {"a truncated literal", R"({"a":tru})", ErrorCode::json_syntax, 5},
      {"an unknown escape", R"({"a":"\x41"})", ErrorCode::json_syntax, 6},
      {"a control character in a string", "{\"a\":\"\x01\"}", ErrorCode::json_syntax, 6},
      {"a byte order mark", "\xef\xbb\xbf" + kPing, ErrorCode::json_syntax, 0},
      {"a NUL behind the text", kPing + std::string(1, '\0'), ErrorCode::trailing_bytes, 40},
      {"a second text", kPing + kPing, ErrorCode::trailing_bytes, 40},
      {"a bracket too many", kPing + "}", ErrorCode::trailing_bytes, 40},
      {"a stray byte", kPing + " x", ErrorCode::trailing_bytes, 41},
      {"a truncated sequence", "{\"a\":\"\xc3\"}", ErrorCode::utf8_invalid, 6},
      {"an overlong slash", "{\"a\":\"\xc0\xaf\"}", ErrorCode::utf8_invalid, 6},
      {"an encoded surrogate", "{\"a\":\"\xed\xa0\x80\"}", ErrorCode::utf8_invalid, 6},
      {"a byte above U+10FFFF", "{\"a\":\"\xf5\x80\x80\x80\"}", ErrorCode::utf8_invalid, 6},
      {"half a pair, high", R"({"a":"\ud800"})", ErrorCode::unpaired_surrogate, 6},
      {"half a pair, low", R"({"a":"x\uDC00"})", ErrorCode::unpaired_surrogate, 7},
      {"two high halves", R"({"a":"\ud800\ud800"})", ErrorCode::unpaired_surrogate, 6},
      {"a high half and a letter", R"({"a":"\ud800A"})", ErrorCode::unpaired_surrogate, 6},
      {"half a pair in a key", R"({"\ud83d":1})", ErrorCode::unpaired_surrogate, 2},
      {"an integer above 64 bits", R"({"a":18446744073709551616})", ErrorCode::number_out_of_range,
       5},
      {"an integer below 64 bits", R"({"a":-9223372036854775809})", ErrorCode::number_out_of_range,
       5},
      {"an infinite number", R"({"a":1e400})", ErrorCode::number_out_of_range, 5},
      {"an infinite number with a fraction", R"({"a":-12.5E+308})", ErrorCode::number_out_of_range,
       5},
      {"a number", "1", ErrorCode::not_an_object, 0},
      {"a string", R"("a")", ErrorCode::not_an_object, 0},
      {"null", "null", ErrorCode::not_an_object, 0},
  };
  Parser parser;
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Refusal refusal = refusal_of(parser, c.body, stdio());
    CHECK(refusal.code == c.code);
    CHECK(refusal.offset == c.offset);
    CHECK(refusal.http_status == 400);
  }
}

TEST_CASE("strictness: surrogate pairs, escaped backslashes and every escape are read") {
  Parser parser;
  for (const char* text : {R"(\ud83d\ude00)", R"(\\ud800)", R"(\\\\uDC00)", R"(\"\\\/\b\f\n\r\t)",
                           R"(\u0041)", R"(\ud83d\ude00\ud83d\ude00)"}) {
    CAPTURE(text);
    const std::string body =
        request("tools/call", R"("name":"t","arguments":{"a":")" + std::string(text) + R"("})");
    CHECK(code_of(parser, body, stdio()) == ErrorCode::none);
  }
}

TEST_CASE("strictness: the largest and smallest 64-bit integers are read") {
  Parser parser;
  for (const char* text : {"18446744073709551615", "-9223372036854775808", "1e308", "-0", "0.1"}) {
    CAPTURE(text);
    const std::string body =
        request("tools/call", R"("name":"t","arguments":{"a":)" + std::string(text) + "}");
    CHECK(code_of(parser, body, stdio()) == ErrorCode::none);
  }
}

TEST_CASE("strictness: limits admit exactly what they say") {
  Parser parser;
  ParseContext context = stdio();
  CHECK(code_of(parser, nested(64), context) == ErrorCode::none);
  CHECK(code_of(parser, nested(65), context) == ErrorCode::message_too_deep);
  CHECK(code_of(parser, nested(5000), context) == ErrorCode::message_too_deep);
  CHECK(code_of(parser, std::string(1'000'000, '['), context) == ErrorCode::message_too_deep);
  context.limits.depth = 3;
  CHECK(code_of(parser, nested(3), context) == ErrorCode::none);
  CHECK(code_of(parser, nested(4), context) == ErrorCode::message_too_deep);
  context.limits.depth = 0;
  CHECK(code_of(parser, kPing, context) == ErrorCode::message_too_deep);

  context = stdio();
  CHECK(code_of(parser, with_members(10'000), context) == ErrorCode::none);
  CHECK(code_of(parser, with_members(10'001), context) == ErrorCode::message_too_many_members);
  context.limits.members = 0;
  CHECK(code_of(parser, kPing, context) == ErrorCode::message_too_many_members);

  context = stdio();
  context.limits.message_bytes = kPing.size();
  CHECK(code_of(parser, kPing, context) == ErrorCode::none);
  CHECK(code_of(parser, kPing + " ", context) == ErrorCode::message_too_large);
  context.limits.message_bytes = 0;
  CHECK(code_of(parser, "", context) == ErrorCode::json_syntax);
}

TEST_CASE("strictness: lists of a server may hold more members than a call") {
  Parser parser;
  std::string body = R"({"jsonrpc":"2.0","id":1,"result":{"tools":[)";
  for (int i = 0; i < 2000; ++i) {
    body += (i == 0 ? "" : ",") + std::string(R"({"name":"t)") + std::to_string(i) +
            R"(","inputSchema":{"type":"object","properties":{"a":{},"b":{}}}})";
  }
  body += "]}}";
  CHECK(code_of(parser, body, stdio(Revision::none, Direction::from_server)) == ErrorCode::none);
  CHECK(code_of(parser, body, stdio()) == ErrorCode::message_too_many_members);
}

TEST_CASE("strictness: a member named twice is refused at any level, at the second one") {
  struct Twice {
    const char* name;
    std::string body;
    std::string_view second;
  };
  const Twice cases[] = {
      {"top", R"({"jsonrpc":"2.0","id":1,"id":2,"method":"ping"})", R"("id":2)"},
      {"two params", R"({"jsonrpc":"2.0","id":1,"method":"ping","params":{},"params":[]})",
       R"("params":[])"},
      {"params", request("tools/call", R"("name":"a","name":"b")"), R"("name":"b")"},
      {"after unescaping", request("tools/call", R"("name":"a","n\u0061me":"b")"),
       R"("n\u0061me")"},
      {"arguments", request("tools/call", R"("name":"a","arguments":{"x":1,"x":2})"), R"("x":2)"},
      {"inside an array", request("tools/call", R"("name":"a","arguments":{"x":[{"y":1,"y":2}]})"),
       R"("y":2)"},
      {"empty names", request("tools/call", R"("name":"a","arguments":{"":1,"":2})"), R"("":2)"},
  };
  Parser parser;
  for (const Twice& c : cases) {
    CAPTURE(c.name);
    const Refusal refusal = refusal_of(parser, c.body, stdio());
    CHECK(refusal.code == ErrorCode::duplicate_member);
    CHECK(refusal.offset == c.body.find(c.second));
  }
}

TEST_CASE("strictness: duplicates are found in objects of any size, wherever they are") {
  Parser parser;
  for (std::size_t size : {2U, 15U, 16U, 17U, 18U, 40U, 1000U}) {
    for (std::size_t twin : {std::size_t{0}, size / 2, size - 1}) {
      CAPTURE(size);
      CAPTURE(twin);
      std::string members;
      for (std::size_t i = 0; i < size; ++i) {
        members += "\"member" + std::to_string(i) + "\":{\"member\":0},";
      }
      const std::string honest = R"("name":"t","arguments":{)" + members + R"("last":1})";
      CHECK(code_of(parser, request("tools/call", honest), stdio()) == ErrorCode::none);
      const std::string again =
          R"("name":"t","arguments":{)" + members + "\"member" + std::to_string(twin) + "\":1}";
      CHECK(code_of(parser, request("tools/call", again), stdio()) == ErrorCode::duplicate_member);
    }
  }
}

TEST_CASE("strictness: equal names in different objects are no duplicates") {
  Parser parser;
  const std::string body = request(
      "tools/call", R"("name":"t","arguments":{"name":{"name":1},"id":[{"id":1},{"id":1}]})");
  CHECK(code_of(parser, body, stdio()) == ErrorCode::none);
}

TEST_CASE("strictness: look-alikes of protocol members are refused, even alone") {
  struct Variant {
    const char* name;
    std::string body;
  };
  const Variant variants[] = {
      {"Jsonrpc", R"({"jsonrpc":"2.0","id":1,"method":"ping","Jsonrpc":"2.0"})"},
      {"ID", R"({"jsonrpc":"2.0","id":1,"method":"ping","ID":2})"},
      {"Method alone", R"({"jsonrpc":"2.0","id":1,"Method":"ping"})"},
      {"Params alone", R"({"jsonrpc":"2.0","id":1,"method":"ping","Params":{}})"},
      {"params with a long s",
       "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"param\xc5\xbf\":{}}"},
      {"RESULT", R"({"jsonrpc":"2.0","id":1,"RESULT":{}})"},
      {"NAME", request("tools/call", R"("NAME":"t")")},
      {"Name beside name", request("tools/call", R"("name":"t","Name":"u")")},
      {"escaped", request("tools/call", R"("name":"t","\u004eame":"u")")},
      {"Arguments", request("tools/call", R"("name":"t","Arguments":{})")},
      {"arguments with a long s", request("tools/call", "\"name\":\"t\",\"argument\xc5\xbf\":{}")},
      {"Uri", request("resources/read", R"("uri":"a:b","Uri":"a:c")")},
      {"_Meta", request("tools/call", R"("name":"t","_Meta":{})")},
      {"TaskId", request("tasks/get", R"("taskId":"1","TaskId":"2")")},
      {"taskid", request("tasks/get", R"("taskid":"2")")},
      {"ta\xe2\x84\xaaId, Kelvin sign", request("tasks/get", "\"ta\xc5\xbf\xe2\x84\xaaId\":\"2\"")},
      {"requestState", request("tools/call", R"("name":"t","requeststate":"2")")},
      {"Ref", request("completion/complete", R"("Ref":{})")},
      {"ref.Name",
       request("completion/complete", R"("ref":{"type":"ref/prompt","name":"p","Name":"q"})")},
      {"notifications.TaskIds",
       request("subscriptions/listen", R"("notifications":{"TaskIds":["2"]})")},
      {"protocol version in _meta",
       request("tools/call",
               R"("name":"t","_meta":{"io.modelcontextprotocol/ProtocolVersion":"2026-07-28"})")},
      {"clientInfo.Name",
       request("initialize", R"("protocolVersion":"2025-06-18","clientInfo":{"Name":"x"})")},
      {"error.Code", R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m","Code":2}})"},
      {"result.Tools", R"({"jsonrpc":"2.0","id":1,"result":{"Tools":[]}})"},
      {"result.tools with a long s",
       "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tool\xc5\xbf\":[]}}"},
      {"result.NextCursor", R"({"jsonrpc":"2.0","id":1,"result":{"tools":[],"NextCursor":"x"}})"},
      {"result.ttlms", R"({"jsonrpc":"2.0","id":1,"result":{"tools":[],"ttlms":9}})"},
      {"Name of a tool",
       R"({"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a","Name":"b"}]}})"},
      {"a hint of a tool",
       R"({"jsonrpc":"2.0","id":1,"result":{"tools":[{"annotations":{"readonlyhint":true}}]}})"},
      {"method of an input request",
       R"({"jsonrpc":"2.0","id":1,"result":{"inputRequests":{"a":{"Method":"roots/list"}}}})"},
  };
  Parser parser;
  for (const Variant& v : variants) {
    CAPTURE(v.name);
    CHECK(code_of(parser, v.body, stdio()) == ErrorCode::member_case_variant);
  }
}

TEST_CASE("strictness: names that only resemble protocol members elsewhere are free") {
  Parser parser;
  for (const char* params : {
           R"("name":"t","arguments":{"Name":1,"NAME":2,"ID":3,"Method":4,"_Meta":5})",
           R"("name":"t","nameX":1,"nam":2,"":3,"x-name":4)",
           R"("name":"t","_meta":{"com.example/Name":1,"vendor/protocolversion":2})",
       }) {
    CAPTURE(params);
    CHECK(code_of(parser, request("tools/call", params), stdio()) == ErrorCode::none);
  }
}

TEST_CASE("strictness: escaped protocol members are the members they spell") {
  Parser parser;
  const Batch batch = parser.parse(
      R"({"jsonrpc":"2.0","\u0069d":1,"method":"tools\/call","params":{"n\u0061me":"re\u0061d"}})",
      stdio());
  REQUIRE(batch.messages.size() == 1);
  CHECK(batch.messages[0].refusal.code == ErrorCode::none);
  CHECK(batch.messages[0].method == Method::tools_call);
  CHECK(batch.messages[0].target.name == "read");
}

TEST_CASE("strictness: a line break inside a message is refused on stdio only") {
  Parser parser;
  const std::string body = "{\"jsonrpc\":\"2.0\",\n\"id\":1,\"method\":\"ping\"}";
  const Refusal refusal = refusal_of(parser, body, stdio());
  CHECK(refusal.code == ErrorCode::line_break_in_message);
  CHECK(refusal.offset == 17);
  CHECK(code_of(parser, kPing + "\r", stdio()) == ErrorCode::line_break_in_message);
  CHECK(code_of(parser, kPing + "\n", stdio()) == ErrorCode::line_break_in_message);
  const Post post;
  CHECK(code_of(parser, body, post.context()) == ErrorCode::none);
}

TEST_CASE("strictness: the diagnosis never finds a fault in what simdjson accepts, or vice versa") {
  // simdjson decides; the diagnosis only explains. Both are run over every one-byte change of a
  // message to see that they agree on whether there is a fault.
  Parser parser;
  const std::string good =
      request("tools/call", R"("name":"t","arguments":{"a":[1,-2.5e3,true,null,"\u00e9\n"]})");
  using namespace std::string_view_literals;
  constexpr std::string_view bytes = "\0\x1f \"\\/,:{}[]019-+.eEtu\x7f\x80\xc3\xff"sv;
  std::size_t refused = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (char byte : bytes) {
      std::string body = good;
      body[at] = byte;
      const Batch batch = parser.parse(body, stdio());
      const bool json = !batch.refusal.refused();
      const Diagnosis diagnosis = diagnose(body, 64);
      const bool fault = diagnosis.code != ErrorCode::json_syntax || diagnosis.offset != 0;
      const bool first_byte = body[0] != '{';
      CAPTURE(body);
      if (!json && batch.refusal.code != ErrorCode::unpaired_surrogate) {
        CHECK((fault || first_byte));
        ++refused;
      } else {
        CHECK(!fault);
      }
    }
  }
  CHECK(refused > 1000);
}

TEST_CASE("strictness: every truncation of a message is refused") {
  Parser parser;
  const std::string good = request("tools/call", R"("name":"t","arguments":{"a":[1,"\u00e9"]})");
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    CHECK(parser.parse(good.substr(0, size), stdio()).refusal.refused());
  }
}

}  // namespace
}  // namespace mcpgov::wire::test
