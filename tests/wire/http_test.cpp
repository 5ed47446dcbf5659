// Header fields must agree with the body, and are never believed instead of it.
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/http.hpp"

#include <string>
#include <vector>

#include "wire/support.hpp"

namespace mcpgov::wire::test {
namespace {

using Fields = std::vector<Header>;

ParseContext post(const Fields& fields, Revision negotiated = Revision::none) {
  ParseContext context;
  context.transport = Transport::streamable_http;
  context.negotiated = negotiated;
  context.http.method = "POST";
  context.http.headers = fields;
  return context;
}

const Header kJson = {"Content-Type", "application/json"};
const Header kModern = {"MCP-Protocol-Version", "2026-07-28"};

TEST_CASE("http: a modern request whose fields do not agree is refused with 400 and -32020") {
  struct Case {
    const char* name;
    std::string body;
    Fields fields;
    ErrorCode code;
  };
  const std::string call = modern("tools/call", R"("name":"read")");
  const std::string read = modern("resources/read", R"("uri":"file:///a")");
  const std::string list = modern("tools/list");
  const Header method = {"Mcp-Method", "tools/call"};
  const Case cases[] = {
      {"no version", call, {kJson, method, {"Mcp-Name", "read"}}, ErrorCode::header_missing},
      {"no method", call, {kJson, kModern, {"Mcp-Name", "read"}}, ErrorCode::header_missing},
      {"no name", call, {kJson, kModern, method}, ErrorCode::header_missing},
      {"no name of a resource",
       read,
       {kJson, kModern, {"Mcp-Method", "resources/read"}},
       ErrorCode::header_missing},
      {"no name of a task",
       modern("tasks/get", R"("taskId":"7")"),
       {kJson, kModern, {"Mcp-Method", "tasks/get"}},
       ErrorCode::header_missing},
      {"a legacy version",
       call,
       {kJson, {"MCP-Protocol-Version", "2025-06-18"}, method, {"Mcp-Name", "read"}},
       ErrorCode::header_mismatch},
      {"another method",
       call,
       {kJson, kModern, {"Mcp-Method", "tools/list"}, {"Mcp-Name", "read"}},
       ErrorCode::header_mismatch},
      {"the method in other case",
       call,
       {kJson, kModern, {"Mcp-Method", "Tools/Call"}, {"Mcp-Name", "read"}},
       ErrorCode::header_mismatch},
      {"another name",
       call,
       {kJson, kModern, method, {"Mcp-Name", "write"}},
       ErrorCode::header_mismatch},
      {"the name in other case",
       call,
       {kJson, kModern, method, {"Mcp-Name", "Read"}},
       ErrorCode::header_mismatch},
      {"an empty name",
       call,
       {kJson, kModern, method, {"Mcp-Name", ""}},
       ErrorCode::header_mismatch},
      {"a name in base64 of something else",
       call,
       {kJson, kModern, method, {"Mcp-Name", "=?base64?d3JpdGU=?="}},
       ErrorCode::header_mismatch},
      {"a prefix in other case is a plain value",
       call,
       {kJson, kModern, method, {"Mcp-Name", "=?BASE64?cmVhZA==?="}},
       ErrorCode::header_mismatch},
      {"broken base64",
       call,
       {kJson, kModern, method, {"Mcp-Name", "=?base64?cmVhZA?="}},
       ErrorCode::header_encoding},
      {"raw bytes beyond ASCII",
       call,
       {kJson, kModern, method, {"Mcp-Name", "r\xc3\xa9"}},
       ErrorCode::header_encoding},
      {"a line end in a value",
       call,
       {kJson, kModern, method, {"Mcp-Name", "read\r\nX: y"}},
       ErrorCode::header_encoding},
      {"a NUL in a value",
       call,
       {kJson, kModern, method, {"Mcp-Name", std::string_view("read\0", 5)}},
       ErrorCode::header_encoding},
      {"two names",
       call,
       {kJson, kModern, method, {"Mcp-Name", "read"}, {"mcp-name", "read"}},
       ErrorCode::header_duplicated},
      {"two methods",
       call,
       {kJson, kModern, method, method, {"Mcp-Name", "read"}},
       ErrorCode::header_duplicated},
      {"two versions",
       call,
       {kJson, kModern, kModern, method, {"Mcp-Name", "read"}},
       ErrorCode::header_duplicated},
      {"a name that mirrors nothing",
       list,
       {kJson, kModern, {"Mcp-Method", "tools/list"}, {"Mcp-Name", "read"}},
       ErrorCode::header_mismatch},
  };
  Parser parser;
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Batch batch = parser.parse(c.body, post(c.fields));
    REQUIRE(batch.messages.size() == 1);
    CHECK(batch.messages[0].refusal.code == c.code);
    CHECK(batch.messages[0].refusal.http_status == 400);
    CHECK(batch.messages[0].refusal.rpc_code == -32020);
    CHECK(batch.messages[0].id.raw == "1");  // so that the answer can carry it
  }
}

TEST_CASE("http: fields that agree pass, however they are spelled") {
  struct Case {
    const char* name;
    std::string body;
    Fields fields;
  };
  const Case cases[] = {
      {"plain",
       modern("tools/call", R"("name":"read")"),
       {kJson, kModern, {"Mcp-Method", "tools/call"}, {"Mcp-Name", "read"}}},
      {"names of fields in any case, white space around values",
       modern("tools/call", R"("name":"read")"),
       {{"CONTENT-TYPE", " Application/JSON ; Charset=\"UTF-8\""},
        {"mcp-PROTOCOL-version", "\t2026-07-28 "},
        {"MCP-METHOD", " tools/call"},
        {"mcp-name", "read\t"}}},
      {"base64",
       modern("tools/call", R"("name":"gr\u00fcn")"),
       {kJson, kModern, {"Mcp-Method", "tools/call"}, {"Mcp-Name", "=?base64?Z3LDvG4=?="}}},
      {"base64 of plain text",
       modern("tools/call", R"("name":"read")"),
       {kJson, kModern, {"Mcp-Method", "tools/call"}, {"Mcp-Name", "=?base64?cmVhZA==?="}}},
      {"a resource",
       modern("resources/read", R"("uri":"file:///a")"),
       {kJson, kModern, {"Mcp-Method", "resources/read"}, {"Mcp-Name", "file:///a"}}},
      {"no target", modern("tools/list"), {kJson, kModern, {"Mcp-Method", "tools/list"}}},
      {"unknown fields",
       modern("tools/list"),
       {kJson, kModern, {"Mcp-Method", "tools/list"}, {"Mcp-Param-X", "1"}, {"X", "\xff"}}},
      {"a notification needs none",
       R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})",
       {kJson, kModern}},
      {"legacy needs none", request("tools/call", R"("name":"read")"), {kJson}},
  };
  Parser parser;
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(code_of(parser, c.body, post(c.fields)) == ErrorCode::none);
  }
}

