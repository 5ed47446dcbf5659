// What policies say of a question that is partly open, as lines and as JSON.
// Tested by tests/cli/open_questions_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/open_answer.hpp"

#include <cstdio>

#include "policy/cedar/engine.hpp"

namespace mcpgov::cli {

namespace cedar = policy::cedar;

Result<OpenAnswer> answer_of(const cedar::Engine& engine, const cedar::PartialRequest& asked,
                             policy::ErrorRule rule, Arena& arena) {
  const Result<cedar::Residuals> found = engine.partial(asked, rule, arena);
  if (!found) return found.error();
  OpenAnswer out;
  out.say = found->possible.certain ? Say::allowed
            : found->possible.some  ? Say::depends
                                    : Say::denied;
  for (const cedar::Residual& each : found->policies) {
    const policy::PolicyFacts facts = engine.policy(each.number);
    out.policies.push_back(
        {{std::string(facts.id), facts.forbid, std::string(facts.source), facts.line, facts.column},
         each.outcomes,
         cedar::residual_condition(*found, each),
         cedar::residual_json(*found, each)});
  }
  return out;
}

const char* say_text(Say say) noexcept {
  switch (say) {
    case Say::allowed: return "allowed";
    case Say::depends: return "depends";
    case Say::denied: break;
  }
  return "denied";
}

std::vector<std::string> reasons_of(const OpenAnswer& answer) {
  std::vector<std::string> out;
  if (answer.code != ErrorCode::none) {
    out.push_back(std::string(code_sentence(answer.code)) + " [" +
                  std::string(code_name(answer.code)) + "]");
    return out;
  }
  for (const OpenPolicy& each : answer.policies) {
    const bool certain = each.outcomes == cedar::kSatisfied;
    const bool fails = each.outcomes == cedar::kFailed;
    // A certain answer has certain reasons.
    if (answer.say == Say::allowed && (each.policy.forbid || !certain)) continue;
    if (answer.say == Say::denied && !fails && !(each.policy.forbid && certain)) continue;
    std::string line = each.policy.forbid ? "forbid `" : "permit `";
    line += each.policy.id + "` at ";
    if (!each.policy.file.empty()) line += each.policy.file + ":";
    line += std::to_string(each.policy.line) + ":" + std::to_string(each.policy.column);
    if (fails) {
      line += " always fails: " + each.condition;
    } else if (!certain) {
      line += " when " + each.condition;
    }
    out.push_back(std::move(line));
  }
  if (answer.say == Say::denied && out.empty()) out.emplace_back("no policy permits it");
  return out;
}

void print_answer(const std::string& about, const OpenAnswer& answer) {
  std::printf("%-8s %s\n", say_text(answer.say), about.c_str());
  for (const std::string& line : reasons_of(answer)) std::printf("           %s\n", line.c_str());
}

Json to_json(const OpenAnswer& answer) {
  Json out = {{"say", say_text(answer.say)}};
  if (answer.code != ErrorCode::none) out["code"] = code_name(answer.code);
  out["policies"] = Json::array();
  for (const OpenPolicy& each : answer.policies) {
    Json outcomes = Json::array();
    if ((each.outcomes & cedar::kSatisfied) != 0) outcomes.push_back("satisfied");
    if ((each.outcomes & cedar::kUnmatched) != 0) outcomes.push_back("unmatched");
    if ((each.outcomes & cedar::kFailed) != 0) outcomes.push_back("failed");
    out["policies"].push_back({{"id", each.policy.id},
                               {"effect", each.policy.forbid ? "forbid" : "permit"},
                               {"file", each.policy.file},
                               {"line", each.policy.line},
                               {"column", each.policy.column},
                               {"outcomes", std::move(outcomes)},
                               {"condition", each.condition},
                               {"policy", Json::parse(each.json, nullptr, false)}});
  }
  return out;
}

void print_json(const Json& json) {
  std::printf("%s\n", json.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
}

}  // namespace mcpgov::cli
