// Cases are decided by the governor, or by a Cedar engine alone: nothing is mapped anew here.
// Tested by tests/cli/policy_tests_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_tests_world.hpp"

#include <optional>
#include <utility>

#include "cli/setting.hpp"
#include "mcpgov/cedar.hpp"
#include "mcpgov/governor.hpp"
#include "mcpgov/policy.hpp"

namespace mcpgov::cli {

namespace {

NamedPolicy named(const policy::PolicyFacts& facts, const std::string& beside_file) {
  return {std::string(facts.id), facts.forbid, beside(beside_file, std::string(facts.source)),
          facts.line, facts.column};
}

// A configuration's server, asked by messages.
class Governed : public World {
 public:
  static Result<std::unique_ptr<World>> open(const TestFile& file) {
    auto out = std::make_unique<Governed>();
    Result<Config> config = load_config(file.config);
    if (!config) return config.error();
    const Place place{file.config, file.server, file.tenant, {}};
    Result<std::string> server = choose_server(*config, place);
    if (!server) return server.error();
    out->limits_ = config->limits.wire;
    out->stdio_ = config->stdio;
    Result<Governor> governor = Governor::open(file.config, without_records(out->now_us_));
    if (!governor) return governor.error();
    out->governor_.emplace(*std::move(governor));
    auto snapshot = detail::build_snapshot(*std::move(config), 1, out->now_us_);
    if (!snapshot) return snapshot.error();
    out->snapshot_ = *std::move(snapshot);
    bool tenant_known = false;
    out->server_ = out->snapshot_->find(file.tenant, *server, tenant_known);
    out->session_ = {.server = *std::move(server), .tenant = file.tenant};
    const policy::cedar::Engine& engine = *out->server_->engine;
    for (policy::PolicyNumber number = 0; number < engine.policy_count(); ++number) {
      out->policies_.push_back(named(engine.policy(number), file.config));
    }
    return std::unique_ptr<World>(std::move(out));
  }

  Result<Outcome> ask(const TestCase& asked) override {
    const MessageAsk& message = *asked.message;
    now_us_ = message.now_us;
    Session session = governor_->session(session_);
    std::optional<catalog::Catalog> claimed;
    if (!message.claimed_json.empty()) {
      if (auto known = session.set_tools(message.claimed_json); !known) return known.error();
      auto tools = catalog::Catalog::from_tools_json(message.claimed_json, catalog::Origin::claimed,
                                                     "claimed");
      if (!tools) return tools.error();
      claimed = *std::move(tools);
    }
    const Caller& caller = message.caller ? *message.caller : stdio_;
    const Direction direction =
        message.from_server ? Direction::from_server : Direction::from_client;
    Verdicts verdicts =
        session.receive({.direction = direction, .body = message.body, .caller = &caller});
    if (verdicts.size() != 1) {
      return Error{ErrorCode::config_value, "a case has one message, no batch", {}, 0, 0};
    }
    Outcome out;
    const Verdict& verdict = verdicts[0];
    out.allowed = verdict.allowed();
    out.code = verdict.reason();
    out.reasons.assign(verdict.policies().begin(), verdict.policies().end());
    explain_into(out, message.body,
                 {.server = *server_,
                  .claimed = claimed ? &*claimed : nullptr,
                  .caller = check_code(caller) == ErrorCode::none ? &caller : nullptr,
                  .direction = direction,
                  .now_us = now_us_,
                  .limits = limits_});
    return out;
  }

 private:
  static void explain_into(Outcome& out, std::string_view body,
                           const Circumstances& circumstances) {
    const std::optional<Explanation> why = explain(body, 0, circumstances);
    if (!why) return;
    for (const FailedPolicy& failed : why->failures) {
      out.failing.push_back(failed.policy.id);
      out.sentences.push_back(failed.sentence);
    }
    out.details = {"principal  " + why->question.principal, "action     " + why->question.action,
                   "resource   " + why->question.resource, "context    " + why->question.context};
  }

  std::uint64_t now_us_ = 0;
  wire::Limits limits_;
  Caller stdio_;
  SessionOptions session_;
  std::optional<Governor> governor_;
  std::shared_ptr<const detail::Snapshot> snapshot_;
  const detail::ServerSnapshot* server_ = nullptr;
};

// Policies that the schema of the file does not admit are not worth asking.
Result<void> check_schema(const std::vector<policy::Source>& sources, const TestFile& file) {
  if (!file.schema) return {};
  const Result<std::vector<policy::Finding>> findings =
      policy::validate(sources, {file.schema->name, file.schema->text});
  if (!findings) {
    Error error = findings.error();
    error.file = beside(file.path, error.file);
    return error;
  }
  for (const policy::Finding& each : *findings) {
    if (each.severity != policy::Severity::error) continue;
    return Error{ErrorCode::config_value,
                 "by the schema, policy `" + each.policy + "`: " + each.message,
                 beside(file.path, each.file), each.line, each.column};
  }
  return {};
}

// With a schema, entities and requests are read by it too.
Result<policy::Engine> build(const std::vector<policy::Source>& sources, const TestFile& file) {
  if (!file.schema) return policy::Engine::cedar(sources, file.entities.text);
  const Result<policy::Schema> schema =
      policy::Schema::read({file.schema->name, file.schema->text});
  if (!schema) return schema.error();
  return policy::Engine::cedar(sources, file.entities.text, *schema);
}

// Policies alone, asked by Cedar requests.
class Plain : public World {
 public:
  explicit Plain(policy::Engine engine) : engine_(std::move(engine)) {}

  static Result<std::unique_ptr<World>> open(const TestFile& file) {
    std::vector<policy::Source> sources;
    for (const NamedText& each : file.policies) sources.push_back({each.name, each.text});
    if (const Result<void> valid = check_schema(sources, file); !valid) return valid.error();
    Result<policy::Engine> engine = build(sources, file);
    if (!engine) {
      Error error = engine.error();
      error.file = beside(file.path, error.file.empty() ? file.entities.name : error.file);
      return error;
    }
    auto out = std::make_unique<Plain>(*std::move(engine));
    for (std::size_t number = 0; number < out->engine_.policy_count(); ++number) {
      out->policies_.push_back(named(out->engine_.policy(number), file.path));
    }
    return std::unique_ptr<World>(std::move(out));
  }

  Result<Outcome> ask(const TestCase& asked) override {
    const CedarAsk& request = *asked.request;
    const auto uid = [](const UidText& text) { return policy::Uid{text.type, text.id}; };
    const Result<policy::Answer> answer = engine_.authorize(
        {uid(request.principal), uid(request.action), uid(request.resource)}, request.context_json);
    if (!answer) return answer.error();
    Outcome out;
    out.allowed = answer->effect == policy::Effect::allow;
    out.reasons = answer->reasons;
    for (const policy::Failure& failed : answer->failures) {
      out.failing.push_back(failed.policy);
      out.sentences.push_back(failed.message);
    }
    return out;
  }

 private:
  policy::Engine engine_;
};

}  // namespace

Result<std::unique_ptr<World>> World::open(const TestFile& file) {
  return file.config.empty() ? Plain::open(file) : Governed::open(file);
}

}  // namespace mcpgov::cli