TEST_CASE("http: legacy messages are held to the fields they carry") {
  Parser parser;
  const std::string call = request("tools/call", R"("name":"read")");
  const Header legacy = {"MCP-Protocol-Version", "2025-11-25"};
  const auto refused = [&](const Fields& fields) {
    return refusal_of(parser, call, post(fields, Revision::v2025_11_25));
  };
  CHECK(refused({kJson, legacy}).code == ErrorCode::none);
  CHECK(refused({kJson, legacy, legacy}).code == ErrorCode::header_duplicated);
  CHECK(refused({kJson, {"MCP-Protocol-Version", "1.0"}}).code == ErrorCode::revision_unsupported);
  CHECK(refused({kJson, {"MCP-Protocol-Version", ""}}).code == ErrorCode::revision_unsupported);
  CHECK(refused({kJson, {"MCP-Protocol-Version", "2025-06-18"}}).code ==
        ErrorCode::header_mismatch);
  CHECK(refused({kJson, legacy, {"Mcp-Method", "tools/list"}}).code == ErrorCode::header_mismatch);
  CHECK(refused({kJson, legacy, {"Mcp-Name", "write"}}).code == ErrorCode::header_mismatch);
  const Refusal refusal = refused({kJson, {"MCP-Protocol-Version", "1.0"}});
  CHECK(refusal.http_status == 400);
  CHECK(refusal.rpc_code == -32600);
}

TEST_CASE("http: an unsupported modern revision is told apart, so that clients fall back") {
  Parser parser;
  const std::string body =
      request("tools/list", R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2027-01-01",)"
                            R"("io.modelcontextprotocol/clientCapabilities":{}})");
  const Fields fields = {kJson, {"MCP-Protocol-Version", "2027-01-01"}};
  const Refusal refusal = refusal_of(parser, body, post(fields));
  CHECK(refusal.code == ErrorCode::revision_unsupported);
  CHECK(refusal.http_status == 400);
  CHECK(refusal.rpc_code == -32022);
}

