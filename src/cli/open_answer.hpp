// What policies say of a question that is partly open, for people and programs.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/explain.hpp"
#include "policy/cedar/partial.hpp"

namespace mcpgov::cli {

using Json = nlohmann::ordered_json;

// A policy that has a say. condition: what is left of its scope and conditions.
struct OpenPolicy {
  policy::PolicyNumber number = 0;
  NamedPolicy policy;
  policy::cedar::Outcomes outcomes = 0;
  std::string condition;
  std::string json;
};

// In rising order of what is granted.
enum class Say : std::uint8_t { denied, depends, allowed };

struct OpenAnswer {
  Say say = Say::denied;
  ErrorCode code = ErrorCode::none;  // why nobody asks the policies
  std::vector<OpenPolicy> policies;
};

// stand_in: a principal who stands for everyone of whom the same is known, shown as `principal`.
// Errors: policy_too_large.
Result<OpenAnswer> answer_of(const policy::cedar::Engine& engine,
                             const policy::cedar::PartialRequest& asked, policy::ErrorRule rule,
                             Arena& arena, std::optional<policy::Uid> stand_in = {});

// The answer for principals of one type.
struct TypedAnswer {
  std::string type;
  OpenAnswer answer;
};

// The answer for principals of all these types, at least one: where they differ, it depends, and
// what is left of a policy says for which type.
OpenAnswer joined(const std::vector<TypedAnswer>& answers);

// `allowed`, `denied`, `depends`.
const char* say_text(Say say) noexcept;

// A line for each policy that makes the answer what it is, without a line end.
std::vector<std::string> reasons_of(const OpenAnswer& answer);

// The answer beside what it is about, its reasons below.
void print_answer(const std::string& about, const OpenAnswer& answer);

// {"decision", "code"?,
//  "policies": [{id, effect, file, line, column, outcomes, condition, policy}]}
Json to_json(const OpenAnswer& answer);

// One object on one line.
void print_json(const Json& json);

}  // namespace mcpgov::cli
