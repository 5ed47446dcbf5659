// `mcpgov can`.
// Tested by tests/cli/open_questions_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/can.hpp"

#include <cstdio>
#include <utility>

#include "cli/open_server.hpp"

namespace mcpgov::cli {

namespace {

using request::ActionWord;

// Read as the JSON form is, so that there is one judge of what a caller is.
Result<Caller> caller_of(const CanOptions& options, const Config& config) {
  const bool named = !options.issuer.empty() || !options.subject.empty();
  const bool described = !options.kind.empty() || !options.groups.empty() ||
                         !options.roles.empty() || !options.claims.empty();
  if (!named && !described) {
    auto given = read_caller(options.place.caller);
    if (!given) return given.error();
    return given->kind == CallerKind::none ? config.stdio : *std::move(given);
  }
  if (!named && options.kind != "anonymous") {
    return Error{ErrorCode::caller_invalid,
                 "a caller of that kind, group, role or claim has --issuer and --subject, too",
                 {},
                 0,
                 0};
  }
  Json json = {{"kind", options.kind.empty() ? "user" : options.kind}};
  if (!options.issuer.empty()) json["issuer"] = options.issuer;
  if (!options.subject.empty()) json["subject"] = options.subject;
  if (!options.groups.empty()) json["groups"] = options.groups;
  if (!options.roles.empty()) json["roles"] = options.roles;
  for (const std::string& claim : options.claims) {
    const std::size_t equals = claim.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return Error{ErrorCode::caller_invalid, "a claim is given as `name=value`", {}, 0, 0};
    }
    const std::string value = claim.substr(equals + 1);
    json["claims"][claim.substr(0, equals)] =
        Json::accept(value) ? Json::parse(value) : Json(value);
  }
  return Caller::from_json(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

struct Row {
  std::string kind;
  std::string name;  // of a tool
  OpenAnswer answer;
};

Result<std::vector<Row>> rows_of(OpenServer& server, const Caller& caller) {
  std::vector<Row> out;
  for (const std::string_view tool : server.tool_names()) {
    out.push_back({"tool", std::string(tool), {}});
  }
  out.push_back({"prompt", "", {}});
  out.push_back({"resource", "", {}});
  for (Row& row : out) {
    OpenUse use;
    use.tool = row.name;
    if (row.kind == "prompt") use.action = ActionWord::get_prompt;
    if (row.kind == "resource") use.action = ActionWord::read_resource;
    Result<OpenAnswer> answer = server.ask(caller, use);
    if (!answer) return answer.error();
    row.answer = *std::move(answer);
  }
  return out;
}

}  // namespace

int can(const CanOptions& options) {
  if (!options.plain.policies.empty()) return ask_plainly(options.plain, options.json);
  const auto server = OpenServer::open(options.place, options.tools);
  if (!server) return fail(server.error());
  const Result<Caller> caller = caller_of(options, (*server)->config());
  if (!caller) return fail(caller.error());
  if (const Result<void> complete = check(*caller); !complete) return fail(complete.error());
  const Result<std::vector<Row>> rows = rows_of(**server, *caller);
  if (!rows) return fail(rows.error());
  if ((*server)->tool_names().empty()) {
    tell("no tools are known: give the server's own list with --tools, or pin a reviewed one");
  }
  Json out = {{"server", (*server)->name()}, {"uses", Json::array()}};
  for (const Row& row : *rows) {
    if (!options.json) {
      print_answer(row.kind == "tool" ? row.name : "any " + row.kind, row.answer);
      continue;
    }
    Json entry = {{"kind", row.kind}};
    if (!row.name.empty()) entry["name"] = row.name;
    entry.update(to_json(row.answer));
    out["uses"].push_back(std::move(entry));
  }
  if (options.json) print_json(out);
  return kAllowed;
}

}  // namespace mcpgov::cli
