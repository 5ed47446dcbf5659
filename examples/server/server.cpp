// A small MCP server over stdio that governs itself: every message is decided before it is read.
//
//   example-server CONFIGURATION [CALLER-JSON]
//
// The caller of a real server comes from whoever authenticated the connection; here it is an
// argument. Tested by examples/demo
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

#include <mcpgov/mcpgov.hpp>
#include <nlohmann/json.hpp>

#include "database.hpp"

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kTools = R"([
  {"name": "read_schema", "description": "The columns of a table",
   "inputSchema": {"type": "object", "required": ["table"], "additionalProperties": false,
                   "properties": {"table": {"type": "string"}}},
   "annotations": {"readOnlyHint": true}},
  {"name": "list_tables", "description": "The names of all tables",
   "inputSchema": {"type": "object", "additionalProperties": false, "properties": {}},
   "annotations": {"readOnlyHint": true}},
  {"name": "execute_query", "description": "Runs SQL; say so when it is destructive",
   "inputSchema": {"type": "object", "required": ["sql"], "additionalProperties": false,
                   "properties": {"sql": {"type": "string"}, "destructive": {"type": "boolean"}}},
   "annotations": {"readOnlyHint": false, "destructiveHint": true}}
])";

Json text_result(const std::string& text, bool failed = false) {
  Json result = {{"content", Json::array({{{"type", "text"}, {"text", text}}})}};
  if (failed) result["isError"] = true;
  return result;
}

// What a tool does. The policy has permitted the call, and its arguments fit the schema above.
Json run_tool(Database& database, std::string_view tool, const Json& arguments) {
  if (tool == "list_tables") return text_result(Json(database.tables()).dump());
  if (tool == "read_schema") {
    const Table* table = database.find(arguments["table"].get<std::string>());
    return table == nullptr ? text_result("no such table", true)
                            : text_result(Json(table->columns).dump());
  }
  // A query that deletes without saying so is refused: what the caller says decided the policy.
  const std::string sql = arguments["sql"];
  if (!sql.starts_with("select") && !arguments.value("destructive", false)) {
    return text_result("this query is destructive; say so", true);
  }
  const auto rows = database.query(sql);
  return rows ? text_result(*rows) : text_result("cannot run this query", true);
}

// The answer to a request that was allowed.
Json answer(Database& database, const mcpgov::MessageView& message) {
  using enum mcpgov::wire::Method;
  const Json request = Json::parse(message.bytes);
  const Json params = request.value("params", Json::object());
  Json reply = {{"jsonrpc", "2.0"}, {"id", request["id"]}};
  switch (message.method) {
    case initialize:
      reply["result"] = {{"protocolVersion", "2025-06-18"},
                         {"capabilities", {{"tools", Json::object()}}},
                         {"serverInfo", {{"name", "example-server"}, {"version", "1"}}}};
      break;
    case ping: reply["result"] = Json::object(); break;
    case tools_list: reply["result"] = {{"tools", Json::parse(kTools)}}; break;
    case tools_call:
      reply["result"] =
          run_tool(database, message.target, params.value("arguments", Json::object()));
      break;
    default: reply["error"] = {{"code", -32601}, {"message", "Method not found"}};
  }
  return reply;
}

void send(std::string_view bytes) {
  if (bytes.empty()) return;
  std::cout << bytes << '\n' << std::flush;
}

int fail(const mcpgov::Error& error) {
  std::cerr << "example-server: " << error.text() << '\n';
  return 1;
}

void serve(mcpgov::Session& session, Database& database) {
  for (std::string line; std::getline(std::cin, line);) {
    for (mcpgov::Verdict& verdict : session.receive({.body = line})) {
      if (!verdict.allowed()) {
        send(verdict.denial().body);
        continue;
      }
      if (verdict.message().kind != mcpgov::wire::Kind::request) continue;
      const std::string bytes = answer(database, verdict.message()).dump();
      mcpgov::Reply reply = session.reply(verdict);  // filters lists, closes the record
      std::string out(reply.feed(bytes));
      out += reply.end();
      send(out);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::cerr << "usage: example-server CONFIGURATION [CALLER-JSON]\n";
    return 2;
  }
  auto governor = mcpgov::Governor::open(argv[1]);
  if (!governor) return fail(governor.error());
  mcpgov::SessionOptions options{.server = "database"};
  if (argc == 3) {
    auto caller = mcpgov::Caller::from_json(argv[2]);
    if (!caller) return fail(caller.error());
    options.caller = *std::move(caller);
  }
  mcpgov::Session session = governor->session(options);
  if (auto known = session.set_tools(kTools); !known) return fail(known.error());
  Database database;
  serve(session, database);
  return 0;
}
