// What policies say of a question that is partly open, as lines and as JSON.
// Tested by tests/cli/open_questions_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/open_answer.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <map>
#include <utility>

#include "policy/cedar/engine.hpp"

namespace mcpgov::cli {

namespace cedar = policy::cedar;

namespace {

// Who stands for everyone the question is about is the principal in what is left, not one by name.
void unname(cedar::Residuals& residuals, policy::Uid stand_in) {
  const policy::NameId type = residuals.symbols.find_name(stand_in.type);
  const policy::EntityId uid = residuals.symbols.find_entity(type, stand_in.id);
  if (uid == policy::kNoEntity) return;
  for (cedar::Residual& each : residuals.policies) {
    for (cedar::Node& node : each.ast.nodes) {
      if (node.kind != cedar::NodeKind::literal) continue;
      const policy::Value& value = each.ast.literals[node.a];
      if (value.kind != policy::Kind::entity || value.entity() != uid) continue;
      node.kind = cedar::NodeKind::variable;
      node.a = static_cast<std::uint32_t>(cedar::Var::principal);
    }
  }
}

// A policy of which something else is left for others than this type.
OpenPolicy only_for(const OpenPolicy& policy, const std::string& type) {
  OpenPolicy out = policy;
  out.outcomes |= cedar::kUnmatched;
  const bool loose =
      policy.condition.find(" || ") != std::string::npos || policy.condition.starts_with("if ");
  out.condition = "principal is " + type;
  if (policy.condition != "true") {
    out.condition += loose ? " && (" + policy.condition + ")" : " && " + policy.condition;
  }
  Json json = Json::parse(policy.json, nullptr, false);
  if (!json.is_object()) return out;
  json["principal"] = {{"op", "is"}, {"entity_type", type}};
  out.json = json.dump();
  return out;
}

}  // namespace

Result<OpenAnswer> answer_of(const cedar::Engine& engine, const cedar::PartialRequest& asked,
                             policy::ErrorRule rule, Arena& arena,
                             std::optional<policy::Uid> stand_in) {
  Result<cedar::Residuals> found = engine.partial(asked, rule, arena);
  if (!found) return found.error();
  if (stand_in) unname(*found, *stand_in);
  OpenAnswer out;
  out.say = found->possible.certain ? Say::allowed
            : found->possible.some  ? Say::depends
                                    : Say::denied;
  for (const cedar::Residual& each : found->policies) {
    const policy::PolicyFacts facts = engine.policy(each.number);
    out.policies.push_back(
        {each.number,
         {std::string(facts.id), facts.forbid, std::string(facts.source), facts.line, facts.column},
         each.outcomes,
         cedar::residual_condition(*found, each),
         cedar::residual_json(*found, each)});
  }
  return out;
}

OpenAnswer joined(const std::vector<TypedAnswer>& answers) {
  OpenAnswer out = answers.front().answer;
  out.policies.clear();
  std::map<policy::PolicyNumber, std::vector<OpenPolicy>> policies;
  for (const TypedAnswer& each : answers) {
    if (each.answer.say != out.say) out.say = Say::depends;
    for (const OpenPolicy& policy : each.answer.policies) {
      policies[policy.number].push_back(only_for(policy, each.type));
    }
  }
  for (const OpenPolicy& policy : answers.front().answer.policies) {
    const bool same = std::all_of(answers.begin(), answers.end(), [&](const TypedAnswer& each) {
      const auto& all = each.answer.policies;
      return std::any_of(all.begin(), all.end(), [&](const OpenPolicy& other) {
        return other.number == policy.number && other.outcomes == policy.outcomes &&
               other.condition == policy.condition;
      });
    });
    if (same) policies[policy.number] = {policy};
  }
  for (auto& [number, each] : policies) {
    std::move(each.begin(), each.end(), std::back_inserter(out.policies));
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
  Json out = {{"decision", say_text(answer.say)}};
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