TEST_CASE("http: a body needs POST and one content type of JSON in UTF-8") {
  Parser parser;
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  for (const char* type :
       {"", "text/plain", "application/jsonx", "application/json-rpc", "application",
        "application/json;charset=latin1", "application/json; q=1; CHARSET=utf-16",
        "text/plain;application/json", "multipart/form-data"}) {
    CAPTURE(type);
    const Refusal refusal = refusal_of(parser, ping, post({{"Content-Type", type}}));
    CHECK(refusal.code == ErrorCode::content_type_unsupported);
    CHECK(refusal.http_status == 415);
  }
  CHECK(refusal_of(parser, ping, post({})).code == ErrorCode::content_type_unsupported);
  CHECK(refusal_of(parser, ping, post({kJson, kJson})).code == ErrorCode::header_duplicated);
  for (const char* type : {"application/json", "application/json;", "application/json ; x=y",
                           "APPLICATION/json;charset=UTF-8", "application/json;charset=utf-8;a"}) {
    CAPTURE(type);
    CHECK(refusal_of(parser, ping, post({{"Content-Type", type}})).code == ErrorCode::none);
  }
  for (const char* method : {"", "post", "GET", "PUT", "DELETE"}) {
    CAPTURE(method);
    const Fields fields = {kJson};
    ParseContext context = post(fields);
    context.http.method = method;
    const Refusal refusal = refusal_of(parser, ping, context);
    CHECK(refusal.code == ErrorCode::http_method_not_allowed);
    CHECK(refusal.http_status == 405);
  }
}

TEST_CASE("http: the fields of an answer do not count") {
  Parser parser;
  ParseContext context = post({});
  context.direction = Direction::from_server;
  CHECK(code_of(parser, R"({"jsonrpc":"2.0","id":1,"result":{}})", context) == ErrorCode::none);
}

TEST_CASE("http: requests without a body open a stream or end a session, in legacy revisions") {
  struct Case {
    const char* method;
    Transport transport;
    Revision negotiated;
    const char* header;
    Bodyless what;
    ErrorCode code;
  };
  constexpr auto kHttp = Transport::streamable_http;
  const Case cases[] = {
      {"GET", kHttp, Revision::none, nullptr, Bodyless::open_stream, ErrorCode::none},
      {"GET", kHttp, Revision::v2025_06_18, "2025-06-18", Bodyless::open_stream, ErrorCode::none},
      {"DELETE", kHttp, Revision::v2025_06_18, nullptr, Bodyless::end_session, ErrorCode::none},
      {"GET", Transport::http_sse, Revision::none, nullptr, Bodyless::open_stream, ErrorCode::none},
      {"DELETE", Transport::http_sse, Revision::none, nullptr, Bodyless::refused,
       ErrorCode::http_method_not_allowed},
      {"GET", kHttp, Revision::none, "2026-07-28", Bodyless::refused,
       ErrorCode::http_method_not_allowed},
      {"DELETE", kHttp, Revision::none, "2026-07-28", Bodyless::refused,
       ErrorCode::http_method_not_allowed},
      {"GET", kHttp, Revision::v2026_07_28, nullptr, Bodyless::refused,
       ErrorCode::http_method_not_allowed},
      {"PUT", kHttp, Revision::none, nullptr, Bodyless::refused,
       ErrorCode::http_method_not_allowed},
      {"HEAD", kHttp, Revision::none, nullptr, Bodyless::refused,
       ErrorCode::http_method_not_allowed},
      {"", Transport::stdio, Revision::none, nullptr, Bodyless::refused,
       ErrorCode::http_method_not_allowed},
      {"GET", kHttp, Revision::v2025_06_18, "2025-03-26", Bodyless::refused,
       ErrorCode::header_mismatch},
      {"GET", kHttp, Revision::none, "1999", Bodyless::refused, ErrorCode::revision_unsupported},
  };
  for (const Case& c : cases) {
    CAPTURE(c.method);
    CAPTURE(c.header);
    Fields fields;
    if (c.header != nullptr) fields.push_back({"MCP-Protocol-Version", c.header});
    ParseContext context;
    context.transport = c.transport;
    context.negotiated = c.negotiated;
    context.http.method = c.method;
    context.http.headers = fields;
    const BodylessRequest request = classify_bodyless(context);
    CHECK(request.what == c.what);
    CHECK(request.refusal.code == c.code);
  }
  const Fields twice = {kModern, kModern};
  ParseContext context = post(twice);
  context.http.method = "GET";
  CHECK(classify_bodyless(context).refusal.code == ErrorCode::header_duplicated);
}

