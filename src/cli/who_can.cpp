// `mcpgov who-can`.
// Tested by tests/cli/open_questions_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/who_can.hpp"

#include <cstdio>
#include <utility>
#include <vector>

#include "cli/open_server.hpp"

namespace mcpgov::cli {

namespace {

using request::TypeWord;

struct Row {
  std::string caller;
  OpenAnswer answer;
};

// Those whom policies or entities name, then anyone of each type.
Result<std::vector<Row>> rows_of(OpenServer& server, const OpenUse& use) {
  std::vector<OpenCaller> callers = server.named_callers();
  for (const TypeWord type :
       {TypeWord::user, TypeWord::agent, TypeWord::workload, TypeWord::anonymous}) {
    callers.push_back({type, policy::kNoEntity});
  }
  std::vector<Row> out;
  for (const OpenCaller& caller : callers) {
    Result<OpenAnswer> answer = server.ask(caller, use);
    if (!answer) return answer.error();
    out.push_back({server.text_of(caller), *std::move(answer)});
  }
  return out;
}

// Types of callers with the same answer share a line.
void print_rows(const std::vector<Row>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string about = rows[i].caller;
    const std::vector<std::string> reasons = reasons_of(rows[i].answer);
    while (i + 1 < rows.size() && about.starts_with("any ") &&
           rows[i + 1].answer.say == rows[i].answer.say &&
           reasons_of(rows[i + 1].answer) == reasons) {
      about += ", " + rows[++i].caller;
    }
    print_answer(about, rows[i].answer);
  }
}

}  // namespace

int who_can(const WhoCanOptions& options) {
  if (!options.plain.policies.empty()) return ask_plainly(options.plain, options.json);
  if (options.tool.empty()) {
    return fail({ErrorCode::config_value, "name the tool", {}, 0, 0});
  }
  const auto server = OpenServer::open(options.place, options.tools);
  if (!server) return fail(server.error());
  OpenUse use;
  use.tool = options.tool;
  use.arguments = options.arguments;
  const Result<std::vector<Row>> rows = rows_of(**server, use);
  if (!rows) return fail(rows.error());
  // What is wrong with the call is wrong for everyone.
  const ErrorCode code = rows->front().answer.code;
  if (!options.json && code != ErrorCode::none) {
    print_answer("everyone", rows->front().answer);
    if (code == ErrorCode::tool_unknown) {
      tell("give the server's own list of tools with --tools, or pin a reviewed one");
    }
    return kAllowed;
  }
  if (!options.json) {
    print_rows(*rows);
    return kAllowed;
  }
  Json out = {{"server", (*server)->name()}, {"tool", options.tool}, {"callers", Json::array()}};
  for (const Row& row : *rows) {
    Json entry = {{"caller", row.caller}};
    entry.update(to_json(row.answer));
    out["callers"].push_back(std::move(entry));
  }
  print_json(out);
  return kAllowed;
}

}  // namespace mcpgov::cli
