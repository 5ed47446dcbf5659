// What the tools of the example servers do.
// Tested by examples/demo
//
// SPDX-License-Identifier: Apache-2.0
#include "tools.hpp"

#include <nlohmann/json.hpp>

namespace {

using Json = nlohmann::ordered_json;

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

}  // namespace

const char* const kTools = R"([
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

std::string answer(Database& database, const mcpgov::MessageView& message) {
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
  return reply.dump();
}