TEST_CASE("http: mirrored arguments must agree by value") {
  using Type = ParamHeader::Type;
  struct Case {
    const char* name;
    const char* arguments;
    ParamHeader wanted;
    Fields fields;
    ErrorCode code;
  };
  const ParamHeader region = {"Region", "/region", Type::string};
  const ParamHeader count = {"Count", "/page/count", Type::integer};
  const ParamHeader dry = {"Dry", "/dry", Type::boolean};
  const auto none = ErrorCode::none;
  const auto mismatch = ErrorCode::header_mismatch;
  const Case cases[] = {
      {"text", R"({"region":"eu"})", region, {{"mcp-param-REGION", " eu"}}, none},
      {"encoded text",
       R"({"region":"\u00fc"})",
       region,
       {{"Mcp-Param-Region", "=?base64?w7w=?="}},
       none},
      {"absent on both sides", "{}", region, {}, none},
      {"null counts as absent", R"({"region":null})", region, {}, none},
      {"an unknown field",
       R"({"region":"eu"})",
       region,
       {{"Mcp-Param-Region", "eu"}, {"Mcp-Param-Other", "x"}},
       none},
      {"an integer", R"({"page":{"count":42}})", count, {{"Mcp-Param-Count", "42"}}, none},
      {"an integer with a fraction of zero",
       R"({"page":{"count":42.0}})",
       count,
       {{"Mcp-Param-Count", "42"}},
       none},
      {"the other way round",
       R"({"page":{"count":-42}})",
       count,
       {{"Mcp-Param-Count", "-42.00"}},
       none},
      {"an encoded integer",
       R"({"page":{"count":42}})",
       count,
       {{"Mcp-Param-Count", "=?base64?NDI=?="}},
       none},
      {"true", R"({"dry":true})", dry, {{"Mcp-Param-Dry", "true"}}, none},
      {"missing", R"({"region":"eu"})", region, {}, ErrorCode::header_missing},
      {"missing false", R"({"dry":false})", dry, {}, ErrorCode::header_missing},
      {"missing empty text", R"({"region":""})", region, {}, ErrorCode::header_missing},
      {"other text", R"({"region":"eu"})", region, {{"Mcp-Param-Region", "us"}}, mismatch},
      {"a field for an absent argument", "{}", region, {{"Mcp-Param-Region", "eu"}}, mismatch},
      {"a field for null", R"({"region":null})", region, {{"Mcp-Param-Region", "null"}}, mismatch},
      {"another integer", R"({"page":{"count":42}})", count, {{"Mcp-Param-Count", "43"}}, mismatch},
      {"a fraction", R"({"page":{"count":42}})", count, {{"Mcp-Param-Count", "42.5"}}, mismatch},
      {"a leading zero", R"({"page":{"count":42}})", count, {{"Mcp-Param-Count", "042"}}, mismatch},
      {"an exponent", R"({"page":{"count":100}})", count, {{"Mcp-Param-Count", "1e2"}}, mismatch},
      {"an empty field", R"({"page":{"count":0}})", count, {{"Mcp-Param-Count", ""}}, mismatch},
      {"a fractional argument",
       R"({"page":{"count":42.5}})",
       count,
       {{"Mcp-Param-Count", "42.5"}},
       mismatch},
      {"an argument beyond exactness",
       R"({"page":{"count":1e17}})",
       count,
       {{"Mcp-Param-Count", "100000000000000000"}},
       mismatch},
      {"an argument of another type",
       R"({"region":7})",
       region,
       {{"Mcp-Param-Region", "7"}},
       mismatch},
      {"True in capitals", R"({"dry":true})", dry, {{"Mcp-Param-Dry", "True"}}, mismatch},
      {"text for a boolean", R"({"dry":"true"})", dry, {{"Mcp-Param-Dry", "true"}}, mismatch},
      {"text for an integer",
       R"({"page":{"count":"42"}})",
       count,
       {{"Mcp-Param-Count", "42"}},
       mismatch},
      {"two fields",
       R"({"region":"eu"})",
       region,
       {{"Mcp-Param-Region", "eu"}, {"mcp-param-region", "eu"}},
       ErrorCode::header_duplicated},
      {"broken base64",
       R"({"region":"eu"})",
       region,
       {{"Mcp-Param-Region", "=?base64?!?="}},
       ErrorCode::header_encoding},
      {"raw bytes",
       R"({"region":"\u00fc"})",
       region,
       {{"Mcp-Param-Region", "\xc3\xbc"}},
       ErrorCode::header_encoding},
  };
  Parser parser;
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const std::string body =
        modern("tools/call", R"("name":"t","arguments":)" + std::string(c.arguments));
    const Batch batch = parser.parse(body, stdio());
    REQUIRE(batch.messages.size() == 1);
    HttpHead http;
    http.headers = c.fields;
    const Refusal refusal =
        parser.check_param_headers(batch.messages[0], http, std::span(&c.wanted, 1));
    CHECK(refusal.code == c.code);
    if (refusal.refused()) CHECK(refusal.rpc_code == -32020);
  }
}

TEST_CASE("http: mirrored arguments are checked in modern messages only") {
  Parser parser;
  const ParamHeader wanted = {"Region", "/region", ParamHeader::Type::string};
  const Batch batch =
      parser.parse(request("tools/call", R"("name":"t","arguments":{"region":"eu"})"), stdio());
  REQUIRE(batch.messages.size() == 1);
  CHECK(!parser.check_param_headers(batch.messages[0], {}, std::span(&wanted, 1)).refused());
}

}  // namespace
}  // namespace mcpgov::wire::test
